"""Change the good config, and say what is wrong with it; a table of cases has a row for each."""

import copy
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from components.settings import SettingsError, load
from tests.unit.examples import MIB, SECRET, as_pulumi, good_config, public_key

GONE = object()
"""In a change: the key is not there."""

Change = dict[str, object]
"""Place in the config, and what stands there; a function makes it in a folder."""

Case = tuple[str, Change, str, str]
"""A promise, a change to the good config, and the place and words of the one problem it makes."""

Allowed = tuple[str, Change]
"""A promise, and a change to the good config that is no mistake: what is just within a limit."""

SERVER: dict[str, object] = {
    "name": "web2",
    "project": "web",
    "image": "guest",
    "flavor": "tiny",
    "network": "front",
    "publicKey": public_key("web2"),
}
NETWORK: dict[str, object] = {
    "name": "more",
    "segment": 102,
    "cidr": "10.102.0.0/24",
    "shared": True,
}


def changed(config: dict[str, object], change: Change, folder: Path) -> dict[str, object]:
    """Return the config with other values; a place may be one behind a list's end."""
    config = copy.deepcopy(config)
    for place, value in change.items():
        *parents, last = [int(p) if p.isdigit() else p for p in re.findall(r"\w+", place)]
        target: Any = config
        for part in parents:
            target = target[part]
        if callable(value):
            value = value(folder)  # noqa: PLW2901
        if value is GONE:
            del target[last]
            continue
        # A copy, as a later place may be inside it.
        own = copy.deepcopy(value)
        if isinstance(target, list) and last == len(target):
            target.append(own)
        else:
            target[last] = own
    return config


def problems(config: dict[str, str], secret_keys: tuple[str, ...] | None = None) -> list[str]:
    """Return the lines of what is wrong, without the header."""
    with pytest.raises(SettingsError) as caught:
        load(config, secret_keys)
    header, *lines = str(caught.value).split("\n")
    assert header.startswith("The settings have ")
    assert all(line.startswith("  iaas:") for line in lines)
    return [line.removeprefix("  iaas:") for line in lines]


def file(content: bytes | str, name: str = "file") -> Callable[[Path], str]:
    """Make a file in the test's folder; its path is the value."""

    def make(folder: Path) -> str:
        path = folder / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return str(path)

    return make


def sparse(folder: Path) -> str:
    """Make a raw image of more than 1 GiB, which takes no place."""
    path = folder / "sparse"
    with path.open("wb") as image:
        image.truncate(1024 * MIB + 1)
    return str(path)


def each(table: Sequence[Case] | Sequence[Allowed]) -> pytest.MarkDecorator:
    """Run a test for each row, which is its case; it is called what the row promises."""
    return pytest.mark.parametrize("case", table, ids=[promise for promise, *_ in table])


def check_refused(case: Case, folder: Path) -> None:
    """Check that the change makes one problem, at its place, in these words."""
    _, change, place, words = case
    lines = problems(as_pulumi(changed(good_config(folder), change, folder)))
    assert [line.split(": ")[0] for line in lines] == place.split()
    assert words in lines[0]
    assert SECRET not in "".join(lines)


def check_taken(case: Allowed, folder: Path) -> None:
    """Check that the change makes no problem."""
    _, change = case
    assert load(as_pulumi(changed(good_config(folder), change, folder)))
