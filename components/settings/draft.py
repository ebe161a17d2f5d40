"""The config as far as it could be read, and how checks walk over it.

A check reads the draft and yields problems. What depends on a broken field is not reported: that
field has a problem of its own.
"""

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

from .base import Base, key
from .messages import STACK, Place, Problem, at

T = TypeVar("T")
B = TypeVar("B", bound=Base)


@dataclass(frozen=True)
class Draft:
    """The config as far as it could be read."""

    entries: dict[Place, Base]
    """Each entry. Broken fields are missing: reading one raises AttributeError."""

    unread: set[str]
    """Sections that are no lists, or that miss a tenant's file that could not be read."""

    origins: dict[Place, tuple[str, Place]]
    """For entries from a tenant's file: the file, and the place in it."""

    def origin(self, place: Place) -> tuple[str, str]:
        """Return the tenant's file (empty: the stack's config) and the place in it."""
        file, inner = self.origins.get(place[:2], ("", place[:2]))
        return file, at((*inner, *place[2:]))

    def at(self, place: Place, seen_from: Place | None = None) -> str:
        """Return a place for a message (see `STACK`); without the file if seen from the same."""
        file, inner = self.origin(place)
        if seen_from and self.origin(seen_from)[0] == file:
            return inner
        return ": ".join(filter(None, (file, inner))) if file else STACK + inner

    def of(self, kind: type[B]) -> Iterator[tuple[Place, B]]:
        """Yield the entries of one kind with their places, also those in lists of others.

        A compute is also of the kind of all nodes.
        """
        for place, entry in self._kinds.get(kind, ()):
            if isinstance(entry, kind):
                yield place, entry

    def values(self, kind: type[Base], field: str) -> Iterator[tuple[Place, object]]:
        """Yield a field of each entry of one kind, where it could be read."""
        for place, entry in self.of(kind):
            if field in vars(entry):
                yield (*place, key(field)), vars(entry)[field]

    def find(self, kind: type[B], name: str | None) -> B | None:
        """Return the entry of that name, if there is one; of two the first."""
        entry = self._index.get((kind, name))
        return entry if isinstance(entry, kind) else None

    @cached_property
    def _kinds(self) -> dict[type[Base], list[tuple[Place, Base]]]:
        found: dict[type[Base], list[tuple[Place, Base]]] = {}
        for place, entry in self.entries.items():
            for inner, one in _with_inner(place, entry):
                for kind in type(one).__mro__:
                    if issubclass(kind, Base):
                        found.setdefault(kind, []).append((inner, one))
        return found

    @cached_property
    def _index(self) -> dict[tuple[type[Base], object], Base]:
        entries = reversed(self.entries.values())
        return {(type(entry), vars(entry).get("name")): entry for entry in entries}

    def names(self, *sections: str) -> dict[Place, str | None]:
        """Return the names of the entries in these sections; None where it can't be read."""
        places = (place for place in self.entries if place[0] in sections)
        return {place: vars(self.entries[place]).get("name") for place in places}


def _with_inner(place: Place, entry: Base) -> Iterator[tuple[Place, Base]]:
    """Yield an entry and the entries in its lists."""
    yield place, entry
    for name, value in vars(entry).items():
        for i, item in enumerate(value if isinstance(value, tuple) else ()):
            if isinstance(item, Base):
                yield from _with_inner((*place, key(name), i), item)


Check = Callable[[Draft], Iterator[Problem]]
"""Finds problems of one kind in the whole draft."""


def until_broken(found: Iterator[T]) -> Iterator[T]:
    """Yield what is found, up to the first broken field that is needed."""
    with contextlib.suppress(AttributeError):
        yield from found


def each(kind: type[B], find: Callable[[Draft, Place, B], Iterator[Problem]]) -> Check:
    """Make a check of one entry one of all entries of its kind."""

    def check(draft: Draft) -> Iterator[Problem]:
        for place, entry in draft.of(kind):
            yield from until_broken(find(draft, place, entry))

    return check
