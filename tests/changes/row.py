"""A row of the table of changes: what is changed, what a preview says of it, what is then true."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from tests.changes.facts import Fact
from tests.changes.kinds import Kind
from tests.unit.configs import GONE, Change

Place = tuple[str | int, ...]
SERVERS = ("web1", "db1", "web2")
"""The servers of the base, in their order there."""


@dataclass(frozen=True)
class Row:
    """One change of the base's settings."""

    key: str
    kind: Kind
    change: Change
    what: str = ""
    """The difference to other rows of the same key and kind."""
    says: tuple[str, ...] = ()
    """Each is in a line of the comment's summary; none: the comment says that there is nothing to
    do."""
    unsaid: tuple[str, ...] = ()
    """None is anywhere in the comment's summary."""
    refused: str = ""
    """A part of the refusal's text; empty: it is not refused."""
    then: tuple[Fact, ...] = ()
    lost: tuple[str, ...] = ()
    """Servers whose disk is lost: they are deleted, or replaced. All others of the base stay."""
    down: tuple[str, ...] = ()
    """Servers that stay and keep their disk, and may not answer meanwhile."""
    restored: tuple[str, ...] = ()
    """Servers that stay and have an earlier disk then: what was written last is lost."""
    also: tuple[tuple[str, Kind], ...] = ()
    """Other keys that must change with it."""
    before: Change = field(default_factory=dict)
    """What is applied first."""
    back: Change = field(default_factory=dict)
    """What undoing it needs in addition to the earlier settings, such as a key that allows it."""
    danger: bool = False
    """Applied by every `make test`."""
    apart: bool = False
    """Applied alone: it shares its `up` with no other row."""
    pending: str = ""
    """Why its preview does not say this yet."""
    faulty: str = ""
    """Why `up` does not do yet what its preview says."""
    unseen: str = ""
    """Why the lab cannot show it."""

    @property
    def name(self) -> str:
        """Its name: no two rows have the same."""
        return ", ".join(filter(None, (f"{self.key} {self.kind}", self.what)))

    @property
    def quiet(self) -> bool:
        """Whether there is nothing to do."""
        return not self.says and not self.refused

    @property
    def stopped(self) -> tuple[str, ...]:
        """The servers that do not stay, or not all the time."""
        return (*self.lost, *self.down, *self.restored)

    @property
    def touched(self) -> frozenset[Place]:
        """The places that no other row may change: entries whole, and each server that it stops."""
        stopped = [("servers", SERVERS.index(name)) for name in self.stopped]
        places = [_whole(where, value) for where, value in (self.change | self.back).items()]
        return frozenset((*places, *stopped))

    def sees(self) -> Iterator[tuple[str, Kind]]:
        """Yield each key that it is a row of, with the kind."""
        yield self.key, self.kind
        yield from self.also


def _whole(where: str, value: object) -> Place:
    """Return the place that changes: a whole entry, or all of a list that loses one."""
    parts = place(where)
    if len(parts) == 1 or not isinstance(parts[1], int):
        return parts
    moves_up = value is GONE and parts == parts[:2]
    return parts[:1] if moves_up else parts[:2]


def place(text: str) -> Place:
    """Split a place in the settings: `servers[1].ingress[0].port`."""
    return tuple(int(part) if part.isdigit() else part for part in re.findall(r"\w+", text))
