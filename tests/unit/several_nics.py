"""The good config with a router, and a server with two NICs."""

from pathlib import Path

from tests.unit.configs import GONE, Change, changed
from tests.unit.routed import routed_config

FRONT: dict[str, object] = {"network": "front", "address": "10.101.0.11"}
INSIDE: dict[str, object] = {"network": "inside", "address": "10.10.0.21"}
ALONE: dict[str, object] = {"network": "alone", "address": "10.11.0.21"}

TWO: Change = {
    "servers[0].network": GONE,
    "servers[0].address": GONE,
    "servers[0].networks": [FRONT, INSIDE],
    "rules": {"nicsWithoutPortSecurity": True},
    "securityGroups": [{"name": "near", "project": "web"}, {"name": "far", "project": "db"}],
}
"""What gives web1 of the routed config a NIC on front and one on inside."""


def config_of_two(folder: Path) -> dict[str, object]:
    """Return the config; its files are made in the folder."""
    return changed(routed_config(folder), TWO, folder)
