"""What the settings promise: a good config is read, and each mistake is named at its place."""

import base64
import copy
import hashlib
import json
import re
import struct
from collections.abc import Callable
from ipaddress import IPv4Address, IPv4Network
from pathlib import Path
from typing import Any

import pulumi
import pytest
import yaml
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
)
from pydantic import ValidationError

from components.settings import (
    ImageSettings,
    NetworkSettings,
    NodeSettings,
    ProjectSettings,
    QuotaSettings,
    ServerSettings,
    Settings,
    SettingsError,
    TenantStackSettings,
    from_pulumi,
    load,
)
from tests.unit.examples import (
    MIB,
    SECRET,
    as_pulumi,
    good_config,
    private_key,
    public_key,
    qcow2,
)

ROOT = Path(__file__).parents[2]
SHA = hashlib.sha256(qcow2()).hexdigest()
GONE = object()
"""In a change: the key is not there."""

Change = dict[str, object]
"""Place in the config, and what stands there; a function makes it in a folder."""


def changed(config: dict[str, object], change: Change, folder: Path) -> dict[str, object]:
    """Return the config with other values; a place may be one behind a list's end."""
    config = copy.deepcopy(config)
    for place, value in change.items():
        *parents, last = [int(p) if p.isdigit() else p for p in re.findall(r"\w+", place)]
        target: Any = config
        for part in parents:
            target = target[part]
        if callable(value):
            value = value(folder)  # noqa: PLW2901
        if value is GONE:
            del target[last]
        elif isinstance(target, list) and last == len(target):
            target.append(value)
        else:
            target[last] = value
    return config


def problems(config: dict[str, str], secret_keys: tuple[str, ...] | None = None) -> list[str]:
    """Return the lines of what is wrong, without the header."""
    with pytest.raises(SettingsError) as caught:
        load(config, secret_keys)
    header, *lines = str(caught.value).split("\n")
    assert header.startswith("The settings have ")
    assert all(line.startswith("  iaas:") for line in lines)
    return [line.removeprefix("  iaas:") for line in lines]


def file(content: bytes | str, name: str = "file") -> Callable[[Path], str]:
    """Make a file in the test's folder; its path is the value."""

    def make(folder: Path) -> str:
        path = folder / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return str(path)

    return make


def sparse(folder: Path) -> str:
    """Make a raw image of more than 1 GiB, which takes no place."""
    path = folder / "sparse"
    with path.open("wb") as image:
        image.truncate(1024 * MIB + 1)
    return str(path)


def string(content: bytes) -> bytes:
    """Write a string of ssh's wire format."""
    return struct.pack(">I", len(content)) + content


def locked_key(form: PrivateFormat) -> str:
    """Return a private key with a passphrase (for OpenSSH's form only its head is real)."""
    if form is PrivateFormat.OpenSSH:
        kdf = string(string(b"s" * 16) + struct.pack(">I", 16))
        head = b"openssh-key-v1\0" + string(b"aes256-ctr") + string(b"bcrypt") + kdf
        public = base64.b64decode(public_key("locked").split()[1])
        blob = head + struct.pack(">I", 1) + string(public) + string(b"x" * 160)
        text = base64.encodebytes(blob).decode()
        name = "OPENSSH PRIVATE KEY"
        return f"-----BEGIN {name}-----\n{text}-----END {name}-----\n"
    key = Ed25519PrivateKey.generate()
    return key.private_bytes(Encoding.PEM, form, BestAvailableEncryption(b"word")).decode()


def iso() -> bytes:
    """Return the least that counts as an ISO image."""
    return bytes(0x8001) + b"CD001"


SERVER: dict[str, object] = {
    "name": "web2",
    "project": "web",
    "image": "guest",
    "flavor": "tiny",
    "network": "front",
    "publicKey": public_key("web2"),
}
NETWORK: dict[str, object] = {
    "name": "more",
    "segment": 102,
    "cidr": "10.102.0.0/24",
    "shared": True,
}

