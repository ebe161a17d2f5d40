"""What a change may ask of what is there: what is refused, and what is renamed in place."""

from pathlib import Path
from typing import Any

import pulumi
import pytest

from tests.unit.configs import GONE, Change, changed
from tests.unit.examples import OTHER_SECRET, public_key, qcow2
from tests.unit.mocks import Deployment, deploy, judged, main

WEB2: dict[str, object] = {
    "name": "web2",
    "project": "web",
    "image": "guest",
    "flavor": "tiny",
    "network": "front",
    "publicKey": public_key("web2"),
}


def new_content(folder: Path) -> str:
    """Make an image with another content."""
    (folder / "new.qcow2").write_bytes(qcow2() + b"more")
    return str(folder / "new.qcow2")


REFUSED: tuple[tuple[str, Change, tuple[str, ...]], ...] = (
    (
        "the controller on another machine",
        {"controller.host": "192.168.100.11", "allowDeletion": {"controller": True}},
        ("controller.host: 192.168.100.10 -> 192.168.100.11: its databases",),
    ),
    (
        "another name of the controller",
        {"controller.name": "head"},
        ("controller.name: controller -> head: its services are registered by name",),
    ),
    ("another region", {"region": "Elsewhere"}, ("region: RegionOne -> Elsewhere: ",)),
    (
        "stacks for tenants although there are servers",
        {"tenantStacks": True},
        ("tenantStacks: true would delete db1, web1",),
    ),
    (
        "two networks that swap their VLANs",
        {"networks[0].segment": 150, "networks[1].segment": 101},
        (
            "networks[front].segment: 150 still belongs to network data",
            "networks[data].segment: 101 still belongs to network front",
        ),
    ),
    (
        "a cidr in which servers have addresses",
        {"networks[0].cidr": "10.101.0.0/23", "allowDeletion": {"networks": ["front"]}},
        ("networks[front].cidr: 10.101.0.0/24 -> 10.101.0.0/23, but the addresses of web1 are",),
    ),
    (
        "the address of a server as a gateway",
        {"networks[1].gateway": "10.150.0.9"},
        ("networks[data].gateway: 10.150.0.9 is the address of server db1",),
    ),
    (
        "a server renamed with its address",
        {"servers[0].name": "www1"},
        ("servers[www1].address: 10.101.0.11 still belongs to server web1",),
    ),
    (
        "a server with the address that another one frees",
        {"servers[0].address": "10.101.0.12", "servers[2]": {**WEB2, "address": "10.101.0.11"}},
        ("servers[web2].address: 10.101.0.11 still belongs to server web1",),
    ),
    (
        "a quota below what the servers that go have",
        {"projects[0].quota": {"instances": 1, "cores": 1, "ram": 255}, "servers[0]": GONE},
        ("projects[web].quota.ram: 255 is less than the 256 that its servers have",),
    ),
    (
        "another secret together with the last server of a project",
        {"secret": OTHER_SECRET, "servers[0]": GONE},
        ("secret: it changes together with the removal of web1, the last of project web",),
    ),
    (
        "all of it at once",
        {"region": "Elsewhere", "servers[0].name": "www1"},
        ("region: ", "servers[www1].address: "),
    ),
)


@pytest.mark.parametrize(
    ("change", "expected"), [pytest.param(c, words, id=name) for name, c, words in REFUSED]
)
def test_what_the_cloud_would_refuse_halfway_is_refused_before(
    change: Change,
    expected: tuple[str, ...],
    whole: Deployment,
    config: dict[str, object],
    files: Path,
) -> None:
    with pytest.raises(pulumi.RunError) as caught:
        deploy(main, changed(config, change, files), state=whole.exported())
    header, *lines = str(caught.value).splitlines()
    assert header.startswith("This change has ")
    assert len(lines) == len(expected)
    for line, words in zip(lines, expected, strict=True):
        assert line.startswith(f"  iaas:{words}")


def test_nova_makes_no_disk_smaller(
    whole: Deployment, config: dict[str, object], files: Path
) -> None:
    state = whole.exported()
    (flavor,) = [
        r for r in state["deployment"]["resources"] if r["urn"].endswith("flavor-tiny-flavor")
    ]
    flavor["inputs"] = {**flavor["inputs"], "disk": 2}
    with pytest.raises(pulumi.RunError, match=r"servers\[web1\].flavor: tiny has a disk of 1 GiB"):
        deploy(main, config, state=state)


