"""What is told of values and files."""

import hashlib
from pathlib import Path

SHOWN = 80
"""Characters of a value that a message repeats; a longer one is only spoken of."""


def show(value: object) -> str:
    """Quote a value for a message; what is long or may be a key is not repeated."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict | list):
        return "a mapping" if isinstance(value, dict) else "a list"
    quoted = repr(value)
    private = "PRIVATE" in quoted or "\\n" in quoted or len(quoted) > SHOWN
    return "this text" if private else quoted


def sha256(path: Path) -> str:
    """Return the file's SHA-256 in hexadecimal (OSError)."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
