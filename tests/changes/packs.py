"""Chooses which rows share an `up`, and which are applied for a commit."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from tests.changes.row import Place, Row, place
from tests.unit.configs import Change

SHARE = 48
"""Of the rows that are not marked as dangerous, one in so many is applied for a commit."""


@dataclass
class Stage:
    """Rows that have the same settings before them, by those that share an `up`."""

    before: Change = field(default_factory=dict)
    packs: list[list[Row]] = field(default_factory=list)

    def takes(self, row: Row) -> bool:
        """Return whether a row and the stage's other rows can start from the same settings."""
        if not row.before or not self.before:
            return row.before == self.before
        # Without servers other rows prove nothing.
        if row.before != self.before and [] in (*row.before.values(), *self.before.values()):
            return False
        # What a router joins hangs together with other entries, rules are for all of them, and no
        # server is made on a drained compute.
        alone = {"routers", "rules", "computes[1].drain"}
        if row.before != self.before and alone & {*row.before, *self.before}:
            return False
        more = {where for where, value in row.before.items() if self.before.get(where) != value}
        touched = [where for pack in self.packs for other in pack for where in other.touched]
        others = self.before.keys() - row.before.keys()
        return not (
            _meet(map(place, more), [*map(place, self.before), *touched])
            or _meet(map(place, others), row.touched)
        )

    def add(self, row: Row) -> None:
        """Put a row into the first pack that it does not disturb."""
        self.before = self.before | row.before
        for pack in self.packs:
            if not any(disturb(row, other) for other in pack):
                pack.append(row)
                return
        self.packs.append([row])


def stages(rows: Iterable[Row]) -> list[Stage]:
    """Split the rows into stages and packs, by the first one that fits."""
    found: list[Stage] = []
    for row in rows:
        stage = next((stage for stage in found if stage.takes(row)), None)
        if stage is None:
            found.append(stage := Stage(row.before))
        stage.add(row)
    return sorted(found, key=lambda stage: len(stage.before) > 0)


def disturb(one: Row, other: Row) -> bool:
    """Return whether two rows cannot share an `up`, as one would change what the other proves."""
    alone = any(row.refused or row.pending or row.faulty or row.apart for row in (one, other))
    return alone or one.quiet != other.quiet or _meet(one.touched, other.touched)


def _meet(one: Iterable[Place], other: Iterable[Place]) -> bool:
    """Return whether a place contains another one."""
    others = list(other)
    return any(a[: len(b)] == b[: len(a)] for a in one for b in others)


def change_of(pack: Iterable[Row]) -> Change:
    """Return all changes of a pack as one."""
    return {where: value for row in pack for where, value in row.change.items()}


def chosen(rows: Sequence[Row], commit: str) -> list[Row]:
    """Return the dangerous rows, and a share of the others that changes with the commit.

    The commit's hash draws the rows: each has one chance in `SHARE`.
    """

    def drawn(row: Row) -> bool:
        number = hashlib.sha256(f"{commit} {row.name}".encode()).digest()
        return int.from_bytes(number) % SHARE == 0

    return [row for row in rows if row.danger or drawn(row)]