# A promise, a change to the good config, and the place and words of the one problem it makes.
CASES: tuple[tuple[str, Change, str, str], ...] = (
    # Keys and types
    ("unknown key", {"foo": 1}, "foo", "is no known key; there is region, ssh"),
    ("unknown key, near one", {"sercet": "x"}, "sercet", "did you mean secret?"),
    ("unknown key in a mapping", {"ssh.prt": 22}, "ssh.prt", "did you mean port?"),
    ("a key's case counts", {"provider.minVlan": 1}, "provider.minVlan", "did you mean minvlan?"),
    ("a key is camelCase", {"images[1].min_disk": 1}, "images[1].min_disk", "mean minDisk?"),
    ("a section is camelCase", {"allow_deletion": {}}, "allow_deletion", "mean allowDeletion?"),
    (
        "unknown key deep inside",
        {"servers[0].ingress[1].prot": 1},
        "servers[0].ingress[1].prot",
        "did you mean port?",
    ),
    ("unknown key, no word", {"ssh": {"a/b": 1}}, "ssh.'a/b'", "is no known key; there is user"),
    ("no controller", {"controller": GONE}, "controller", "is missing: the node of the services"),
    ("missing key", {"networks[0].cidr": GONE}, "networks[0].cidr", "is missing: the subnet"),
    (
        "missing key deep inside",
        {"projects[0].quota.ram": GONE},
        "projects[0].quota.ram",
        "is missing: memory (MiB)",
    ),
    ("number as text", {"ssh.port": "22"}, "ssh.port", "'22' is not a whole number, without"),
    ("number as float", {"ssh.port": 22.0}, "ssh.port", "22.0 is not a whole number"),
    ("number as truth", {"flavors[0].vcpus": True}, "flavors[0].vcpus", "true is not a whole"),
    ("text as number", {"projects[1].description": 5}, "projects[1].description", "5 is not a te"),
    ("truth as text", {"flavors[0].public": "yes"}, "flavors[0].public", "'yes' is not true or"),
    ("nothing", {"flavors[0].ram": None}, "flavors[0].ram", "nothing is not a whole number"),
    ("list as mapping", {"servers": {}}, "servers", "a mapping is not a list"),
    ("list as text", {"networks[1].dns": "9.9.9.9"}, "networks[1].dns", "'9.9.9.9' is not a list"),
    ("mapping as list", {"ssh": []}, "ssh", "a list is not a mapping of keys to values"),
    ("mapping as text", {"ssh": "root"}, "ssh", "'root' is not a mapping"),
    ("entry as text", {"computes[2]": "c3"}, "computes[2]", "'c3' is not a mapping"),
    ("address as number", {"controller.host": 3232261130}, "controller.host", "is not a text"),
    ("file as number", {"ssh.privateKeyFile": 1}, "ssh.privateKeyFile", "1 is not a text"),
    (
        "a rule inside a broken entry",
        {"servers[0].address": 1, "servers[0].ingress[0].port": 1},
        "servers[0].address servers[0].ingress[0].port",
        "1 is not a text",
    ),
    # Names
    ("region with space", {"region": "Region One"}, "region", "is not a simple word"),
    ("region begins with a sign", {"region": "-one"}, "region", "is not a simple word"),
    ("a key's text is not repeated", {"ssh.user": "PRIVATE"}, "ssh.user", "this text is not a"),
    ("nor are lines", {"region": "one\ntwo"}, "region", "this text is not a simple"),
    ("region too long", {"region": "r" * 64}, "region", "is not a simple word"),
    ("node name in capitals", {"computes[0].name": "Compute"}, "computes[0].name", "a host name"),
    ("node name with dot", {"computes[0].name": "a.b"}, "computes[0].name", "a host name"),
    ("node name begins with -", {"computes[0].name": "-a"}, "computes[0].name", "a host name"),
    ("node name ends in -", {"computes[0].name": "a-"}, "computes[0].name", "a host name"),
    ("node name too long", {"computes[0].name": "a" * 64}, "computes[0].name", "a host name"),
    ("node called localhost", {"controller.name": "localhost"}, "controller.name", "localhost"),
    ("server name no host name", {"servers[1].name": "db_1"}, "servers[1].name", "a host name"),
    ("no name", {"projects[2]": {"name": ""}}, "projects[2].name", "1 to 64 characters"),
    ("project's name too long", {"projects[2]": {"name": "p" * 65}}, "projects[2].name", "1 to 64"),
    ("name too long", {"networks[2]": NETWORK | {"name": "n" * 256}}, "networks[2].name", "to 255"),
    (
        "name beyond the database",
        {"networks[2]": NETWORK | {"name": "front 😀"}},
        "networks[2].name",
        "none beyond U+FFFF (as emoji are)",
    ),
    ("half a character", {"projects[2]": {"name": "a\ud83d"}}, "projects[2].name", "beyond U+FFFF"),
    (
        "flavor with what nobody sees",
        {"flavors[2]": {"name": "ti\u200bny2", "vcpus": 1, "ram": 1, "disk": 1}},
        "flavors[2].name",
        "holds U+200B, which Nova refuses in a flavor's name",
    ),
    (
        "flavor with a line's end",
        {"flavors[2]": {"name": "tiny\u20282", "vcpus": 1, "ram": 1, "disk": 1}},
        "flavors[2].name",
        "holds U+2028",
    ),
    (
        "server called default",
        {"servers[1].name": "default"},
        "servers[1].name",
        "'default' is the name of each project's own group; take another",
    ),
    (
        "description beyond the database",
        {"projects[1].description": "all 😀"},
        "projects[1].description",
        "holds U+1F600; the database stores none beyond U+FFFF",
    ),
    ("description with NUL", {"projects[1].description": "\0"}, "projects[1].description", "a NUL"),
    (
        "description too long",
        {"projects[1].description": "é" * 32768},
        "projects[1].description",
        "65536 bytes are more than the 65535",
    ),
    ("space at the front", {"projects[2]": {"name": " p"}}, "projects[2].name", "no space at its"),
    ("space at the end", {"projects[2]": {"name": "p "}}, "projects[2].name", "no space at its"),
    ("control character", {"projects[2]": {"name": "a\tb"}}, "projects[2].name", "no control"),
    ("project admin", {"projects[2]": {"name": "Admin"}}, "projects[2].name", "cloud's own"),
    ("project service", {"projects[2]": {"name": "service"}}, "projects[2].name", "cloud's own"),
    ("physical with colon", {"provider.physicalName": "a:b"}, "provider.physicalName", "simple wo"),
    ("NIC too long", {"provider.interfaceName": "e" * 16}, "provider.interfaceName", "1 to 15"),
    ("NIC with slash", {"computes[1].interfaceName": "a/b"}, "computes[1].interfaceName", "no spa"),
    ("NIC with colon", {"provider.interfaceName": "eth0:1"}, "provider.interfaceName", "or ':'"),
    ("NIC a folder", {"provider.interfaceName": ".."}, "provider.interfaceName", "1 to 15"),
    ("ssh user", {"ssh.user": "Root!"}, "ssh.user", "is not a user name"),
    ("ssh user begins with a digit", {"ssh.user": "1st"}, "ssh.user", "is not a user name"),
    ("ssh user too long", {"ssh.user": "u" * 33}, "ssh.user", "1 to 32"),
    # Duplicates
    ("node name twice", {"computes[0].name": "controller"}, "computes[0].name", "of controller"),
    ("node twice", {"computes[1].host": "192.168.100.20"}, "computes[1].host", "of computes[0]"),
    ("project twice", {"projects[2]": {"name": "web"}}, "projects[2].name", "of projects[0] too"),
    (
        "names' case is no case",
        {"projects[2]": {"name": "WEB"}},
        "projects[2].name",
        "'WEB' is for OpenStack's database the same as 'web' of projects[0]; take another",
    ),
    (
        "accents are none",
        {"flavors[2]": {"name": "Tíny", "vcpus": 1, "ram": 1, "disk": 1}},
        "flavors[2].name",
        "the same as 'tiny' of flavors[0]",
    ),
    ("project admin with an accent", {"projects[2]": {"name": "Ádmin"}}, "projects[2].name", "own"),
    ("image twice", {"images[1].name": "guest", "servers[1].image": "guest"}, "images[1].name", ""),
    ("network twice", {"networks[2]": NETWORK | {"name": "data"}}, "networks[2].name", "of netwo"),
    (
        "flavor twice",
        {"flavors[2]": {"name": "tiny", "vcpus": 1, "ram": 1, "disk": 1}},
        "flavors[2].name",
        "of flavors[0]",
    ),
    ("server twice, in any project", {"servers[1].name": "web1"}, "servers[1].name", "servers[0]"),
    (
        "duplicate of a broken entry",
        {"servers[1].name": "web1", "servers[0].address": 1},
        "servers[0].address servers[1].name",
        "1 is not a text",
    ),
    # Addresses
    ("address no address", {"controller.host": "node1"}, "controller.host", "IPv4 address such as"),
    ("address IPv6", {"controller.host": "fd00::1"}, "controller.host", "is not an IPv4 address"),
    ("node nowhere", {"controller.host": "0.0.0.1"}, "controller.host", "a node cannot use"),
    ("node on multicast", {"controller.host": "224.0.0.5"}, "controller.host", "a node cannot"),
    ("node on broadcast", {"controller.host": "255.255.255.255"}, "controller.host", "cannot use"),
    ("node on loopback", {"controller.host": "127.0.0.1"}, "controller.host", "each machine's own"),
    ("node link local", {"controller.host": "169.254.10.10"}, "controller.host", "link local"),
    (
        "node at a broadcast",
        {"computes[0].host": "192.168.100.255"},
        "computes[0].host",
        "192.168.100.255 ends in 255, which a network keeps for its broadcast; take another",
    ),
    ("node at a network", {"computes[0].host": "192.168.100.0"}, "computes[0].host", "own address"),
    (
        "DNS on loopback",
        {"networks[0].dns[1]": "127.0.0.53"},
        "networks[0].dns[1]",
        "127.0.0.53 lies in 127.0.0.0/8 (loopback: each machine's own), which no server can ask",
    ),
    ("DNS link local", {"networks[0].dns[1]": "169.254.169.254"}, "networks[0].dns[1]", "metadata"),
    ("DNS on multicast", {"networks[0].dns[1]": "224.0.0.251"}, "networks[0].dns[1]", "multicast"),
    (
        "six DNS servers",
        {"networks[0].dns": [f"9.9.9.{i}" for i in range(6)]},
        "networks[0].dns",
        "has 6 servers; Neutron takes at most 5",
    ),
    (
        "DNS server twice",
        {"networks[0].dns": ["8.8.8.8", "9.9.9.9", "8.8.8.8"]},
        "networks[0].dns",
        "8.8.8.8 is there twice; leave one out",
    ),
    (
        "DNS at its network's broadcast",
        {"networks[0].dns": ["10.101.0.255"]},
        "networks[0].dns[0]",
        "10.101.0.255 is no machine's address in 10.101.0.0/24",
    ),
    ("DNS no address", {"networks[0].dns[1]": "dns.example"}, "networks[0].dns[1]", "IPv4 address"),
    ("cidr no network", {"networks[1].cidr": "10.150.0.0"}, "networks[1].cidr", "an IPv4 network"),
    ("host bits", {"networks[1].cidr": "10.150.0.9/24"}, "networks[1].cidr", "is 10.150.0.0/24"),
    ("network too small", {"networks[1].cidr": "10.150.0.0/31"}, "networks[1].cidr", "/8../30"),
    ("network too large", {"networks[1].cidr": "8.0.0.0/7"}, "networks[1].cidr", "/8../30"),
    ("network loopback", {"networks[1].cidr": "127.1.0.0/24"}, "networks[1].cidr", "127.0.0.0/8"),
    ("network multicast", {"networks[1].cidr": "224.1.0.0/16"}, "networks[1].cidr", "224.0.0.0/4"),
    ("network metadata", {"networks[1].cidr": "169.254.0.0/16"}, "networks[1].cidr", "cannot use"),
    (
        "networks overlap",
        {"networks[1].cidr": "10.101.0.128/25"},
        "networks[1].cidr",
        "10.101.0.128/25 overlaps 10.101.0.0/24 of networks[0]",
    ),
    (
        "network holds a node",
        {"networks[1].cidr": "192.168.100.8/30"},
        "networks[1].cidr",
        "holds 192.168.100.10 of controller",
    ),
    (
        "network holds a compute",
        {"networks[1].cidr": "192.168.101.0/24", "computes[1].host": "192.168.101.1"},
        "networks[1].cidr",
        "holds 192.168.101.1 of computes[1]",
    ),
    (
        "gateway outside",
        {"networks[1].gateway": "10.151.0.1"},
        "networks[1].gateway",
        "10.150.0.1 to 10.150.0.254",
    ),
    ("gateway is the network", {"networks[1].gateway": "10.150.0.0"}, "networks[1].gateway", "no"),
    ("gateway is broadcast", {"networks[1].gateway": "10.150.0.255"}, "networks[1].gateway", "no"),
    ("pool outside", {"networks[0].pool.end": "10.102.0.1"}, "networks[0].pool.end", "10.101.0.25"),
    (
        "pool at broadcast",
        {"networks[0].pool.end": "10.101.0.255"},
        "networks[0].pool.end",
        "no ma",
    ),
    (
        "pool from the network",
        {"networks[0].pool.start": "10.101.0.0", "networks[0].gateway": None},
        "networks[0].pool.start",
        "10.101.0.1 to",
    ),
    ("pool upside down", {"networks[0].pool.end": "10.101.0.99"}, "networks[0].pool", "swap them"),
    (
        "gateway in the pool",
        {"networks[0].gateway": "10.101.0.150"},
        "networks[0].pool",
        "leave it",
    ),
    (
        "gateway begins the pool",
        {"networks[0].gateway": "10.101.0.100"},
        "networks[0].pool",
        "10.101.0.100 to 10.101.0.199 holds the gateway 10.101.0.100",
    ),
    (
        "gateway ends the pool",
        {"networks[0].gateway": "10.101.0.199"},
        "networks[0].pool",
        "10.101.0.100 to 10.101.0.199 holds the gateway 10.101.0.199",
    ),
    ("fixed outside", {"servers[0].address": "10.150.0.11"}, "servers[0].address", "10.101.0.0/24"),
    ("fixed is the gateway", {"servers[0].address": "10.101.0.1"}, "servers[0].address", "'front'"),
    ("fixed is broadcast", {"servers[0].address": "10.101.0.255"}, "servers[0].address", "no mach"),
    (
        "fixed twice",
        {"servers[2]": SERVER | {"address": "10.101.0.11"}},
        "servers[2].address",
        "10.101.0.11 is the address of servers[0] too",
    ),
    (
        "opening with host bits",
        {"servers[0].ingress[1].cidr": "10.0.0.1/8"},
        "servers[0].ingress[1].cidr",
        "the network is 10.0.0.0/8",
    ),
    # VLANs
    (
        "segment outside",
        {"networks[1].segment": 250},
        "networks[1].segment",
        "250 is outside 100..201; take a free one, e.g. 100",
    ),
    (
        "the last segment is free",
        {"provider.minvlan": 101, "provider.maxvlan": 102},
        "networks[1].segment",
        "150 is outside 101..102; take a free one, e.g. 102",
    ),
    (
        "no segment is free",
        {"provider.minvlan": 101, "provider.maxvlan": 101},
        "networks[1].segment",
        "none in it is free",
    ),
    ("segment no VLAN", {"networks[1].segment": 4095}, "networks[1].segment", "outside 1..4094"),
    ("segment 0", {"networks[1].segment": 0}, "networks[1].segment", "0 is outside 1..4094"),
    ("segment twice", {"networks[1].segment": 101}, "networks[1].segment", "of networks[0] too"),
    ("range upside down", {"provider.minvlan": 300}, "provider.minvlan", "above maxvlan 201"),
    ("range no VLAN", {"provider.maxvlan": 4095}, "provider.maxvlan", "outside 1..4094"),
    # References
    ("no such project", {"servers[0].project": "wbe"}, "servers[0].project", "did you mean web?"),
    ("no such image", {"servers[0].image": "x"}, "servers[0].image", "there is guest, other"),
    (
        "no such image, and a project without a name",
        {"servers[0].image": "geust", "projects[0].name": 7},
        "projects[0].name servers[0].image",
        "7 is not a text",
    ),
    (
        "no image at all",
        {"images": []},
        "servers[0].image servers[1].image",
        "'guest' is not among the images; there is none",
    ),
    ("no such flavor", {"servers[0].flavor": "tyni"}, "servers[0].flavor", "did you mean tiny?"),
    ("no such network", {"servers[1].network": "date"}, "servers[1].network", "mean data?"),
    (
        "network of no project",
        {"networks[2]": NETWORK | {"shared": False, "project": "x"}},
        "networks[2].project",
        "there is web, db",
    ),
    (
        "flavor for no project",
        {"flavors[1].projects[1]": "dp"},
        "flavors[1].projects[1]",
        "there is web, db",
    ),
    (
        "network of another project",
        {"servers[0].network": "data", "servers[0].address": None},
        "servers[0].network",
        "'data' belongs to project 'db', not to 'web'",
    ),
    ("flavor of another project", {"servers[0].flavor": "small"}, "servers[0].flavor", "not list"),
    (
        "network for none",
        {"networks[0].shared": False, "servers[0].name": "w"},
        "networks[0].shared",
        "give exactly one of",
    ),
    ("network for all and one", {"networks[1].shared": True}, "networks[1].shared", "exactly one"),
    (
        "users of a public flavor",
        {"flavors[1].public": True},
        "flavors[1].projects",
        "public: fals",
    ),
    ("flavor's project twice", {"flavors[1].projects[1]": "db"}, "flavors[1].projects", "twice"),
    ("servers without a compute", {"computes": []}, "computes", "servers need one to run on"),
    # Images
    ("image from nowhere", {"images[1].url": GONE}, "images[1].file", "exactly one of file and u"),
    (
        "image from two places",
        {"images[1].file": file(qcow2()), "images[1].sha256": SHA},
        "images[1].file",
        "exactly one",
    ),
    ("url without sha256", {"images[1].sha256": GONE}, "images[1].sha256", "sha256sum"),
    ("sha256 no sha256", {"images[1].sha256": "0" * 63}, "images[1].sha256", "64 hexadecimal"),
    ("sha256 of another file", {"images[0].sha256": "0" * 64}, "images[0].sha256", "whose SHA-256"),
    ("url no url", {"images[1].url": "ftp://x/y"}, "images[1].url", "http:// or https://"),
    ("url with a password", {"images[1].url": "http://u:p@x/y"}, "images[1].url", "without a user"),
    (
        "unknown format",
        {"images[1].diskFormat": "qcow3"},
        "images[1].diskFormat",
        "'qcow3' is not 'qcow2', 'raw'",
    ),
    ("no image file", {"images[0].file": "nothing.qcow2"}, "images[0].file", "is not there, in /"),
    ("image a folder", {"images[0].file": str}, "images[0].file", "is not a regular file"),
    (
        "image a path no one has",
        {"images[0].file": "x" * 300},
        "images[0].file",
        "this text cannot be read: File",
    ),
    ("image with a NUL", {"images[0].file": "a\0b"}, "images[0].file", "is not a file's path"),
    ("image of two lines", {"images[0].file": "a\nb"}, "images[0].file", "is not a file's path"),
    ("image no path", {"images[0].file": ""}, "images[0].file", "'' is no value; leave file out"),
    (
        "qcow2 is raw",
        {"images[0].file": sparse, "images[0].sha256": None},
        "images[0].diskFormat",
        "/sparse' is not qcow2, but raw or no disk image at all",
    ),
    ("raw is qcow2", {"images[0].diskFormat": "raw"}, "images[0].diskFormat", "is qcow2, not raw"),
    (
        "vmdk is iso",
        {"images[0].diskFormat": "vmdk", "images[0].sha256": None, "images[0].file": file(iso())},
        "images[0].diskFormat",
        "is iso, not vmdk",
    ),
    (
        "qcow2 cut off",
        {"images[0].file": file(qcow2()[:40]), "images[0].sha256": None},
        "images[0].file",
        "/file' is cut short",
    ),
    (
        "qcow2 on another",
        {"images[0].file": file(qcow2(backing=104)), "images[0].sha256": None},
        "images[0].file",
        "has a backing file",
    ),
    # Sizes
    ("no vcpu", {"flavors[0].vcpus": 0}, "flavors[0].vcpus", "0 is outside 1.."),
    ("less than no disk", {"flavors[0].disk": -1}, "flavors[0].disk", "-1 is outside 0.."),
    ("too much memory for Nova", {"flavors[0].ram": 2**31}, "flavors[0].ram", "1..2147483647"),
    ("too large a disk for Nova", {"flavors[0].disk": 2**31}, "flavors[0].disk", "0..2147483647"),
    ("quota of none", {"projects[0].quota.cores": 0}, "projects[0].quota.cores", "outside 1.."),
    (
        "memory too small",
        {"images[0].minRam": 512},
        "servers[0].flavor",
        "'tiny' (256 MiB, 1 GiB disk) is too small for image 'guest',"
        " which needs 512 MiB and 1 GiB; no flavor is large enough",
    ),
    (
        "memory too small, another fits",
        {"images[0].minRam": 384},
        "servers[0].flavor",
        "needs 384 MiB and 1 GiB; take small",
    ),
    ("disk too small", {"images[0].minDisk": 2}, "servers[0].flavor", "needs 128 MiB and 2 GiB"),
    (
        "disk smaller than the image's own",
        {"images[0].file": file(qcow2(1025 * MIB)), "images[0].sha256": None},
        "servers[0].flavor",
        "and 2 GiB",
    ),
    (
        "disk smaller than a raw image",
        {"images[0].file": sparse, "images[0].sha256": None, "images[0].diskFormat": "raw"},
        "servers[0].flavor",
        "and 2 GiB",
    ),
    (
        "no disk for an empty image",
        {
            "images[0].file": file(bytes(1)),
            "images[0].sha256": None,
            "images[0].diskFormat": "raw",
            "images[0].minDisk": 0,
            "flavors[0].disk": 0,
        },
        "servers[0].flavor",
        "(256 MiB, 0 GiB disk) is too small",
    ),
    ("no disk", {"flavors[1].disk": 0}, "servers[1].flavor", "which needs 0 MiB and 1 GiB"),
    (
        "disk smaller than an image's from a url",
        {"images[1].minDisk": 2},
        "servers[1].flavor",
        "which needs 0 MiB and 2 GiB",
    ),
    (
        "too many servers",
        {"projects[0].quota.instances": 1, "servers[2]": SERVER},
        "projects[0].quota.instances",
        "1 is too little; its servers need 2",
    ),
    (
        "too many cores",
        {"projects[0].quota.cores": 1, "servers[2]": SERVER},
        "projects[0].quota.cores",
        "its servers need 2",
    ),
    (
        "too much memory",
        {"projects[0].quota.ram": 511, "servers[2]": SERVER},
        "projects[0].quota.ram",
        "511 is too little; its servers need 512",
    ),
    (
        "user data too long",
        {"servers[0].userData": "#!".ljust(49150)},
        "servers[0].userData",
        "49149",
    ),
    # What may reach a server
    (
        "unknown protocol",
        {"servers[0].ingress[1].protocol": "tpc"},
        "servers[0].ingress[1].protocol",
        "'tpc' is no protocol's name; did you mean tcp?",
    ),
    (
        "tcp without port",
        {"servers[0].ingress[1].port": GONE},
        "servers[0].ingress[1].port",
        "is missing; tcp needs one of 1..65535",
    ),
    ("icmp with port", {"servers[0].ingress[0].port": 1}, "servers[0].ingress[0].port", "leave it"),
    ("port 0", {"servers[0].ingress[1].port": 0}, "servers[0].ingress[1].port", "1..65535"),
    ("from nowhere", {"servers[0].ingress[1].cidr": GONE}, "servers[0].ingress[1].cidr", "missing"),
    (
        "opened twice",
        {"servers[0].ingress[2]": {"protocol": "icmp", "cidr": "0.0.0.0/0"}},
        "servers[0].ingress[2]",
        "is there twice",
    ),
    ("ssh port", {"ssh.port": 65536}, "ssh.port", "65536 is outside 1..65535"),
    # Keys and the secret
    ("no private key file", {"ssh.privateKeyFile": "no"}, "ssh.privateKeyFile", "is not there, in"),
    (
        "private key no key",
        {"ssh.privateKeyFile": file("hello")},
        "ssh.privateKeyFile",
        "/file' is no private key",
    ),
    (
        "private key is public",
        {"ssh.privateKeyFile": file(public_key())},
        "ssh.privateKeyFile",
        "is no private key",
    ),
    (
        "private key damaged",
        {"ssh.privateKeyFile": file(private_key().replace("AA", "BB"))},
        "ssh.privateKeyFile",
        "is a damaged private key",
    ),
    (
        "private key binary",
        {"ssh.privateKeyFile": file(b"\xff\xfe")},
        "ssh.privateKeyFile",
        "not a short text",
    ),
    (
        "private key too long",
        {"ssh.privateKeyFile": file(private_key().ljust(2**16 + 1, "\n"))},
        "ssh.privateKeyFile",
        "not a short text",
    ),
    (
        "private key locked, OpenSSH",
        {"ssh.privateKeyFile": file(locked_key(PrivateFormat.OpenSSH))},
        "ssh.privateKeyFile",
        "has a passphrase; put the key into the ssh agent",
    ),
    (
        "private key locked, PEM",
        {"ssh.privateKeyFile": file(locked_key(PrivateFormat.PKCS8))},
        "ssh.privateKeyFile",
        "has a passphrase",
    ),
    ("no public key", {"servers[1].publicKey": GONE}, "servers[1].publicKey", "exactly one of"),
    ("two public keys", {"servers[0].publicKey": public_key()}, "servers[0].publicKey", "exactly"),
    (
        "no public key file",
        {"servers[0].publicKeyFile": "no"},
        "servers[0].publicKeyFile",
        "is not",
    ),
    (
        "private for public",
        {"servers[1].publicKey": private_key()},
        "servers[1].publicKey",
        "is a private key; give the public one",
    ),
    (
        "file private for public",
        {"servers[0].publicKeyFile": file(private_key())},
        "servers[0].publicKeyFile",
        "is a private key",
    ),
    (
        "public key no key",
        {"servers[1].publicKey": "hello"},
        "servers[1].publicKey",
        "is no public",
    ),
    (
        "public key damaged",
        {"servers[1].publicKey": public_key()[:60]},
        "servers[1].publicKey",
        "is a damaged public key",
    ),
    (
        "two keys in one",
        {"servers[1].publicKey": f"{public_key()}\n{public_key('b')}"},
        "servers[1].publicKey",
        "is more than one line",
    ),
    (
        "no host key",
        {"controller.hostKey": GONE},
        "controller.hostKey",
        "`ssh-keyscan -t ed25519 HOST`",
    ),
    (
        "host key with address",
        {"controller.hostKey": f"192.168.100.10 {public_key()}"},
        "controller.hostKey",
        "begins with a host; leave it out",
    ),
    (
        "host key not to be checked",
        {"computes[0].checkHostKey": False},
        "computes[0].checkHostKey",
        "is false, but a hostKey is given",
    ),
    ("no secret", {"secret": GONE}, "secret", "`pulumi config set --secret secret …`"),
    ("empty secret", {"secret": ""}, "secret", "is missing: what every password"),
    ("short secret", {"secret": "hunter2"}, "secret", "shorter than 20 characters; make one with"),
    (
        "secret of twenty equal letters",
        {"secret": "x" * 20},
        "secret",
        "has fewer than 8 different characters; make one with `openssl rand -hex 32`",
    ),
    ("secret of few letters", {"secret": "abcdefg" * 9}, "secret", "fewer than 8 different"),
    ("secret of spaces", {"secret": "x" * 19 + " " * 9}, "secret", "shorter than 20 characters"),
)

