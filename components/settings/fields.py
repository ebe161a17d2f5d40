"""The types of fields: their limits and forms."""

import contextlib
import re
from ipaddress import IPv4Address, IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Annotated, Literal

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    SecretStr,
    WithJsonSchema,
)

from . import keys, names, userdata
from .addresses import dns_servers, no_host_bits, not_an_end, reachable
from .kinds import Kind, formed, from_text, kind_of, within
from .messages import show
from .names import Form

WORD = Form(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,62}", "a simple word of letters, digits, '_', '.', '-'")
USER = Form(r"[a-z_][a-z0-9_-]{0,31}", "a user name: 1 to 32 of a-z, 0-9, '_' and '-'")
DOMAIN = Form(
    r"(?=.{1,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])?",
    "a domain name such as cloud.example.org: parts of a-z, 0-9 and '-', with a '.' between them",
)
INTERFACE = Form(
    r"(?!\.\.?$)[!-.0-9;-~]{1,15}",
    "an interface name: 1 to 15 characters, no space, '/' or ':'",
)
UUID = Form(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "an id as `openstack server list` has it")
SHA256 = Form(r"[0-9a-fA-F]{64}", "a SHA-256: 64 hexadecimal digits")
FOLDER = Form(
    r"(/(?!\.\.?(/|$))[A-Za-z0-9_.-]{1,255}){1,32}",
    "a folder's whole path: it begins with '/', and each part has letters, digits, '_', '.', '-'",
)
URL = Form(r"https?://[^\s/@]+/\S*", "an http:// or https:// address without a user or password")

VLAN = (1, 4094)
PORT = (1, 65535)
COUNT = (1, 2**31 - 1)
SIZE = (0, 2**31 - 1)
WIRE_MTU = (1280, 9216)
"""Bytes: from IPv6's least to what switches carry."""
MTU = (576, 9216)
"""Bytes: from what each machine with IPv4 takes in one piece."""
ICMP = (1, 255)
HOURS = (1, 744)
"""At most a month."""
SECRET_LENGTH = 20
SECRET_CHARACTERS = 8
"""Least number of different ones; a random secret has more."""
PREFIX = (8, 30)
MAPPED = IPv6Network("::/80")
"""Where IPv6 has its addresses of IPv4, which no packet has on a wire."""

DiskFormat = Literal["qcow2", "raw", "vmdk", "vdi", "vhdx", "iso"]


def _address_or_true(value: object) -> object:
    """Convert an address; `true` stays. The union behind it would say each of its refusals."""
    if value is True or isinstance(value, IPv4Address):
        return value
    if isinstance(value, str):
        with contextlib.suppress(ValueError):
            return IPv4Address(value)
    raise ValueError(f"{show(value)} is not an IPv4 address such as 10.101.0.50, and not true")


def _network(text: str) -> IPv4Network:
    if "/" not in text:
        raise ValueError(text)
    return IPv4Network(text, strict=False)


def _any_network(text: str) -> IPv4Network | IPv6Network:
    if "/" not in text or "%" in text:  # the name of a NIC
        raise ValueError(text)
    return ip_network(text, strict=False)


def _network_of_any_version(value: object) -> object:
    """Convert a network. The union behind it would say each of its refusals."""
    if isinstance(value, IPv4Network | IPv6Network):
        return value
    if isinstance(value, str):
        with contextlib.suppress(ValueError):
            return _any_network(value)
    raise ValueError(f"{show(value)} is not a network such as 10.101.0.0/24 or 2001:db8:101::/64")


def _not_mapped(network: IPv4Network | IPv6Network) -> IPv4Network | IPv6Network:
    if isinstance(network, IPv6Network) and network.subnet_of(MAPPED):
        raise ValueError(f"{network} has no machines; IPv4 is written as 10.0.0.0/8")
    return network


def _prefix(value: IPv4Network) -> IPv4Network:
    if PREFIX[0] <= value.prefixlen <= PREFIX[1]:
        return value
    raise ValueError(f"/{value.prefixlen} is outside /{PREFIX[0]}../{PREFIX[1]}")


def _path(text: str) -> Path:
    if not text or "\0" in text or "\n" in text:
        raise ValueError(text)
    return Path(text).expanduser()


def _secret(value: SecretStr) -> SecretStr:
    text = value.get_secret_value().strip()
    advice = "make one with `openssl rand -hex 32`"
    if len(text) < SECRET_LENGTH:
        raise ValueError(f"is shorter than {SECRET_LENGTH} characters; {advice}")
    if len(set(text)) < SECRET_CHARACTERS:
        raise ValueError(f"has fewer than {SECRET_CHARACTERS} different characters; {advice}")
    return value


def _password(value: SecretStr) -> SecretStr:
    if not re.fullmatch("[0-9a-f]{40}", value.get_secret_value()):
        raise ValueError("is not a password of the cloud's: 40 hexadecimal digits")
    return value


