"""What a network promises: one segment, one subnet, for all projects or for one."""

from collections.abc import Mapping
from ipaddress import IPv4Address
from typing import Any

import pytest

from components.cloud import Project, ProviderNetwork
from components.settings import PoolSettings, ProjectSettings
from tests.unit.clouds import NETWORK, WIRE, cloud
from tests.unit.mocks import Deployment, deploy


def test_another_segment_is_another_network(served: Deployment) -> None:
    network = served.named("n-network")
    assert network.replace_on_changes == ("segments",)


def test_a_network_that_becomes_one_for_all_is_another_one() -> None:
    """Neutron would leave it to its old owner."""
    own = NETWORK.model_copy(update={"shared": False, "project": "web"})

    def program() -> None:
        there = cloud()
        ProviderNetwork("n", NETWORK, WIRE, there)
        ProviderNetwork("m", own, WIRE, there, Project("p", ProjectSettings(name="web"), there))

    deployed = deploy(program)
    triggers = [deployed.named(f"{name}-network").replacement_trigger for name in "nm"]
    assert triggers == ["shared", "owned"]


def pools(*ends: tuple[str, str]) -> dict[str, object]:
    """Return what Neutron is asked to give out."""
    return {"allocationPools": [{"start": start, "end": end} for start, end in ends]}


ALL = pools(("10.7.0.1", "10.7.0.254"))


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        pytest.param({}, {"noGateway": True, **ALL}, id="alone on its VLAN"),
        pytest.param(
            {"gateway": IPv4Address("10.7.0.1")},
            {"gatewayIp": "10.7.0.1", **pools(("10.7.0.2", "10.7.0.254"))},
            id="with a router",
        ),
        pytest.param(
            {"gateway": IPv4Address("10.7.0.9")},
            {
                "gatewayIp": "10.7.0.9",
                **pools(("10.7.0.1", "10.7.0.8"), ("10.7.0.10", "10.7.0.254")),
            },
            id="with a router inside it",
        ),
        pytest.param(
            {"pool": PoolSettings(start=IPv4Address("10.7.0.5"), end=IPv4Address("10.7.0.6"))},
            {"noGateway": True, **pools(("10.7.0.5", "10.7.0.6"))},
            id="with a pool",
        ),
        pytest.param(
            {"dns": (IPv4Address("9.9.9.9"),)},
            {"noGateway": True, **ALL, "dnsNameservers": ["9.9.9.9"]},
            id="with DNS",
        ),
    ],
)
def test_a_network_has_one_subnet(more: dict[str, Any], expected: Mapping[str, object]) -> None:
    settings = NETWORK.model_copy(update=more)
    deployed = deploy(lambda: ProviderNetwork("n", settings, WIRE, cloud()))
    assert deployed.named("n-subnet").inputs == {
        "name": "front",
        "networkId": "id of n-network",
        "cidr": "10.7.0.0/24",
        "ipVersion": 4,
        "enableDhcp": True,
        "dnsNameservers": [],
        **expected,
    }


def test_a_network_is_for_all_or_for_its_project() -> None:
    own = NETWORK.model_copy(update={"shared": False, "project": "web"})

    def program() -> None:
        there = cloud()
        project = Project("p", ProjectSettings(name="web"), there)
        ProviderNetwork("n", own, WIRE, there, project)
        ProviderNetwork("m", NETWORK, WIRE, there)

    deployed = deploy(program)
    for name in ("n-network", "n-subnet"):
        assert deployed.named(name).inputs["tenantId"] == "id of p-project"
    assert deployed.named("n-network").inputs["shared"] is False
    for name in ("m-network", "m-subnet"):
        assert "tenantId" not in deployed.named(name).inputs
    assert deployed.named("m-network").inputs["shared"] is True
