"""What is registered for openings: each rule once and as meant, and no port with a closed group."""

from collections.abc import Callable, Mapping
from ipaddress import IPv4Network
from pathlib import Path

import pulumi
import pytest

from components.cloud import SecurityGroup, Server
from components.settings import (
    EgressSettings,
    IngressSettings,
    PeerSettings,
    SecurityGroupSettings,
    ServerSettings,
    load,
)
from components.settings.protocols import PortRange
from tests.unit.clouds import SERVER, parts
from tests.unit.configs import GONE, Change, changed
from tests.unit.examples import OTHER_SECRET, good_config, public_key
from tests.unit.mocks import Deployment, deploy, fresh, main
from tests.unit.tenants import OPS, config_of
from tests.unit.tenants import problems as tenants_problems

TEN = IPv4Network("10.0.0.0/8")
FAR = SecurityGroupSettings(
    name="far",
    project="web",
    ingress=(
        IngressSettings(protocol="tcp", ports=(PortRange(80, 89), PortRange(443, 443)), cidr=TEN),
        IngressSettings(protocol="tcp", ports=(PortRange(1, 65535),), cidr=TEN),
        IngressSettings(protocol="any", from_=PeerSettings(group="near")),
        IngressSettings(protocol="94", cidr=TEN),
        IngressSettings(protocol="icmp", icmp_type=8, cidr=TEN),
        IngressSettings(protocol="icmp", icmp_type=3, icmp_code=3, cidr=TEN),
    ),
)
NEAR = SecurityGroupSettings(
    name="near",
    project="web",
    description="Asks",
    egress=(
        EgressSettings(protocol="tcp", port=80, to=PeerSettings(group="far")),
        EgressSettings(protocol="any", to=PeerSettings(group="near")),
    ),
)
OUT = (EgressSettings(protocol="udp", port=53, to=PeerSettings(group="far")),)
NEEDED = ("udp-67-255.255.255.255-32", "tcp-80-169.254.169.254-32")


def serve(**more: object) -> Callable[[], object]:
    """Return a program with two groups and a server."""

    def program() -> None:
        project, image, flavor, networks = parts()
        groups = {g.name: SecurityGroup(f"g-{g.name}", g, project) for g in (FAR, NEAR)}
        for group in groups.values():
            group.open(groups.values())
        given = {name: getattr(SERVER, name) for name in ServerSettings.model_fields}
        settings = ServerSettings.model_validate({**given, **more})
        Server("s", settings, project, image, flavor, networks, groups)

    return program


@pytest.fixture(scope="module")
def served() -> Deployment:
    """A server that may reach little, in both groups."""
    return deploy(serve(egress=OUT, security_groups=("near", "far")))


IN: dict[str, object] = {"direction": "ingress", "ethertype": "IPv4"}
OF_FAR: dict[str, object] = IN | {"securityGroupId": "id of g-far-group"}
FROM: dict[str, object] = OF_FAR | {"remoteIpPrefix": "10.0.0.0/8"}
RULES: dict[str, dict[str, object]] = {
    "g-far-tcp-80-89-10.0.0.0-8": FROM
    | {"protocol": "tcp", "portRangeMin": 80, "portRangeMax": 89},
    "g-far-tcp-443-10.0.0.0-8": FROM
    | {"protocol": "tcp", "portRangeMin": 443}
    | {"portRangeMax": 443},
    "g-far-tcp-10.0.0.0-8": FROM | {"protocol": "tcp"},
    "g-far-any-group.near": OF_FAR | {"remoteGroupId": "id of g-near-group"},
    "g-far-protocol.94-10.0.0.0-8": FROM | {"protocol": "94"},
    # The provider wants a code, and does not send 0.
    "g-far-icmp-8-10.0.0.0-8": FROM | {"protocol": "icmp", "portRangeMin": 8, "portRangeMax": 0},
    "g-far-icmp-3-3-10.0.0.0-8": FROM
    | {"protocol": "icmp", "portRangeMin": 3}
    | {"portRangeMax": 3},
    "g-near-egress.any-group.near": {
        **{"direction": "egress", "ethertype": "IPv4"},
        **{"securityGroupId": "id of g-near-group", "remoteGroupId": "id of g-near-group"},
    },
    "s-limited.tcp-22-10.0.0.0-8": IN
    | {"protocol": "tcp", "portRangeMin": 22, "portRangeMax": 22}
    | {"remoteIpPrefix": "10.0.0.0/8", "securityGroupId": "id of s-limited.group"},
}


@pytest.mark.parametrize(("name", "inputs"), RULES.items())
def test_a_rule_lets_through_what_the_settings_say(
    name: str, inputs: Mapping[str, object], served: Deployment
) -> None:
    assert served.named(name).inputs == inputs


def test_there_are_no_other_rules(served: Deployment) -> None:
    assert sorted(served.names("SecGroupRule")) == sorted(
        [
            *(name for name in RULES if name != "g-near-egress.any-group.near"),
            "g-near-egress.any-group.near",
            "g-near-egress.tcp-80-group.far",
            "s-limited.icmp-0.0.0.0-0",
            "s-limited.egress.udp-53-group.far",
            *(f"s-limited.egress.{needed}" for needed in NEEDED),
        ]
    )


def test_a_shared_group_is_without_neutrons_rules_and_never_in_ports_ways(
    served: Deployment,
) -> None:
    """Its egress adds nothing of its own; Neutron deletes no group that a port still has."""
    group = served.named("g-near-group")
    assert group.inputs == {"name": "near", "description": "Asks", "deleteDefaultRules": True}
    assert group.delete_before_replace is False
    assert group.provider == "p-provider"
    assert served.named("g-far-group").inputs["description"], "the provider keeps one left out"


