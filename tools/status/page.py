"""The report as one HTML page, which needs nothing else: no server, no script, no other file."""

from collections.abc import Iterator
from html import escape

from .judge import Finding
from .report import Report
from .table import Table

STYLE = """
body { font: 15px/1.4 sans-serif; margin: 2em auto; max-width: 80em; padding: 0 1em; color: #111; }
h1 { font-size: 1.3em; } h2 { font-size: 1.1em; margin: 1.6em 0 .3em; }
table { border-collapse: collapse; } td, th { text-align: left; padding: .15em .9em .15em 0; }
th { border-bottom: 1px solid #888; } tr { border-bottom: 1px solid #ddd; break-inside: avoid; }
td { vertical-align: top; } code { display: block; overflow-wrap: anywhere; }
.broken { font-weight: bold; color: #a00000; } .soon { font-weight: bold; color: #705000; }
@media print { body { margin: 0; font-size: 11px; max-width: none; } }
"""


def write(report: Report) -> str:
    """Return the page: what is wrong first. All that was found is escaped."""
    return "\n".join(_lines(report)) + "\n"


def _lines(report: Report) -> Iterator[str]:
    yield '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">'
    yield f"<title>{escape(report.head)}</title>\n<style>{STYLE}</style>\n</head>\n<body>"
    yield f"<h1>{escape(report.title)}</h1>\n<p>{escape(report.verdict)}</p>"
    if report.findings:
        yield "<h2>What needs a person</h2>\n<table>"
        yield _row("th", ("state", "where", "what", "what helps"))
        yield from (_finding(finding) for finding in report.findings)
        yield "</table>"
    for table in report.tables:
        yield from _table(table)
    yield "</body>\n</html>"


def _finding(finding: Finding) -> str:
    helps = "".join(f"<code>{escape(command)}</code>" for command in finding.commands)
    cells = "".join(f"<td>{escape(text)}</td>" for text in (finding.where, finding.message))
    return f'<tr><td class="{finding.severity}">{finding.severity}</td>{cells}<td>{helps}</td></tr>'


def _table(table: Table) -> Iterator[str]:
    yield f"<h2>{escape(table.title)}</h2>"
    if table.rows:
        yield "<table>"
        yield _row("th", table.columns)
        yield from (_row("td", row) for row in table.rows)
        yield "</table>"
    if table.note:
        yield f"<p>{escape(table.note)}</p>"


def _row(kind: str, cells: tuple[str, ...]) -> str:
    return f"<tr>{''.join(f'<{kind}>{escape(cell)}</{kind}>' for cell in cells)}</tr>"
