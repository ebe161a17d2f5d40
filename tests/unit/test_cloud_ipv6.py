"""What is registered for IPv6: a subnet, what joins it to a router, and addresses of NICs."""

from pathlib import Path

import pytest

from tests.unit.configs import Change, changed
from tests.unit.mocks import Deployment, fresh
from tests.unit.routed import routed_config
from tests.unit.test_settings_ipv6 import BY_DHCP, DATA, INSIDE, ON_DATA, ON_ROUTER, STATEFUL

DHCPV6: dict[str, object] = {INSIDE: {**ON_ROUTER, "mode": "dhcpv6-stateful"}}
GROUPS: Change = {
    "securityGroups": [
        {
            **{"name": "own", "project": "web"},
            "ingress": [{"protocol": "any", "from": {"group": "own"}}],
        }
    ]
}


def declared(change: Change, folder: Path) -> Deployment:
    """Return what the program declares for the routed config with a change."""
    return fresh(changed(routed_config(folder), change, folder))


COMMON: dict[str, object] = {"ipVersion": 6, "enableDhcp": True, "dnsNameservers": []}
SUBNETS: tuple[tuple[str, Change, str, dict[str, object]], ...] = (
    (
        "on a VLAN the site's router announces it",
        ON_DATA,
        "network-data",
        {"cidr": "2001:db8:150::/64", "ipv6AddressMode": "slaac", "noGateway": True},
    ),
    (
        "on a project's own network OpenStack's does",
        {INSIDE: ON_ROUTER},
        "network-inside",
        {
            **{"cidr": "fd00:10::/64", "gatewayIp": "fd00:10::1"},
            **{"ipv6AddressMode": "slaac", "ipv6RaMode": "slaac"},
        },
    ),
    (
        "by DHCPv6 Neutron gives out the second half",
        DHCPV6,
        "network-inside",
        {
            **{"cidr": "fd00:10::/64", "gatewayIp": "fd00:10::1"},
            **{"ipv6AddressMode": "dhcpv6-stateful", "ipv6RaMode": "dhcpv6-stateful"},
            "allocationPools": [
                {"start": "fd00:10:0:0:8000::", "end": "fd00:10::ffff:ffff:ffff:ffff"}
            ],
        },
    ),
)


@pytest.mark.parametrize(
    ("change", "network", "inputs"), [row[1:] for row in SUBNETS], ids=[row[0] for row in SUBNETS]
)
def test_a_network_has_a_second_subnet(
    change: Change, network: str, inputs: dict[str, object], tmp_path: Path
) -> None:
    found = dict(declared(change, tmp_path).named(f"{network}-subnet6").inputs)
    assert (found.pop("name"), found.pop("networkId")) == (
        network.removeprefix("network-"),
        f"id of {network}-network",
    )
    assert found.pop("tenantId", "").startswith("id of project-") or network == "network-data"
    assert found == COMMON | inputs


def test_a_router_joins_both_subnets(tmp_path: Path) -> None:
    interface = declared({INSIDE: ON_ROUTER}, tmp_path).named("router-edge/inside-interface6")
    assert interface.inputs == {
        "routerId": "id of router-edge-router",
        "subnetId": "id of network-inside-subnet6",
    }


def test_a_port_is_the_same_where_servers_choose_their_addresses(tmp_path: Path) -> None:
    """Neutron adds these to each port, also to those that are there."""
    without = declared({}, tmp_path).named("server-db1-port").inputs
    with_it = declared(ON_DATA, tmp_path).named("server-db1-port").inputs
    assert without == with_it


def test_a_port_has_its_address_of_dhcpv6(tmp_path: Path) -> None:
    chosen = declared({DATA: STATEFUL}, tmp_path)
    given = declared(BY_DHCP, tmp_path)
    six = {"subnetId": "id of network-data-subnet6"}
    for deployed, wanted in ((chosen, six), (given, six | {"ipAddress": "2001:db8:150::9"})):
        _, found = deployed.named("server-db1-port").inputs["fixedIps"]
        assert found == wanted


def test_nothing_of_it_is_there_without_ipv6(tmp_path: Path) -> None:
    deployed = declared(GROUPS | {"servers[0].egress": []}, tmp_path)
    assert not [r.name for r in deployed if "subnet6" in r.name or "interface6" in r.name]
    assert not [r for r in deployed if r.inputs.get("ethertype") == "IPv6"]
    assert "addresses6" not in str(deployed.outputs[""]["servers"])


OPENED: tuple[tuple[Change, bool], ...] = (({}, False), ({INSIDE: ON_ROUTER}, True))


@pytest.mark.parametrize(("change", "both"), OPENED)
def test_a_group_is_open_to_both_where_its_project_has_ipv6(
    change: Change, both: bool, tmp_path: Path
) -> None:
    names = declared(GROUPS | change, tmp_path).names("SecGroupRule")
    assert ("group-own-any-group6.own" in names) == both
    assert "group-own-any-group.own" in names


EGRESS: tuple[tuple[Change, bool], ...] = (
    (ON_DATA, False),
    ({DATA: {"cidr": "2001:db8:150::/64", "mode": "dhcpv6-stateless"}}, True),
    (BY_DHCP, True),
)


@pytest.mark.parametrize(("change", "asks"), EGRESS)
def test_a_server_that_may_reach_little_asks_for_its_address(
    change: Change, asks: bool, tmp_path: Path
) -> None:
    names = declared(change | {"servers[1].egress": []}, tmp_path).names("SecGroupRule")
    assert ("server-db1-limited.egress.udp-547-ff02..1.2-128" in names) == asks


SHOWN: tuple[tuple[Change, str | None], ...] = (
    (ON_DATA, "2001:db8:150:0:f816:3eff:fe12:3456"),
    (BY_DHCP, "2001:db8:150::9"),
)


@pytest.mark.parametrize(("change", "address"), SHOWN)
def test_the_output_has_the_address(change: Change, address: str, tmp_path: Path) -> None:
    servers = declared(change, tmp_path).outputs[""]["servers"]
    assert servers["db1"]["addresses6"] == {"data": address}
