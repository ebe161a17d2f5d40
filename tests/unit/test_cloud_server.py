"""What a server promises: a port and an address of its own, and when it is replaced."""

from collections.abc import Mapping
from ipaddress import IPv4Address
from pathlib import Path

import pytest

from components.cloud import Flavor, Server
from components.settings import FlavorSettings
from tests.unit.clouds import IMAGE, SERVER, parts, serve
from tests.unit.mocks import Deployment, Secret, deploy


def test_a_servers_port_belongs_to_its_project(served: Deployment) -> None:
    port = served.named("s-port")
    assert port.inputs == {
        "name": "www",
        "networkId": "id of n-network",
        "tenantId": "id of p-project",
        "adminStateUp": True,
        "fixedIps": [{"subnetId": "id of n-subnet", "ipAddress": "10.7.0.9"}],
        "securityGroupIds": ["id of s-group"],
        "portSecurityEnabled": True,
    }
    assert port.delete_before_replace is True, "no two ports hold one address"


def test_a_server_is_what_its_settings_say(served: Deployment) -> None:
    assert served.named("s-server").inputs == {
        "name": "www",
        "imageId": "id of i-image",
        "flavorId": "id of f-flavor",
        "keyPair": "www",
        "networks": [{"port": "id of s-port"}],
        "userData": Secret("#cloud-config\n"),
    }


def test_user_data_of_a_file_is_what_is_in_it(tmp_path: Path) -> None:
    path = tmp_path / "data"
    path.write_text("#cloud-config\n")
    settings = SERVER.model_copy(update={"user_data": None, "user_data_file": path})
    assert deploy(serve(settings)).named("s-server").inputs["userData"] == Secret("#cloud-config\n")


def test_a_preview_shows_what_a_server_is_of_by_name() -> None:
    assert deploy(serve(), preview=True).named("s").inputs == {
        "flavor": "tiny",
        "image": "guest",
        "network": "front",
        "segment": 7,
    }


def test_a_server_comes_after_all_that_it_needs(served: Deployment) -> None:
    needed = {"s-tcp-22-10.0.0.0-8", "s-icmp-0.0.0.0-0", "s-key", "s-port", "i-image", "f-flavor"}
    assert needed | {"f/web-access", "p-provider"} <= served.before("s-server")


def test_a_server_waits_for_all_of_the_hosts_given() -> None:
    def program() -> None:
        needed = parts()
        host = Flavor(
            "host", FlavorSettings(name="h", vcpus=1, ram=1, disk=1), needed.project.cloud, {}
        )
        Server("s", SERVER, *needed, hosts=[host])

    assert "host-flavor" in deploy(program).named("s-server").after


def test_a_failed_server_is_told_why_and_releases_its_port(served: Deployment) -> None:
    server = served.named("s-server")
    assert server.delete_before_replace is True, "two servers cannot hold one port"
    assert server.hooks == {
        "before_update": ("s-labels",),
        "after_update": ("s-tags",),
        "on_error": ("s-fault",),
    }


@pytest.mark.parametrize(
    ("replace", "ignored", "replacing"),
    [(False, ("configDrive", "imageId"), ()), (True, ("configDrive",), ("imageId",))],
    ids=["kept", "replaced"],
)
def test_a_new_content_replaces_servers_only_where_it_says_so(
    replace: bool, ignored: tuple[str, ...], replacing: tuple[str, ...]
) -> None:
    image = IMAGE.model_copy(update={"replace_servers": replace})
    server = deploy(serve(image=image)).named("s-server")
    assert server.ignore_changes == ignored
    assert server.replace_on_changes == replacing
    assert server.replacement_trigger == ["guest"], "the word alone is no reason"


@pytest.mark.parametrize(
    ("given", "asked", "expected"),
    [(SERVER.address, {"ipAddress": "10.7.0.9"}, "10.7.0.9"), (None, {}, "10.9.9.9")],
    ids=["own", "Neutron"],
)
def test_a_server_says_where_it_is(
    given: IPv4Address | None, asked: Mapping[str, str], expected: str
) -> None:
    deployed = deploy(serve(SERVER.model_copy(update={"address": given})))
    fixed = {"subnetId": "id of n-subnet", **asked}
    assert deployed.named("s-port").inputs["fixedIps"] == [fixed]
    assert deployed.outputs["s"] == {
        "id": "id of s-server",
        "project": "web",
        "network": "front",
        "segment": 7,
        "address": expected,
    }
