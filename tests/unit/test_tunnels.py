"""What the tunnels between nodes promise: an address for each node, and refusals of wrong ones."""

from ipaddress import IPv4Address, IPv4Network
from pathlib import Path

import pytest

from components.nodes import Compute, Controller, NodeDefaults
from components.passwords import Passwords
from components.settings import ComputeSettings, ProviderSettings, TunnelSettings
from tests.unit.configs import Change, changed, problems
from tests.unit.examples import SECRET, as_pulumi, good_config, public_key
from tests.unit.mocks import deploy

REFUSED: tuple[tuple[str, Change, str], ...] = (
    (
        "a VLAN of networks",
        {"provider.tunnels": {"cidr": "10.99.0.0/24", "segment": 150}},
        "provider.tunnels.segment: 150 lies in 100..201, the VLANs of networks; take one"
        " outside, or leave it out",
    ),
    (
        "the management network",
        {"provider.tunnels": {"cidr": "192.168.100.0/24"}},
        "provider.tunnels.cidr: 192.168.100.0/24 holds 192.168.100.10 of controller; take another",
    ),
    (
        "two nodes with the same last part",
        {
            "provider.tunnels": {"cidr": "10.99.0.0/24"},
            "computes[0].host": "192.168.101.10",
        },
        "provider.tunnels.cidr: computes[0] and controller would both be"
        " 10.99.0.10 in 10.99.0.0/24; take a larger network",
    ),
    (
        "a node that would be the network itself",
        {"provider.tunnels": {"cidr": "10.99.0.0/28"}, "computes[0].host": "192.168.100.32"},
        "provider.tunnels.cidr: computes[0] with 192.168.100.32 would be 10.99.0.0,"
        " which is no machine's address in 10.99.0.0/28; take a larger network",
    ),
    (
        "none for a project's own network",
        {"networks[2]": {"name": "own", "cidr": "10.10.0.0/24", "project": "web"}},
        "networks[2].segment: is missing, and a project's own network needs the tunnels between the"
        " nodes; give it, or iaas:provider.tunnels",
    ),
    (
        "a network of servers",
        {"provider.tunnels": {"cidr": "10.150.0.0/16"}},
        "networks[1].cidr: 10.150.0.0/24 overlaps 10.150.0.0/16 of provider.tunnels; take another",
    ),
)


@pytest.mark.parametrize(
    ("change", "message"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED]
)
def test_wrong_tunnels_are_refused(change: Change, message: str, tmp_path: Path) -> None:
    config = changed(good_config(tmp_path), change, tmp_path)
    assert problems(as_pulumi(config)) == [message]


def test_each_node_has_the_last_part_of_its_management_address() -> None:
    tunnels = TunnelSettings(cidr=IPv4Network("10.96.0.0/14"), segment=99)
    provider = ProviderSettings(tunnels=tunnels)

    def node(name: str, host: str) -> ComputeSettings:
        return ComputeSettings(name=name, host=IPv4Address(host), host_key=public_key(name))

    def program() -> None:
        common = NodeDefaults(Passwords(SECRET), provider=provider)
        compute = node("far", "172.17.3.9")
        controller = Controller("controller", node("controller", "172.16.0.1"), [compute], common)
        Compute("far", compute, controller, common)

    deployed = deploy(program)
    found = deployed.named("far-openrc.sh").inputs["stdin"]
    for line in ("TUNNEL_IP=10.97.3.9/14", "TUNNEL_VLAN=99", "HOST_TUNNEL_IP=10.96.0.1"):
        assert f"export {line}\n" in found
