"""NICs of servers: each is on a network, with its address and what it may send and receive."""

from collections.abc import Iterator
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network
from typing import Annotated, ClassVar

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema

from .addresses import WIDEST
from .base import Base, Instead, Rule
from .fields import Address, AnyNetwork, Many, Name
from .ipv6 import Address6
from .kinds import Kind
from .messages import show

PAIRS = 10
"""Neutron's limit of a port's allowed address pairs."""
Allowed = IPv4Network | IPv6Network
OFF = "has none where `portSecurity` is false, as nothing is filtered; leave it out"


def _whole(value: object) -> object:
    """Make a network of an address."""
    if not isinstance(value, str) or "/" in value:
        return value
    return f"{value}/128" if ":" in value else f"{value}/32"


def _not_all(network: Allowed) -> Allowed:
    """Refuse what is nearly every address (ValueError)."""
    widest = WIDEST[network.version]
    if network.prefixlen < widest:
        raise ValueError(
            f"{network} lets it take addresses of everybody, as without port security; give"
            f" networks of /{widest} or smaller"
        )
    return network


AllowedAddress = Annotated[
    AnyNetwork,
    BeforeValidator(_whole),
    AfterValidator(_not_all),
    WithJsonSchema(
        {
            "type": "string",
            "pattern": r"^(\d+(\.\d+){3}|[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*)(/\d+)?$",
            "patternErrorMessage": "is not an address or network such as 10.101.0.50",
        }
    ),
    Kind(
        "allowed address",
        f"an address such as 10.101.0.50, or a network of /{WIDEST[4]} or smaller; of IPv6"
        f" /{WIDEST[6]}",
    ),
]


class NicSettings(Base):
    """A NIC of a server."""

    network: Name = Field(description="the network that it is on, by name")
    address: Address | None = Field(None, description="its fixed address; none: Neutron's choice")
    address6: Address6 | None = Field(
        None,
        description="its fixed IPv6 address, on a network with dhcpv6-stateful; none: Neutron's"
        " choice",
    )
    security_groups: Annotated[tuple[Name, ...], Many] = Field(
        (), description="groups for this NIC, besides those of the server"
    )
    allowed_addresses: Annotated[tuple[AllowedAddress, ...], Many] = Field(
        (), description="addresses that it may use besides its own, such as VRRP's; at most 10"
    )
    port_security: bool = Field(
        True, description="false: nothing is filtered, and it may use every address"
    )

    def broken_rules(self) -> Iterator[Rule]:
        """Require each group and allowed address once, and none without port security."""
        for i, name in enumerate(self.security_groups):
            if name in self.security_groups[:i]:
                yield Rule(f"securityGroups[{i}]", f"{show(name)} is there twice; leave one out")
        for i, allowed in enumerate(self.allowed_addresses):
            key = f"allowedAddresses[{i}]"
            if allowed in self.allowed_addresses[:i]:
                yield Rule(key, f"{text(allowed)} is there twice; leave one out")
            elif (own := single(allowed)) in (self.address, self.address6) and own is not None:
                yield Rule(key, f"{own} is its own address; leave it out")
        if (count := len(self.allowed_addresses)) > PAIRS:
            what = f"has {count} entries; Neutron takes at most {PAIRS}: give networks"
            yield Rule("allowedAddresses", what)
        if not self.port_security:
            if self.security_groups:
                yield Rule("securityGroups", OFF)
            if self.allowed_addresses:
                yield Rule("allowedAddresses", OFF)

    instead: ClassVar[Instead] = {
        "name networkName networkId uuid": "its network is named by `network`",
        "port portId": "each NIC has a port of its own; leave it out",
        "ip ipAddress fixedIp fixedIps fixedIpV4 addresses": "its fixed address is `address`",
        "fixedIpV6 ipv6 ipv6Address": "its fixed IPv6 address is `address6`",
        "allowedAddressPairs addressPairs": "they are `allowedAddresses`, without MAC addresses",
        "portSecurityEnabled": "it is `portSecurity`",
        "securityGroup securityGroupIds groups": "its groups are `securityGroups`, by name",
        "ingress egress": "these are the server's, or those of `securityGroups`",
        "floatingIp": "it is the server's, for its first NIC with an external network",
        "mac macAddress": "Neutron chooses it; leave it out",
        "accessNetwork": "the first NIC is that of the server; leave it out",
    }


def single(allowed: Allowed) -> IPv4Address | IPv6Address | None:
    """Return the address of a network of one address."""
    return allowed[0] if allowed.num_addresses == 1 else None


def text(allowed: Allowed) -> str:
    """Return an allowed address as Neutron has it: one address without its length."""
    return str(single(allowed) or allowed)
