"""Files that the settings name: whether they can be read, and their checks."""

import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path

from .messages import Place, Problem, show


def sha256(path: Path) -> str:
    """Return the file's SHA-256 in hexadecimal (OSError)."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def cannot_read(path: Path) -> str | None:
    """Return why the file can't be read; None if it can."""
    try:
        if not path.is_file():
            there = "is not a regular file" if path.exists() else f"is not there, in {Path.cwd()}"
            return f"{show(str(path))} {there}"
        path.open("rb").close()
    except OSError as error:
        return f"{show(str(path))} cannot be read: {error.strerror}"
    return None


def problems(place: Place, path: Path | None, check: Callable[[Path], object]) -> Iterator[Problem]:
    """Yield why a file cannot be read, or why the check refuses it (ValueError)."""
    if path is None:
        return
    if what := cannot_read(path):
        yield Problem(place, what)
        return
    try:
        check(path)
    except ValueError as error:
        yield Problem(place, f"{show(str(path))} {error}")