def test_a_port_has_its_groups_when_they_are_open(served: Deployment) -> None:
    port = served.named("s-port")
    ids = ["id of s-limited.group", "id of g-far-group", "id of g-near-group"]
    assert port.inputs["securityGroupIds"] == ids
    assert {*served.names("SecGroupRule")} <= port.after


def test_what_a_server_may_reach_never_changes_its_groups_default_rules() -> None:
    """That would replace the group, which Neutron refuses while its port has it."""
    everything, nothing = deploy(serve()), deploy(serve(egress=()))
    assert "deleteDefaultRules" not in everything.named("s-group").inputs
    assert nothing.named("s-limited.group").inputs["deleteDefaultRules"] is True
    assert not {*everything.names()} & {"s-limited.group"}
    assert not {*nothing.names()} & {"s-group"}
    rules = {name for name in nothing.names("SecGroupRule") if name.startswith("s-limited.egress.")}
    assert rules == {f"s-limited.egress.{needed}" for needed in NEEDED}


def test_what_a_server_needs_is_there_once_where_the_settings_have_it_too() -> None:
    metadata = EgressSettings(protocol="tcp", port=80, cidr=IPv4Network("169.254.169.254/32"))
    names = deploy(serve(egress=(metadata,))).names("SecGroupRule")
    assert [n for n in names if "169.254" in n] == ["s-limited.egress.tcp-80-169.254.169.254-32"]


def test_a_preview_names_a_servers_groups_in_one_order(served: Deployment) -> None:
    assert served.named("s").inputs["securityGroups"] == "far, near"
    assert "securityGroups" not in deploy(serve()).named("s").inputs


def test_a_tenants_file_has_groups_of_its_own_project(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    text = OPS + "    securityGroups: [watched]\nsecurityGroups:\n  - {name: watched}\n"
    (group,) = load(config_of(tmp_path, {"ops.yaml": text})).security_groups
    assert (group.name, group.project) == ("watched", "ops")
    wrong = text.replace("{name: watched}", "{name: watchd, project: web}")
    assert tenants_problems(config_of(tmp_path, {"ops.yaml": wrong})) == [
        "tenants/ops.yaml: securityGroups[0].project: is not for a tenant's file; a file's groups"
        " belong to its own project",
        "tenants/ops.yaml: servers[0].securityGroups[0]: 'watched' is not among the"
        " securityGroups; did you mean watchd?",
    ]


NEW = {"name": "new", "project": "web", "ingress": [{"protocol": "any", "from": {"group": "new"}}]}
OLD = {"name": "old", "project": "web", "ingress": [{"protocol": "any", "from": {"group": "old"}}]}


def renamed(before: Change, after: Change, files: Path) -> Deployment:
    """Return what a second run registers, after a first one of other settings."""
    config = good_config(files)
    first = fresh(changed(config, before, files))
    return deploy(main, changed(config, after, files), state=first.exported())


def test_a_group_with_the_same_servers_is_renamed_in_place(files: Path) -> None:
    """With the rules that name it: Neutron has no two that say the same."""
    made = renamed(
        {"securityGroups": [OLD], "servers[0].securityGroups": ["old"]},
        {"securityGroups": [NEW], "servers[0].securityGroups": ["new"]},
        files,
    )
    assert made.named("group-new").aliases == {"group-old"}
    assert made.named("group-new-any-group.new").aliases == {"group-new-any-group.old"}


@pytest.mark.parametrize(
    "after",
    [
        pytest.param({"securityGroups": [NEW]}, id="another server"),
        pytest.param(
            {"securityGroups": [OLD, NEW], "servers[0].securityGroups": ["new"]},
            id="the old one is still there",
        ),
    ],
)
def test_another_group_is_another_one(after: Change, files: Path) -> None:
    made = renamed({"securityGroups": [OLD], "servers[0].securityGroups": ["old"]}, after, files)
    assert made.named("group-new").aliases == frozenset()


SMALL = {"project": "web", "image": "guest", "flavor": "tiny", "network": "front"}


def test_no_two_servers_rules_have_one_name(tmp_path: Path) -> None:
    """Whatever their names are: Pulumi would refuse the program."""
    opening = {"protocol": "tcp", "port": 94, "cidr": "10.0.0.0/8"}
    first: dict[str, object] = {"name": "a", "ingress": [opening], "egress": [opening]}
    number = {"protocol": 94, "cidr": "10.0.0.0/8"}
    names = ("a-limited", "a-limited-egress", "a-egress", "a-tcp")
    config = changed(good_config(tmp_path), {"projects[0].quota": GONE}, tmp_path)
    whole = {**SMALL, "publicKey": public_key()}
    servers = [{**whole, **first}] + [
        {**whole, "name": name, "ingress": [opening, number]} for name in names
    ]
    made = deploy(main, {**config, "servers": servers})
    rules = [r.urn for r in made if r.type.endswith(("SecGroupRule", "SecGroup"))]
    assert len({*rules}) == len(rules) == 4 + 1 + 3 * len(names)


def test_a_projects_last_group_and_the_secret_do_not_change_together(tmp_path: Path) -> None:
    """Its login makes and deletes it."""
    config = changed(good_config(tmp_path), {"projects[2]": {"name": "app"}}, tmp_path)
    first = deploy(main, {**config, "securityGroups": [{"name": "last", "project": "app"}]})
    with pytest.raises(pulumi.RunError, match="removal of last, the last of project app"):
        deploy(main, {**config, "secret": OTHER_SECRET}, state=first.exported())
