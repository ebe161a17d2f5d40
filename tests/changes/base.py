"""The settings that rows change: those of `Pulumi.dev.yaml`, with one unused entry of each kind.

Projects' own networks and what is on them are left out: rows have their own.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml

from components.settings import files, keys
from tests.changes.row import SERVERS
from tests.unit.configs import GONE, Change
from tests.unit.examples import private_key, public_key, qcow2

ROOT = Path(__file__).parents[2]
STORE = ".lab"
"""The folder of the images and keys that `Pulumi.dev.yaml` names."""

COMPUTES = ("compute", "compute2")
PASSING: dict[str, list[dict[str, object]]] = {
    "ingress": [
        {"protocol": "icmp", "cidr": "0.0.0.0/0"},
        {"protocol": "tcp", "port": 22, "cidr": "0.0.0.0/0"},
    ]
}
WEB2: dict[str, object] = {
    **{"name": "web2", "project": "web", "image": "guest", "flavor": "tiny", "network": "front"},
    **{"address": "10.101.0.12", "publicKeyFile": f"{STORE}/ssh/web1.pub", **PASSING},
}
MORE: dict[str, list[dict[str, object]]] = {
    "projects": [
        {
            "name": "app",
            "description": "What is to come",
            "quota": {"instances": 2, "cores": 2, "ram": 1024},
        }
    ],
    "images": [
        {
            **{"name": "other", "file": f"{STORE}/guest.qcow2", "diskFormat": "qcow2"},
            **{"minDisk": 1, "minRam": 128},
        }
    ],
    "networks": [
        {
            **{"name": "spare", "segment": 160, "cidr": "10.160.0.0/24", "shared": True},
            **{"gateway": "10.160.0.1", "dns": ["10.160.0.2", "10.160.0.3"]},
            "pool": {"start": "10.160.0.100", "end": "10.160.0.199"},
        }
    ],
    "flavors": [
        {"name": "own", "vcpus": 1, "ram": 384, "disk": 1, "public": False}
        | {"projects": ["web", "db"]}
    ],
}
"""The unused entries: projects[2], images[1], networks[2] and flavors[2]."""


def settings_of(stack: Path) -> dict[str, Any]:
    """Return the settings in a stack's file."""
    config = yaml.safe_load(stack.read_text(encoding="utf-8"))["config"]
    return {key.removeprefix("iaas:"): value for key, value in config.items()}


def base() -> dict[str, Any]:
    """Return the settings without the secret and the nodes' host keys; files are in `STORE`."""
    config = settings_of(ROOT / "Pulumi.dev.yaml")
    config["networks"] = [one for one in config["networks"] if "segment" in one]
    del config["routers"]
    for section, entries in MORE.items():
        config[section] = [*config[section], *entries]
    servers = {server["name"]: server for server in (WEB2, *config["servers"])}
    config["servers"] = [servers[name] for name in SERVERS]
    nodes = {"compute2": {"name": "compute2", "host": "192.168.100.30"}}
    nodes |= {node["name"]: node for node in config["computes"]}
    config["computes"] = [nodes[name] for name in COMPUTES]
    return config


def digest(folder: Path) -> str:
    """Return the SHA-256 of the base's image."""
    return files.sha256(folder / "guest.qcow2")


def image(name: str, more: bytes = b"") -> Callable[[Path], str]:
    """Make a copy of the base's image, with bytes appended; its path is the value."""

    def make(folder: Path) -> str:
        path = folder / "changes" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes((folder / "guest.qcow2").read_bytes() + more)
        return str(path)

    return make


def other_digest(name: str) -> Callable[[Path], str]:
    """Return the SHA-256 of a file that a row has made."""
    return lambda folder: files.sha256(folder / "changes" / name)


def with_host_keys(config: dict[str, Any], folder: Path) -> dict[str, Any]:
    """Return the settings with each node's host key."""
    for node in (config["controller"], *config["computes"]):
        node["hostKey"] = host_key(node["name"])(folder)
    return config


def host_key(node: str) -> Callable[[Path], str]:
    """Return a node's host key as a text, without its comment."""
    name = f"{node}_host_ed25519.pub"
    return lambda folder: " ".join((folder / "ssh" / name).read_text().split()[:2])


def own_key(server: str) -> Callable[[Path], str]:
    """Return the public key of a server of the base as a text."""
    return lambda folder: keys.public_key(Path(own_key_file(server)(folder)).read_text())


def own_key_file(server: str) -> Callable[[Path], str]:
    """Return the file of that key, by its whole path."""
    file = Path(str(base()["servers"][SERVERS.index(server)]["publicKeyFile"]))
    return lambda folder: str(folder / file.relative_to(STORE))


def raw(folder: Path) -> str:
    """Make a raw image of 1 MiB without anything in it; its path is the value."""
    path = folder / "changes" / "raw.img"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(bytes(2**20))
    return str(path)


def reordered(section: str) -> Callable[[Path], object]:
    """Return the entries of a section of the base, the last one first."""
    return lambda folder: with_host_keys(base(), folder)[section][::-1]


def text_file(name: str, text: str) -> Callable[[Path], str]:
    """Make a file; the folder that it is in is the value."""

    def make(folder: Path) -> str:
        path = folder / "changes" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return str(path.parent)

    return make


def text_path(name: str, text: str) -> Callable[[Path], str]:
    """Make a file; its path is the value."""
    return lambda folder: str(Path(text_file(name, text)(folder)) / name)


BARE: Change = {
    "projects[2].quota": GONE,
    "networks[2].gateway": GONE,
    "networks[2].pool": GONE,
    "servers[2].address": GONE,
}
"""Removes the optional keys of the base."""


def stand_ins(folder: Path) -> Path:
    """Make the files that the base names, and those of a lab that rows name."""
    keys = folder / "ssh"
    keys.mkdir(parents=True)
    (folder / "guest.qcow2").write_bytes(qcow2())
    (keys / "id_ed25519").write_text(private_key())
    for name in (*SERVERS, *(f"{node}_host_ed25519" for node in ("controller", *COMPUTES))):
        (keys / f"{name}.pub").write_text(public_key(name) + "\n")
    return folder
