"""Networks whose addresses are those of others."""

from collections.abc import Iterator

from .draft import Draft
from .messages import Place, Problem
from .networks import NetworkSettings
from .nodes import NodeSettings, ProviderSettings, TunnelSettings


def overlap(draft: Draft, place: Place, network: NetworkSettings) -> Iterator[Problem]:
    """Find a network whose addresses are an earlier one's or a node's.

    A project's own network may have the addresses of a network that is not its project's.
    """
    for other, earlier in draft.of(NetworkSettings):
        if other == place:
            break
        known = {"cidr", "segment", "flat", "project"} <= vars(earlier).keys()
        if known and not _apart(network, earlier) and network.cidr.overlaps(earlier.cidr):
            where = draft.at(other, place)
            what = f"{network.cidr} overlaps {earlier.cidr} of {where}; take another"
            yield Problem((*place, "cidr"), what)
    for other, tunnels in draft.values(ProviderSettings, "tunnels"):
        if isinstance(tunnels, TunnelSettings) and network.cidr.overlaps(tunnels.cidr):
            where = draft.at(other, place)
            what = f"{network.cidr} overlaps {tunnels.cidr} of {where}; take another"
            yield Problem((*place, "cidr"), what)
    for node, host in draft.values(NodeSettings, "host"):
        if host in network.cidr:
            what = f"{network.cidr} holds {host} of {draft.at(node[:-1], place)}; take another"
            yield Problem((*place, "cidr"), what)


def _apart(one: NetworkSettings, other: NetworkSettings) -> bool:
    """Return whether they may have the same addresses."""
    return (one.own or other.own) and one.project != other.project


def overlap6(draft: Draft, place: Place, network: NetworkSettings) -> Iterator[Problem]:
    """Find a network whose IPv6 is that of an earlier one."""
    for other, earlier in draft.of(NetworkSettings):
        if other == place or network.ipv6 is None:
            break
        known = {"ipv6", "segment", "flat", "project"} <= vars(earlier).keys()
        if not known or earlier.ipv6 is None or _apart(network, earlier):
            continue
        if earlier.ipv6.cidr == network.ipv6.cidr:
            what = f"{network.ipv6.cidr} is that of {draft.at(other, place)} too; take another"
            yield Problem((*place, "ipv6", "cidr"), what)
