"""Floating addresses: those of servers that the external network of a router reaches them by."""

from collections.abc import Iterable, Iterator

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


def way(draft: Draft, place: Place, server: ServerSettings) -> Iterator[Problem]:
    """Find a floating address without a way to the server."""
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