# A promise, and a change to the good config that is no mistake: what is just within a limit.
ALLOWED: tuple[tuple[str, Change], ...] = (
    ("names of one letter", {"computes[0].name": "a", "projects[2]": {"name": "p"}, "region": "r"}),
    (
        "the longest names",
        {
            "computes[0].name": "a" * 63,
            "projects[2]": {"name": "p" * 64},
            "networks[2]": NETWORK | {"name": "é" * 255},
            "region": "r" * 63,
            "ssh.user": "u" * 32,
            "provider.interfaceName": "e" * 15,
        },
    ),
    ("names of all sorts", {"projects[2]": {"name": "Zoë & Søn / 3"}, "computes[0].name": "0-9"}),
    (
        "names of all scripts",
        {
            "projects[2]": {"name": "前端 ﷺ"},
            "networks[2]": NETWORK | {"name": "نت\u200cورک"},
            "flavors[2]": {"name": "छोटा ☂", "vcpus": 1, "ram": 1, "disk": 1},
        },
    ),
    ("a description of lines", {"projects[1].description": "one\n\ttwo" + "é" * 32000}),
    ("a user of the system", {"ssh.user": "_user-1"}),
    ("a NIC with a dot", {"provider.interfaceName": "eth0.5"}),
    (
        "the first and the last VLAN",
        {
            "provider.minvlan": 1,
            "provider.maxvlan": 4094,
            "networks[0].segment": 1,
            "networks[1].segment": 4094,
        },
    ),
    (
        "a range of one VLAN",
        {
            "provider.minvlan": 101,
            "provider.maxvlan": 101,
            "networks[1]": GONE,
            "servers[1]": GONE,
        },
    ),
    ("the first and the last port", {"ssh.port": 65535, "servers[0].ingress[1].port": 1}),
    ("the largest network", {"networks[1].cidr": "9.0.0.0/8"}),
    ("the smallest network", {"networks[1].cidr": "10.150.0.0/30"}),
    ("a network beside another", {"networks[1].cidr": "10.101.1.0/24"}),
    (
        "the largest flavor",
        {
            "flavors[1].ram": 2**31 - 1,
            "flavors[1].disk": 2**31 - 1,
            "projects[1].quota": {"instances": 1, "cores": 1, "ram": 2**31 - 1},
        },
    ),
    ("five DNS servers", {"networks[0].dns": [f"9.9.9.{i}" for i in (0, 1, 2, 3, 255)]}),
    ("the first address as gateway", {"networks[1].gateway": "10.150.0.1"}),
    ("the last address as gateway", {"networks[1].gateway": "10.150.0.254"}),
    (
        "a pool of all but the gateway",
        {"networks[0].pool": {"start": "10.101.0.2", "end": "10.101.0.254"}},
    ),
    ("a pool of one", {"networks[0].pool": {"start": "10.101.0.2", "end": "10.101.0.2"}}),
    ("the last address of a server", {"servers[0].address": "10.101.0.254"}),
    (
        "an address on each network",
        {
            "networks[2]": NETWORK,
            "servers[0].address": "10.101.0.11",
            "servers[2]": SERVER | {"network": "more", "address": "10.102.0.11"},
        },
    ),
    ("as much as the quota has", {"projects[0].quota": {"instances": 1, "cores": 1, "ram": 256}}),
    ("as much memory as the image needs", {"images[0].minRam": 256}),
    (
        "as much disk as the image has",
        {"images[0].file": file(qcow2(1024 * MIB)), "images[0].sha256": None},
    ),
    ("a checksum in capitals", {"images[0].sha256": SHA.upper()}),
    ("an address with a port", {"images[1].url": "http://mirror:8080/guest"}),
    ("the longest key", {"ssh.privateKeyFile": file(private_key().ljust(2**16, "\n"))}),
    ("the longest user data", {"servers[0].userData": "#!".ljust(49149)}),
    (
        "one port from two networks",
        {"servers[0].ingress[2]": {"protocol": "tcp", "port": 22, "cidr": "11.0.0.0/8"}},
    ),
    ("the shortest secret", {"secret": "abcdefgh" + "a" * 12}),
)


