"""All that is shown, in one value."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from . import cloud_tables, node_tables
from .judge import Finding
from .seen import Seen
from .table import Table
from .words import count, moment


@dataclass(frozen=True)
class Report:
    """What was found, what of it needs a person, and the tables of the rest."""

    seen: Seen
    findings: tuple[Finding, ...]
    tables: tuple[Table, ...]

    @property
    def head(self) -> str:
        """The line above all: whose state it is, of when, and whether somebody is needed."""
        return f"{self.title}: {self.verdict}"

    @property
    def title(self) -> str:
        """Whose state it is, and of when."""
        stack = f", stack {self.seen.stack}" if self.seen.stack else ""
        controller = self.seen.controller
        reached = sum(node.reading is not None for node in self.seen.nodes)
        nodes = f"{reached} of {count(len(self.seen.nodes), 'node')} reached"
        cloud = f"The cloud of {controller.name} ({controller.host}){stack}"
        return f"{cloud}, {moment(self.seen.time)} UTC, {nodes}"

    @property
    def verdict(self) -> str:
        """Whether a person is needed."""
        severities = Counter(finding.severity for finding in self.findings)
        parts = [f"{n} {word}" for word in ("broken", "soon") if (n := severities[word])]
        return f"needs you, {', '.join(parts)}" if parts else "nothing needs you"

    @property
    def status(self) -> int:
        """The exit status: 1 if something needs a person."""
        return 1 if self.findings else 0


def tables(seen: Seen, findings: Sequence[Finding]) -> tuple[Table, ...]:
    """Return the tables of a report; one that nothing is known for is left out."""
    state: dict[str, str] = {}
    for finding in reversed(findings):  # the first one of a node is its worst
        state[finding.where] = finding.severity
    made = (
        node_tables.nodes(seen, state),
        node_tables.computes(seen, state),
        cloud_tables.services(seen),
        cloud_tables.servers(seen),
        node_tables.steps(seen),
        cloud_tables.queues(seen),
        cloud_tables.images(seen),
        cloud_tables.backup(seen),
        cloud_tables.not_shown(seen),
    )
    return tuple(table for table in made if table.rows or table.note)


def report(seen: Seen, findings: Sequence[Finding]) -> Report:
    """Return the report of what was found and judged."""
    return Report(seen, tuple(findings), tables(seen, findings))
