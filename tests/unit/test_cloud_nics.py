"""What is registered of NICs, and in which order."""

from collections.abc import Mapping
from pathlib import Path

import pulumi
import pytest
import yaml

from components.passwords import Passwords
from tests.unit.configs import GONE, Change, changed
from tests.unit.examples import SECRET
from tests.unit.mocks import Deployment, deploy, fresh, main
from tests.unit.several_nics import ALONE, FRONT, config_of_two

NIC = "servers[0].networks[1]"
PORT: dict[str, object] = {
    "name": "web1/inside",
    "networkId": "id of network-inside-network",
    "tenantId": "id of project-web-project",
    "adminStateUp": True,
    "fixedIps": [{"subnetId": "id of network-inside-subnet", "ipAddress": "10.10.0.21"}],
    "securityGroupIds": ["id of server-web1-group"],
    "portSecurityEnabled": True,
}


def of(change: Change, files: Path) -> Deployment:
    """Return what the program registers for a server with two NICs, and a change."""
    return fresh(changed(config_of_two(files), change, files))


@pytest.fixture(scope="module")
def two(files: Path) -> Deployment:
    """The program's resources with a server on front and inside, and a floating address."""
    return of({"servers[0].floatingIp": "10.101.0.60", NIC + ".securityGroups": ["near"]}, files)


@pytest.mark.parametrize(
    ("change", "differs"),
    [
        ({}, {}),
        ({f"{NIC}.address": GONE}, {"fixedIps": [{"subnetId": "id of network-inside-subnet"}]}),
        (
            {f"{NIC}.securityGroups": ["near"]},
            {"securityGroupIds": ["id of server-web1-group", "id of group-near-group"]},
        ),
        (
            {f"{NIC}.allowedAddresses": ["10.10.0.50", "10.10.0.64/28"]},
            {"allowedAddressPairs": [{"ipAddress": "10.10.0.50"}, {"ipAddress": "10.10.0.64/28"}]},
        ),
        (
            {f"{NIC}.portSecurity": False},
            {"securityGroupIds": None, "noSecurityGroups": True, "portSecurityEnabled": False},
        ),
    ],
    ids=["nothing more", "Neutron's choice", "a group", "other addresses", "no filter"],
)
def test_neutron_is_asked_for_what_the_settings_say(
    change: Change, differs: Mapping[str, object], files: Path
) -> None:
    port = of(change, files).named("server-web1/inside-port")
    expected = {key: value for key, value in {**PORT, **differs}.items() if value is not None}
    assert port.inputs == expected
    assert port.provider == "cloud-admin"
    assert port.delete_before_replace is True, "no two ports hold one address"


def test_the_first_nic_is_registered_as_that_of_a_server_with_one(
    two: Deployment, whole: Deployment
) -> None:
    for name in ("server-web1-port", "server-web1-server"):
        assert two.named(name).inputs == whole.named(name).inputs


def test_a_group_of_one_nic_is_on_no_other(two: Deployment) -> None:
    first, other = (two.named(f"server-web1{end}-port") for end in ("", "/inside"))
    assert "id of group-near-group" not in first.inputs["securityGroupIds"]
    assert "id of group-near-group" in other.inputs["securityGroupIds"]


def test_others_are_plugged_into_the_server_in_their_order(files: Path) -> None:
    deployed = of({f"{NIC[:-3]}[2]": ALONE}, files)
    second, third = (deployed.named(f"server-web1/{name}-plug") for name in ("inside", "alone"))
    assert second.inputs == {
        "instanceId": "id of server-web1-server",
        "portId": "id of server-web1/inside-port",
    }
    assert second.provider == "project-web-provider"
    assert second.delete_before_replace is True, "a port is in one server"
    assert "server-web1/inside-plug" in third.after
    assert {"server-web1/inside-port", "server-web1/alone-port"} <= deployed.named(
        "server-web1-server"
    ).after, "they are deleted after the server"


def test_a_floating_address_reaches_the_first_nic_with_a_way_out(two: Deployment) -> None:
    assert two.named("floating-10.101.0.60-address").inputs == {
        **{"address": "10.101.0.60", "fixedIp": "10.10.0.21", "pool": "front"},
        **{"tenantId": "id of project-web-project", "portId": "id of server-web1/inside-port"},
    }


def test_all_addresses_of_a_server_are_told(two: Deployment) -> None:
    web1 = two.outputs[""]["servers"]["web1"]
    assert (web1["network"], web1["address"]) == ("front", "10.101.0.11")
    assert web1["addresses"] == {"front": "10.101.0.11", "inside": "10.10.0.21"}
    assert "addresses" not in two.outputs[""]["servers"]["app1"]


def test_no_server_has_the_names_of_anothers_nics(files: Path) -> None:
    change: Change = {
        "projects[0].quota": {"instances": 9, "cores": 9, "ram": 9999},
        "servers[4]": {**_server(files), "name": "web1-port-inside", "networks": [{**FRONT}]},
        "servers[4].networks[0].address": "10.101.0.44",
    }
    names = [(r.type, r.name) for r in of(change, files)]
    assert len(names) == len({*names})


def test_a_network_of_another_name_keeps_its_nics(files: Path) -> None:
    before = of({}, files)
    change: Change = {
        **{"networks[2].name": "within", "routers[0].networks": ["within"]},
        **{f"servers[{i}].network": "within" for i in (2, 3)},
        f"{NIC}.network": "within",
    }
    config = changed(config_of_two(files), change, files)
    deployed = deploy(main, config, state=before.exported())
    for what in ("port", "plug"):
        found = deployed.named(f"server-web1/within-{what}")
        assert found.aliases == {f"server-web1/inside-{what}"}


def test_a_tenants_stack_says_nothing_of_the_filter_on_a_network_of_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neutron lets only the network's owner."""
    monkeypatch.chdir(tmp_path)
    config = changed(config_of_two(tmp_path) | {"tenantStacks": True}, {}, tmp_path)
    cloud = deploy(main, config)
    content = {f"iaas:{key}": value for key, value in config.items()}
    content["iaas:secret"] = {"secure": "v1:abc"}
    Path("Pulumi.prod.yaml").write_text(yaml.safe_dump({"config": content}))
    own: dict[str, object] = {"cloud": "prod", "tenant": "web"}
    own["password"] = Passwords(SECRET).plain("project web")
    try:
        found = deploy(main, own, stacks={"prod": cloud.outputs[""]}, encrypted=("password",))
    finally:
        pulumi.runtime.set_all_config({}, [])
    assert "portSecurityEnabled" not in found.named("server-web1-port").inputs
    assert found.named("server-web1/inside-port").inputs["portSecurityEnabled"] is True


def _server(files: Path) -> dict[str, object]:
    servers = config_of_two(files)["servers"]
    assert isinstance(servers, list)
    return {**servers[0]}
