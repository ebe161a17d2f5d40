"""IP protocols and ports: what Neutron takes, as far as OVN keeps it apart."""

import re
from typing import Annotated, NamedTuple

from pydantic import BeforeValidator, WithJsonSchema

from .advice import nearest
from .fields import PORT
from .kinds import Kind
from .messages import show

V4, V6 = 4, 6
"""Versions of IP."""
ANY = "any"
ICMP, ICMPV6 = "icmp", "icmpv6"
NUMBERS = {
    **{"tcp": 6, "udp": 17, "icmp": 1, "sctp": 132, "esp": 50, "ah": 51, "gre": 47, "ipip": 4},
    **{"igmp": 2, "ospf": 89, "vrrp": 112, "dccp": 33, "egp": 8, "pgm": 113, "rsvp": 46},
    **{"udplite": 136, ICMPV6: 58},
}
"""Protocols that have a name in Neutron and in OpenStack's provider, and their numbers."""
OF_IPV6 = (ICMPV6, "41", "43", "44", "59", "60")
"""Protocols that Neutron refuses in a rule for IPv4."""
WITH_PORTS = ("tcp", "udp", "sctp")
"""Neutron takes ports of dccp and udplite, too, but OVN ignores them and opens all of these."""
HIGHEST = 255

RANGE = r"(\d{1,5})-(\d{1,5})"


def _protocol(value: object) -> object:
    """Return a number as Neutron's text; refuse one that has a name (ValueError)."""
    if isinstance(value, str) and re.fullmatch("[0-9]{1,4}", value):
        value = int(value)  # as Neutron writes it
    if isinstance(value, str) and value not in (ANY, *NUMBERS):
        near = nearest(value, (ANY, *NUMBERS))
        raise ValueError(f"{show(value)} is no protocol's name; {near}; or give its number")
    if not isinstance(value, int) or isinstance(value, bool):
        return value
    name = {number: name for name, number in {ANY: 0, **NUMBERS}.items()}.get(value)
    if name is not None:
        raise ValueError(f"{value} is {name} to Neutron; write {name}")
    if not 0 <= value <= HIGHEST:
        raise ValueError(f"{value} is outside 0..{HIGHEST}")
    return str(value)


class PortRange(NamedTuple):
    """Ports from the first to the last one, both included."""

    first: int
    last: int

    def __str__(self) -> str:
        """Write it as the settings do."""
        return f"{self.first}-{self.last}" if self.first < self.last else str(self.first)

    def overlaps(self, other: "PortRange") -> bool:
        """Return whether a port is in both."""
        return self.first <= other.last and other.first <= self.last


def port_range(value: object) -> PortRange:
    """Return a port, or a text such as 8000-8100, as a range (ValueError)."""
    if isinstance(value, PortRange):
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        first = last = value
    elif found := re.fullmatch(RANGE, value) if isinstance(value, str) else None:
        first, last = int(found[1]), int(found[2])
    elif isinstance(value, str) and value.isdecimal():
        raise ValueError(f"{show(value)} is a text; write {value} without quotes")
    else:
        raise ValueError(f"{show(value)} is neither a port nor a range such as 8000-8100")
    for port in (first, last):
        if not PORT[0] <= port <= PORT[1]:
            raise ValueError(f"{port} is outside {PORT[0]}..{PORT[1]}")
    if first > last:
        raise ValueError(f"{first}-{last} is upside down; write {last}-{first}")
    return PortRange(first, last)


ALL_PORTS = PortRange(*PORT)

Protocol = Annotated[
    str,
    BeforeValidator(_protocol),
    WithJsonSchema(
        {
            "anyOf": [
                {"enum": [ANY, *NUMBERS]},
                {"type": "integer", "minimum": 0, "maximum": HIGHEST},
            ]
        }
    ),
    Kind(
        "protocol",
        f"`{ANY}`, {', '.join(f'`{name}`' for name in NUMBERS)}, or the number of another one,"
        f" up to {HIGHEST}",
    ),
]
Ports = Annotated[
    PortRange,
    BeforeValidator(port_range),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "integer", "minimum": PORT[0], "maximum": PORT[1]},
                {"type": "string", "pattern": f"^{RANGE}$"},
            ]
        }
    ),
    Kind("port or range", f"{PORT[0]}..{PORT[1]}, or a text such as 8000-8100"),
]
