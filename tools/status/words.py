"""How sizes, times and lists are written."""

from collections.abc import Sequence
from datetime import UTC, datetime

GIB, MIB = 2**30, 2**20
MINUTE, HOUR, DAY = 60, 3600, 86400
SHOWN = 5
"""Most names in a sentence."""


def size(count: float) -> str:
    """Write bytes in GiB, or in MiB below ten of these."""
    return f"{count / GIB:.0f} GiB" if count >= 10 * GIB else f"{count / MIB:.0f} MiB"


def moment(when: float | None) -> str:
    """Write a time (seconds since 1970) in UTC, to the minute."""
    return f"{datetime.fromtimestamp(when, UTC):%Y-%m-%d %H:%M}" if when is not None else "?"


def ago(seconds: float) -> str:
    """Write how long something is past: in minutes, in hours from two on, in days from two on."""
    for length, unit in ((DAY, "d"), (HOUR, "h")):
        if seconds >= 2 * length:
            return f"{seconds / length:.0f} {unit}"
    return f"{max(0.0, seconds) / MINUTE:.0f} min"


def some(names: Sequence[str], shown: int = SHOWN) -> str:
    """Write the first names, and how many more there are."""
    more = f" and {len(names) - shown} more" if len(names) > shown else ""
    return ", ".join(names[:shown]) + more


def count(number: int, noun: str) -> str:
    """Write a number of things."""
    return f"{number} {noun}{'' if number == 1 else 's'}"
