"""What messages are made of: a problem, its place in the config, and the values that they quote."""

import re
from typing import NamedTuple

import pulumi

Place = tuple[str | int, ...]
"""Where in the config: ("networks", 1, "segment")."""

STACK = "\0"
"""Stands in a text for the namespace of the stack's config, which the program is asked for."""

SHOWN = 80
"""Characters of a value that a message repeats; a longer one is only spoken of."""

WORD = r"[\w.\[\]-]{1,60}"


class Problem(NamedTuple):
    """What is wrong at one place, and what would be right."""

    place: Place
    message: str


def namespace(project: str | None = None) -> str:
    """Return what each key of a project's config begins with; None: the running program's."""
    return f"{project or pulumi.get_project()}:"


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


def at(place: Place) -> str:
    """Write a place as the config has it: networks[1].segment; a key that is no word is quoted."""
    words = (p if isinstance(p, int) or re.fullmatch(WORD, p) else show(p) for p in place)
    return "".join(f"[{p}]" if isinstance(p, int) else f".{p}" for p in words).removeprefix(".")
