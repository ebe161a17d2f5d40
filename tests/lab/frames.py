"""Ethernet frames as bytes, as a server could send them by hand."""

import struct
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address

BROADCAST = "ff:ff:ff:ff:ff:ff"
ARP, IPV4, IPV6, VLAN, SERVICE_VLAN = 0x0806, 0x0800, 0x86DD, 0x8100, 0x88A8
ICMP, TCP, UDP, ESP, ICMP6 = 1, 6, 17, 50, 58
ECHO = 8
REQUEST, REPLY = 1, 2
LEAST = 60
"""The bytes of the smallest frame, without its checksum."""


@dataclass(frozen=True)
class End:
    """One end of a frame's way."""

    mac: str
    address: str = "0.0.0.0"  # noqa: S104  # no address


def mac(text: str) -> bytes:
    """The address as a frame has it."""
    return bytes.fromhex(text.replace(":", ""))


def ethernet(source: str, target: str, kind: int, content: bytes) -> bytes:
    """A frame, filled up to the smallest size."""
    return (mac(target) + mac(source) + struct.pack("!H", kind) + content).ljust(LEAST, b"\0")


def tagged(frame: bytes, *vlans: int, outer: int = VLAN) -> bytes:
    """The frame with these VLANs' tags, the first one outside."""
    kinds = (outer, *[VLAN] * (len(vlans) - 1))
    tags = b"".join(struct.pack("!HH", *pair) for pair in zip(kinds, vlans, strict=True))
    return frame[:12] + tags + frame[12:]


def checksum(content: bytes) -> int:
    """The Internet's checksum (RFC 1071)."""
    content += b"\0" * (len(content) % 2)
    total = sum(int.from_bytes(content[at : at + 2]) for at in range(0, len(content), 2))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def sealed(content: bytes, at: int, over: bytes = b"") -> bytes:
    """The content with its checksum there, which counts what is `over` it, too."""
    return content[:at] + struct.pack("!H", checksum(over + content)) + content[at + 2 :]


def arp(kind: int, sender: End, target: End, mark: bytes) -> bytes:
    """What ARP says; the mark is in what fills the frame up."""
    ends = b"".join(mac(end.mac) + IPv4Address(end.address).packed for end in (sender, target))
    return struct.pack("!HHBBH", 1, IPV4, 6, 4, kind) + ends + mark


def ipv4(source: str, target: str, protocol: int, content: bytes) -> bytes:
    """A packet that must not be cut into pieces."""
    ends = (IPv4Address(source).packed, IPv4Address(target).packed)
    head = struct.pack(
        "!BBHHHBBH4s4s", 0x45, 0, 20 + len(content), 1, 0x4000, 64, protocol, 0, *ends
    )
    return sealed(head, 10) + content


def transport(
    source: str, target: str, protocol: int, ports: tuple[int, int], content: bytes
) -> bytes:
    """A packet of TCP (its first one) or UDP, from port to port; of another protocol, the content.

    For ICMP the second port is the type.
    """
    pseudo = IPv4Address(source).packed + IPv4Address(target).packed
    if protocol == TCP:
        head = struct.pack("!HHIIBBHHH", *ports, 1, 0, 5 << 4, 2, 1024, 0, 0)
        content, at = head + content, 16
    elif protocol == UDP:
        content, at = struct.pack("!HHHH", *ports, 8 + len(content), 0) + content, 6
    elif protocol == ICMP:
        pseudo = b""
        content, at = struct.pack("!BBHHH", ports[1], 0, 0, ports[0], 1) + content, 2
    else:
        return ipv4(source, target, protocol, struct.pack("!II", ports[0], 1) + content)
    if pseudo:
        pseudo += struct.pack("!HH", protocol, len(content))
    return ipv4(source, target, protocol, sealed(content, at, pseudo))


def link_local(of: str) -> str:
    """The IPv6 address that a NIC makes of its MAC (RFC 4291, appendix A)."""
    first, *rest = mac(of)
    interface = bytes([first ^ 2, *rest[:2], 0xFF, 0xFE, *rest[2:]])
    return str(IPv6Address(bytes.fromhex("fe80") + bytes(6) + interface))


def neighbour_discovery(kind: int, source: str, target: str, body: bytes) -> bytes:
    """A packet of neighbour discovery (RFC 4861), which has come over no router."""
    ends = IPv6Address(source).packed + IPv6Address(target).packed
    content = struct.pack("!BBH", kind, 0, 0) + body
    content = sealed(content, 2, ends + struct.pack("!II", len(content), ICMP6))
    return struct.pack("!IHBB", 6 << 28, len(content), ICMP6, 255) + ends + content


def router_advertisement(sender: str, mark: bytes) -> bytes:
    """The sender is a router; the mark is in an option that nobody knows."""
    body = struct.pack("!BBHII", 64, 0, 1800, 0, 0) + option(mark)
    return neighbour_discovery(134, link_local(sender), "ff02::1", body)


def neighbour_advertisement(sender: str, owner: str, mark: bytes) -> bytes:
    """The owner's address is now at the sender."""
    body = struct.pack("!I", 0x20000000) + IPv6Address(link_local(owner)).packed
    body += struct.pack("!BB6s", 2, 1, mac(sender)) + option(mark)
    return neighbour_discovery(136, link_local(owner), "ff02::1", body)


def option(mark: bytes) -> bytes:
    """An option of neighbour discovery with the mark, of which nobody knows the type."""
    length = (len(mark) + 2 + 7) // 8
    return (struct.pack("!BB", 253, length) + mark).ljust(length * 8, b"\0")


def dhcp_offer(server: End, client: End, mark: bytes) -> bytes:
    """The offer of a DHCP server (RFC 2131): the mark is its file's name."""
    addresses = [IPv4Address(text).packed for text in ("0.0.0.0", client.address, server.address)]  # noqa: S104
    body = struct.pack("!BBBBIHH", 2, 1, 6, 0, 7, 0, 0x8000) + b"".join(addresses) + bytes(4)
    body += mac(client.mac).ljust(16, b"\0") + bytes(64) + mark.ljust(128, b"\0")
    body += bytes.fromhex("63825363 350102 3604") + addresses[2] + b"\xff"
    return transport(server.address, "255.255.255.255", UDP, (67, 68), body)
