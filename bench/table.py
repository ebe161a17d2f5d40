"""What was measured, as tables for people."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from statistics import median

from bench.measure import Peak
from bench.settings import Size

MIB = 2**20

HEAD = (
    *("servers", "tenants", "nodes", "command", "resources", "of OpenStack"),
    *("s, least", "median", "per 1,000", "all MiB", "plugins", "their MiB", "RSS"),
)
LEFT = ("command",)
"""Columns of words; all others are numbers."""


@dataclass(frozen=True)
class Row:
    """One command on one size."""

    size: Size
    command: str
    nodes: int
    """Those that the command knows of, at most the size's."""
    resources: int
    peers: int
    """Those of its resources that are in OpenStack."""
    seconds: Sequence[float]
    peak: Peak


def cells(row: Row) -> tuple[str, ...]:
    """Return a row's texts, in the order of HEAD."""
    middle = median(row.seconds)
    return (
        f"{row.size.servers:,}",
        f"{row.size.tenants:,}",
        f"{row.nodes:,}" if row.nodes else "-",
        row.command,
        f"{row.resources:,}",
        f"{row.peers:,}",
        f"{min(row.seconds):.2f}",
        f"{middle:.2f}",
        f"{middle / row.resources * 1000:.2f}",
        f"{row.peak.memory.pss / MIB:,.0f}",
        f"{row.peak.plugins:,}",
        f"{row.peak.plugin_memory.pss / MIB:,.0f}",
        f"{row.peak.plugin_memory.rss / MIB:,.0f}",
    )


def table(rows: Sequence[Row]) -> str:
    """Return the rows under their heads, with a blank line between sizes."""
    return aligned(HEAD, [(row.size, cells(row)) for row in rows], LEFT)


def aligned(
    heads: Sequence[str], rows: Sequence[tuple[object, Sequence[str]]], left: Collection[str]
) -> str:
    """Return rows under their heads: after a blank line where a row's size is another one.

    Columns are aligned at their right, those named in `left` at their left.
    """
    widths = [max(map(len, column)) for column in zip(heads, *(c for _, c in rows), strict=True)]

    def line(words: Sequence[str]) -> str:
        return "  ".join(
            word.ljust(width) if head in left else word.rjust(width)
            for word, width, head in zip(words, widths, heads, strict=True)
        ).rstrip()

    lines = [line(heads)]
    before: object = None
    for size, words in rows:
        if size != before:
            lines.append("")
            before = size
        lines.append(line(words))
    return "\n".join(lines)
