"""What Neutron would refuse halfway of networks and routers.

It refuses to take away what is in use: a network's address from its router, a router from its
floating addresses. Pulumi changes what stays and replaces first, and deletes last.
"""

from collections.abc import Callable, Iterator, Mapping
from ipaddress import IPv4Network

from ..before import FloatingBefore, NetworkBefore, RouterBefore
from ..changes import EARLIER, Change, Refusal
from ..settings import NetworkSettings, RouterSettings


def segments(change: Change) -> Iterator[Refusal]:
    """Neutron has one network for each VLAN and one untagged, and the old one is deleted last."""
    held = {n.segment: n.name for n in change.before.networks.values() if not n.own}
    for network in change.settings.networks:
        holder = network.name if network.own else held.get(network.segment, network.name)
        if holder not in (network.name, change.renamed_networks.get(network.name)):
            key, what = "segment", str(network.segment)
            if network.flat:
                key, what = "flat", "the untagged network"
            yield Refusal(
                f"networks[{network.name}].{key}",
                f"{what} still belongs to network {holder}, which is deleted or changed last; take"
                f" another one, or free it {EARLIER}",
            )


def subnets(change: Change) -> Iterator[Refusal]:
    """Servers keep their addresses, so their network keeps its cidr."""
    for network, before in networks_before(change):
        there = [(s.name, nic) for s, nic in change.before.nics() if nic.network == before.name]
        servers = sorted(server for server, _ in there)
        if servers and before.cidr != str(network.cidr):
            yield Refusal(
                f"networks[{network.name}].cidr",
                f"{before.cidr} -> {network.cidr}, but the addresses of {', '.join(servers)} are in"
                f" it; make another network and move them there, or remove them {EARLIER}",
            )
        for server, nic in there:
            if network.gateway in nic.addresses:
                yield Refusal(
                    f"networks[{network.name}].gateway",
                    f"{network.gateway} is the address of server {server}; take another",
                )


def dhcp(change: Change) -> Iterator[Refusal]:
    """A server that has its address by DHCP has no drive to learn it from.

    What is on a drive is of the first NIC alone, as the others are plugged in later.
    """
    for network, before in networks_before(change):
        there = [(s, nic) for s, nic in change.before.nics() if nic.network == before.name]
        servers = sorted({s.name for s, nic in there if nic.place or not s.drive})
        if servers and before.dhcp and not network.dhcp:
            yield Refusal(
                f"networks[{network.name}].dhcp",
                f"true -> false, but {', '.join(servers)} would lose their addresses: only a server"
                " that was made without DHCP has a config drive, for its first NIC; make another"
                f" network and move them there, or remove them {EARLIER}",
            )


def external_networks(change: Change) -> Iterator[Refusal]:
    """A router holds an address of its external network, which then stays as it is."""
    for network, before in networks_before(change):
        routers = [r.name for r in change.before.routers.values() if r.external == before.name]
        if network.own or before.own or not routers:
            continue
        for place, old, new in _kept(change, network, before):
            if old != new:
                yield Refusal(
                    place,
                    f"{_word(old)} -> {_word(new)}, but router {', '.join(sorted(routers))} has an"
                    f" address of it; take `external` out of the router {EARLIER}",
                )


def _kept(
    change: Change, network: NetworkSettings, before: NetworkBefore
) -> Iterator[tuple[str, object, object]]:
    """Yield what an external network with a router keeps: the setting, old and new value."""
    own = f"networks[{network.name}]"
    yield "provider.physicalName", before.physical_name, change.settings.provider.physical_name
    yield f"{own}.external", before.external, network.external
    yield f"{own}.segment", before.segment, network.segment
    yield f"{own}.flat", before.flat, network.flat
    yield f"{own}.cidr", before.cidr, str(network.cidr)
    yield f"{own}.shared", before.shared, network.shared
    yield f"{own}.project", before.project, _old_project(change, network.project)


def gateways(change: Change) -> Iterator[Refusal]:
    """A router holds the gateway's address of each of its networks."""
    held_by = holders(change)
    for network, before in networks_before(change):
        router = held_by.get(before.name)
        new = str(network.gateway) if network.gateway is not None else None
        same = _is_same(change, network, before) and before.cidr == str(network.cidr)
        if router and same and before.gateway != new:
            yield Refusal(
                f"networks[{network.name}].gateway",
                f"{before.gateway} -> {_word(new)}, but it is the address of router {router.name};"
                f" take the network off the router {EARLIER}",
            )


