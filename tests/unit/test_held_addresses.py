"""Which addresses a change may give to NICs, of IPv4 and IPv6, while others still hold some."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pulumi
import pytest

from tests.unit.configs import GONE, Change, changed
from tests.unit.examples import public_key
from tests.unit.mocks import deploy, judged, main
from tests.unit.routed import routed_config
from tests.unit.tenant_stack import deploy_for

SAME: dict[str, object] = {
    **{"cidr": "10.12.0.0/24", "gateway": "10.12.0.1"},
    "pool": {"start": "10.12.0.100", "end": "10.12.0.199"},
    "ipv6": {"cidr": "fd00:12::/64", "gateway": "fd00:12::1", "mode": "dhcpv6-stateful"},
}
"""The addresses of a network of each project."""
DB: dict[str, object] = {
    **{"project": "db", "image": "guest", "flavor": "tiny", "network": "theirs"},
    "publicKey": public_key("db"),
}
FOUR, SIX = "10.12.0.9", "fd00:12::9"
BEFORE: Change = {
    "networks[4]": SAME | {"name": "ours", "project": "web"},
    "networks[5]": SAME | {"name": "theirs", "project": "db"},
    "routers[1]": {"name": "web", "project": "web", "networks": ["ours"]},
    "routers[2]": {"name": "db", "project": "db", "networks": ["theirs"]},
    "servers[1]": DB | {"name": "db1", "address": FOUR, "address6": SIX},
    "servers[2].network": "ours",
    "servers[2].address": GONE,
    "servers[2].floatingIp": GONE,
    "servers[4]": DB | {"name": "db2"},
}
"""db1 holds both addresses on theirs, app1 is on ours."""
LATER: Change = {
    "servers[1].network": GONE,
    "servers[1].address": GONE,
    "servers[1].address6": GONE,
    "servers[1].networks": [
        {"network": "data"},
        {"network": "theirs", "address": FOUR, "address6": SIX},
    ],
}
"""db1 holds both by a later NIC."""


def before(files: Path, change: Change | None = None) -> dict[str, object]:
    return changed(changed(routed_config(files), BEFORE, files), change or {}, files)


@pytest.fixture(scope="module")
def state(files: Path) -> Mapping[str, Any]:
    return deploy(main, before(files)).exported()


MOVES: tuple[tuple[str, str], ...] = (("address", FOUR), ("address6", SIX))
each = pytest.mark.parametrize(("key", "address"), MOVES)


@each
def test_an_address_of_another_projects_network_is_free(
    key: str, address: str, state: Mapping[str, Any], files: Path
) -> None:
    """A project's own network may have the addresses of another project's."""
    deploy(judged, before(files, {f"servers[2].{key}": address}), state=state)


@each
def test_an_address_that_another_server_gives_free_is_held(
    key: str, address: str, state: Mapping[str, Any], files: Path
) -> None:
    change: Change = {f"servers[1].{key}": GONE, f"servers[4].{key}": address}
    line = f"{key}: {address} still belongs to server db1, which is deleted or changed last"
    with pytest.raises(pulumi.RunError, match=rf"servers\[db2\]\.{line}"):
        deploy(main, before(files, change), state=state)


@each
def test_an_address_that_another_nic_of_a_server_gives_free_is_held(
    key: str, address: str, files: Path
) -> None:
    there = deploy(main, before(files, LATER)).exported()
    change: Change = {"servers[1].networks": [{"network": "theirs", key: address}]}
    line = f"{key}: {address} still belongs to another NIC of this server"
    with pytest.raises(pulumi.RunError, match=line):
        deploy(main, before(files, LATER | change), state=there)


@each
def test_a_tenants_stack_knows_held_addresses_without_their_networks(
    key: str, address: str, files: Path, tmp_path: Path
) -> None:
    """Its state has none: they are in that of the cloud's stack."""
    config = before(files, {"tenantStacks": True})
    outputs = deploy(main, config).outputs[""]
    there = deploy_for("db", config, outputs, tmp_path).exported()
    free = changed(config, {f"servers[1].{key}": GONE}, files)
    deploy_for("db", free, outputs, tmp_path, there)
    line = f"{key}: {address} still belongs to server db1"
    with pytest.raises(pulumi.RunError, match=rf"servers\[db2\]\.{line}"):
        taken = changed(free, {f"servers[4].{key}": address}, files)
        deploy_for("db", taken, outputs, tmp_path, there)