def test_a_good_config_is_read(tmp_path: Path) -> None:
    settings = load(as_pulumi(good_config(tmp_path)))
    assert settings.region == "RegionOne"
    assert settings.controller.host == IPv4Address("192.168.100.10")
    assert settings.controller.host_key == public_key("controller")
    assert [node.name for node in settings.computes] == ["compute", "compute2"]
    assert [node.interface_name for node in settings.computes] == [None, "enp2s0"]
    assert settings.secret.get_secret_value() == SECRET
    assert settings.projects[0].quota == QuotaSettings(instances=2, cores=2, ram=512)
    assert settings.networks[0].cidr == IPv4Network("10.101.0.0/24")
    assert settings.networks[1].gateway is None
    assert settings.flavors[1].projects == ("db",)
    assert settings.servers[0].ingress[1].port == 22
    assert settings.servers[0].key == public_key("web1")
    assert settings.servers[1].key == public_key("db1")
    assert settings.images[0].digest == settings.images[0].sha256


def test_what_is_left_out_has_a_default(tmp_path: Path) -> None:
    good = good_config(tmp_path)
    least = {key: good[key] for key in ("controller", "secret")}
    settings = load(as_pulumi(least))
    assert (settings.region, settings.ssh.user, settings.ssh.port) == ("RegionOne", "root", 22)
    assert settings.ssh.private_key_file is None
    assert (settings.provider.minvlan, settings.provider.maxvlan) == (100, 201)
    assert settings.provider.physical_name == "provider"
    assert settings.provider.interface_name == "ens33"
    assert settings.servers == ()
    assert settings.allow_deletion.controller is False
    image = ImageSettings(name="guest", file=Path("guest"))
    assert (image.min_disk, image.min_ram, image.disk_format) == (0, 0, "qcow2")
    assert image.replace_servers is False
    assert ProjectSettings(name="web").description == ""


