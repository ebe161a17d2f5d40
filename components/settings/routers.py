"""Routers: they join networks of their project, and these with an external network."""

from collections.abc import Iterator
from typing import Annotated, ClassVar

from pydantic import Field

from .base import Base, Instead, Rule
from .draft import Draft
from .fields import Address, Many, Name
from .messages import Place, Problem, show
from .networks import NetworkSettings

OUTER = "is of the external network; give the router `external`, or leave this out"


class RouterSettings(Base):
    """A router of a project."""

    name: Name = Field(description="the router's name")
    project: Name = Field(description="the project that it belongs to, by name")
    external: Name | None = Field(
        None,
        description="the external network that its networks reach, by its address there; none: it"
        " joins its networks alone",
    )
    address: Address | None = Field(
        None, description="its address on the external network; none: Neutron's choice"
    )
    snat: bool = Field(
        True,
        description="false: its networks reach the external network by their own addresses, for"
        " which that needs a route",
    )
    networks: Annotated[tuple[Name, ...], Many] = Field(
        (), description="its project's own networks (without a segment), each with a gateway"
    )

    def broken_rules(self) -> Iterator[Rule]:
        """Refuse a network that is there twice, and what means nothing without a way out."""
        if self.external is None:
            if self.address is not None:
                yield Rule("address", OUTER)
            if not self.snat:
                yield Rule("snat", OUTER)
        for i, network in enumerate(self.networks):
            if network in self.networks[:i]:
                yield Rule(f"networks[{i}]", f"{show(network)} is there twice; leave one out")

    instead: ClassVar[Instead] = {
        "externalNetwork externalNetworkId externalGateway externalGatewayInfo gateway network": (
            "the external network is named by `external`"
        ),
        "enableSnat nat": "it is `snat`",
        "interface interfaces subnet subnets ports": "its networks are named by `networks`",
        "ip fixedIp externalFixedIp externalFixedIps": "its address on the external network is"
        " `address`",
        "route routes": "there are none but those of its networks; leave it out",
        "distributed ha": "OVN chooses where it runs; leave it out",
        "tenant tenantId projectId": "the project is named by `project`",
    }


def external(draft: Draft, place: Place, router: RouterSettings) -> Iterator[Problem]:
    """Find a router whose external network is none."""
    network = _outside(draft, router)
    if network is None or network.external:
        return
    there = [show(n.name) for _, n in draft.of(NetworkSettings) if vars(n).get("external")]
    advice = f"there is {', '.join(there)}" if there else "give that to one with a segment"
    what = f"{show(network.name)} is not `external: true`; {advice}"
    yield Problem((*place, "external"), what)


def networks(draft: Draft, place: Place, router: RouterSettings) -> Iterator[Problem]:
    """Find a network that cannot be on the router."""
    outside = _outside(draft, router)
    for i, name in enumerate(router.networks):
        network = draft.find(NetworkSettings, name)
        if network is not None:
            for what in _wrong(draft, place, router, network, outside):
                yield Problem((*place, "networks", i), what)


def _outside(draft: Draft, router: RouterSettings) -> NetworkSettings | None:
    """Return the external network, where one is named and there."""
    name = vars(router).get("external")
    return draft.find(NetworkSettings, name) if name else None


def _wrong(
    draft: Draft,
    place: Place,
    router: RouterSettings,
    network: NetworkSettings,
    outside: NetworkSettings | None,
) -> Iterator[str]:
    """Yield what keeps a network from being on a router."""
    name = show(network.name)
    if not network.own:
        what = f"VLAN {network.segment}" if network.segment else "the untagged network"
        yield f"{name} is {what}; a router joins projects' own networks"
    elif network.project != router.project:
        yield f"{name} belongs to project {show(network.project)}, not to {show(router.project)}"
    elif network.gateway is None:
        yield f"{name} has no gateway; give it one, such as {network.cidr[1]}"
    if network.own and network.ipv6 is not None and network.ipv6.gateway is None:
        yield f"{name} has no ipv6.gateway; give it one, such as {network.ipv6.cidr[1]}"
    if outside is not None and network.own and network.cidr.overlaps(outside.cidr):
        where = f"{outside.cidr} of its external network {show(outside.name)}"
        yield f"{network.cidr} of {name} overlaps {where}; take another"
    for other, earlier in draft.of(RouterSettings):
        if other == place:
            break
        if network.name in vars(earlier).get("networks", ()):
            yield f"{name} is on {draft.at(other, place)} too; a network is on one router"
        elif not router.snat and not vars(earlier).get("snat", True):
            yield from _mixed(draft, router, network, earlier)


def _mixed(
    draft: Draft, router: RouterSettings, network: NetworkSettings, other: RouterSettings
) -> Iterator[str]:
    """Yield what has the same addresses on the same external network, where none hides them."""
    if vars(other).get("external") != router.external:
        return
    for theirs in (draft.find(NetworkSettings, name) for name in vars(other).get("networks", ())):
        if theirs is not None and theirs.cidr.overlaps(network.cidr):
            what = f"{network.cidr} of {show(network.name)} overlaps {theirs.cidr} of"
            yield f"{what} {show(theirs.name)}, and neither router has SNAT; take another"


def announced(draft: Draft, place: Place, network: NetworkSettings) -> Iterator[Problem]:
    """Find IPv6 of a project's own network that no router announces to its servers."""
    if network.ipv6 is None or not network.own or "routers" in draft.unread:
        return
    if router_of(draft, network.name) is None:
        what = "needs a router, from which servers learn of it; put the network on one, or leave it"
        yield Problem((*place, "ipv6"), f"{what} out")


def router_of(draft: Draft, network: str | None) -> RouterSettings | None:
    """Return the router that a network is on."""
    routers = (router for _, router in draft.of(RouterSettings))
    return next((r for r in routers if network in vars(r).get("networks", ())), None)
