"""What is registered of project networks, routers and floating addresses, and in which order."""

from collections.abc import Mapping
from pathlib import Path

import pulumi
import pytest
import yaml

from components.passwords import Passwords
from tests.unit.configs import GONE, changed
from tests.unit.examples import SECRET
from tests.unit.mocks import Deployment, deploy, fresh, main
from tests.unit.routed import routed_config

WEB = "id of project-web-project"


@pytest.fixture(scope="module")
def routed(files: Path) -> Deployment:
    """The program's resources with a router."""
    return fresh(routed_config(files))


@pytest.mark.parametrize(
    ("name", "inputs"),
    [
        (
            "network-inside-network",
            {"name": "inside", "shared": False, "external": False, "adminStateUp": True}
            | {"tenantId": WEB, "mtu": 1442},
        ),
        (
            "network-inside-subnet",
            {
                **{"name": "inside", "networkId": "id of network-inside-network", "tenantId": WEB},
                **{"cidr": "10.10.0.0/24", "ipVersion": 4, "gatewayIp": "10.10.0.1"},
                "allocationPools": [{"start": "10.10.0.100", "end": "10.10.0.120"}],
                **{"dnsNameservers": [], "enableDhcp": True},
            },
        ),
        (
            "router-edge-router",
            {"name": "edge", "tenantId": WEB, "adminStateUp": True, "enableSnat": True}
            | {"externalNetworkId": "id of network-front-network"},
        ),
        (
            "router-edge/inside-interface",
            {"routerId": "id of router-edge-router", "subnetId": "id of network-inside-subnet"},
        ),
        (
            "floating-10.101.0.50-address",
            {"address": "10.101.0.50", "fixedIp": "10.10.0.11", "pool": "front", "tenantId": WEB}
            | {"portId": "id of server-app1-port"},
        ),
        (
            "floating-app2-address",
            {"fixedIp": "10.9.9.9", "pool": "front", "tenantId": WEB}
            | {"portId": "id of server-app2-port"},
        ),
    ],
)
def test_neutron_is_asked_for_what_the_settings_say(
    name: str, inputs: Mapping[str, object], routed: Deployment
) -> None:
    found = routed.named(name)
    assert found.inputs == inputs
    assert found.provider == "cloud-admin"


@pytest.mark.parametrize(
    ("name", "after"),
    [
        ("router-edge-router", {"network-front-network"}),
        ("router-edge/inside-interface", {"router-edge-router", "network-inside-subnet"}),
        ("floating-app2-address", {"router-edge/inside-interface", "server-app2-port"}),
    ],
)
def test_each_waits_for_what_it_joins(name: str, after: set[str], routed: Deployment) -> None:
    """And is deleted before it."""
    assert after <= routed.before(name)


@pytest.mark.parametrize(
    ("name", "trigger"),
    [
        ("router-edge-router", "outer"),
        ("router-edge/inside-interface", None),
        ("floating-app2-address", "id of network-front-network"),
        ("network-inside-network", None),
    ],
)
def test_what_neutron_has_once_is_deleted_before_it_is_replaced(
    name: str, trigger: str | None, routed: Deployment
) -> None:
    found = routed.named(name)
    assert found.delete_before_replace
    assert found.replacement_trigger == trigger


def test_a_floating_address_is_no_part_of_its_server(routed: Deployment) -> None:
    assert routed.named("floating-app2-address").parent == "floating-app2"
    assert routed.named("floating-app2").parent == ""


def test_a_floating_address_stays_when_its_external_network_is_renamed(routed: Deployment) -> None:
    assert routed.named("floating-10.101.0.50-address").ignore_changes == ("pool",)


def test_a_router_without_an_external_network_is_another_one(files: Path) -> None:
    """The provider would keep the network that is left out."""
    floating = {"servers[2].floatingIp": GONE, "servers[3].floatingIp": GONE}
    change = {"routers[0].external": GONE, **floating}
    router = fresh(changed(routed_config(files), change, files)).named("router-edge-router")
    assert router.replacement_trigger == "inner"
    assert not {"externalNetworkId", "enableSnat"} & router.inputs.keys()


def test_a_router_has_the_address_that_is_given_and_no_snat_where_it_is_off(files: Path) -> None:
    change = {"routers[0].address": "10.101.0.5", "routers[0].snat": False}
    router = fresh(changed(routed_config(files), change, files)).named("router-edge-router")
    subnet = "id of network-front-subnet"
    assert router.inputs["externalFixedIps"] == [{"subnetId": subnet, "ipAddress": "10.101.0.5"}]
    assert router.inputs["enableSnat"] is False


def test_the_summary_of_a_server_has_its_floating_address_where_it_has_one(
    routed: Deployment,
) -> None:
    servers = routed.outputs[""]["servers"]
    assert servers["app1"] == {
        **{"project": "web", "network": "inside", "address": "10.10.0.11"},
        "floatingIp": "10.101.0.50",
    }
    assert servers["app2"]["floatingIp"] == "10.101.0.123"
    assert servers["web1"] == {
        **{"project": "web", "network": "front", "segment": 101, "address": "10.101.0.11"},
    }


def cloud_outputs(files: Path) -> Mapping[str, object]:
    """Return what the cloud's stack exports for its tenants."""
    config = routed_config(files) | {"tenantStacks": True}
    outputs: Mapping[str, object] = fresh(config).outputs[""]
    return outputs


def tenants_stack(
    files: Path, outputs: Mapping[str, object], monkeypatch: pytest.MonkeyPatch, folder: Path
) -> Deployment:
    """Deploy the stack of web in the cloud of stack prod."""
    config = {f"iaas:{k}": v for k, v in (routed_config(files) | {"tenantStacks": True}).items()}
    (folder / "Pulumi.prod.yaml").write_text(yaml.safe_dump({"config": config}))
    monkeypatch.chdir(folder)
    password = Passwords(SECRET).plain("project web")
    own = {"cloud": "prod", "tenant": "web", "password": password}
    return deploy(main, own, stacks={"prod": outputs}, encrypted=("password",))


def test_a_tenants_stack_makes_its_floating_addresses_as_its_project(
    files: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    outputs = cloud_outputs(files)
    deployed = tenants_stack(files, outputs, monkeypatch, tmp_path)
    floating = deployed.named("floating-10.101.0.50-address")
    assert floating.provider == "project-web-provider"
    assert floating.replacement_trigger == "id of network-front-network"
    assert floating.inputs["portId"] == "id of server-app1-port"
    assert not deployed.names(":Router") + deployed.names(":RouterInterface")


def test_a_tenants_stack_says_that_the_router_is_not_there_yet(
    files: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    outputs = dict(cloud_outputs(files))
    made = outputs["made"]
    assert isinstance(made, Mapping)
    outputs["made"] = {**made, "interfaces": {}}
    with pytest.raises(pulumi.RunError, match="prod has not made interfaces inside yet"):
        tenants_stack(files, outputs, monkeypatch, tmp_path)
