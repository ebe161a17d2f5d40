"""Floating addresses: those of servers that the external network of a router reaches them by."""

from collections.abc import Iterator
from ipaddress import IPv4Address

from .draft import Draft
from .messages import Place, Problem, show
from .networks import NetworkSettings
from .routers import router_of
from .servers import ServerSettings


def outside(draft: Draft, server: ServerSettings) -> NetworkSettings | None:
    """Return the external network that reaches a server, where there is one."""
    router = router_of(draft, vars(server).get("network"))
    external = vars(router).get("external") if router else None
    return draft.find(NetworkSettings, external) if external else None


def address(draft: Draft, place: Place, server: ServerSettings) -> Iterator[Problem]:
    """Find a floating address that the server can't have."""
    place = (*place, "floatingIp")
    network = draft.find(NetworkSettings, server.network)
    if server.floating_ip is None or network is None or "routers" in draft.unread:
        return
    router = router_of(draft, network.name)
    if router is None:
        what = f"needs a router: its network {show(network.name)} is on none"
        advice = "add it to one" if network.own else "a project's own network can be on one"
        yield Problem(place, f"{what}; {advice}")
    elif router.external is None:
        what = f"needs an external network: router {show(router.name)} of its network"
        yield Problem(place, f"{what} {show(network.name)} has none; give it `external`")
    elif isinstance(server.floating_ip, IPv4Address):
        there = draft.find(NetworkSettings, router.external)
        if there is not None and there.external:
            for what in _unusable(draft, server.floating_ip, there):
                yield Problem(place, what)


def _unusable(draft: Draft, wanted: IPv4Address, there: NetworkSettings) -> Iterator[str]:
    """Yield why an address cannot be a floating one of the external network."""
    name = show(there.name)
    for rule in there.unusable("floatingIp", wanted):
        yield f"{rule.message}, of the external network {name}"
    if wanted == there.gateway:
        yield f"{wanted} is the gateway of {name}; take another"
    for other, server in draft.of(ServerSettings):
        if vars(server).get("network") == there.name and vars(server).get("address") == wanted:
            yield f"{wanted} is the address of {draft.at(other)}; take another"


def twice(draft: Draft) -> Iterator[Problem]:
    """Find two servers with one floating address; an address is unique on its network."""
    first: dict[tuple[str, IPv4Address], Place] = {}
    for place, server in draft.of(ServerSettings):
        wanted = vars(server).get("floating_ip")
        if not isinstance(wanted, IPv4Address) or (there := outside(draft, server)) is None:
            continue
        holder = first.setdefault((there.name, wanted), place)
        if holder != place:
            where = draft.at(holder, seen_from=place)
            what = f"{wanted} is the floating address of {where} too; take another"
            yield Problem((*place, "floatingIp"), what)