@pytest.mark.parametrize("change", [c[1] for c in ALLOWED], ids=[c[0] for c in ALLOWED])
def test_what_is_just_within_a_limit_is_taken(change: Change, tmp_path: Path) -> None:
    assert load(as_pulumi(changed(good_config(tmp_path), change, tmp_path)))


@pytest.mark.parametrize(
    ("change", "place", "words"), [c[1:] for c in CASES], ids=[c[0] for c in CASES]
)
def test_a_mistake_is_named_at_its_place(
    change: Change, place: str, words: str, tmp_path: Path
) -> None:
    lines = problems(as_pulumi(changed(good_config(tmp_path), change, tmp_path)))
    assert [line.split(": ")[0] for line in lines] == place.split()
    assert words in lines[0]
    assert SECRET not in "".join(lines)


@pytest.mark.parametrize("name", ["keystone", "glance", "placement", "nova", "neutron"])
def test_a_project_takes_no_services_account(name: str) -> None:
    """Its user would get another password, and the service could not log in."""
    with pytest.raises(ValidationError, match=f"'{name}' is a name of the cloud's own"):
        ProjectSettings(name=name)


def test_each_promise_has_a_name_of_its_own() -> None:
    for table in (CASES, ALLOWED):
        assert len({case[0] for case in table}) == len(table)


