"""What may reach servers, and what they may reach."""

from collections.abc import Iterator, Sequence
from ipaddress import IPv4Network, IPv6Network
from typing import Annotated, ClassVar, NamedTuple

from pydantic import Field

from .base import Base, Helps, Instead, Rule
from .fields import PORT, AnyNetwork, IcmpNumber, Many, Name, Port
from .opening_advice import HELPS, INSTEAD, no_ports
from .protocols import (
    ALL_PORTS,
    ICMP,
    ICMPV6,
    OF_IPV6,
    V4,
    V6,
    WITH_PORTS,
    PortRange,
    Ports,
    Protocol,
)


class Traffic(NamedTuple):
    """What one rule of Neutron lets through."""

    protocol: str
    low: int | None
    """The first port, or icmp's type; None: all."""
    high: int | None
    """The last port, or icmp's code; None: all."""
    cidr: str | None
    group: str | None
    """The other end: a network, or the servers of a group."""
    version: int = V4
    """Of IP."""


class PeerSettings(Base):
    """The other end of an opening, where it is no network."""

    group: Name = Field(description="the servers of this group, one of the project's")


class OpeningSettings(Base):
    """What is open, to or from where."""

    protocol: Protocol = Field(description="what passes; any: all, of the version of cidr")
    port: Port | None = Field(
        None, description="its port; tcp, udp and sctp need this or ports, others have none"
    )
    ports: Annotated[tuple[Ports, ...], Many] = Field(
        (), description="its ports and ranges, such as [80, 8000-8100]; all of them: [1-65535]"
    )
    icmp_type: IcmpNumber | None = Field(
        None,
        description="the one type of icmp or icmpv6, such as 8 and 128 for ping; none: all types",
    )
    icmp_code: IcmpNumber | None = Field(
        None, description="the type's one code; none: all its codes"
    )
    cidr: AnyNetwork | None = Field(
        None,
        description="the network; everywhere is 0.0.0.0/0, and ::/0 for IPv6; or a group instead",
    )

    end: ClassVar[str] = ""
    """The key of the group at the other end."""

    @property
    def group(self) -> str | None:
        """The name of the group at the other end; None: it is a network."""
        return None

    @property
    def ranges(self) -> tuple[PortRange, ...]:
        """Its ports; empty for a protocol without."""
        return self.ports if self.port is None else (PortRange(self.port, self.port),)

    @property
    def traffic(self) -> Iterator[Traffic]:
        """What Neutron's rules of it let through; for a group, without their twins of IPv6."""
        spans: Sequence[tuple[int | None, int | None]] = [(self.icmp_type, self.icmp_code)]
        if self.protocol in WITH_PORTS:
            # Neutron takes all ports for none.
            spans = [(None, None) if ports == ALL_PORTS else ports for ports in self.ranges]
        cidr = str(self.cidr) if self.cidr is not None else None
        of_ipv6 = isinstance(self.cidr, IPv6Network) or self.protocol in OF_IPV6
        version = V6 if of_ipv6 else V4
        for low, high in spans:
            yield Traffic(self.protocol, low, high, cidr, self.group, version)

    def broken_rules(self) -> Iterator[Rule]:
        """Require ports and types where the protocol has them, and one other end."""
        if (self.cidr is None) == (self.group is None):
            missing = "is missing; " if self.cidr is None else ""
            yield Rule("cidr", f"{missing}give exactly one of cidr and {self.end}")
        yield from self._broken_ports()
        yield from self._broken_version()
        for key, value in (("icmpType", self.icmp_type), ("icmpCode", self.icmp_code)):
            if value is not None and self.protocol not in (ICMP, ICMPV6):
                yield Rule(key, f"{self.protocol} has none; leave it out")
        if self.icmp_code is not None and self.icmp_type is None:
            yield Rule("icmpCode", "is the code of a type; give icmpType, too")

    def _broken_version(self) -> Iterator[Rule]:
        if isinstance(self.cidr, IPv4Network) and self.protocol in OF_IPV6:
            advice = f"write {ICMP}" if self.protocol == ICMPV6 else "give a network of IPv6"
            yield Rule("protocol", f"{self.protocol} is IPv6's, and {self.cidr} IPv4; {advice}")
        if isinstance(self.cidr, IPv6Network) and self.protocol == ICMP:
            yield Rule("protocol", f"{ICMP} is IPv4's, and {self.cidr} IPv6; write {ICMPV6}")

    def _broken_ports(self) -> Iterator[Rule]:
        if self.protocol not in WITH_PORTS:
            for key, there in (("port", self.port is not None), ("ports", bool(self.ports))):
                if there:
                    yield Rule(key, no_ports(self.protocol))
        elif self.port is not None and self.ports:
            yield Rule("ports", "is given together with port; leave one of them out")
        elif not self.ranges:
            yield Rule(
                "port",
                f"is missing; {self.protocol} needs one of {PORT[0]}..{PORT[1]}, or ports",
            )
        for i, ports in enumerate(self.ports):
            for other in self.ports[:i]:
                if ports.overlaps(other):
                    yield Rule(f"ports[{i}]", _overlap(other, ports))


def _overlap(one: PortRange, other: PortRange) -> str:
    both = PortRange(min(one.first, other.first), max(one.last, other.last))
    if one == other:
        return f"{other} is there twice; leave one out"
    return f"{other} overlaps {one}; write {both} instead of the two"


def repeated(key: str, openings: Sequence[OpeningSettings]) -> Iterator[Rule]:
    """Find an opening that an earlier one has; Neutron has no two rules that say the same."""
    seen: dict[Traffic, int] = {}
    for i, opening in enumerate(openings):
        again = [traffic for traffic in opening.traffic if seen.setdefault(traffic, i) != i]
        if again and opening in openings[:i]:
            yield Rule(f"{key}[{i}]", "is there twice; leave one out")
        elif again:
            _, low, high, *_ = again[0]
            ports = f" {PortRange(low, high)}" if low is not None and high is not None else ""
            what = f"{opening.protocol}{ports} is in {key}[{seen[again[0]]}], too"
            yield Rule(f"{key}[{i}]", f"{what}; leave it out of one of them")


class IngressSettings(OpeningSettings):
    """What may come in."""

    from_: PeerSettings | None = Field(None, description="a group instead: its servers")

    end: ClassVar[str] = "from"

    @property
    def group(self) -> str | None:
        """The name of the group that it is open to."""
        return self.from_.group if self.from_ is not None else None

    instead: ClassVar[Instead] = {
        **INSTEAD,
        "to": "what may go out is in egress",
        "direction": "all entries of ingress are for what comes in; leave it out",
        "remoteGroup remoteGroupId remoteSecurityGroup group": "a group is `from`: {group: NAME}",
    }
    helps: ClassVar[Helps] = HELPS


class EgressSettings(OpeningSettings):
    """What may go out."""

    to: PeerSettings | None = Field(None, description="a group instead: its servers")

    end: ClassVar[str] = "to"

    @property
    def group(self) -> str | None:
        """The name of the group that it may reach."""
        return self.to.group if self.to is not None else None

    instead: ClassVar[Instead] = {
        **INSTEAD,
        "from": "what may come in is in ingress",
        "direction": "all entries of egress are for what goes out; leave it out",
        "remoteGroup remoteGroupId remoteSecurityGroup group": "a group is `to`: {group: NAME}",
    }
    helps: ClassVar[Helps] = HELPS
