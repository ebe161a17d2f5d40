"""What the cloud's components promise: each from its settings alone, in whose name, with care."""

from collections.abc import Mapping

import pulumi
import pytest

from components.cloud import Cloud, Flavor, Image, Project, ProviderNetwork, Server
from tests.unit.clouds import FLAVOR, IMAGE, NETWORK, PASSWORDS, PROJECT, SERVER, URL, WIRE
from tests.unit.examples import public_key
from tests.unit.mocks import Deployment, deploy


@pytest.mark.parametrize(
    ("provider", "names"),
    [
        (
            "p-provider",
            ("s-group", "s-tcp-22-10.0.0.0-8", "s-icmp-0.0.0.0-0", "s-key", "s-server"),
        ),
        # Only the owner of a network may choose an address on it.
        ("there-admin", ("s-port", "n-network", "n-subnet", "i-image", "f-flavor")),
        ("there-admin", ("f/web-access", "p-project", "p-user", "p-member")),
    ],
)
def test_each_resource_is_made_by_the_account_that_may_make_it(
    provider: str, names: tuple[str, ...], served: Deployment
) -> None:
    assert {served.named(name).provider for name in names} == {provider}


RULE = {"direction": "ingress", "ethertype": "IPv4", "securityGroupId": "id of s-group"}


@pytest.mark.parametrize(
    ("name", "inputs"),
    [
        ("p-project", {"name": "web", "description": "What faces the users"}),
        (
            "f-flavor",
            {"name": "tiny", "vcpus": 1, "ram": 256, "disk": 2, "isPublic": False},
        ),
        ("f/web-access", {"flavorId": "id of f-flavor", "tenantId": "id of p-project"}),
        (
            "n-network",
            {
                "name": "front",
                "shared": True,
                "external": False,
                "adminStateUp": True,
                "mtu": 1500,
                "segments": [
                    {"networkType": "vlan", "physicalNetwork": "wire", "segmentationId": 7}
                ],
            },
        ),
        ("s-group", {"name": "www", "description": "What may reach www"}),
        (
            "s-tcp-22-10.0.0.0-8",
            RULE
            | {"protocol": "tcp", "remoteIpPrefix": "10.0.0.0/8"}
            | {"portRangeMin": 22, "portRangeMax": 22},
        ),
        ("s-icmp-0.0.0.0-0", RULE | {"protocol": "icmp", "remoteIpPrefix": "0.0.0.0/0"}),
        ("s-key", {"name": "www", "publicKey": public_key("www")}),
    ],
)
def test_openstack_is_asked_for_what_the_settings_say(
    name: str, inputs: Mapping[str, object], served: Deployment
) -> None:
    assert served.named(name).inputs == inputs


@pytest.mark.parametrize(
    ("name", "outputs"),
    [
        ("p", {"id": "id of p-project", "name": "web"}),
        ("f", {"id": "id of f-flavor"}),
        ("n", {"id": "id of n-network", "subnetId": "id of n-subnet", "segment": 7}),
    ],
)
def test_a_component_says_what_it_made(
    name: str, outputs: Mapping[str, object], served: Deployment
) -> None:
    assert served.outputs[name] == outputs


def test_a_components_options_hold_for_all_of_it() -> None:
    def program() -> None:
        keep = pulumi.ResourceOptions(protect=True)
        there = Cloud("there", URL, "Region2", PASSWORDS, "role", opts=keep)
        project = Project("p", PROJECT, there, keep)
        image = Image("i", IMAGE, there, keep)
        flavor = Flavor("f", FLAVOR, there, {"web": project}, keep)
        network = ProviderNetwork("n", NETWORK, WIRE, there, opts=keep)
        Server("s", SERVER, project, image, flavor, {"front": network}, opts=keep)

    deployed = deploy(program)
    assert len(deployed) > 20
    assert [resource.name for resource in deployed if not resource.protect] == []


def test_everything_is_a_child_of_its_component(served: Deployment) -> None:
    for resource in served:
        if resource.parent:
            assert resource.name.startswith(resource.parent)
        else:
            assert resource.type.startswith("iaas:cloud:")


@pytest.mark.parametrize("name", ["s-group", "s-key"])
def test_what_belongs_to_a_project_is_replaced_in_another(name: str, served: Deployment) -> None:
    assert served.named(name).replacement_trigger == "id of p-project"


@pytest.mark.parametrize(
    ("name", "deleted_first"),
    [
        ("n-network", True),
        ("s-tcp-22-10.0.0.0-8", True),
        ("s-icmp-0.0.0.0-0", True),
        ("i-image", False),
    ],
)
def test_what_cannot_be_there_twice_is_deleted_first(
    name: str, deleted_first: bool, served: Deployment
) -> None:
    assert served.named(name).delete_before_replace is deleted_first
