"""What was measured of many nodes, as a table for people."""

from collections.abc import Sequence
from dataclasses import dataclass

from bench.measure import Peak
from bench.table import MIB, aligned

HEAD = (
    *("nodes", "command", "resources", "at once", "nodes at once", "connections"),
    *("s", "CPU s", "ms each", "all MiB", "plugins", "their MiB", "state MiB"),
)
LEFT = ("command",)

LEGEND = """\
Nodes have sshds of Debian's, with its settings; their steps take the time of real ones, divided.

resources      those that the command made or changed
at once        commands that ran on nodes at the same time, at most
nodes at once  nodes that were at work at the same time, at most
connections    open ssh connections, at most
s              of one run, memory watched
CPU s          of Pulumi, its plugins and the program; the nodes' sshds are left out
ms each        CPU milliseconds for each resource of the state: what grows here grows faster than
               the number of nodes
all MiB        peak memory of all its processes; shared pages count once (PSS)
plugins        processes of provider plugins at once, with their memory (MiB, PSS)
state MiB      the stack's state; with --checkpoints Pulumi writes it around each change"""


@dataclass(frozen=True)
class Row:
    """One command on a cloud of one size."""

    nodes: int
    command: str
    changed: int
    resources: int
    """All in the state after it."""
    commands_at_once: int
    nodes_at_once: int
    connections: int
    seconds: float
    cpu: float
    """Seconds."""
    peak: Peak
    state: int
    """Bytes."""


def cells(row: Row) -> tuple[str, ...]:
    """Return a row's texts, in the order of HEAD."""
    return (
        f"{row.nodes:,}",
        row.command,
        f"{row.changed:,}",
        f"{row.commands_at_once:,}",
        f"{row.nodes_at_once:,}",
        f"{row.connections:,}",
        f"{row.seconds:.1f}",
        f"{row.cpu:.1f}",
        f"{row.cpu / row.resources * 1000:.0f}",
        f"{row.peak.memory.pss / MIB:,.0f}",
        f"{row.peak.plugins:,}",
        f"{row.peak.plugin_memory.pss / MIB:,.0f}",
        f"{row.state / MIB:.1f}",
    )


def table(rows: Sequence[Row]) -> str:
    """Return the rows under their heads, with a blank line between sizes."""
    return aligned(HEAD, [(row.nodes, cells(row)) for row in rows], LEFT)
