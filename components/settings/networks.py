"""Networks with their one subnet: VLANs of the provider network, and projects' own."""

from collections.abc import Iterator, Sequence
from ipaddress import IPv4Address
from typing import Annotated, ClassVar

from pydantic import Field

from . import pools as pool_rules
from . import routes as route_rules
from .addresses import missing_length
from .advice import PORT_SECURITY
from .base import Base, Helps, Instead, Rule
from .draft import Draft
from .fields import Address, DnsServers, Many, Mtu, Name, TenantNetwork, Vlan
from .ipv6 import LEAST_MTU, Ipv6Settings
from .messages import STACK, Place, Problem, at
from .nodes import ProviderSettings, TunnelSettings
from .pools import PoolSettings
from .routes import RouteSettings

GENEVE = 58
"""Bytes of each packet in a tunnel that are not the network's: IPv4's header, and what the step
neutron-controller reserves for Geneve's (max_header_size)."""
OWNER = "a network without a segment is a project's own; name the project, or give it a segment"


class NetworkSettings(Base):
    """A VLAN of the provider network, its untagged network, or a project's own network."""

    name: Name = Field(description="the network's name")
    segment: Vlan | None = Field(
        None,
        description="its VLAN, from minvlan to maxvlan; none, and not flat: a project's own"
        " network, which only its servers and a router reach",
    )
    flat: bool = Field(
        False,
        description="true, instead of segment: the untagged network of the provider network, of"
        " which there is one",
    )
    cidr: TenantNetwork = Field(description="the subnet, such as 10.101.0.0/24")
    gateway: Address | None = Field(
        None,
        description="the site's router on it, where there is one; on a project's own network the"
        " address of its router",
    )
    ipv6: Ipv6Settings | None = Field(None, description="its IPv6, too; none: it has IPv4 alone")
    dhcp: bool = Field(
        True,
        description="false: servers learn their addresses from a config drive, not by DHCP",
    )
    pool: PoolSettings | None = Field(
        None,
        description="addresses that Neutron gives out, one of them to itself; keep fixed addresses"
        " outside; none: the whole subnet",
    )
    pools: Annotated[tuple[PoolSettings, ...], Many] = Field(
        (), description="several pools, instead of pool"
    )
    dns: DnsServers = Field((), description="DNS servers, at most 5")
    routes: Annotated[tuple[RouteSettings, ...], Many] = Field(
        (), description="routes that its servers learn by DHCP, besides that to gateway"
    )
    mtu: Mtu | None = Field(
        None,
        description="largest packet (bytes); none: that of provider.mtu, on a project's own"
        f" network {GENEVE} less",
    )
    shared: bool = Field(
        False, description="true, instead of project: for the servers of all projects"
    )
    project: Name | None = Field(
        None, description="the one project whose servers may use it, instead of shared"
    )
    external: bool = Field(False, description="true: routers of all projects may join it")

    def broken_rules(self) -> Iterator[Rule]:
        """Require an owner, and valid addresses of gateway, pools and DNS servers."""
        if self.flat and self.segment is not None:
            yield Rule("flat", "is given together with a segment; leave one of them out")
        if self.own:
            yield from self._own()
        elif self.shared == (self.project is not None):
            yield Rule("shared", "give exactly one of `shared: true` and `project`")
        if self.gateway is not None:
            yield from self.unusable("gateway", self.gateway)
        yield from self._pools()
        if self.ipv6 is not None:
            yield from self._ipv6(self.ipv6)
        yield from self._routes()
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

    def _routes(self) -> Iterator[Rule]:
        if self.routes and not self.dhcp:
            yield Rule("routes", "needs DHCP, by which servers learn of them; leave it out")
        for place, address in route_rules.vias(self.routes):
            yield from self.unusable(place, address)
        yield from route_rules.wrong(self.routes, self.cidr)

    def _ipv6(self, ipv6: Ipv6Settings) -> Iterator[Rule]:
        yield from ipv6.wrong()
        if self.external:
            what = "routers of OpenStack would answer on an external network as if they were the"
            what += " site's; leave it out, or give IPv6 to another network"
            yield Rule("ipv6", what)
        if not self.own and ipv6.gateway is not None:
            what = "servers learn of the site's router from its advertisements; leave it out"
            yield Rule("ipv6.gateway", what)

    def _pools(self) -> Iterator[Rule]:
        given = [(f"pools[{i}]", pool) for i, pool in enumerate(self.pools)]
        if self.pool is not None:
            given.append(("pool", self.pool))
            if self.pools:
                yield Rule("pools", "is given together with pool; leave one of them out")
                return
        for place, pool in given:
            yield from self.unusable(f"{place}.start", pool.start)
            yield from self.unusable(f"{place}.end", pool.end)
        yield from pool_rules.wrong(given, self.gateway)

    @property
    def own(self) -> bool:
        """Whether it is a project's own."""
        return self.segment is None and not self.flat

    @property
    def assigned(self) -> Sequence[PoolSettings]:
        """What Neutron assigns, in order; without a pool all but the gateway."""
        if self.pool is not None:
            return [self.pool]
        if self.pools:
            return sorted(self.pools, key=lambda pool: pool.start)
        return pool_rules.whole(self.cidr[1], self.cidr[-2], self.gateway)

    def largest(self, wire: int) -> int:
        """Return the largest packet (bytes) that a wire with this MTU lets it have."""
        return wire - GENEVE if self.own else wire

    def unusable(self, key: str, address: IPv4Address) -> Iterator[Rule]:
        """Yield why no machine on this network can have the address."""
        first, last = self.cidr[1], self.cidr[-2]
        if not first <= address <= last:
            yield Rule(key, f"{address} is no machine's address in {self.cidr}: {first} to {last}")

    instead: ClassVar[Instead] = {
        "vlan vlanId vid segmentationId segments": "its VLAN is `segment`",
        "physicalName physicalNetwork": "VLANs and the untagged network are on"
        f" the one of `{STACK}provider.physicalName`; leave it out",
        "networkType providerNetworkType": "with a `segment` it is a VLAN, with `flat` untagged,"
        " else a project's own network; leave it out",
        "subnet subnets prefix ipRange": "its one subnet is `cidr`",
        "untagged": "it is `flat`",
        "noGateway disableGateway gatewayNone": "leave `gateway` out where there is no router",
        "gatewayIp": "the router's address is `gateway`",
        "router routerId routers": f"a router names its networks: `{STACK}routers`",
        "enableDhcp disableDhcp noDhcp": "DHCP is on; `dhcp: false` turns it off",
        "dnsNameservers dnsServers nameservers": "they are `dns`",
        "allocationPool allocationPools": "they are `pool`: {start, end}, or `pools`",
        "hostRoutes staticRoutes": "they are `routes`: {to, via}",
        "routerExternal isExternal": "it is `external`",
        "ipVersion": "`cidr` is IPv4's, `ipv6` has that of IPv6; leave it out",
        "cidr6 cidrV6 ipv6Cidr subnet6": "it is `ipv6`: {cidr}",
        "ipv6AddressMode ipv6RaMode mode6": "it is a key of `ipv6`: mode",
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
        if network.own and provider.tunnels is None:
            what = "is missing, and a project's own network needs the tunnels between the nodes"
            yield Problem((*place, "segment"), f"{what}; give it, or {STACK}provider.tunnels")


def flat(draft: Draft, place: Place, network: NetworkSettings) -> Iterator[Problem]:
    """Find an untagged network where the wire's untagged packets are those of another."""
    if not network.flat:
        return
    for other, earlier in draft.of(NetworkSettings):
        if other == place:
            break
        if vars(earlier).get("flat"):
            what = f"{draft.at(other, place)} is the untagged network too; give one a segment"
            yield Problem((*place, "flat"), what)
    for other, tunnels in draft.values(ProviderSettings, "tunnels"):
        if isinstance(tunnels, TunnelSettings) and tunnels.segment is None:
            what = f"its servers would reach the tunnels, which are untagged; give {STACK}"
            yield Problem((*place, "flat"), f"{what}{at((*other, 'segment'))}")


def mtu(draft: Draft, place: Place, network: NetworkSettings) -> Iterator[Problem]:
    """Find a network with larger packets than the wire takes."""
    for _, provider in draft.of(ProviderSettings):
        most = network.largest(provider.mtu)
        if network.mtu is not None and network.mtu > most:
            why = f"provider.mtu {provider.mtu}"
            if network.own:
                why += f" without the {GENEVE} of a tunnel"
            what = f"{network.mtu} is more than {most}, which is {STACK}{why}"
            yield Problem((*place, "mtu"), f"{what}; lower it, or leave it out")
        carried = network.mtu or most
        if network.ipv6 is not None and carried < LEAST_MTU:
            what = f"needs packets of {LEAST_MTU} bytes, and the network carries {carried}"
            yield Problem((*place, "ipv6"), f"{what}; give it a larger mtu, or leave it out")
