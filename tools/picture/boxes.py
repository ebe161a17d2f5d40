"""Boxes of a cloud's things, and the lines between them."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from pull_requests.preview import natural

from .cloud import Cloud, Mark, Network, Node, Router, Server, Wire

FEW = 3
"""Most names of a box that are all shown; of more, the first and the last."""
WIDE = 48
"""Most characters of a line; a longer one is cut off."""


class Kind(NamedTuple):
    """What a box stands for, in words."""

    one: str
    many: str


CONTROLLER = Kind("controller", "controllers")
COMPUTE = Kind("compute", "computes")
WIRE = Kind("provider network", "provider networks")
VLAN = Kind("VLAN", "VLANs")
UNTAGGED = Kind("untagged network", "untagged networks")
OWN = Kind("network", "networks")
ROUTER = Kind("router", "routers")
SERVER = Kind("server", "servers")
KINDS = (CONTROLLER, COMPUTE, WIRE, VLAN, UNTAGGED, OWN, ROUTER, SERVER)
"""From the nodes to the servers, as the lines go."""


class Fact(NamedTuple):
    """A line of a box, for each thing that the box stands for."""

    values: tuple[str, ...]
    form: str = "{}"
    many: str = ""
    """What they are called where they are many, and there is no first and last of them."""

    @property
    def line(self) -> str:
        """The line; "" without values."""
        told = {value for value in self.values if value}
        if self.many and len(told) > FEW:
            return f"{len(told)} {self.many}"
        return self.form.format(span(told)) if told else ""


@dataclass(frozen=True)
class Box:
    """One thing, or several of a kind. `projects` are those that it is of; none: it is for all."""

    kind: Kind
    names: tuple[str, ...]
    facts: tuple[Fact, ...] = ()
    projects: tuple[str, ...] = ()
    mark: Mark = Mark.KEPT
    like: str = ""
    """Things that differ in this are not alike."""

    @property
    def lines(self) -> list[str]:
        """What it says: a title, and what follows it."""
        if len(self.names) > 1:
            title = [f"{len(self.names)} {self.kind.many}", span(self.names)]
        elif self.names[0].startswith(self.kind.one):
            title = [self.names[0]]
        else:
            title = [f"{self.kind.one} {self.names[0]}"]
        told = [*title, *(fact.line for fact in self.facts)]
        return [line if len(line) <= WIDE else f"{line[: WIDE - 1]}…" for line in told if line]


class Line(NamedTuple):
    """A line between two boxes, by their keys; one that is not seen only keeps them in order."""

    start: str
    end: str
    seen: bool = True


@dataclass(frozen=True)
class Picture:
    """Boxes by key, the lines between them, and the marks of projects."""

    boxes: Mapping[str, Box]
    lines: tuple[Line, ...]
    marks: Mapping[str, Mark]

    @property
    def frames(self) -> Mapping[tuple[str, ...], list[str]]:
        """The keys of the boxes in each frame, by the frame's projects; () has no frame."""
        found: dict[tuple[str, ...], list[str]] = {(): []}
        for key, box in self.boxes.items():
            found.setdefault(box.projects, []).append(key)
        return found

    def title(self, projects: tuple[str, ...]) -> tuple[str, Mark]:
        """Return what a frame says, and its mark, if its projects have the same."""
        marks = {self.marks.get(project, Mark.KEPT) for project in projects}
        number = len(projects)
        said = f"{number} projects: {span(projects)}" if number > 1 else f"project {projects[0]}"
        return said, marks.pop() if len(marks) == 1 else Mark.KEPT


def span(values: Iterable[str]) -> str:
    """Return values as a text: all of a few, else the first and the last."""
    found = sorted(set(values), key=natural)
    return ", ".join(found) if len(found) <= FEW else f"{found[0]} … {found[-1]}"


def whole(cloud: Cloud) -> Picture:
    """Return a picture with a box for each thing.

    It is in the order of names: the settings' own changes nothing.
    """
    found: dict[str, Box] = {}
    for node in sorted(cloud.nodes, key=lambda node: (not node.controller, natural(node.name))):
        found[_key(node)] = _node(node)
    if cloud.wire is not None:
        found["wire"] = _wire(cloud.wire)
    for network in sorted(cloud.networks, key=lambda n: (natural(n.vlan), natural(n.name))):
        found[f"network {network.name}"] = _network(network)
    for router in sorted(cloud.routers, key=lambda router: natural(router.name)):
        found[f"router {router.project} {router.name}"] = _router(router)
    for server in sorted(cloud.servers, key=lambda server: natural(server.name)):
        found[f"server {server.name}"] = _server(server)
    there = (line for line in _lines(cloud) if {line.start, line.end} <= found.keys())
    marks = {project.name: project.mark for project in cloud.projects}
    return Picture(found, tuple(sorted(there)), marks)


def _key(node: Node) -> str:
    return f"{(CONTROLLER if node.controller else COMPUTE).one} {node.name}"


def _node(node: Node) -> Box:
    facts = (Fact((node.address,)), Fact((node.nic,), "NIC {}"))
    return Box(CONTROLLER if node.controller else COMPUTE, (node.name,), facts, (), node.mark)


def _wire(wire: Wire) -> Box:
    facts = (Fact((wire.vlans,), "VLANs {}"), Fact((wire.tunnels,), "tunnels {}"))
    return Box(WIRE, (wire.name,), facts)


def _network(network: Network) -> Box:
    kind = VLAN if network.vlan else UNTAGGED if network.untagged else OWN
    facts = [Fact((cidr,)) for cidr in network.cidrs]
    facts += [Fact(("external",))] if network.external else []
    own = (network.project,) if network.project else ()
    return Box(kind, (f"{network.vlan} {network.name}".strip(),), (*facts,), own, network.mark)


def _router(router: Router) -> Box:
    facts = (Fact((router.address,)),)
    return Box(ROUTER, (router.name,), facts, (router.project,), router.mark)


def _server(server: Server) -> Box:
    several = len(server.nics) > 1
    facts = [Fact((server.flavor,), many="flavors")]
    facts += [
        Fact((nic.address,), f"{{}} on {_plain(nic.network)}" if several else "{}")
        for nic in server.nics
    ]
    facts += [Fact((server.floating,), "floating {}")] if server.floating else []
    like = f"{server.flavor} {bool(server.floating)}"
    return Box(SERVER, (server.name,), (*facts,), (server.project,), server.mark, like)


def _plain(name: str) -> str:
    """Return a name as part of a form."""
    return name.replace("{", "{{").replace("}", "}}")


def _lines(cloud: Cloud) -> Iterator[Line]:
    """Yield the lines between things; they may lead to what is not there."""
    routers = {name: router for router in cloud.routers for name in router.networks}
    yield from (Line(_key(node), "wire") for node in cloud.nodes)
    for network in cloud.networks:
        if network.name not in routers:
            own = not network.vlan and not network.untagged
            yield Line("wire", f"network {network.name}", not own)
    for router in cloud.routers:
        key = f"router {router.project} {router.name}"
        outer = f"network {router.external}" if router.external else "wire"
        yield Line(outer, key, bool(router.external))
        yield from (Line(key, f"network {name}") for name in router.networks)
    for server in cloud.servers:
        key = f"server {server.name}"
        yield from (Line(f"network {nic.network}", key) for nic in server.nics)
