"""Settings of a cloud of any size: a stack's config and its tenants' files."""

from dataclasses import dataclass
from ipaddress import IPv4Address
from pathlib import Path

import yaml

from tests.unit.examples import SECRET, public_key

FIRST_NODE = IPv4Address("192.168.0.10")
FIRST_SERVER = IPv4Address("10.0.0.10")
"""On the shared network, and each floating address."""
FIRST_INSIDE, FIRST_BEHIND = IPv4Address("172.16.0.10"), IPv4Address("172.17.0.10")
"""On the networks of each tenant's own."""
PLENTY = 1_000_000  # a quota that no size reaches
IN_FRONT = 5
"""Of so many servers on networks of their tenant's own, one has a floating address."""

FRONT: dict[str, object] = {"name": "front", "segment": 101, "cidr": "10.0.0.0/16", "shared": True}
POOL = {"start": "10.0.128.1", "end": "10.0.255.254"}
TUNNELS = {"cidr": "10.99.0.0/24", "segment": 99}


@dataclass(frozen=True)
class Size:
    """How many there are of what makes a cloud large."""

    servers: int
    tenants: int
    """They share the servers evenly."""
    nodes: int
    """The controller and the computes, at least 2."""
    own_networks: bool = False
    """Whether each tenant's servers are on networks of its own, not on the shared one: one in each
    `IN_FRONT` has two NICs, one of them on a router, and a floating address."""


def config(size: Size, tenants: Path) -> dict[str, object]:
    """Return the stack's config; `tenants` is the folder of the tenants' files."""
    names = ["controller", *(f"compute{i}" for i in range(1, size.nodes))]
    controller, *computes = (
        {"name": name, "host": str(FIRST_NODE + i), "hostKey": public_key(name)}
        for i, name in enumerate(names)
    )
    image = {"name": "guest", "url": "https://example.org/guest.qcow2", "sha256": "0" * 64}
    front, provider = FRONT, {}
    if size.own_networks:
        front, provider = FRONT | {"external": True, "pool": POOL}, {"tunnels": TUNNELS}
    return {
        "controller": controller,
        "provider": provider,
        "computes": computes,
        "secret": SECRET,
        "tenants": str(tenants),
        "images": [image],
        "networks": [front],
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
                "publicKey": public_key(f"server{i}"),
                "ingress": [{"protocol": "tcp", "port": 22, "cidr": "10.0.0.0/8"}],
                **(_on_own(tenant, i, nth) if size.own_networks else _on_front(i)),
            }
            for nth, i in enumerate(range(tenant, size.servers, size.tenants))
        ]
        quota = {"instances": PLENTY, "cores": PLENTY, "ram": PLENTY}
        content: dict[str, object] = {"project": {"quota": quota}, "servers": servers}
        content |= _shared_by_servers(tenant) if size.own_networks else {}
        (folder / f"tenant{tenant}.yaml").write_text(yaml.safe_dump(content))


def _on_front(i: int) -> dict[str, object]:
    """Return what the i-th server has on the shared network."""
    return {"network": "front", "address": str(FIRST_SERVER + i)}


def _on_own(tenant: int, i: int, nth: int) -> dict[str, object]:
    """Return what the i-th server, the nth of its tenant, has on the tenant's networks."""
    behind = {"network": f"behind{tenant}", "address": str(FIRST_BEHIND + nth)}
    if nth % IN_FRONT:
        return {**behind, "securityGroups": [f"data{tenant}"]}
    return {
        "networks": [{"network": f"inside{tenant}", "address": str(FIRST_INSIDE + nth)}, behind],
        "securityGroups": [f"web{tenant}"],
        "floatingIp": str(FIRST_SERVER + i),
    }


def _shared_by_servers(tenant: int) -> dict[str, object]:
    """Return a tenant's networks, with the same addresses as all others', its router and groups."""
    inside, behind, web, data = (f"{name}{tenant}" for name in ("inside", "behind", "web", "data"))
    opened = {"protocol": "tcp", "ports": [80, 443, "8000-8100"], "cidr": "0.0.0.0/0"}
    return {
        "networks": [
            {"name": inside, "cidr": "172.16.0.0/16", "gateway": "172.16.0.1"},
            {"name": behind, "cidr": "172.17.0.0/16"},
        ],
        "routers": [{"name": f"edge{tenant}", "external": "front", "networks": [inside]}],
        "securityGroups": [
            {"name": web, "ingress": [opened]},
            {
                "name": data,
                "ingress": [
                    {"protocol": "tcp", "port": 5432, "from": {"group": web}},
                    {"protocol": "any", "from": {"group": data}},
                ],
            },
        ],
    }
