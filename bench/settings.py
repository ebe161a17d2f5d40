"""Settings of a cloud of any size: a stack's config and its tenants' files."""

from dataclasses import dataclass
from ipaddress import IPv4Address
from pathlib import Path

import yaml

from tests.unit.examples import SECRET, public_key

FIRST_NODE = IPv4Address("192.168.0.10")
FIRST_SERVER = IPv4Address("10.0.0.10")
PLENTY = 1_000_000  # a quota that no size reaches


@dataclass(frozen=True)
class Size:
    """How many there are of what makes a cloud large."""

    servers: int
    tenants: int
    """They share the servers evenly."""
    nodes: int
    """The controller and the computes, at least 2."""


def config(size: Size, tenants: Path) -> dict[str, object]:
    """Return the stack's config; `tenants` is the folder of the tenants' files."""
    names = ["controller", *(f"compute{i}" for i in range(1, size.nodes))]
    controller, *computes = (
        {"name": name, "host": str(FIRST_NODE + i), "hostKey": public_key(name)}
        for i, name in enumerate(names)
    )
    image = {"name": "guest", "url": "https://example.org/guest.qcow2", "sha256": "0" * 64}
    return {
        "controller": controller,
        "computes": computes,
        "secret": SECRET,
        "tenants": str(tenants),
        "images": [image],
        "networks": [{"name": "front", "segment": 101, "cidr": "10.0.0.0/16", "shared": True}],
        "flavors": [{"name": "tiny", "vcpus": 1, "ram": 256, "disk": 1}],
    }


def write_tenants(size: Size, folder: Path) -> None:
    """Write the tenants' files: servers with a key, an address and an open port of their own."""
    folder.mkdir()
    for tenant in range(size.tenants):
        servers = [
            {
                "name": f"server{i}",
                "image": "guest",
                "flavor": "tiny",
                "network": "front",
                "address": str(FIRST_SERVER + i),
                "publicKey": public_key(f"server{i}"),
                "ingress": [{"protocol": "tcp", "port": 22, "cidr": "10.0.0.0/8"}],
            }
            for i in range(tenant, size.servers, size.tenants)
        ]
        quota = {"instances": PLENTY, "cores": PLENTY, "ram": PLENTY}
        content = {"project": {"quota": quota}, "servers": servers}
        (folder / f"tenant{tenant}.yaml").write_text(yaml.safe_dump(content))
