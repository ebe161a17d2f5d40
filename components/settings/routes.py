"""Routes: how servers of a network reach what is behind other machines than its gateway."""

from collections.abc import Iterator, Sequence
from ipaddress import IPv4Address, IPv4Network
from typing import ClassVar

from pydantic import Field

from .addresses import missing_length
from .base import Base, Helps, Instead, Rule
from .fields import Address, Network

MOST = 20
"""Neutron's limit of a subnet's routes."""
METADATA = IPv4Network("169.254.169.254/32")


class RouteSettings(Base):
    """A route that servers learn by DHCP."""

    to: Network = Field(description="the network that it leads to, such as 10.20.0.0/16")
    via: Address = Field(description="the machine on this network that leads there")

    instead: ClassVar[Instead] = {
        "destination destinationCidr cidr network": "where it leads to is `to`",
        "nextHop gateway": "the machine that leads there is `via`",
    }
    helps: ClassVar[Helps] = {"to": lambda given: missing_length(given, "/32")}


def wrong(routes: Sequence[RouteSettings], cidr: IPv4Network) -> Iterator[Rule]:
    """Yield what is wrong with a network's routes, apart from machines outside of its cidr."""
    if len(routes) > MOST:
        yield Rule("routes", f"has {len(routes)} entries; Neutron takes at most {MOST}")
    first: dict[IPv4Network, int] = {}
    for i, route in enumerate(routes):
        place = f"routes[{i}].to"
        if first.setdefault(route.to, i) != i:
            what = f"{route.to} is in routes[{first[route.to]}], too; leave one out"
            yield Rule(place, what)
        elif route.to.prefixlen == 0:
            yield Rule(place, f"{route.to} is the network's `gateway`; give that instead")
        elif route.to.supernet_of(cidr):
            yield Rule(place, f"{route.to} holds the network's own {cidr}, which needs no route")
        elif route.to.overlaps(METADATA):
            what = (
                f"{route.to} holds {METADATA[0]}, the metadata service, to which DHCP has a route"
            )
            yield Rule(place, f"{what}; give smaller networks")


def vias(routes: Sequence[RouteSettings]) -> Iterator[tuple[str, IPv4Address]]:
    """Yield the machines that lead to others, with their places in a network."""
    for i, route in enumerate(routes):
        yield f"routes[{i}].via", route.via
