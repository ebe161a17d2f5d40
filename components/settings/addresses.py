"""Addresses that cannot be used for nodes, DNS servers or servers' networks."""

from collections.abc import Callable, Mapping
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import TypeVar

from pydantic import AfterValidator, BeforeValidator

from .base import Given
from .messages import show

T = TypeVar("T", IPv4Address, IPv4Network)
A = TypeVar("A", IPv4Address, IPv6Address)

WIDEST: Mapping[int, int] = {4: 8, 6: 32}
"""The shortest prefix that is not nearly all addresses, by IP's version: 10.0.0.0/8, and what a
provider of IPv6 gets."""

NO_MACHINES = {
    IPv4Network("0.0.0.0/8"): "no address",
    IPv4Network("127.0.0.0/8"): "loopback: each machine's own",
    IPv4Network("169.254.0.0/16"): "link local; the metadata service is there",
    IPv4Network("224.0.0.0/4"): "multicast",
    IPv4Network("240.0.0.0/4"): "reserved",
}
"""Ranges without machines that others can reach, and what they are for."""

ENDS = {0: "its own address", 255: "its broadcast"}
"""Last numbers of an address that most networks reserve, and for what."""


DNS_SERVERS = 5
"""Neutron's default limit for a subnet."""


def reachable(who: str) -> AfterValidator:
    """Refuse addresses without reachable machines; `who` ends the message: "a node cannot use"."""

    def check(value: T) -> T:
        for refused, what in NO_MACHINES.items():
            if IPv4Network(str(value)).overlaps(refused):
                raise ValueError(f"{value} lies in {refused} ({what}), which {who}")
        return value

    return AfterValidator(check)


def not_an_end(address: IPv4Address) -> IPv4Address:
    """Refuse the first and last of 256 addresses: a typing error more often than a machine."""
    last = address.packed[-1]
    if last in ENDS:
        what = f"{address} ends in {last}, which a network keeps for {ENDS[last]}"
        raise ValueError(f"{what}; take another")
    return address


def no_host_bits(of: Callable[[str], IPv4Network | IPv6Network]) -> BeforeValidator:
    """Refuse 10.0.0.5/24 and name 10.0.0.0/24; anything that isn't a network is left alone."""

    def check(value: object) -> object:
        try:
            network = of(value) if isinstance(value, str) else None
        except ValueError:
            return value
        if network and ip_address(str(value).split("/")[0]) != network.network_address:
            raise ValueError(f"{value} has host bits set; the network is {network}")
        return value

    return BeforeValidator(check)


def dns_servers(servers: tuple[A, ...]) -> tuple[A, ...]:
    """Refuse more than Neutron's limit, and duplicates."""
    if len(servers) > DNS_SERVERS:
        raise ValueError(f"has {len(servers)} servers; Neutron takes at most {DNS_SERVERS}")
    for i, server in enumerate(servers):
        if server in servers[:i]:
            raise ValueError(f"{server} is there twice; leave one out")
    return servers


def missing_length(given: Given, such_as: str, of_ipv6: str = "") -> str | None:
    """Return advice where an address is given for a network; such_as, of_ipv6: its length.

    Without a length for IPv6 there is none for its addresses.
    """
    try:
        address = ip_address(given.value) if isinstance(given.value, str) else None
    except ValueError:
        return None
    length = of_ipv6 if isinstance(address, IPv6Address) else such_as
    if address is None or not length:
        return None
    what = f"{show(given.value)} is not an IPv{address.version} network, as it has no length"
    return f"{what}; did you mean {address}{length}?"
