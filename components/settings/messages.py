"""Parts of messages: a problem, its place in the config, and quoted values."""

import re
from typing import NamedTuple

import pulumi

Place = tuple[str | int, ...]
"""Where in the config: ("networks", 1, "segment")."""

STACK = "\0"
"""Placeholder in a text for the namespace of the stack's config; `load` fills it in."""

SHOWN = 80
"""Most characters of a value that a message quotes; a longer one is "this text"."""

WORD = r"[\w.\[\]-]{1,60}"


class Problem(NamedTuple):
    """What is wrong at one place, and what would be right."""

    place: Place
    message: str


def namespace(project: str | None = None) -> str:
    """Return the prefix of each key of a project's config; None: of the running program's."""
    return f"{project or pulumi.get_project()}:"


def show(value: object) -> str:
    """Quote a value for a message; long texts and possible keys are not quoted."""
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
