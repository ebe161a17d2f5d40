"""Advice for openings: how people write ports, protocols and networks elsewhere."""

import re

from .addresses import missing_length
from .advice import NOTHING
from .base import Given, Helps, Instead
from .messages import show
from .protocols import ALL_PORTS, ANY, ICMPV6, NUMBERS, WITH_PORTS

ALL = ("any", "all", "*", "-1")
EVERYWHERE = ("any", "all", "*", "0.0.0.0", "::", "everywhere")  # noqa: S104
ALL_WORDS = f"every port is `ports`: [{ALL_PORTS}]"


def _portless(given: Given) -> str | None:
    """Return why a protocol has no ports here."""
    protocol = given.entry.get("protocol")
    known = isinstance(protocol, int) or protocol in (ANY, *NUMBERS)
    return no_ports(str(protocol)) if known and protocol not in WITH_PORTS else None


def no_ports(protocol: str) -> str:
    """Return why a protocol has no ports here."""
    if protocol == ANY:
        return f"ports are those of a protocol: {', '.join(WITH_PORTS)}; leave it out"
    if protocol in ("dccp", "udplite"):
        return f"OVN opens {protocol} with all its ports; leave it out"
    return f"{protocol} has no ports; leave it out"


def _port(given: Given) -> str | None:
    text = show(given.value) if isinstance(given.value, list) else str(given.value).strip()
    if why := _portless(given):
        return why
    if text.casefold() in (*ALL, *NOTHING):
        return f"{show(given.value)} is no port; {ALL_WORDS}"
    if isinstance(given.value, list):
        return "a list is not a whole number; several are `ports`"
    if found := re.fullmatch(r"(\d+)\s*[-:]\s*(\d+)", text):
        return f"{show(given.value)} is no port; a range is `ports`: [{found[1]}-{found[2]}]"
    return None


def _ports(given: Given) -> str | None:
    if why := _portless(given):
        return why
    text = str(given.value).strip()
    if text.casefold() in ALL:
        return f"{show(given.value)} is no port; {ALL_WORDS}"
    if found := re.fullmatch(r"(\d+)\s*[-:]\s*(\d+)", text):
        good = f"{found[1]}-{found[2]}"
        return None if text == good and isinstance(given.value, str) else f"write it as {good}"
    return None


def _protocol(given: Given) -> str | None:
    if isinstance(given.value, list):
        return "a list is no protocol; one entry for each of them"
    if str(given.value).casefold() in ALL:
        return f"{show(given.value)} is no protocol; every one is `{ANY}`"
    if given.value == "ipv6-icmp":
        return f"{show(given.value)} is {ICMPV6} here; write {ICMPV6}"
    return None


def _where(given: Given) -> str | None:
    if isinstance(given.value, list):
        return "a list is no network; one entry for each"
    if str(given.value).casefold() in EVERYWHERE:
        return f"{show(given.value)} is no network; everywhere is 0.0.0.0/0, and ::/0 for IPv6"
    return missing_length(given, "/32", "/128")


NO_ZERO = "OpenStack's provider cannot say 0, and would open all"


def _icmp_type(given: Given) -> str | None:
    if given.value == 0 and given.value is not False:
        return f"{NO_ZERO} types; leave it out: answers to what goes out come in anyway"
    return None


def _icmp_code(given: Given) -> str | None:
    if given.value == 0 and given.value is not False:
        return f"{NO_ZERO} codes of the type; leave it out"
    return None


INSTEAD: Instead = {
    "portMin portMax portRange portRangeMin portRangeMax fromPort toPort": "a range is an entry of"
    " `ports`, such as 8000-8100",
    "type": "it is `icmpType`",
    "code": "it is `icmpCode`",
    "remoteIpPrefix remoteIp remote source destination cidrs cidrBlocks": "the other end is `cidr`,"
    " one entry for each",
    "ethertype ipVersion": "it is that of `cidr`; leave it out",
}
HELPS: Helps = {
    "port": _port,
    "ports": _ports,
    "protocol": _protocol,
    "cidr": _where,
    "icmpType": _icmp_type,
    "icmpCode": _icmp_code,
}
