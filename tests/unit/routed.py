"""The good config with a router: a network of each kind, and floating addresses."""

from pathlib import Path

from tests.unit.configs import Change, changed
from tests.unit.examples import good_config, public_key

INSIDE: dict[str, object] = {
    **{"name": "inside", "cidr": "10.10.0.0/24", "gateway": "10.10.0.1", "project": "web"},
    "pool": {"start": "10.10.0.100", "end": "10.10.0.120"},
}
ALONE: dict[str, object] = {"name": "alone", "cidr": "10.11.0.0/24", "project": "web"}
EDGE: dict[str, object] = {
    **{"name": "edge", "project": "web", "external": "front", "networks": ["inside"]}
}
APP: dict[str, object] = {
    **{"project": "web", "image": "guest", "flavor": "tiny", "network": "inside"},
    "publicKey": public_key("app"),
}
APP1: dict[str, object] = {
    **APP,
    **{"name": "app1", "address": "10.10.0.11", "floatingIp": "10.101.0.50"},
}
APP2: dict[str, object] = {**APP, "name": "app2", "floatingIp": True}

ROUTED: Change = {
    "provider.tunnels": {"cidr": "10.99.0.0/24"},
    "networks[0].external": True,
    "networks[2]": INSIDE,
    "networks[3]": ALONE,
    "routers": [EDGE],
    "projects[0].quota": {"instances": 4, "cores": 4, "ram": 2048},
    "servers[2]": APP1,
    "servers[3]": APP2,
}
"""What makes the good config one with a router on networks[2] and servers on it."""


def routed_config(folder: Path) -> dict[str, object]:
    """Return the good config with a router; its files are made in the folder."""
    return changed(good_config(folder), ROUTED, folder)
