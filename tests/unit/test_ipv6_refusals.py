"""What a change may ask of IPv6 that is there."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pulumi
import pytest

from tests.unit.configs import GONE, Change, changed
from tests.unit.examples import public_key
from tests.unit.mocks import deploy, fresh, judged
from tests.unit.routed import routed_config
from tests.unit.test_settings_ipv6 import DATA, INSIDE, ON_ROUTER, SIX, STATEFUL

BEFORE: Change = {
    **{INSIDE: ON_ROUTER, DATA: STATEFUL, "servers[1].address6": "2001:db8:150::9"},
    "routers[0].external": GONE,
    "servers[2].floatingIp": GONE,
    "servers[3].floatingIp": GONE,
}
"""db1 has an address of DHCPv6; app1 and app2 have chosen theirs behind a router."""
OTHER: dict[str, object] = {
    **{"name": "other", "cidr": "10.14.0.0/24", "gateway": "10.14.0.1", "project": "web"},
    "ipv6": ON_ROUTER,
}
NO_IPV6: Change = {DATA: GONE, "servers[1].address6": GONE}

REFUSED: tuple[tuple[str, Change, str], ...] = (
    (
        "another subnet while servers hold addresses of DHCPv6",
        {DATA: {**STATEFUL, "cidr": "2001:db8:151::/64"}, "servers[1].address6": GONE},
        "networks[data].ipv6.cidr: 2001:db8:150::/64 -> 2001:db8:151::/64, but db1 would hold the"
        " old addresses; take `ipv6` out in an earlier change",
    ),
    (
        "another mode while servers hold addresses of DHCPv6",
        {DATA: SIX, "servers[1].address6": GONE},
        "networks[data].ipv6.mode: dhcpv6-stateful -> slaac, but db1",
    ),
    (
        "another gateway of a network on a router",
        {f"{INSIDE}.gateway": "fd00:10::2"},
        "networks[inside].ipv6.gateway: fd00:10::1 -> fd00:10::2, but it is the address of router"
        " edge; take `ipv6` out in an earlier change",
    ),
    (
        "addresses that leave the router last",
        {INSIDE: GONE, "networks[4]": OTHER, "routers[0].networks": ["inside", "other"]},
        "networks[other].ipv6.cidr: fd00:10::/64 is still that of inside, which leaves router edge",
    ),
    (
        "an address that another server gives free last",
        {
            "servers[1].address6": GONE,
            "servers[4]": {"address6": "2001:db8:150::9", "name": "db2", "project": "db"}
            | {"image": "guest", "flavor": "tiny", "network": "data"}
            | {"publicKey": public_key("db2")},
        },
        "servers[db2].address6: 2001:db8:150::9 still belongs to server db1, which is deleted or",
    ),
)
NEXT: Change = {f"{INSIDE}.cidr": "fd00:11::/64", f"{INSIDE}.gateway": "fd00:11::1"}
BY_DHCP: Change = {f"{INSIDE}.mode": "dhcpv6-stateful"}
EIGHT: Change = {"servers[1].address6": "2001:db8:150::8"}
STORE: Change = {"networks[1].name": "store", "servers[1].network": "store"}
ALLOWED: tuple[tuple[str, Change], ...] = (
    ("nothing", {}),
    ("no IPv6 any more", NO_IPV6 | {INSIDE: GONE}),
    ("another subnet of addresses that servers choose", NEXT),
    ("DHCPv6 instead of addresses that servers choose", BY_DHCP),
    ("another address", EIGHT),
    ("another name of the network", STORE),
)


@pytest.fixture(scope="module")
def state(files: Path) -> Mapping[str, Any]:
    """The state with IPv6 on two networks."""
    return fresh(changed(routed_config(files), BEFORE, files)).exported()


def run(change: Change, state: Mapping[str, Any], files: Path) -> None:
    before = changed(routed_config(files), BEFORE, files)
    deploy(judged, changed(before, change, files), state=state)


@pytest.mark.parametrize(("change", "line"), [r[1:] for r in REFUSED], ids=[r[0] for r in REFUSED])
def test_what_neutron_would_refuse_halfway_is_refused_before(
    change: Change, line: str, state: Mapping[str, Any], files: Path
) -> None:
    with pytest.raises(pulumi.RunError) as caught:
        run(change, state, files)
    _, found = str(caught.value).splitlines()
    assert found.startswith(f"  iaas:{line}")


@pytest.mark.parametrize("change", [row[1] for row in ALLOWED], ids=[row[0] for row in ALLOWED])
def test_an_ordinary_change_is_not_refused(
    change: Change, state: Mapping[str, Any], files: Path
) -> None:
    run(change, state, files)
