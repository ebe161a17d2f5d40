"""What Neutron would refuse halfway of floating addresses.

An address is given to one, and a port has one. Pulumi deletes last.
"""

from collections.abc import Callable, Iterator, Mapping
from ipaddress import IPv4Address

from ..changes import EARLIER, Change, Refusal
from .nics import places


def floating_ports(change: Change) -> Iterator[Refusal]:
    """A server has one floating address, and gives the old one free last."""
    held = {f.server: f for f in change.before.floating.values()}
    for server in change.settings.servers:
        name = server.floating_name
        holds = held.get(server.name)
        if name and holds and change.renamed_floating.get(name, name) != holds.name:
            yield Refusal(
                f"servers[{server.name}].floatingIp",
                f"{name} comes while the server still has {holds.address}, which goes last; take"
                f" that out {EARLIER}",
            )


def floating_addresses(change: Change) -> Iterator[Refusal]:
    """An address is given to one: a floating address, a server, or a router."""
    held = _outer_addresses(change)
    outer = {network.name for network in change.settings.networks if network.external}
    for router in change.settings.routers:
        if router.address is not None:
            own = ("router", change.renamed_routers.get(router.name, router.name))
            if (other := held.get(router.address, own)) != own:
                yield _taken(f"routers[{router.name}].address", router.address, other)
    for server in change.settings.servers:
        if isinstance(server.floating_ip, IPv4Address):
            name = str(server.floating_ip)
            own = ("floating", change.renamed_floating.get(name, name))
            if (other := held.get(server.floating_ip, own)) != own:
                yield _taken(f"servers[{server.name}].floatingIp", server.floating_ip, other)
        for place, nic in places(server):
            holder = held.get(nic.address) if nic.address and nic.network in outer else None
            if nic.address and holder and holder[0] != "server":
                yield _taken(f"{place}.address", nic.address, holder)


def _outer_addresses(change: Change) -> Mapping[IPv4Address, tuple[str, str]]:
    """Return who has which address of an external network: what it is, and its name."""
    before = change.before
    outer = {n.name for n in before.networks.values() if n.external}
    found = {
        address: ("server", server.name)
        for server, nic in before.nics()
        if nic.network in outer
        for address in nic.addresses
    }
    found |= {a: ("router", r.name) for r in before.routers.values() for a in r.addresses}
    return found | {IPv4Address(f.address): ("floating", f.name) for f in before.floating.values()}


def _taken(place: str, address: IPv4Address, holder: tuple[str, str]) -> Refusal:
    kind, name = holder
    who = f"the floating address {name}" if kind == "floating" else f"{kind} {name}"
    return Refusal(place, f"{address} still belongs to {who}; take another, or free it {EARLIER}")


CHECKS: tuple[Callable[[Change], Iterator[Refusal]], ...] = (
    floating_ports,
    floating_addresses,
)
