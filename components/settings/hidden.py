"""What may be stored encrypted in a stack's file: Pulumi then shows it nowhere.

Pulumi tells a program which keys hold encrypted values, but not where in them; so the stack's file
is read, too. Names, addresses and sizes cannot be hidden: they are in the names of resources and
in files on nodes.
"""

import os
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

import pulumi
import yaml

from .messages import Place, Problem, namespace

MAY_BE_ENCRYPTED: Mapping[str, tuple[str, ...]] = {
    "projects": ("description",),
    "images": ("url",),
    "servers": ("publicKey", "userData"),
}
"""By list: the keys of each entry. `secret` is not in it: it must be encrypted."""


def encrypted(place: Place, value: object) -> Iterator[Place]:
    """Yield where a value of a stack's file is encrypted."""
    if isinstance(value, dict):
        if set(value) == {"secure"}:
            yield place
            return
        for key, item in value.items():
            yield from encrypted((*place, key), item)
    elif isinstance(value, list):
        for i, item in enumerate(value):
            yield from encrypted((*place, i), item)


def _file() -> Path:
    """Return the running stack's file. Pulumi does not pass `--config-file` to programs."""
    return Path(os.environ.get("PULUMI_OPTION_CONFIG_FILE") or f"Pulumi.{pulumi.get_stack()}.yaml")


def places(secret_keys: Collection[str]) -> set[Place]:
    """Return what is encrypted in the file of the running stack.

    Where the file does not show which part of a key is encrypted, the whole key counts.
    """
    try:
        content = yaml.safe_load(_file().read_text(encoding="utf-8"))["config"]
    except (OSError, ValueError, KeyError, TypeError, yaml.YAMLError):
        content = None
    found: set[Place] = set()
    for key in secret_keys:
        if (name := key.removeprefix(namespace())) != key:
            value = content.get(key) if isinstance(content, dict) else None
            found |= set(encrypted((name,), value)) or {(name,)}
    return found


def refused(hidden: Collection[Place]) -> Iterator[Problem]:
    """Yield a problem for each encrypted value that cannot stay secret."""
    for place in hidden:
        match place:
            case ("secret",):
                continue
            case (str(key), int(), str(field)) if field in MAY_BE_ENCRYPTED.get(key, ()):
                continue
        what = "is encrypted, but names, addresses and sizes cannot be secret; store it in clear"
        if fields := MAY_BE_ENCRYPTED.get(str(place[0])):
            what += f", and encrypt only these keys of an entry: {' and '.join(fields)}"
        if len(place) == 1 and fields:
            what += f" (in {_file()}, or the file that PULUMI_OPTION_CONFIG_FILE names)"
        yield Problem(place, what)
