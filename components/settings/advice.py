"""Advice for unknown keys and refused values.

Advice is right or absent. People use keys that they know from Terraform, Nova and Neutron. Each
model says what there is instead, where no key here has nearly the same name.
"""

import difflib
import re
from collections.abc import Iterable

from .base import Base, Given
from .messages import STACK, show

SIMILARITY = 0.75
"""Least similarity of two words (0 to 1) where one is offered for the other."""
LISTED = 12
"""Most words that a message lists."""

OPPOSITES = (
    ("in", "e"),
    ("in", "out"),
    ("min", "max"),
    ("start", "end"),
    ("public", "private"),
    *(("", no) for no in ("no", "un", "dis", "ex", "skip", "ignore")),
)
"""Prefixes of words that look alike and mean the opposite."""

NO_VOLUMES = "there are no volumes; a server's disk is its flavor's"
FLOATING = "a server's floating address is its `floatingIp`: an address, or true"
PORT_SECURITY = f"port security is a NIC's, in `{STACK}servers.networks`; leave it out"

NOTHING = ("", "none", "null", "nil", "no", "false", "~", "-")
"""How people write that there is no value."""


def _bare(key: str) -> str:
    return re.sub(r"[_-]", "", key).casefold()


def _opposite(word: str, known: str) -> bool:
    """Whether the words begin with opposite prefixes."""
    return any(
        one.startswith(first) and other.startswith(second) and not one.startswith(second)
        for first, second in OPPOSITES
        for one, other in ((word, known), (known, word))
    )


def nearest(word: str, known: Iterable[str]) -> str:
    """Return which known word was probably meant, or else a list of them."""
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
    """Return the advice for each key that a model lists in `instead`."""
    return {_bare(key): what for keys, what in model.instead.items() for key in keys.split()}


def of_key(model: type[Base], key: str, known: Iterable[str]) -> str:
    """Return what there is instead of an unknown key."""
    return replacements(model).get(_bare(key)) or nearest(key, known)


def of_value(model: type[Base], given: Given, optional: bool) -> str | None:
    """Return advice for a refused value, None without; optional: the key may be left out."""
    special = model.helps.get(given.key)
    if special and (found := special(given)):
        return found
    if optional and str(given.value).casefold() in NOTHING:
        return f"{show(given.value)} is no value; leave {given.key} out where there is none"
    return None
