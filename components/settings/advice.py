"""What would be right: for a key that is not known, and for a value that is not what it must be.

Advice is right or absent. People bring keys from Terraform, Nova and Neutron; for those that have
no twin of nearly the same name here, each model says what there is instead.
"""

import difflib
import re
from collections.abc import Iterable

from .base import Base, Given
from .messages import show

SIMILARITY = 0.75
"""How much of two words is the same, at least, where one is offered for the other."""
LISTED = 12
"""Known words that a message lists."""

OPPOSITES = (
    ("in", "e"),
    ("in", "out"),
    ("min", "max"),
    ("start", "end"),
    ("public", "private"),
    *(("", no) for no in ("no", "un", "dis", "ex", "skip", "ignore")),
)
"""Beginnings by which nearly the same word says the contrary."""

NO_VOLUMES = "there are no volumes; a server's disk is its flavor's"
NO_FLOATING = "there are no floating IPs; a server has an address of its network"
PORT_SECURITY = "port security is always on; leave it out"
IPV4 = "there is IPv4 alone; leave it out"

NOTHING = ("", "none", "null", "nil", "no", "false", "~", "-")
"""How people write that there is no value."""


def _bare(key: str) -> str:
    return re.sub(r"[_-]", "", key).casefold()


def _opposite(word: str, known: str) -> bool:
    """Whether the words begin as opposites do."""
    return any(
        one.startswith(first) and other.startswith(second) and not one.startswith(second)
        for first, second in OPPOSITES
        for one, other in ((word, known), (known, word))
    )


def nearest(word: str, known: Iterable[str]) -> str:
    """Say which known word was meant, or else which there are."""
    words = {known_word.casefold(): known_word for known_word in known}
    given = word.casefold()
    swapped = [known_word for known_word in words if sorted(known_word) == sorted(given)]
    close = swapped or difflib.get_close_matches(given, words, n=1, cutoff=SIMILARITY)
    if close and not _opposite(given, close[0]):
        return f"did you mean {words[close[0]]}?"
    listed = ", ".join(list(words.values())[:LISTED])
    more = len(words) - LISTED
    return (
        f"there is {listed}{f' and {more} more' if more > 0 else ''}" if words else "there is none"
    )


def replacements(model: type[Base]) -> dict[str, str]:
    """Return what helps with each key that people bring along to a model."""
    return {_bare(key): what for keys, what in model.instead.items() for key in keys.split()}


def of_key(model: type[Base], key: str, known: Iterable[str]) -> str:
    """Say what there is instead of a key that is not known."""
    return replacements(model).get(_bare(key)) or nearest(key, known)


def of_value(model: type[Base], given: Given, optional: bool) -> str | None:
    """Say what helps with a refused value, if the reason does not; optional: it may be none."""
    special = model.helps.get(given.key)
    if special and (found := special(given)):
        return found
    if optional and str(given.value).casefold() in NOTHING:
        return f"{show(given.value)} is no value; leave {given.key} out where there is none"
    return None
