"""Networks with their one subnet: VLANs of the provider network, and projects' own."""

from collections.abc import Iterator
from ipaddress import IPv4Address
from typing import ClassVar

from pydantic import Field

from .addresses import missing_length
from .advice import IPV4, PORT_SECURITY
from .base import Base, Helps, Instead, Rule
from .draft import Draft
from .fields import Address, DnsServers, Name, TenantNetwork, Vlan
from .messages import STACK, Place, Problem
from .nodes import NodeSettings, ProviderSettings, TunnelSettings


class PoolSettings(Base):
    """The addresses that Neutron assigns."""

    start: Address = Field(description="first address")
    end: Address = Field(description="last address")


OWNER = "a network without a segment is a project's own; name the project, or give it a segment"


class NetworkSettings(Base):
    """A VLAN of the provider network, or without a segment a project's own network."""

    name: Name = Field(description="the network's name")
    segment: Vlan | None = Field(
        None,
        description="its VLAN, from minvlan to maxvlan; none: a project's own network, which only"
        " its servers and a router reach",
    )
    cidr: TenantNetwork = Field(description="the subnet, such as 10.101.0.0/24")
    gateway: Address | None = Field(
        None,
        description="the site's router on this VLAN, where there is one; on a project's own"
        " network the address of its router",
    )
    pool: PoolSettings | None = Field(
        None,
        description="addresses that Neutron gives out, one of them to itself; keep fixed addresses"
        " outside; none: the whole subnet",
    )
    dns: DnsServers = Field((), description="DNS servers, at most 5")
    shared: bool = Field(
        False, description="true, instead of project: for the servers of all projects"
    )
    project: Name | None = Field(
        None, description="the one project whose servers may use it, instead of shared"
    )
    external: bool = Field(False, description="true: routers of all projects may join this VLAN")

    def broken_rules(self) -> Iterator[Rule]:
        """Require an owner, and valid addresses of gateway, pool and DNS servers."""
        if self.segment is None:
            yield from self._own()
        elif self.shared == (self.project is not None):
            yield Rule("shared", "give exactly one of `shared: true` and `project`")
        if self.gateway is not None:
            yield from self.unusable("gateway", self.gateway)
        if self.pool is not None:
            yield from self._pool(self.pool)
        for i, server in enumerate(self.dns):
            if server in self.cidr:
                yield from self.unusable(f"dns[{i}]", server)

    def _own(self) -> Iterator[Rule]:
        if self.shared:
            what = "a project's own network is for one project; give it a segment to share it"
            yield Rule("shared", what)
        elif self.project is None:
            yield Rule("project", f"is missing: {OWNER}")
        if self.external:
            yield Rule("external", "routers join VLANs alone; give the network a segment")

    def _pool(self, pool: PoolSettings) -> Iterator[Rule]:
        start, end = pool.start, pool.end
        yield from self.unusable("pool.start", start)
        yield from self.unusable("pool.end", end)
        if start > end:
            yield Rule("pool", f"starts at {start}, after its end {end}; swap them")
        if self.gateway is not None and start <= self.gateway <= end:
            yield Rule("pool", f"{start} to {end} holds the gateway {self.gateway}; leave it out")

    @property
    def pools(self) -> tuple[tuple[IPv4Address, IPv4Address], ...]:
        """First and last addresses that Neutron assigns; without a pool all but the gateway."""
        if self.pool is not None:
            return ((self.pool.start, self.pool.end),)
        first, last = self.cidr[1], self.cidr[-2]
        if self.gateway is None:
            return ((first, last),)
        halves = ((first, self.gateway - 1), (self.gateway + 1, last))
        return tuple((start, end) for start, end in halves if start <= end)

    def unusable(self, key: str, address: IPv4Address) -> Iterator[Rule]:
        """Yield why no machine on this network can have the address."""
        first, last = self.cidr[1], self.cidr[-2]
        if not first <= address <= last:
            yield Rule(key, f"{address} is no machine's address in {self.cidr}: {first} to {last}")

    instead: ClassVar[Instead] = {
        "vlan vlanId vid segmentationId segments": "its VLAN is `segment`",
        "physicalName physicalNetwork": "all VLANs are on the one of"
        f" `{STACK}provider.physicalName`; leave it out",
        "networkType providerNetworkType": "with a `segment` it is a VLAN, without one a project's"
        " own network; leave it out",
        "subnet subnets prefix ipRange": "its one subnet is `cidr`",
        "noGateway disableGateway gatewayNone": "leave `gateway` out where there is no router",
        "gatewayIp": "the router's address is `gateway`",
        "router routerId routers": f"a router names its networks: `{STACK}routers`",
        "enableDhcp dhcp disableDhcp noDhcp": "addresses always come by DHCP; leave it out",
        "dnsNameservers dnsServers nameservers": "they are `dns`",
        "allocationPool allocationPools pools": "there is one `pool`: {start, end}",
        "routerExternal isExternal": "it is `external`",
        "ipVersion ipv6 ipv6AddressMode": IPV4,
        "portSecurity portSecurityEnabled": PORT_SECURITY,
        "tenant tenantId projectId owner": "its project is `project`",
        "projects": "it is for one `project`, or `shared: true` for all",
    }
    helps: ClassVar[Helps] = {"cidr": lambda given: missing_length(given, "/24")}


def segment(draft: Draft, place: Place, network: NetworkSettings) -> Iterator[Problem]:
    """Find a VLAN outside the provider's range."""
    if network.segment is None:
        return
    for _, provider in draft.of(ProviderSettings):
        low, high = provider.minvlan, provider.maxvlan
        if low <= high and not low <= network.segment <= high:
            used = {vlan for _, vlan in draft.values(NetworkSettings, "segment")}
            free = next((vlan for vlan in range(low, high + 1) if vlan not in used), None)
            advice = f"take a free one, e.g. {free}" if free else "none in it is free; widen it"
            what = f"{network.segment} is outside {low}..{high}; {advice}"
            yield Problem((*place, "segment"), what)


def tunnels(draft: Draft, place: Place, network: NetworkSettings) -> Iterator[Problem]:
    """Find a project's own network where its packets have no way from node to node."""
    for _, provider in draft.of(ProviderSettings):
        if network.segment is None and provider.tunnels is None:
            what = "is missing, and a project's own network needs the tunnels between the nodes"
            yield Problem((*place, "segment"), f"{what}; give it, or {STACK}provider.tunnels")


def overlap(draft: Draft, place: Place, network: NetworkSettings) -> Iterator[Problem]:
    """Find a network whose addresses are an earlier one's or a node's.

    A project's own network may have the addresses of a network that is not its project's.
    """
    for other, earlier in draft.of(NetworkSettings):
        if other == place:
            break
        if {"cidr", "segment", "project"} <= vars(earlier).keys() and _meet(network, earlier):
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


def _meet(one: NetworkSettings, other: NetworkSettings) -> bool:
    apart = None in (one.segment, other.segment) and one.project != other.project
    return not apart and one.cidr.overlaps(other.cidr)
