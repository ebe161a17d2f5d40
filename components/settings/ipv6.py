"""IPv6 of networks: a second subnet, and how servers get their addresses of it."""

from collections.abc import Iterator
from ipaddress import IPv6Address, IPv6Network
from typing import Annotated, ClassVar, Literal

from pydantic import AfterValidator, Field, WithJsonSchema

from .addresses import dns_servers, missing_length, no_host_bits
from .base import Base, Helps, Instead, Rule
from .kinds import Kind, from_text

LEAST_MTU = 1280
"""Bytes: the largest packet that each network of IPv6 carries."""
LENGTH = 64
"""The only one with which servers choose their own addresses."""
STATEFUL = "dhcpv6-stateful"
SLAAC: Literal["slaac"] = "slaac"
Mode = Literal["slaac", "dhcpv6-stateless", "dhcpv6-stateful"]

USED = (IPv6Network("2000::/3"), IPv6Network("fc00::/7"))
"""Where machines have addresses that others can reach: global ones, and local ones of a site."""


def _address(text: str) -> IPv6Address:
    if "%" in text:  # the name of a NIC
        raise ValueError(text)
    return IPv6Address(text)


def _network(text: str) -> IPv6Network:
    if "/" not in text or "%" in text:
        raise ValueError(text)
    return IPv6Network(text, strict=False)


def _subnet(network: IPv6Network) -> IPv6Network:
    if network.prefixlen != LENGTH:
        raise ValueError(
            f"/{network.prefixlen} is not /{LENGTH}, which servers need to choose their addresses"
        )
    if not any(network.subnet_of(used) for used in USED):
        raise ValueError(f"{network} is in none of {', '.join(map(str, USED))}, as networks are")
    return network


Address6 = Annotated[
    IPv6Address,
    from_text(_address, "an IPv6 address such as 2001:db8:101::10"),
    Kind("IPv6 address", "such as 2001:db8:101::10"),
]
Subnet6 = Annotated[
    IPv6Network,
    from_text(_network, "an IPv6 network such as 2001:db8:101::/64"),
    no_host_bits(_network),
    AfterValidator(_subnet),
    WithJsonSchema(
        {
            "type": "string",
            "pattern": f"^[0-9A-Fa-f:]+/{LENGTH}$",
            "patternErrorMessage": "is not an IPv6 network such as 2001:db8:101::/64",
        }
    ),
    Kind("IPv6 subnet", f"such as 2001:db8:101::/{LENGTH}, in {' or '.join(map(str, USED))}"),
]
DnsServers6 = Annotated[tuple[Address6, ...], Field(strict=False), AfterValidator(dns_servers)]


class Ipv6Settings(Base):
    """The IPv6 of a network."""

    cidr: Subnet6 = Field(description="its second subnet, such as 2001:db8:101::/64")
    mode: Mode = Field(
        SLAAC,
        description="how servers get their addresses: each from its MAC address (slaac), with what"
        " else they ask by DHCPv6 (dhcpv6-stateless), or all by DHCPv6 (dhcpv6-stateful)",
    )
    gateway: Address6 | None = Field(
        None, description="on a project's own network the address of its router; else none"
    )
    dns: DnsServers6 = Field((), description="DNS servers, at most 5; not with slaac")

    def wrong(self) -> Iterator[Rule]:
        """Require addresses that machines can have, and DNS servers that servers hear of."""
        if self.gateway is not None:
            yield from self.unusable("ipv6.gateway", self.gateway)
        if self.dns and self.mode == SLAAC:
            what = "is sent by DHCPv6 alone; take another mode, or the network's `dns`"
            yield Rule("ipv6.dns", what)

    def unusable(self, key: str, address: IPv6Address) -> Iterator[Rule]:
        """Yield why no machine on this network can be given the address."""
        first, last = self.cidr[1], self.cidr[-1]
        if self.pool:
            last = self.pool[0] - 1
        if first <= address <= last:
            return
        what = f"{address} is no machine's address in {self.cidr}: {first} to {last}"
        if self.pool and self.pool[0] <= address <= self.pool[1]:
            what = f"{address} is in the second half of {self.cidr}, which Neutron gives out; take"
            what += f" one of {first} to {last}"
        yield Rule(key, what)

    @property
    def pool(self) -> tuple[IPv6Address, IPv6Address] | None:
        """What Neutron gives out by DHCPv6: the second half. None: servers choose by themselves."""
        half = self.cidr.num_addresses // 2
        return (self.cidr[half], self.cidr[-1]) if self.mode == STATEFUL else None

    def address_of(self, mac: str) -> IPv6Address:
        """Return the address that the NIC with this MAC address chooses (RFC 4291, EUI-64)."""
        octets = bytes.fromhex(mac.replace(":", ""))
        whole = bytes((octets[0] ^ 2, *octets[1:3], 0xFF, 0xFE, *octets[3:]))
        return self.cidr[int.from_bytes(whole, "big")]

    instead: ClassVar[Instead] = {
        "ipv6AddressMode ipv6RaMode addressMode raMode": "it is `mode`, for both of them",
        "gatewayIp": "the router's address is `gateway`",
        "pool pools allocationPool allocationPools": "with dhcpv6-stateful Neutron gives out the"
        " second half of `cidr`; leave it out",
        "subnet prefix": "its subnet is `cidr`",
        "dnsNameservers dnsServers nameservers": "they are `dns`",
        "routes hostRoutes": "DHCPv6 has none; leave it out",
    }
    helps: ClassVar[Helps] = {"cidr": lambda given: missing_length(given, "", f"/{LENGTH}")}