def routers(change: Change) -> Iterator[Refusal]:
    """A network is on one router, and a router with floating addresses stays where it is."""
    held_by = holders(change)
    for router in change.settings.routers:
        name = change.renamed_routers.get(router.name, router.name)
        for network in router.networks:
            holder = held_by.get(change.renamed_networks.get(network, network))
            if holder and holder.name != name:
                yield Refusal(
                    f"routers[{router.name}].networks",
                    f"{network} is still on router {holder.name}, which leaves it last; take it off"
                    f" that {EARLIER}",
                )
        if before := change.before.routers.get(name):
            yield from _with_floating(change, router, before)
            yield from _without_snat(change, router, before)


def _with_floating(
    change: Change, router: RouterSettings, before: RouterBefore
) -> Iterator[Refusal]:
    """Refuse what would take a router from its floating addresses."""
    there = [f for f in change.before.floating.values() if f.network in before.networks]
    external = router.external and change.renamed_networks.get(router.external, router.external)
    keys = (
        ("project", before.project, _old_project(change, router.project)),
        ("external", before.external, external),
    )
    for key, old, new in keys:
        if there and old != new:
            yield Refusal(
                f"routers[{router.name}].{key}",
                f"{_word(old)} -> {_word(new)}, but {_listed(there)} of it; take `floatingIp` out"
                f" of the servers {EARLIER}",
            )


def _without_snat(
    change: Change, router: RouterSettings, before: RouterBefore
) -> Iterator[Refusal]:
    """Refuse what would turn SNAT on, as the provider does not tell Neutron of it again."""
    external = router.external and change.renamed_networks.get(router.external, router.external)
    kept = router.address is None or router.address in before.addresses
    if external is None or router.snat or before.snat:
        return
    for key, same in (("external", external == before.external), ("address", kept)):
        if not same:
            yield Refusal(
                f"routers[{router.name}].{key}",
                "changes, and Neutron would turn SNAT on with it; give `snat: true` with this"
                " change, and `snat: false` in a later one",
            )


def overlaps(change: Change) -> Iterator[Refusal]:
    """A router joins no networks that overlap, and leaves the old ones last."""
    networks = {network.name: network for network in change.settings.networks}
    for router in change.settings.routers:
        name = change.renamed_routers.get(router.name, router.name)
        before = change.before.routers.get(name)
        left = {n: change.before.networks.get(n) for n in before.networks} if before else {}
        for network in (networks[name] for name in router.networks):
            there = left.get(change.renamed_networks.get(network.name, network.name))
            if there and there.cidr == str(network.cidr):
                continue
            for other in left.values():
                if other and other != there and IPv4Network(other.cidr).overlaps(network.cidr):
                    yield Refusal(
                        f"routers[{router.name}].networks",
                        f"{network.cidr} of {network.name} overlaps {other.cidr} of {other.name},"
                        f" which leaves the router last; take that off {EARLIER}",
                    )


def networks_with_floating(change: Change) -> Iterator[Refusal]:
    """A network that is replaced leaves its router, which Neutron refuses by then."""
    for network, before in networks_before(change):
        there = [f for f in change.before.floating.values() if f.network == before.name]
        owner = _old_project(change, network.project)
        if there and network.own and before.own and owner != before.project:
            yield Refusal(
                f"networks[{network.name}].project",
                f"{before.project} -> {network.project}, but {_listed(there)} on it; take"
                f" `floatingIp` out of the servers {EARLIER}",
            )


def networks_before(change: Change) -> Iterator[tuple[NetworkSettings, NetworkBefore]]:
    """Yield each network that was there before, also under another name."""
    for network in change.settings.networks:
        name = change.renamed_networks.get(network.name, network.name)
        if before := change.before.networks.get(name):
            yield network, before


def holders(change: Change) -> Mapping[str, RouterBefore]:
    """Return the router that each network was on."""
    return {name: r for r in change.before.routers.values() for name in r.networks}


def _is_same(change: Change, network: NetworkSettings, before: NetworkBefore) -> bool:
    """Return whether a project's own network stays the same for Neutron."""
    return network.own and before.own and before.project == _old_project(change, network.project)


def _old_project(change: Change, name: str | None) -> str | None:
    return change.renamed_projects.get(name, name) if name else None


def _listed(floating: list[FloatingBefore]) -> str:
    names = ", ".join(sorted(f.address for f in floating))
    return (
        f"floating address {names} is" if len(floating) == 1 else f"floating addresses {names} are"
    )


def _word(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value or "none")


CHECKS: tuple[Callable[[Change], Iterator[Refusal]], ...] = (
    segments,
    subnets,
    dhcp,
    external_networks,
    gateways,
    routers,
    networks_with_floating,
    overlaps,
)
