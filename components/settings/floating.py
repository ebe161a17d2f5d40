"""Floating addresses: those of servers that the external network of a router reaches them by."""

from collections.abc import Iterable, Iterator
from ipaddress import IPv4Address

from .draft import Draft, until_broken
from .messages import Place, Problem, show
from .networks import NetworkSettings
from .routers import RouterSettings, router_of
from .servers import ServerSettings, nics


def reached(server: ServerSettings, routers: Iterable[RouterSettings]) -> str | None:
    """Return the network by which a server has its floating address: the first with a way out."""
    outer = {name for r in routers if r.external is not None for name in r.networks}
    return next((nic.network for nic in server.nics if nic.network in outer), None)


def outside(draft: Draft, server: ServerSettings) -> NetworkSettings | None:
    """Return the external network that reaches a server, where there is one."""
    for _, nic in until_broken(nics((), server)):
        router = router_of(draft, nic.network)
        external = vars(router).get("external") if router else None
        if external:
            return draft.find(NetworkSettings, external)
    return None


def address(draft: Draft, place: Place, server: ServerSettings) -> Iterator[Problem]:
    """Find a floating address that the server can't have."""
    place = (*place, "floatingIp")
    if server.floating_ip is None or "routers" in draft.unread:
        return
    networks = [draft.find(NetworkSettings, nic.network) for nic in server.nics]
    there = [network for network in networks if network is not None]
    if not there or len(there) < len(networks):
        return
    reaching = [n for n in there if (r := router_of(draft, n.name)) and r.external is not None]
    if len(there) > 1 and not reaching:
        names = ", ".join(show(network.name) for network in there)
        what = f"needs an external network: none of its networks {names} is on a router with one"
        yield Problem(place, what)
    else:
        yield from _reached(draft, place, server, (reaching or there)[0])


def _reached(
    draft: Draft, place: Place, server: ServerSettings, network: NetworkSettings
) -> Iterator[Problem]:
    """Find what keeps a floating address from reaching a server by this network."""
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
            for what in _unusable(server.floating_ip, there):
                yield Problem(place, what)


def _unusable(wanted: IPv4Address, there: NetworkSettings) -> Iterator[str]:
    """Yield why an address cannot be a floating one of the external network."""
    name = show(there.name)
    for rule in there.unusable("floatingIp", wanted):
        yield f"{rule.message}, of the external network {name}"
    if wanted == there.gateway:
        yield f"{wanted} is the gateway of {name}; take another"


def twice(draft: Draft) -> Iterator[Problem]:
    """Find a floating address that a server has already; an address is unique on its network."""
    own: dict[tuple[str, IPv4Address], Place] = {}
    for other, server in draft.of(ServerSettings):
        for place, nic in until_broken(nics(other, server)):
            if (found := vars(nic).get("address")) is not None:
                own[nic.network, found] = place
    first: dict[tuple[str, IPv4Address], Place] = {}
    for place, server in draft.of(ServerSettings):
        wanted = vars(server).get("floating_ip")
        if not isinstance(wanted, IPv4Address) or (there := outside(draft, server)) is None:
            continue
        if (there.name, wanted) in own:
            what = f"{wanted} is the address of {draft.at(own[there.name, wanted])}; take another"
            yield Problem((*place, "floatingIp"), what)
        holder = first.setdefault((there.name, wanted), place)
        if holder != place:
            where = draft.at(holder, seen_from=place)
            what = f"{wanted} is the floating address of {where} too; take another"
            yield Problem((*place, "floatingIp"), what)