Hostname = Annotated[str, formed(names.HOSTNAME), kind_of(names.HOSTNAME)]
ServerName = Annotated[
    Hostname, AfterValidator(names.group), Kind("server name", "a host name, not `default`")
]
ServerId = Annotated[str, formed(UUID), Kind("id", "as `openstack server list` has it")]
DomainName = Annotated[str, formed(DOMAIN), kind_of(DOMAIN)]
Name = Annotated[str, formed(names.NAME), kind_of(names.NAME)]
GroupName = Annotated[
    Name,
    AfterValidator(names.group),
    Kind("group name", f"{kind_of(names.NAME).limits}; not `default`"),
]
ProjectName = Annotated[
    str,
    formed(names.PROJECT),
    AfterValidator(names.project),
    Kind("project name", f"{kind_of(names.PROJECT).limits}; not {', '.join(names.RESERVED)}"),
]
FlavorName = Annotated[Name, AfterValidator(names.flavor)]
Description = Annotated[
    str,
    AfterValidator(names.description),
    Kind("text", f"any text of at most {names.DESCRIPTION_BYTES} bytes"),
]
Word = Annotated[
    str,
    formed(WORD),
    Kind("word", "1 to 63 letters, digits, '_', '.' and '-'; the first is a letter or digit"),
]
Interface = Annotated[str, formed(INTERFACE), kind_of(INTERFACE)]
Vlan = Annotated[int, within(VLAN), Kind("VLAN", f"{VLAN[0]}..{VLAN[1]}")]
Port = Annotated[int, within(PORT), Kind("port", f"{PORT[0]}..{PORT[1]}")]
IcmpNumber = Annotated[int, within(ICMP), Kind("type or code", f"{ICMP[0]}..{ICMP[1]}")]
Count = Annotated[int, within(COUNT), Kind("number", f"{COUNT[0]} or more")]
WireMtu = Annotated[int, within(WIRE_MTU), Kind("MTU of a wire", f"{WIRE_MTU[0]}..{WIRE_MTU[1]}")]
Mtu = Annotated[int, within(MTU), Kind("MTU", f"{MTU[0]}..{MTU[1]}")]
Hours = Annotated[int, within(HOURS), Kind("hours", f"{HOURS[0]}..{HOURS[1]}")]
Size = Annotated[int, within(SIZE), Kind("size", f"a number, {SIZE[0]} or more")]
Address = Annotated[
    IPv4Address,
    from_text(IPv4Address, "an IPv4 address such as 192.168.100.10"),
    Kind("IPv4 address", "such as 192.168.100.10"),
]
FloatingAddress = Annotated[
    Address | Literal[True],
    BeforeValidator(_address_or_true),
    Kind("floating address", "an address of the external network; `true`: Neutron chooses it"),
]
NodeAddress = Annotated[Address, reachable("a node cannot use"), AfterValidator(not_an_end)]
DnsAddress = Annotated[Address, reachable("no server can ask")]
DnsServers = Annotated[tuple[DnsAddress, ...], Field(strict=False), AfterValidator(dns_servers)]
# Pydantic runs the last before-validator first.
Network = Annotated[
    IPv4Network,
    from_text(_network, "an IPv4 network such as 10.101.0.0/24"),
    no_host_bits(_network),
    WithJsonSchema(
        {
            "type": "string",
            "pattern": r"^\d+(\.\d+){3}/\d+$",
            "patternErrorMessage": "is not an IPv4 network such as 10.101.0.0/24",
        }
    ),
    Kind("IPv4 network", "such as 10.101.0.0/24, no host bits set"),
]
AnyNetwork = Annotated[
    IPv4Network | IPv6Network,
    BeforeValidator(_network_of_any_version),
    no_host_bits(_any_network),
    AfterValidator(_not_mapped),
    WithJsonSchema(
        {
            "type": "string",
            "pattern": r"^(\d+(\.\d+){3}|[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*)/\d+$",
            "patternErrorMessage": "is not a network such as 10.101.0.0/24 or 2001:db8:101::/64",
        }
    ),
    Kind("network", "such as 10.101.0.0/24 or 2001:db8:101::/64, no host bits set"),
]
TenantNetwork = Annotated[
    Network,
    AfterValidator(_prefix),
    reachable("a network cannot use"),
    Kind("subnet", f"an IPv4 network of /{PREFIX[0]} to /{PREFIX[1]}"),
]
File = Annotated[
    Path,
    from_text(_path, "a file's path"),
    Kind("path", "on the machine that runs Pulumi; a relative one starts in the project's folder"),
]
Folder = Annotated[str, formed(FOLDER), Kind("folder", "such as /var/backups/iaas")]
User = Annotated[str, formed(USER), kind_of(USER)]
Url = Annotated[str, formed(URL), Kind("URL", URL.words)]
Sha256 = Annotated[str, formed(SHA256), AfterValidator(str.lower), kind_of(SHA256)]
UserData = Annotated[
    str,
    AfterValidator(userdata.check),
    Kind("user data", f"at most {userdata.LIMIT} bytes of what cloud-init reads"),
]
Secret = Annotated[
    SecretStr,
    AfterValidator(_secret),
    Kind(
        "secret",
        f"{SECRET_LENGTH} characters or more, {SECRET_CHARACTERS} different ones, encrypted",
    ),
]
Password = Annotated[
    SecretStr, AfterValidator(_password), Kind("password", "40 hexadecimal digits, encrypted")
]
PublicKey = Annotated[
    str, AfterValidator(keys.public_key), Kind("public key", "one line such as `ssh-ed25519 AAAA…`")
]
HostKey = Annotated[
    str, AfterValidator(keys.host_key), Kind("host key", "one line such as `ssh-ed25519 AAAA…`")
]
Many = Field(strict=False)
"""A list of the config becomes a tuple; its items stay strict."""