ALLOWED: tuple[tuple[str, Change], ...] = (
    ("nothing", {}),
    ("a server renamed with another address", {"servers[0].name": "w", "servers[0].address": GONE}),
    ("a VLAN that nobody has", {"networks[0].segment": 102}),
    ("another secret alone", {"secret": OTHER_SECRET}),
    ("a server to another project", {"servers[0].project": "db"}),
    (
        "another compute",
        {"computes[2]": {"name": "c3", "host": "192.168.100.22"} | {"checkHostKey": False}},
    ),
)


@pytest.mark.parametrize("change", [pytest.param(c, id=name) for name, c in ALLOWED])
def test_an_ordinary_change_is_not_refused(
    change: Change, whole: Deployment, config: dict[str, object], files: Path
) -> None:
    deploy(judged, changed(config, change, files), state=whole.exported())


def test_a_server_whose_flavor_is_lost_keeps_its_disk(
    whole: Deployment, config: dict[str, object], monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []
    monkeypatch.setattr(pulumi.log, "warn", lambda text, *_: said.append(text))
    state = whole.exported()
    (server,) = [
        r for r in state["deployment"]["resources"] if r["urn"].endswith("server-web1-server")
    ]
    server["outputs"]["flavorId"] = ""
    deployed = deploy(main, config, state=state)
    assert "flavorId" in deployed.named("server-web1-server").ignore_changes
    assert "flavorId" not in deployed.named("server-db1-server").ignore_changes
    assert [text for text in said if text.startswith("server web1 keeps its size")]


# A name that only people need, and the earlier names of components.
RENAMED: tuple[tuple[str, Change, dict[str, str]], ...] = (
    (
        "a network by its VLAN",
        {"networks[0].name": "new", "servers[0].network": "new"},
        {"network-new": "network-front"},
    ),
    (
        "a flavor by its size",
        {"flavors[0].name": "new", "servers[0].flavor": "new"},
        {"flavor-new": "flavor-tiny"},
    ),
    (
        "a project by its servers",
        {
            "projects[1].name": "new",
            "servers[1].project": "new",
            "networks[1].project": "new",
            "flavors[1].projects": ["new"],
        },
        {
            "project-new": "project-db",
            "flavor-small/new-access": "flavor-small/db-access",
        },
    ),
)


@pytest.mark.parametrize(
    ("change", "expected"), [pytest.param(c, names, id=name) for name, c, names in RENAMED]
)
def test_what_only_has_another_name_stays_what_it_is(
    change: Change,
    expected: dict[str, str],
    whole: Deployment,
    config: dict[str, object],
    files: Path,
) -> None:
    # Pulumi gives a component's children the names that go with it.
    deployed = deploy(main, changed(config, change, files), state=whole.exported())
    assert {n: deployed.named(n).aliases for n in expected} == {
        name: frozenset({old}) for name, old in expected.items()
    }
    assert {r.name for r in deployed if r.aliases} == set(expected), "and nothing else"


@pytest.mark.parametrize(
    ("change", "kept"),
    [
        ({"flavors[0].name": "new", "servers[0].flavor": "new"}, "id of flavor-tiny-flavor"),
        ({"flavors[0].public": False, "flavors[0].projects": ["web"]}, "id of flavor-tiny-flavor"),
        ({"flavors[0].ram": 300}, None),
    ],
    ids=["another name", "another audience", "another size"],
)
def test_a_server_is_resized_for_another_size_alone(
    change: Change,
    kept: str | None,
    whole: Deployment,
    config: dict[str, Any],
    files: Path,
) -> None:
    deployed = deploy(main, changed(config, change, files), state=whole.exported(), preview=True)
    (flavor,) = [
        r
        for r in deployed
        if r.type.endswith(":Flavor") and r.inputs.get("vcpus") and r.name != "flavor-small-flavor"
    ]
    assert flavor.inputs.get("flavorId") == kept
    assert (deployed.named("server-web1-server").inputs.get("flavorId") == kept) or kept is None
