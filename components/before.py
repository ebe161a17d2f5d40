"""What is in the cloud, as the last run left it (`state`)."""

from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address


@dataclass(frozen=True)
class ServerBefore:
    """A server as the last run left it; ids are OpenStack's own."""

    name: str
    project: str
    nics: tuple["NicBefore", ...]
    """The first one first, then the others in any order."""
    flavor: str
    sized: bool = True
    """Whether the state has its flavor; after a refresh it lacks one that was deleted."""
    image: str = ""
    """The id of the image that it was made from; after a refresh, of the one that Nova says."""
    image_name: str = ""
    """After a refresh, the name of that image."""
    origin: object = None
    """What it is replaced for when that changes (`components/origins.py`)."""
    id: str = ""
    """Empty: only ports of it were created."""
    drive: bool = False
    """Whether it has a config drive, or will be made with what the settings say."""
    built: bool = True
    """Whether Nova has built it; else the next run makes it anew."""
    group: str | None = None
    """The server group that it is in."""
    host: str | None = None
    """The compute that it is on, where the settings named one; None: Nova's choice."""


@dataclass(frozen=True)
class NicBefore:
    """A NIC of a server as the last run left it."""

    place: str
    """What Pulumi knows it by: "" for the first one, the network's name for another."""
    network: str
    """Empty in a tenant's stack, whose state has no networks."""
    addresses: frozenset[IPv4Address]
    """Its fixed address, or the one that Neutron chose."""
    addresses6: frozenset[IPv6Address] = frozenset()
    """The same of IPv6; without DHCPv6 none, as a NIC keeps no such address from another."""


@dataclass(frozen=True)
class ServerGroupBefore:
    """A server group as the last run left it."""

    name: str
    """What the settings called it; Nova still has its first name."""
    project: str
    policy: str
    max_per_host: int = 1


@dataclass(frozen=True)
class NetworkBefore:
    """A network as the last run left it."""

    name: str
    segment: int | None
    cidr: str
    project: str | None
    external: bool = False
    gateway: str | None = None
    shared: bool = False
    physical_name: str | None = None
    """The provider network that it is on; None: it is a project's own."""
    dhcp: bool = True
    ipv6: "Ipv6Before | None" = None

    @property
    def own(self) -> bool:
        """Whether it is a project's own."""
        return self.physical_name is None

    @property
    def flat(self) -> bool:
        """Whether it is the untagged network."""
        return not self.own and self.segment is None


@dataclass(frozen=True)
class Ipv6Before:
    """The IPv6 of a network as the last run left it."""

    cidr: str
    mode: str
    gateway: str | None


@dataclass(frozen=True)
class RouterBefore:
    """A router as the last run left it."""

    name: str
    project: str
    external: str | None
    networks: frozenset[str]
    addresses: frozenset[IPv4Address] = frozenset()
    """Those on its external network, given or chosen by Neutron."""
    snat: bool = True


@dataclass(frozen=True)
class FloatingBefore:
    """A floating address as the last run left it."""

    name: str
    """What it is known by (`ServerSettings.floating_name`)."""
    address: str
    server: str
    network: str
    """The network of the server."""
    project: str


@dataclass(frozen=True)
class FlavorBefore:
    """A flavor as the last run left it: its OpenStack id, and its size."""

    name: str
    id: str
    size: tuple[int, int, int]
    """Virtual CPUs, MiB of memory, GiB of disk."""


@dataclass(frozen=True)
class SnapshotBefore:
    """A snapshot as the last run left it."""

    name: str
    server: str
    project: str
    id: str
    """That of its image; empty: it was no longer there."""
    taken: str
    """When, as Glance says it (UTC)."""
