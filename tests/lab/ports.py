"""Which TCP ports of a node are open, and to whom."""

import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from tests.lab.conftest import on

OUTSIDE = "the management network"


class To(StrEnum):
    """Who reaches a port of a node's address on the management network."""

    ALL = "everybody, or `api.allowFrom`"
    BROWSERS = "everybody, or `api.allowFrom`, where `dashboard` is on"
    SSH = "everybody"
    NODES = "the other nodes"


@dataclass(frozen=True)
class Open:
    """A port; node: `controller`, `compute` (each of them) or `node` (all)."""

    port: int
    node: str
    to: To
    what: str

    @property
    def row(self) -> str:
        """The port in a table of the docs."""
        return f"| {self.port} | {self.node} | {self.to} | {self.what} |\n"


OPEN = (
    Open(22, "node", To.SSH, "ssh, or `ssh.port`"),
    Open(5000, "controller", To.ALL, "Keystone"),
    Open(6080, "controller", To.ALL, "consoles of servers"),
    Open(8774, "controller", To.ALL, "Nova"),
    Open(8778, "controller", To.ALL, "Placement"),
    Open(9292, "controller", To.ALL, "Glance"),
    Open(9696, "controller", To.ALL, "Neutron"),
    Open(443, "controller", To.BROWSERS, "the dashboard"),
    Open(5671, "controller", To.NODES, "RabbitMQ"),
    Open(6642, "controller", To.NODES, "OVN's southbound database"),
    Open(8775, "controller", To.NODES, "Nova's metadata"),
)
OF_SERVERS = {
    range(5900, 6000): "consoles of its servers",
    range(49152, 49216): "servers that move to it",
}
"""Ports of a compute that are open to the other nodes only while a server needs one."""
SCAN = Path(__file__).with_name("scan.py")


def manual() -> str:
    """Return the table of the docs."""
    head = "| port | of | open to | what |\n|---|---|---|---|\n"
    servers = (
        f"| {ports[0]}-{ports[-1]} | compute | {To.NODES} | {what} |\n"
        for ports, what in OF_SERVERS.items()
    )
    return head + "".join((*(one.row for one in OPEN), *servers))


def expected(kind: str, *, outside: bool, dashboard: bool = False) -> set[int]:
    """Return the ports of a kind of node that are open, seen from outside or from another node."""
    hidden = {To.NODES: outside, To.BROWSERS: not dashboard}
    return {
        one.port for one in OPEN if one.node in (kind, "node") and not hidden.get(one.to, False)
    }


def scan(view: str, addresses: Iterable[str]) -> dict[str, set[int]]:
    """Return the ports of these addresses that take a connection from a node, or from `OUTSIDE`."""
    words = ["1", "65535", *addresses]
    if view == OUTSIDE:
        asked = [sys.executable, str(SCAN), *words]
        said = subprocess.run(asked, capture_output=True, text=True, check=True).stdout
    else:
        program = SCAN.read_text(encoding="utf-8")
        said = on(view, f"python3 - {' '.join(words)} <<'EOF'\n{program}EOF\n")
    found: dict[str, set[int]] = {address: set() for address in words[2:]}
    for line in said.splitlines():
        address, port = line.split()
        found[address].add(int(port))
    return found


def unexpected(
    kind: str, found: set[int], *, outside: bool, dashboard: bool = False
) -> dict[str, set[int]]:
    """Return how the ports that were found differ from the table; empty if they do not."""
    wanted = expected(kind, outside=outside, dashboard=dashboard)
    perhaps = set[int]().union(*(OF_SERVERS if kind == "compute" and not outside else ()))
    wrong = {"open, and should not be": found - wanted - perhaps, "closed": wanted - found}
    return {what: ports for what, ports in wrong.items() if ports}
