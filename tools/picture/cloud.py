"""What a picture shows of a cloud: names, numbers and addresses, all of them texts."""

from dataclasses import dataclass
from enum import StrEnum

CHOSEN = "chosen by Neutron"
"""A floating address that the settings leave to Neutron."""


class Mark(StrEnum):
    """What a change does to a thing; the word is in the picture."""

    KEPT = ""
    NEW = "new"
    CHANGED = "changed"
    REPLACED = "replaced"
    GONE = "gone"


@dataclass(frozen=True)
class Node:
    """A node with its management address and its provider NIC."""

    name: str
    address: str
    nic: str
    controller: bool = False
    mark: Mark = Mark.KEPT


@dataclass(frozen=True)
class Wire:
    """The provider network; `tunnels` is "" where there are none."""

    name: str
    vlans: str
    tunnels: str = ""


@dataclass(frozen=True)
class Network:
    """A network. Without a VLAN it is a project's own, or untagged."""

    name: str
    vlan: str
    cidrs: tuple[str, ...]
    project: str = ""
    """The one that may use it; "" where all may."""
    untagged: bool = False
    external: bool = False
    mark: Mark = Mark.KEPT


@dataclass(frozen=True)
class Router:
    """A router; `external` is "" where it joins its networks alone."""

    name: str
    project: str
    external: str
    networks: tuple[str, ...]
    address: str = ""
    mark: Mark = Mark.KEPT


@dataclass(frozen=True)
class Nic:
    """A server's NIC; `address` is "" where Neutron chooses it."""

    network: str
    address: str


@dataclass(frozen=True)
class Server:
    """A server; `floating` is "" where it has no floating address."""

    name: str
    project: str
    flavor: str
    nics: tuple[Nic, ...]
    floating: str = ""
    mark: Mark = Mark.KEPT


@dataclass(frozen=True)
class Project:
    """A project, which is a frame around what it has."""

    name: str
    mark: Mark = Mark.KEPT


@dataclass(frozen=True)
class Cloud:
    """All that a picture shows, in any order; a tenant's stack has neither nodes nor wire."""

    nodes: tuple[Node, ...] = ()
    wire: Wire | None = None
    projects: tuple[Project, ...] = ()
    networks: tuple[Network, ...] = ()
    routers: tuple[Router, ...] = ()
    servers: tuple[Server, ...] = ()

    @property
    def marked(self) -> bool:
        """Whether a change does something to it."""
        kinds = (self.nodes, self.projects, self.networks, self.routers, self.servers)
        return any(thing.mark for things in kinds for thing in things)
