"""What a project's pyproject.toml names for this package, in `tool.pull-requests`."""

import importlib
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from .errors import JobError

FILE = Path("pyproject.toml")


@dataclass(frozen=True)
class Beside:
    """What a project compares beside Pulumi's resources, for `drift`: `drift = "MODULE:NAME"`.

    title: what it is about; told: takes the stack's name, "" for the selected one, and returns what
    differs as lines, "" if nothing does (JobError).
    """

    title: str
    told: Callable[[str], str]


def beside(file: Path = FILE) -> Beside | None:
    """Return what a pyproject.toml names as `drift`, if it does (JobError)."""
    found = named("drift", file)
    if found is not None and not isinstance(found, Beside):
        raise JobError(f"{file}: drift of tool.pull-requests is no {__name__}.Beside")
    return found


def named(key: str, file: Path = FILE) -> object:
    """Return the object that is named `MODULE:NAME` under a key, None if none is (JobError)."""
    if not file.is_file():
        return None
    try:
        tools = tomllib.loads(file.read_text(encoding="utf-8")).get("tool", {})
    except tomllib.TOMLDecodeError as error:
        raise JobError(f"{file}: {error}") from None
    place = tools.get("pull-requests", {}).get(key)
    if place is None:
        return None
    what = f"{file}: {key} of tool.pull-requests: {place!r}"
    module, colon, name = str(place).partition(":")
    if not (module and colon and name):
        raise JobError(f"{what}: write MODULE:NAME")
    try:
        found: object = getattr(importlib.import_module(module), name)
    except (ImportError, AttributeError) as error:
        raise JobError(f"{what}: {error}") from error
    return found
