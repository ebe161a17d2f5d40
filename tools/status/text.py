"""The report as text, for a screen."""

from collections.abc import Iterator, Sequence

from .judge import Finding
from .report import Report
from .table import Table

SAME = 5
"""Most findings of one rule that are shown; of more, their number and nodes."""


def write(report: Report) -> str:
    """Return the report's text: what is wrong first."""
    parts = [report.head, "\n".join(_findings(report.findings))]
    parts += ["\n".join(_table(table)) for table in report.tables]
    return "".join(f"{printable(part)}\n\n" for part in parts if part).rstrip("\n") + "\n"


def printable(text: str) -> str:
    """Return a text without what a terminal would take for a command."""
    return "".join(c if c.isprintable() or c == "\n" else "?" for c in text)


def _findings(findings: Sequence[Finding]) -> Iterator[str]:
    by_rule: dict[str, list[Finding]] = {}
    for finding in findings:
        by_rule.setdefault(finding.rule, []).append(finding)
    for same in by_rule.values():
        for one in same[:SAME]:
            yield f"{one.severity:6}  {one.where}{': ' if one.where else ''}{one.message}"
            yield from (f"        {command}" for command in one.commands)
        if more := same[SAME:]:
            yield f"{more[0].severity:6}  and {len(more)} more like this{_on(more)}"


def _on(findings: Sequence[Finding]) -> str:
    names = sorted({one.where for one in findings if one.where})
    shown = ", ".join(names[:SAME]) + (" …" if len(names) > SAME else "")
    return f", on {shown}" if names else ""


def _table(table: Table) -> Iterator[str]:
    yield table.title
    if table.rows:
        lines = [table.columns, *table.rows]
        widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
        for line in lines:
            cells = (cell.ljust(width) for cell, width in zip(line, widths, strict=True))
            yield f"  {'  '.join(cells).rstrip()}"
    if table.note:
        yield f"  {table.note}"
