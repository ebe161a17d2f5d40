"""Compares a preview's comment with what rows say."""

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain

from pull_requests.preview import Preview
from pull_requests.summary import summary
from tests.changes.row import Row
from wording import LOST

STOPPED = {
    "lost": re.compile(rf"server (\S+) is (?:deleted|replaced), {LOST}"),
    "down": re.compile(r"server (\S+) is resized"),
}


def contradictions(row: Row, pack: Sequence[Row], preview: Preview) -> Iterator[str]:
    """Yield where the preview of a pack's change contradicts this row of it."""
    if row.refused:
        if not any(row.refused in error for error in preview.errors):
            yield f"it is not refused by {row.refused!r} but says: {_all(preview)}"
        return
    if preview.errors:
        yield f"it is refused: {preview.errors}"
        return
    words = summary(preview)
    lines = [*words.marked, *_each(chain(*words.sections.values()))]
    if row.quiet and preview.changed:
        yield f"the row says nothing to do, but: {_all(preview)}"
    for text in row.says:
        if not any(text in line for line in lines):
            yield f"no line has {text!r}: {lines}"
    for text in row.unsaid:
        yield from (f"a line has {text!r}: {line}" for line in lines if text in line)
    said = [text for each in pack for text in each.says]
    for line in words.marked:
        if not any(text in line for text in said):
            yield f"no row expects this line: {line}"
    lost = {name for line in lines for name in STOPPED["lost"].findall(line)}
    down = {name for line in lines for name in STOPPED["down"].findall(line)}
    if missing := {*row.lost} - lost:
        yield f"the comment does not say that these are lost: {sorted(missing)}"
    if more := lost - {name for each in pack for name in each.lost}:
        yield f"it says that {sorted(more)} are lost"
    if more := down - {name for each in pack for name in each.down}:
        yield f"it says that {sorted(more)} are resized"


def _each(lines: Iterable[str]) -> Iterator[str]:
    """Yield what is said of an owner one by one, each with its owner."""
    for line in lines:
        owner, _, texts = line.partition(": ")
        yield from (f"{owner}: {text}" for text in texts.split("; "))


def _all(preview: Preview) -> str:
    words = summary(preview)
    lines = [*words.marked, *chain(*words.sections.values())]
    return "; ".join([*preview.errors, *lines, *(f"{r.op} {r.name}" for r in preview.changed)])
