"""Addresses of an external network: those that are given to routers, and floating ones."""

from collections.abc import Iterator
from ipaddress import IPv4Address

from .draft import Draft, until_broken
from .floating import outside
from .messages import Place, Problem, show
from .networks import NetworkSettings
from .routers import RouterSettings
from .servers import ServerSettings, nics

Given = tuple[Place, str, IPv4Address, NetworkSettings]
"""Where an address is given, what it is, the address, and the external network."""


def addresses(draft: Draft) -> Iterator[Problem]:
    """Find an address that is none of its external network, or another's there."""
    own = _of_servers(draft)
    first: dict[tuple[str, IPv4Address], tuple[Place, str]] = {}
    for place, what, wanted, network in _given(draft):
        for wrong in _unusable(str(place[-1]), wanted, network):
            yield Problem(place, wrong)
        if server := own.get((network.name, wanted)):
            yield Problem(place, f"{wanted} is the address of {draft.at(server)}; take another")
        holder, theirs = first.setdefault((network.name, wanted), (place, what))
        if holder != place:
            where = draft.at(holder[:-1], seen_from=place)
            yield Problem(place, f"{wanted} is the {theirs} of {where} too; take another")


def _given(draft: Draft) -> Iterator[Given]:
    for place, router in draft.of(RouterSettings):
        wanted, name = vars(router).get("address"), vars(router).get("external")
        network = draft.find(NetworkSettings, name) if name else None
        if wanted is not None and network is not None and network.external:
            yield (*place, "address"), "external address", wanted, network
    for place, server in draft.of(ServerSettings):
        floating, network = vars(server).get("floating_ip"), outside(draft, server)
        if isinstance(floating, IPv4Address) and network is not None and network.external:
            yield (*place, "floatingIp"), "floating address", floating, network


def _of_servers(draft: Draft) -> dict[tuple[str, IPv4Address], Place]:
    """Return the NICs that have a fixed address, by network and address."""
    return {
        (nic.network, found): place
        for other, server in draft.of(ServerSettings)
        for place, nic in until_broken(nics(other, server))
        if (found := vars(nic).get("address")) is not None
    }


def _unusable(key: str, wanted: IPv4Address, network: NetworkSettings) -> Iterator[str]:
    name = show(network.name)
    for rule in network.unusable(key, wanted):
        yield f"{rule.message}, of the external network {name}"
    if wanted == network.gateway:
        yield f"{wanted} is the gateway of {name}; take another"