def test_all_is_said_at_once_and_in_order(tmp_path: Path) -> None:
    change: Change = {
        "foo": 1,
        "servers[1].network": "nowhere",
        "servers[0].project": 7,
        "networks[1].segment": 250,
        "networks[0].gateway": "10.99.0.1",
        "networks[0].pool.start": "10.99.0.2",
        "networks[0].dns": "x",
        "projects[2]": {"name": "db"},
        "controller.host": "here",
        "controller.user": "root",
        "ssh.port": "22",
        "region": "Region One",
        "secret": GONE,
    }
    lines = problems(as_pulumi(changed(good_config(tmp_path), change, tmp_path)))
    assert [line.split(": ")[0] for line in lines] == [
        "region",
        "ssh.port",
        "controller.host",
        "controller.user",
        "secret",
        "projects[2].name",
        "networks[0].gateway",
        "networks[0].pool.start",
        "networks[0].dns",
        "networks[1].segment",
        "servers[0].project",
        "servers[1].network",
        "foo",
    ]


@pytest.mark.parametrize(
    ("change", "count"), [({"foo": 1}, "a problem"), ({"foo": 1, "ssh.port": 0}, "2 problems")]
)
def test_the_first_line_counts_the_problems(change: Change, count: str, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=f"^The settings have {count}; nothing was changed:\n"):
        load(as_pulumi(changed(good_config(tmp_path), change, tmp_path)))


