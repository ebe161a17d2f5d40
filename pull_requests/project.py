"""What a project's pyproject.toml names for this package, in `tool.pull-requests`."""

import importlib
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from .errors import JobError

FILE = Path("pyproject.toml")
T = TypeVar("T")


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
    return named("drift", Beside, file)


def named(key: str, kind: type[T], file: Path = FILE) -> T | None:
    """Return what is named `MODULE:NAME` under a key, None if nothing is (JobError: of no kind)."""
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
    if not isinstance(found, kind):
        raise JobError(f"{what} is no {kind.__module__}.{kind.__name__}")
    return found
