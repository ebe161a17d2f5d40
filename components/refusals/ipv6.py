"""What Neutron would refuse halfway of networks' IPv6.

A subnet with addresses that DHCPv6 gave out stays as long as a port has one of them. Addresses that
servers choose by themselves go and come with their subnet.
"""

from collections.abc import Callable, Iterator

from ..changes import EARLIER, Change, Refusal
from ..settings import NetworkSettings
from ..settings.ipv6 import STATEFUL
from .networks import holders, networks_before


def subnets(change: Change) -> Iterator[Refusal]:
    """The old subnet goes before the new one comes, and ports change last."""
    for network, before in networks_before(change):
        there = [s.name for s, nic in change.before.nics() if nic.network == before.name]
        if not before.ipv6 or not network.ipv6 or before.ipv6.mode != STATEFUL:
            continue
        values = (
            ("cidr", before.ipv6.cidr, str(network.ipv6.cidr)),
            ("mode", before.ipv6.mode, network.ipv6.mode),
        )
        for key, old, new in values:
            if there and old != new:
                yield Refusal(
                    f"networks[{network.name}].ipv6.{key}",
                    f"{old} -> {new}, but {', '.join(sorted(there))} would hold the old addresses;"
                    f" take `ipv6` out {EARLIER}",
                )


def gateways(change: Change) -> Iterator[Refusal]:
    """A router holds the gateway's address of each of its networks."""
    held_by = holders(change)
    for network, before in networks_before(change):
        router, old = held_by.get(before.name), before.ipv6
        if old is None or network.ipv6 is None or not _same_subnet(network, old.cidr, old.mode):
            continue
        new = str(network.ipv6.gateway) if network.ipv6.gateway is not None else None
        if router and old.gateway != new:
            yield Refusal(
                f"networks[{network.name}].ipv6.gateway",
                f"{old.gateway} -> {new or 'none'}, but it is the address of router"
                f" {router.name}; take `ipv6` out {EARLIER}",
            )


def _same_subnet(network: NetworkSettings, cidr: str, mode: str) -> bool:
    return network.ipv6 is not None and (str(network.ipv6.cidr), network.ipv6.mode) == (cidr, mode)


def moved(change: Change) -> Iterator[Refusal]:
    """A router joins no networks with the same addresses, and leaves the old ones last."""
    networks = {network.name: network for network in change.settings.networks}
    before = change.before
    for router in change.settings.routers:
        there = before.routers.get(change.renamed_routers.get(router.name, router.name))
        held = {
            old.ipv6.cidr: name
            for name in (there.networks if there else ())
            if (old := before.networks.get(name)) and old.ipv6
        }
        for network in (networks[name] for name in router.networks):
            other = held.get(str(network.ipv6.cidr)) if network.ipv6 else None
            if other and other != change.renamed_networks.get(network.name, network.name):
                yield Refusal(
                    f"networks[{network.name}].ipv6.cidr",
                    f"{network.ipv6.cidr if network.ipv6 else ''} is still that of {other}, which"
                    f" leaves router {router.name} last; take that off {EARLIER}",
                )


CHECKS: tuple[Callable[[Change], Iterator[Refusal]], ...] = (subnets, gateways, moved)
