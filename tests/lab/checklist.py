"""The checklist of a cloud's security: what is asked of it, and how a running one is seen to be so.

The lines are in checklist_guide.py (the OpenStack Security Guide's own checklists) and
checklist_more.py (what else is asked), all of them in checklist_lines.py.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

PAGE = Path(__file__).parents[2] / "docs" / "security.md"
BEGIN, END = "<!-- of tests/lab/checklist.py -->\n", "<!-- to here -->\n"
MARK = "\x1e"
"""Begins what one reading says: ASCII's separator of records, which no answer has."""


class State(StrEnum):
    """How a cloud answers what is asked."""

    MET = "met"
    NOT_YET = "not yet"
    NOT_NEEDED = "not needed"


@dataclass(frozen=True)
class Reading:
    """A command on a node, and the text that it prints where all is as it should be.

    node: `controller`, `compute` (each of them), `node` (all), or `dashboard` (the controller,
    where that is on). The command has the variables of
    openrc.sh.
    """

    node: str
    command: str
    says: str


@dataclass(frozen=True)
class Line:
    """One line of a checklist.

    how: what meets it, or why it is not met or not needed. proof: a test that shows what no
    command on a node can.
    """

    name: str
    asks: str
    state: State
    how: str
    readings: Sequence[Reading] = ()
    proof: str = ""

    @property
    def row(self) -> str:
        """The line in a table of the docs."""
        return f"| {self.name} | {self.asks} | {self.state} | {self.how} |\n"


def setting(node: str, file: str, section: str, key: str, says: str) -> Reading:
    """Return the reading of a key of an ini file; `none` where it is not set."""
    command = f"crudini --get {file} {section} {key} 2>/dev/null || echo none"
    return Reading(node, command, says)


def owned(node: str, service: str, *files: str) -> Reading:
    """Return the reading of who owns a service's folder of settings, and these files in it."""
    paths = " ".join(f"/etc/{service}/{file}" for file in ("", *files))
    return Reading(node, f"stat -L -c '%U:%G' {paths} | sort -u", f"root:{service}")


def closed(node: str, service: str) -> Reading:
    """Return the reading of the mode of a service's folder of settings, which nobody else opens."""
    return Reading(node, f"stat -L -c '%a' /etc/{service}", "750")


def of_kind(lines: Iterable[Line], kind: str) -> list[tuple[Line, Reading]]:
    """Return the readings of a kind of node, `controller` or `compute`, with their lines."""
    return [(line, one) for line in lines for one in line.readings if one.node in (kind, "node")]


def script(readings: Iterable[Reading]) -> str:
    """Return the script that answers all of these readings, none of which can end it."""
    asked = (f"printf '\\036'\n(\n{one.command}\n) 2>&1 </dev/null || true\n" for one in readings)
    return ". /etc/xiandian/openrc.sh\n" + "".join(asked)


def answers(said: str) -> list[str]:
    """Return what the readings of a script said, in their order."""
    return [text.strip() for text in said.split(MARK)[1:]]


def manual(lines: Iterable[Line]) -> str:
    """Return the lines as a table of the docs."""
    head = "| | asked | | how, or why not |\n|---|---|---|---|\n"
    return head + "".join(one.row for one in lines)


def written(page: str, lines: Iterable[Line]) -> str:
    """Return a page with the lines in their place."""
    place = re.escape(BEGIN) + ".*" + re.escape(END)
    return re.sub(place, lambda _: BEGIN + manual(lines) + END, page, flags=re.DOTALL)
