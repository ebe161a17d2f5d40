"""What may reach a server from outside."""

import re
from collections.abc import Iterator
from typing import ClassVar, Literal

from pydantic import Field

from .addresses import missing_length
from .advice import IPV4, NOTHING
from .base import Base, Given, Helps, Instead, Rule
from .fields import PORT, Network, Port
from .messages import show

OPENINGS = "one entry for each port, as `port`; ranges are not possible"
ALL = ("any", "all", "*", "-1")
EVERYWHERE = ("any", "all", "*", "0.0.0.0", "everywhere")  # noqa: S104


def _port(given: Given) -> str | None:
    text = show(given.value) if isinstance(given.value, list) else str(given.value).strip()
    if given.entry.get("protocol") == "icmp":
        return "icmp has no ports; leave it out"
    if text.casefold() in (*ALL, *NOTHING):
        return f"{show(given.value)} is no port, and every port is not possible; {OPENINGS}"
    if isinstance(given.value, list) or re.fullmatch(r"\d+\s*[-:,]\s*\d+.*", text):
        return f"{show(given.value)} is not a whole number; {OPENINGS}"
    return None


def _protocol(given: Given) -> str | None:
    if isinstance(given.value, list) or str(given.value).casefold() in ALL:
        return f"{show(given.value)} is not 'tcp', 'udp' or 'icmp'; one entry for each of them"
    return None


def _from_where(given: Given) -> str | None:
    if isinstance(given.value, list):
        return "a list is not an IPv4 network; one entry for each"
    if str(given.value).casefold() in EVERYWHERE:
        return f"{show(given.value)} is not an IPv4 network; 0.0.0.0/0 is everywhere"
    return missing_length(given, "/32")


class IngressSettings(Base):
    """What may reach a server from outside."""

    protocol: Literal["tcp", "udp", "icmp"] = Field(description="what it lets in: tcp, udp or icmp")
    port: Port | None = Field(
        None, description="its port; must be given for tcp and udp, and not for icmp"
    )
    cidr: Network = Field(description="from where, such as 0.0.0.0/0 for everywhere")

    def broken_rules(self) -> Iterator[Rule]:
        """Require a port where the protocol has ports."""
        if self.protocol == "icmp" and self.port is not None:
            yield Rule("port", "icmp has no ports; leave it out")
        if self.protocol != "icmp" and self.port is None:
            yield Rule("port", f"is missing; {self.protocol} needs one of {PORT[0]}..{PORT[1]}")

    instead: ClassVar[Instead] = {
        "ports portMin portMax portRange portRangeMin portRangeMax fromPort toPort": OPENINGS,
        "type code icmpType icmpCode": "icmp is open with all its types; leave it out",
        "remoteGroup remoteGroupId remoteSecurityGroup": "a group cannot be named; the source is"
        " `cidr`",
        "remoteIpPrefix remoteIp remote source from cidrs cidrBlocks": "the source is `cidr`, one"
        " entry for each",
        "direction": "all entries are for what comes in; leave it out",
        "ethertype ipVersion": IPV4,
    }
    helps: ClassVar[Helps] = {"port": _port, "protocol": _protocol, "cidr": _from_where}