def test_a_broken_field_hides_no_other_of_its_entry(tmp_path: Path) -> None:
    change: Change = {
        "controller": {},
        "networks[1]": {"segment": 250, "cidr": "10.101.0.0/25", "project": "x", "dns": 5},
        "servers[0].address": 5,
        "servers[0].image": "geust",
        "servers[0].publicKeyFile": "nothing",
        "servers[0].ingress[0].port": 1,
        "servers[0].ingress[1].port": "22",
        "servers[0].foo": 1,
        "servers[1].network": "front",
    }
    lines = problems(as_pulumi(changed(good_config(tmp_path), change, tmp_path)))
    assert [line.split(": ")[0] for line in lines] == [
        "controller.name",
        "controller.host",
        "controller.hostKey",
        "networks[1].name",
        "networks[1].segment",
        "networks[1].cidr",
        "networks[1].dns",
        "networks[1].project",
        "servers[0].image",
        "servers[0].address",
        "servers[0].publicKeyFile",
        "servers[0].ingress[1].port",
        "servers[0].foo",
    ]


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"images[0].name": "a\nb"}, "images[0].name"),
        ({"images[0].name": GONE}, "images[0].name"),
        ({"images[0].minRam": "x"}, "images[0].minRam"),
        ({"images": "x"}, "images"),
        ({"flavors": {}}, "flavors"),
        ({"provider.minvlan": "x", "networks[0].segment": 4000}, "provider.minvlan"),
        ({"computes": "x"}, "computes"),
        ({"networks[0].cidr": "x"}, "networks[0].cidr"),
    ],
)
def test_what_depends_on_a_mistake_is_no_mistake(
    change: Change, place: str, tmp_path: Path
) -> None:
    lines = problems(as_pulumi(changed(good_config(tmp_path), change, tmp_path)))
    missing = [line for line in lines if not line.startswith("servers")]
    assert [line.split(": ")[0] for line in missing] == [place]
    assert missing == lines


def test_no_secret_is_in_any_message(tmp_path: Path) -> None:
    """Neither the secret nor a text of another encrypted key, wherever else it stands."""
    inner = private_key().splitlines()[1]
    change: Change = {
        "region": f"{SECRET} again",
        "ssh.user": "Hidden Word",
        "ssh.privateKeyFile": private_key(),
        "controller.hostKey": private_key(),
        "servers[0].publicKey": private_key(),
        "servers[0].image": SECRET,
        "servers[1]": {private_key(): 1},
    }
    config = as_pulumi(changed(good_config(tmp_path), change, tmp_path))
    text = "\n".join(problems(config, ("iaas:secret", "iaas:ssh")))
    assert "[secret]" in text
    for hidden in (SECRET, "Hidden Word", inner, "BEGIN OPENSSH"):
        assert hidden not in text


