"""A good config with every setting in it but a team's rules, and the files that it names."""

import hashlib
import json
import struct
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

SECRET = "0f1e2d3c4b5a69788796a5b4c3d2e1f0"  # noqa: S105
OTHER_SECRET = SECRET + SECRET
MIB = 2**20


@cache
def private_key() -> str:
    """Return an ed25519 key as OpenSSH writes it, the same for the whole run."""
    key = Ed25519PrivateKey.generate()
    return key.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption()).decode()


@cache
def public_key(comment: str = "") -> str:
    """Return another ed25519 key for each comment, as one line."""
    key = Ed25519PrivateKey.generate().public_key()
    line = key.public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode()
    return f"{line} {comment}".strip()


def string(content: bytes) -> bytes:
    """Write a string of ssh's wire format."""
    return struct.pack(">I", len(content)) + content


def qcow2(
    size: int = 96 * MIB, backing: int = 0, crypt: int = 0, features: int = 0, version: int = 3
) -> bytes:
    """Return an empty qcow2 with this virtual size (bytes), as `qemu-img check` wants it.

    Its clusters of 4 KiB: the header, the refcounts' table, the refcounts, the L1 table.
    """
    entries = -(-size // (2 * MIB))
    clusters = 3 + -(-8 * entries // 4096)
    header = struct.pack(
        ">4sIQIIQIIQQIIQQQQII",
        *(b"QFI\xfb", version, backing, 0, 12, size, crypt, entries, 3 * 4096, 4096, 1, 0, 0),
        *(features, 0, 0, 4, 104),
    )
    parts = (header, struct.pack(">Q", 2 * 4096), b"\0\1" * clusters, bytes((clusters - 3) * 4096))
    return b"".join(part.ljust(4096, b"\0") for part in parts)


def good_config(folder: Path) -> dict[str, object]:
    """Return a config without problems; its files are made in the folder."""
    (folder / "id_ed25519").write_text(private_key())
    (folder / "web1.pub").write_text(public_key("web1") + "\n")
    (folder / "guest.qcow2").write_bytes(qcow2())
    return {
        "region": "RegionOne",
        "ssh": {"user": "root", "port": 22, "privateKeyFile": str(folder / "id_ed25519")},
        "controller": {
            "name": "controller",
            "host": "192.168.100.10",
            "hostKey": public_key("controller"),
        },
        "computes": [
            {"name": "compute", "host": "192.168.100.20", "hostKey": public_key("compute")},
            {
                "name": "compute2",
                "host": "192.168.100.21",
                "checkHostKey": False,
                "interfaceName": "enp2s0",
            },
        ],
        "provider": {
            "physicalName": "provider",
            "minvlan": 100,
            "maxvlan": 201,
            "interfaceName": "ens33",
        },
        "secret": SECRET,
        "projects": [
            {
                "name": "web",
                "description": "What faces the users",
                "quota": {"instances": 2, "cores": 2, "ram": 512},
            },
            {"name": "db"},
        ],
        "images": [
            {
                "name": "guest",
                "file": str(folder / "guest.qcow2"),
                "sha256": hashlib.sha256(qcow2()).hexdigest(),
                "diskFormat": "qcow2",
                "minDisk": 1,
                "minRam": 128,
                "replaceServers": True,
            },
            {"name": "other", "url": "https://example.org/other.qcow2", "sha256": "0" * 64},
        ],
        "networks": [
            {
                "name": "front",
                "segment": 101,
                "cidr": "10.101.0.0/24",
                "gateway": "10.101.0.1",
                "pool": {"start": "10.101.0.100", "end": "10.101.0.199"},
                "dns": ["10.101.0.1", "9.9.9.9"],
                "shared": True,
            },
            {"name": "data", "segment": 150, "cidr": "10.150.0.0/24", "project": "db"},
        ],
        "flavors": [
            {"name": "tiny", "vcpus": 1, "ram": 256, "disk": 1},
            {
                "name": "small",
                "vcpus": 1,
                "ram": 384,
                "disk": 1,
                "public": False,
                "projects": ["db"],
            },
        ],
        "servers": [
            {
                "name": "web1",
                "project": "web",
                "image": "guest",
                "flavor": "tiny",
                "network": "front",
                "address": "10.101.0.11",
                "publicKeyFile": str(folder / "web1.pub"),
                "ingress": [
                    {"protocol": "icmp", "cidr": "0.0.0.0/0"},
                    {"protocol": "tcp", "port": 22, "cidr": "10.0.0.0/8"},
                ],
                "userData": "#cloud-config\n",
            },
            {
                "name": "db1",
                "project": "db",
                "image": "other",
                "flavor": "small",
                "network": "data",
                "publicKey": public_key("db1"),
            },
        ],
    }


def as_pulumi(config: Mapping[str, object], project: str = "iaas") -> dict[str, str]:
    """Write a config as Pulumi gives it to a program: texts as they are, all else as JSON."""
    return {
        f"{project}:{key}": value if isinstance(value, str) else json.dumps(value)
        for key, value in config.items()
    }
