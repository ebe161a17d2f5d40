"""Frames that a server sends by hand: as itself, as another one, and to where it has no way."""

import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from ipaddress import IPv4Network

from tests.lab.conftest import ADDRESSES, CONFIG
from tests.lab.frames import (
    ARP,
    BROADCAST,
    ECHO,
    ICMP,
    IPV4,
    IPV6,
    REPLY,
    REQUEST,
    SERVICE_VLAN,
    UDP,
    VLAN,
    End,
    arp,
    dhcp_offer,
    ethernet,
    neighbour_advertisement,
    router_advertisement,
    tagged,
    transport,
)
from tests.lab.servers import Server
from tests.lab.sightings import GENEVE, mark

TUNNELS = CONFIG["iaas:provider"]["tunnels"]
TAGS = ((0,), (101,), (150,), (TUNNELS["segment"],), (101, 150), (0, 101))
"""VLANs of the lab's networks and of its tunnels, alone and in another one."""


@dataclass(frozen=True)
class Place:
    """Where an attempt is made: from a server, beside a neighbour and another project's server."""

    me: End
    neighbour: End
    other: End
    node: End
    """The server's node: its end of the server's NIC, and its management address."""
    peer: str
    """The management address of another node."""
    tunnel: str
    """The node's address in the tunnels."""
    vni: int
    """The number of the other project's network."""

    @property
    def nobody(self) -> End:
        """An end that no server on the network is."""
        return End("02:00:00:00:00:77", f"{self.me.address.rpartition('.')[0]}.77")


def end(server: Server) -> End:
    """A server's end of a frame's way."""
    return End(server.mac, server.address)


def tunnel_end(node: str) -> str:
    """A node's address in the tunnels."""
    return str(IPv4Network(TUNNELS["cidr"])[int(ADDRESSES[node].rpartition(".")[2])])


def place(me: Server, neighbour: Server, other: Server, vni: int) -> Place:
    """The place of these servers; `vni` is that of the network of the other one."""
    return Place(
        end(me),
        end(neighbour),
        end(other),
        End(f"fe{me.mac[2:]}", ADDRESSES[me.host]),
        ADDRESSES["controller"],
        tunnel_end(me.host),
        vni,
    )


Frame = Callable[[Place, bytes], bytes]


def udp(source: End, target: str, address: str, content: bytes, port: int = 9) -> bytes:
    """A packet of UDP to a MAC and an address."""
    packet = transport(source.address, address, UDP, (9, port), content)
    return ethernet(source.mac, target, IPV4, packet)


def echo(source: End, target: str, address: str, content: bytes) -> bytes:
    """A ping to a MAC and an address."""
    packet = transport(source.address, address, ICMP, (9, ECHO), content)
    return ethernet(source.mac, target, IPV4, packet)


def asks(source: End, address: str, content: bytes) -> bytes:
    """An ARP question to all: who has this address."""
    question = arp(REQUEST, source, End("00:00:00:00:00:00", address), content)
    return ethernet(source.mac, BROADCAST, ARP, question)


def says(source: End, is_at: End, target: End, content: bytes) -> bytes:
    """To a target: this address is at this MAC."""
    return ethernet(source.mac, target.mac, ARP, arp(REPLY, is_at, target, content))


def wrapped(place: Place, content: bytes) -> bytes:
    """A tunnel's packet of our own, to everybody on the network of the other project."""
    inner = udp(place.other, BROADCAST, "255.255.255.255", content)
    head = struct.pack("!BBHI", 0, 0, 0x6558, place.vni << 8)
    return udp(place.me, place.node.mac, place.tunnel, head + inner, port=GENEVE)


def in_vlans(*vlans: int, outer: int = VLAN) -> Frame:
    """A broadcast with tags, the first one outside."""
    return lambda p, m: tagged(udp(p.me, BROADCAST, "255.255.255.255", m), *vlans, outer=outer)


AS_ITSELF: dict[str, Frame] = {
    "unicast": lambda p, m: udp(p.me, p.neighbour.mac, p.neighbour.address, m),
    "broadcast": lambda p, m: udp(p.me, BROADCAST, "255.255.255.255", m),
    "multicast": lambda p, m: udp(p.me, "01:00:5e:00:00:fb", "224.0.0.251", m),
    "ARP question": lambda p, m: asks(p.me, p.nobody.address, m),
    "a reserved MAC": lambda p, m: udp(p.me, "01:80:c2:00:00:00", "224.0.0.1", m),
    "a DHCP server": lambda p, m: ethernet(
        p.me.mac, BROADCAST, IPV4, dhcp_offer(p.me, p.neighbour, m)
    ),
}
"""What a neighbour gets, whose openings let in everything, and nobody else."""

AS_ANOTHER: dict[str, Frame] = {
    "another MAC": lambda p, m: udp(
        End(p.nobody.mac, p.me.address), p.neighbour.mac, p.neighbour.address, m
    ),
    "another address": lambda p, m: udp(
        End(p.me.mac, p.nobody.address), p.neighbour.mac, p.neighbour.address, m
    ),
    "the neighbour's MAC": lambda p, m: udp(
        End(p.neighbour.mac, p.me.address), BROADCAST, "255.255.255.255", m
    ),
    "the neighbour's address, by ARP": lambda p, m: says(
        p.me, End(p.me.mac, p.neighbour.address), End(BROADCAST, p.neighbour.address), m
    ),
    "another address, by ARP": lambda p, m: says(
        p.me, End(p.me.mac, p.nobody.address), p.neighbour, m
    ),
    "its own address at another MAC, by ARP": lambda p, m: says(
        p.me, End(p.nobody.mac, p.me.address), p.neighbour, m
    ),
    "another address, by an ARP question": lambda p, m: asks(
        End(p.me.mac, p.nobody.address), p.neighbour.address, m
    ),
    "the neighbour's address, by ND": lambda p, m: ethernet(
        p.me.mac,
        "33:33:00:00:00:01",
        IPV6,
        neighbour_advertisement(p.me.mac, p.neighbour.mac, m),
    ),
    "an IPv6 router": lambda p, m: ethernet(
        p.me.mac, "33:33:00:00:00:01", IPV6, router_advertisement(p.me.mac, m)
    ),
}
"""What a server says it is and is not."""

NOWHERE: dict[str, Frame] = {
    "another project's MAC": lambda p, m: udp(p.me, p.other.mac, p.other.address, m),
    "an unknown MAC": lambda p, m: udp(p.me, p.nobody.mac, p.neighbour.address, m),
    "the node's MAC": lambda p, m: echo(p.me, p.node.mac, p.node.address, m),
    "the node, as another node": lambda p, m: echo(
        End(p.me.mac, p.peer), p.node.mac, p.node.address, m
    ),
    "the node's end of the tunnels": wrapped,
}
"""What is for nobody whom the server may reach; without filters a switch floods it."""

TAGGED: dict[str, Frame] = {
    **{f"VLAN {' in '.join(map(str, reversed(vlans)))}": in_vlans(*vlans) for vlans in TAGS},
    "VLAN 150 of a service provider": in_vlans(150, outer=SERVICE_VLAN),
}
"""What says that it belongs to another network: no switch of a server takes that."""

ATTEMPTS = {**AS_ITSELF, **AS_ANOTHER, **NOWHERE, **TAGGED}


def frames(place: Place, attempts: Mapping[str, Frame]) -> dict[str, bytes]:
    """The marked frames of attempts, by their names."""
    return {name: frame(place, mark(name)) for name, frame in attempts.items()}