def test_a_secret_is_hidden_whole_wherever_it_comes_from(tmp_path: Path) -> None:
    """One that another holds, too, and one of a list."""
    change: Change = {
        "ssh": {"user": "word", "privateKeyFile": "hidden word"},
        "projects[0].description": "deep",
        "region": "hidden word deep!",
    }
    config = as_pulumi(changed(good_config(tmp_path), change, tmp_path))
    keys = ("iaas:secret", "iaas:ssh", "iaas:projects")
    assert problems(config, keys)[0].startswith("region: '[secret] [secret]!' is not")


@pytest.mark.parametrize("secret", ["short", "in clear but long enough for all"])
def test_a_wrong_secret_is_not_repeated(secret: str, tmp_path: Path) -> None:
    config = good_config(tmp_path) | {"secret": secret}
    lines = problems(as_pulumi(config), ())
    assert any("is stored in clear" in line for line in lines)
    assert all(line.startswith("secret: ") for line in lines)
    assert secret not in "".join(lines).replace("is shorter", "")


def test_an_encrypted_secret_is_taken(tmp_path: Path) -> None:
    assert load(as_pulumi(good_config(tmp_path)), ["iaas:secret"]).secret


def test_other_namespaces_are_not_ours(tmp_path: Path) -> None:
    assert load(as_pulumi(good_config(tmp_path)) | {"openstack:region": "x", "region": "y"})


def test_pulumi_prints_it_without_a_traceback() -> None:
    assert issubclass(SettingsError, pulumi.RunError)


def test_the_running_programs_config_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both as the engine gives it and as mocks do, with unknown keys and what is encrypted."""
    config = as_pulumi(good_config(tmp_path))
    pulumi.runtime.set_all_config({}, [])
    monkeypatch.setenv("PULUMI_CONFIG", json.dumps(config))
    monkeypatch.setenv("PULUMI_CONFIG_SECRET_KEYS", '["iaas:secret"]')
    assert from_pulumi() == (load(config), None)
    monkeypatch.setenv("PULUMI_CONFIG_SECRET_KEYS", "[]")
    with pytest.raises(SettingsError, match="iaas:secret: is stored in clear"):
        from_pulumi()
    monkeypatch.delenv("PULUMI_CONFIG")
    monkeypatch.delenv("PULUMI_CONFIG_SECRET_KEYS")
    try:
        pulumi.runtime.set_all_config(config, ["iaas:secret"])
        assert from_pulumi() == (load(config), None)
        pulumi.runtime.set_all_config(config | {"iaas:foo": "1"}, ["iaas:secret"])
        with pytest.raises(SettingsError, match="iaas:foo: is no known key"):
            from_pulumi()
    finally:
        pulumi.runtime.set_all_config({}, [])


def test_the_schema_has_each_key_with_a_default() -> None:
    """Pulumi would demand a key without one before the program can say all that is missing."""
    schema = yaml.safe_load((ROOT / "Pulumi.yaml").read_text())["config"]
    fields = {field.alias: field for field in Settings.model_fields.values()}
    of_a_tenants_stack = list(TenantStackSettings.model_fields)
    keys = [key.removeprefix("iaas:") for key in schema]
    assert keys == [*fields, *of_a_tenants_stack]
    assert all(entry["description"] and "default" in entry for entry in schema.values())
    assert schema["region"]["default"] == fields["region"].default


def test_the_dev_stack_needs_only_what_a_machine_has(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = (ROOT / "Pulumi.dev.yaml").read_text()
    config = {k.removeprefix("iaas:"): v for k, v in yaml.safe_load(text)["config"].items()}
    monkeypatch.chdir(tmp_path)
    lines = problems(as_pulumi(config))
    assert [line.split(": ")[0] for line in lines] == [
        "controller.hostKey",
        "computes[0].hostKey",
        "computes[1].hostKey",
        "secret",
        "images[0].file",
        "servers[0].publicKeyFile",
        "servers[1].publicKeyFile",
        "servers[2].publicKeyFile",
    ]
    (tmp_path / ".lab/ssh").mkdir(parents=True)
    (tmp_path / ".lab/guest.qcow2").write_bytes(qcow2())
    for name in ("web1", "web2", "db1"):
        (tmp_path / f".lab/ssh/{name}.pub").write_text(public_key(name) + "\n")
    nodes = ("controller", "computes[0]", "computes[1]")
    own = {f"{node}.hostKey": public_key(node) for node in nodes}
    settings = load(as_pulumi(changed(config, {**own, "secret": SECRET}, tmp_path)))
    assert [(server.name, server.project) for server in settings.servers] == [
        ("web1", "web"),
        ("web2", "web"),
        ("db1", "db"),
    ]
    assert [network.segment for network in settings.networks] == [101, 150]


def test_a_digest_is_the_files(tmp_path: Path) -> None:
    image = ImageSettings(name="a", file=Path(file("abc")(tmp_path)))
    assert image.digest.startswith("ba7816bf8f01cfea")
    (tmp_path / "file").unlink()
    assert image.digest.startswith("ba7816bf8f01cfea"), "it is read once"


def test_a_users_own_program_meets_the_same_rules() -> None:
    node = NodeSettings(
        name="node", host=IPv4Address("10.0.0.1"), check_host_key=False, interface_name="eth1"
    )
    assert node.interface_name == "eth1"
    with pytest.raises(ValidationError, match="hostKey: is missing"):
        NodeSettings(name="node", host=IPv4Address("10.0.0.1"))
    with pytest.raises(ValidationError, match="give exactly one of `shared: true` and `project`"):
        NetworkSettings(name="n", segment=1, cidr=IPv4Network("10.0.0.0/24"))
    with pytest.raises(ValidationError) as caught:
        ServerSettings.model_validate(SERVER | {"publicKey": "hunter2"})
    assert "hunter2" not in str(caught.value), "it may be a secret"
    with pytest.raises(ValidationError, match="frozen"):
        node.name = "other"  # type: ignore[misc]


def test_a_key_is_one_line_without_newline() -> None:
    server = ServerSettings.model_validate(SERVER | {"publicKey": public_key("web2") + "\n"})
    assert server.key == public_key("web2")
