"""What becomes of networks' packets, pools and DHCP, and of the untagged one."""

import re
import subprocess
from collections.abc import Mapping
from ipaddress import IPv4Address, IPv4Network
from pathlib import Path
from typing import Any

import pulumi
import pytest

from components import steps
from components.cloud import Server
from components.settings import NetworkSettings, PoolSettings
from components.settings.networks import GENEVE
from tests.unit.clouds import NETWORK, SERVER, parts
from tests.unit.configs import GONE, Change, changed
from tests.unit.examples import good_config
from tests.unit.mocks import deploy, fresh, judged, main
from tests.unit.test_settings_network_properties import FLAT, OWN, TUNNELS, pool


def test_a_tunnel_takes_what_neutron_takes_for_it() -> None:
    script = steps.text("controller/iaas-install-neutron-controller.sh")
    found = re.search(r"^max_header_size = (\d+)$", script, re.MULTILINE)
    assert found
    ipv4_header = 20
    assert ipv4_header + int(found[1]) == GENEVE


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({}, {"front": 1500, "data": 1500, "own": 1442}),
        ({"provider.mtu": 9000}, {"front": 9000, "data": 9000, "own": 8942}),
        (
            {"networks[1].mtu": 1400, "networks[2].mtu": 1300},
            {"front": 1500, "data": 1400, "own": 1300},
        ),
    ],
)
def test_neutron_is_told_each_networks_mtu(
    more: Change, expected: Mapping[str, int], files: Path
) -> None:
    config = changed(good_config(files), TUNNELS | {"networks[2]": OWN} | more, files)
    deployed = fresh(config)
    assert {
        name: deployed.named(f"network-{name}-network").inputs["mtu"] for name in expected
    } == expected
    mtu = config["provider"].get("mtu", 1500)  # type: ignore[attr-defined]
    for node in ("controller", "compute"):
        assert f"export MTU={mtu}\n" in deployed.named(f"{node}-openrc.sh").inputs["stdin"]
        assert f"export MTU={mtu}\n" in deployed.named(f"{node}-check").inputs["stdin"]


def test_pools_are_given_in_order_so_that_another_order_is_no_change(files: Path) -> None:
    change: Change = {"networks[1].pools": [pool(20, 29), pool(10, 19)]}
    deployed = fresh(changed(good_config(files), change, files))
    subnet = deployed.named("network-data-subnet").inputs
    assert subnet["allocationPools"] == [pool(10, 19), pool(20, 29)]


def test_a_network_without_vlan_is_flat(files: Path) -> None:
    deployed = fresh(changed(good_config(files), FLAT, files))
    network = deployed.named("network-data-network")
    assert network.inputs["segments"] == [
        {"networkType": "flat", "physicalNetwork": "provider", "segmentationId": 0}
    ]
    assert network.replace_on_changes == ("segments",)


@pytest.mark.parametrize(("dhcp", "drive"), [(True, None), (False, True)])
def test_without_dhcp_a_server_has_a_config_drive(dhcp: bool, drive: bool | None) -> None:
    network = NETWORK.model_copy(update={"dhcp": dhcp})

    def program() -> None:
        there = parts()
        there.networks["front"].settings = network
        Server("s", SERVER, *there)

    assert deploy(program).named("s-server").inputs.get("configDrive") is drive


def refused(change: Change, before: Change, files: Path) -> list[str]:
    """Return why a change is refused, on the state that another config left."""
    config = changed(good_config(files), before, files)
    state = fresh(config).exported()
    try:
        deploy(main, changed(config, change, files), state=state)
    except pulumi.RunError as error:
        return [line.removeprefix("  iaas:") for line in str(error).splitlines()[1:]]
    return []


@pytest.mark.parametrize(
    ("change", "before", "words"),
    [
        pytest.param(
            {"networks[1].dhcp": False},
            {},
            "networks[data].dhcp: true -> false, but db1 would lose their addresses",
            id="DHCP taken from a server",
        ),
        pytest.param(
            FLAT | {"networks[2].flat": GONE, "networks[2].segment": 102},
            {"networks[2]": {**OWN, "flat": True}},
            "networks[data].flat: the untagged network still belongs to network own, which is",
            id="the untagged network of another",
        ),
        pytest.param({"networks[1].dhcp": True}, {"networks[1].dhcp": False}, "", id="DHCP given"),
        pytest.param(
            {"networks[2].name": "other"},
            {"networks[2]": {**OWN, "flat": True}},
            "",
            id="another name of the untagged network",
        ),
    ],
)
def test_what_servers_or_neutron_could_not_follow_is_refused(
    change: Change, before: Change, words: str, files: Path
) -> None:
    found = refused(change, before, files)
    assert len(found) == bool(words), found
    assert not words or found[0].startswith(words)


def test_a_server_with_a_config_drive_follows(files: Path) -> None:
    config = changed(good_config(files), {"networks[1].dhcp": False}, files)
    state = fresh(config).exported()
    for resource in state["deployment"]["resources"]:
        if resource["urn"].endswith("::network-data-subnet"):
            resource["inputs"] = {**resource["inputs"], "enableDhcp": True}
    deploy(judged, config, state=state)


def test_the_untagged_network_is_renamed_in_place(files: Path) -> None:
    config = changed(good_config(files), {"networks[2]": {**OWN, "flat": True}}, files)
    state: Mapping[str, Any] = fresh(config).exported()
    deployed = deploy(main, changed(config, {"networks[2].name": "b"}, files), state=state)
    assert deployed.named("network-b").aliases == {"network-own"}


@pytest.mark.parametrize(
    ("nic", "wrong"), [(1500, ""), (9000, ""), (1499, "an MTU of 1499 on ens33")]
)
def test_a_provider_nic_that_carries_less_than_the_wire_is_refused(
    nic: int, wrong: str, tmp_path: Path
) -> None:
    (tmp_path / "ens33").mkdir()
    (tmp_path / "ens33/mtu").write_text(f"{nic}\n")
    text = steps.text("node/iaas-check.sh").replace("/sys/class/net", str(tmp_path))
    found = re.search(r"^check_mtu\(\) \{\n.*?^\}$", text, re.MULTILINE | re.DOTALL)
    assert found
    stubs = 'INTERFACE_NAME=ens33 MTU=1500; wrong() { echo "$*"; }'
    script = "\n".join(["set -eu -o pipefail", stubs, found[0], "check_mtu"])
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=True)
    assert (
        (wrong in done.stdout and "provider.mtu: 1499" in done.stdout) if wrong else not done.stdout
    )


def test_what_neutron_assigns_is_all_but_the_gateway() -> None:
    network = NetworkSettings(
        name="n",
        segment=7,
        cidr=IPv4Network("10.7.0.0/29"),
        gateway=IPv4Address("10.7.0.3"),
        shared=True,
    )
    assert list(map(str, network.assigned)) == ["10.7.0.1 to 10.7.0.2", "10.7.0.4 to 10.7.0.6"]
    assert IPv4Address("10.7.0.3") not in network.assigned[0]
    only = PoolSettings(start=IPv4Address("10.7.0.5"), end=IPv4Address("10.7.0.5"))
    assert network.model_copy(update={"pool": only}).assigned == [only]
