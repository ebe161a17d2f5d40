"""A table of the report, and how many rows it has."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

ROWS = 20
"""Most rows of a table. Of more, those with findings are shown and the others are summed."""


@dataclass(frozen=True)
class Table:
    """A table as words. `note`: what is to be said of the rows that are not shown, or of all."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    note: str = ""


def bounded(names: Sequence[str], state: dict[str, str]) -> tuple[list[str], set[str]]:
    """Return which rows are shown and which are summed: those with findings are shown first."""
    if len(names) <= ROWS:
        return list(names), set()
    shown = [name for name in names if name in state][:ROWS]
    return shown, set(names) - set(shown)


def states(of: Counter[str]) -> str:
    """Write how many are in each state."""
    return ", ".join(f"{number} {state}" for state, number in sorted(of.items())) or "none"
