"""Pools: the addresses of a network that Neutron assigns."""

from collections.abc import Iterator, Sequence
from ipaddress import IPv4Address

from pydantic import Field

from .base import Base, Rule
from .fields import Address


class PoolSettings(Base):
    """Addresses that Neutron assigns, from the first to the last."""

    start: Address = Field(description="first address")
    end: Address = Field(description="last address")

    def __contains__(self, address: object) -> bool:
        """Return whether it has the address."""
        return isinstance(address, IPv4Address) and self.start <= address <= self.end

    def __str__(self) -> str:
        """Return it as messages have it."""
        return f"{self.start} to {self.end}"


Named = Sequence[tuple[str, PoolSettings]]
"""Pools by their places in a network: `pool`, `pools[0]`."""


def wrong(pools: Named, gateway: IPv4Address | None) -> Iterator[Rule]:
    """Yield what is wrong with a network's pools, apart from addresses outside of its cidr."""
    for i, (place, pool) in enumerate(pools):
        if pool.start > pool.end:
            yield Rule(place, f"starts at {pool.start}, after its end {pool.end}; swap them")
        if gateway in pool:
            yield Rule(place, f"{pool} holds the gateway {gateway}; leave it out")
        for other, earlier in pools[:i]:
            if pool.start <= earlier.end and earlier.start <= pool.end:
                yield Rule(place, f"{pool} overlaps {earlier} of {other}; give each address once")


def whole(first: IPv4Address, last: IPv4Address, gateway: IPv4Address | None) -> list[PoolSettings]:
    """Return the pools of all addresses but the gateway."""
    if gateway is None or not first <= gateway <= last:
        return [PoolSettings(start=first, end=last)]
    halves = ((first, gateway - 1), (gateway + 1, last))
    return [PoolSettings(start=start, end=end) for start, end in halves if start <= end]
