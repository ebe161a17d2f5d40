"""What is in a cloud gets into the state: one is taken in, several are named, none is left."""

import copy
from collections.abc import Mapping
from typing import Any

import pytest
from keystoneauth1.exceptions import ConnectFailure, NotFound, Unauthorized

from tools.adopt.beyond import beyond
from tools.adopt.look import look
from tools.adopt.planned import UNKNOWN
from tools.adopt.state import take_in, unread

URN = "urn:pulumi:dev::iaas::"
STACK: dict[str, Any] = {
    "urn": f"{URN}pulumi:pulumi:Stack::iaas-dev",
    "type": "pulumi:pulumi:Stack",
}
ADMIN: dict[str, Any] = {
    "urn": f"{URN}pulumi:providers:openstack::cloud-admin",
    "type": "pulumi:providers:openstack",
    "inputs": {"userName": "admin"},
    "parent": STACK["urn"],
    "dependencies": [f"{URN}command:remote:Command::controller-files"],
}
WEB: dict[str, Any] = {
    **ADMIN,
    "urn": f"{URN}pulumi:providers:openstack::project-web-provider",
    "inputs": {"userName": "web"},
}
PROJECT, USER = "identity/project:Project", "identity/user:User"
NETWORK, SUBNET = "networking/network:Network", "networking/subnet:Subnet"
PORT, ROUTER = "networking/port:Port", "networking/router:Router"
FLOATING, RULE = "networking/floatingIp:FloatingIp", "networking/secGroupRule:SecGroupRule"
SERVER, IMAGE = "compute/instance:Instance", "images/image:Image"
GROUP = "networking/secGroup:SecGroup"


class Api:
    """What a user sees of a cloud: answers by path."""

    def __init__(self, user: str, answers: Mapping[str, Any]) -> None:
        self.user = user
        self.answers = answers

    def get(self, path: str) -> "Api":
        """Ask a path."""
        self.path = path
        return self

    def json(self) -> Any:  # noqa: ANN401  # any JSON
        """Return the answer (NotFound)."""
        path = self.path.partition("?")[0]
        if path not in self.answers:
            raise NotFound(path)
        return self.answers[path]

    def get_project_id(self) -> str:
        """Return the project of the user."""
        return f"id of {self.user}"


def planned(kind: str, inputs: dict[str, Any], by: Any = ADMIN, **more: Any) -> Any:  # noqa: ANN401  # any JSON
    """Return a plan with one thing of OpenStack's."""
    raw = {
        "urn": f"{URN}openstack:{kind}::the-thing",
        "type": f"openstack:{kind}",
        "custom": True,
        "inputs": inputs,
        "outputs": dict(inputs),
        "parent": STACK["urn"],
        "provider": f"{by['urn']}::{UNKNOWN}",
        **more,
    }
    return {one["urn"]: one for one in copy.deepcopy([STACK, by, raw])}


def looked(plan: Any, answers: Mapping[str, Any], *, patient: bool = True) -> tuple[Any, str]:  # noqa: ANN401  # any JSON
    """Return what is found of a plan's one thing, or what is unclear of it."""
    urn = [*plan][-1]
    state: dict[str, Any] = {"deployment": {"resources": []}}
    done = look(plan, state, lambda user, _: Api(user, answers), patient=patient)  # type: ignore[arg-type,return-value]
    return done.found.get(urn), done.unclear.get(urn, "")


def network(**more: object) -> dict[str, Any]:
    """Return the answer of Neutron with one network."""
    item = {"id": "n", "name": "front", "project_id": "id of admin", "shared": True, **more}
    return {"/v2.0/networks": {"networks": [item]}}


SERVER_INPUTS: dict[str, Any] = {
    **{"name": "web1", "keyPair": "web1", "networks": [{"port": "p"}]},
    **{"imageId": "i", "flavorId": "f"},
}
PORT_INPUTS: dict[str, Any] = {
    **{"name": "web1", "networkId": "n", "tenantId": "w", "securityGroupIds": ["g", "h"]},
    "fixedIps": [{"subnetId": "s", "ipAddress": "10.0.0.1"}],
}


def server(**more: object) -> dict[str, Any]:
    """Return the answers of Nova and Neutron with one server and its port."""
    item: dict[str, Any] = {"id": "s", "name": "web1", "status": "SHUTOFF", "key_name": "web1"}
    item |= {"image": {"id": "old"}, "flavor": {"id": "f"}, "config_drive": "", **more}
    ports = {"/v2.0/ports/p": {"port": {"device_id": "s"}}}
    return {"/servers/detail": {"servers": [item]}, **ports}


WEB_USER: dict[str, Any] = {"/users": {"users": [{"id": "u", "name": "web"}]}}


def by_hand(**more: str) -> Any:  # noqa: ANN401  # any JSON
    """Return a plan with a server that was made by hand."""
    inputs = {"server": "s", "name": "db7", "project": "web", **more}
    part = {
        **{"urn": f"{URN}iaas:cloud:AdoptedServer::adopted-s", "type": "iaas:cloud:AdoptedServer"},
        **{"inputs": inputs, "parent": STACK["urn"]},
    }
    plan = planned(SERVER, {"name": "db7", "flavorId": "f"}, parent=part["urn"])
    return {part["urn"]: part, **plan}


def of_project(name: str) -> dict[str, Any]:
    """Return the answers of Nova and Keystone with one server of a project."""
    (item,) = server(tenant_id="w", key_name="mine")["/servers/detail"]["servers"]
    return {"/servers/s": {"server": item}, "/projects/w": {"project": {"name": name}}}


def port(address: str = "10.0.0.1", groups: tuple[str, ...] = ("h", "g")) -> dict[str, Any]:
    """Return the answer of Neutron with one port."""
    fixed = [{"subnet_id": "s", "ip_address": address}]
    item = {"id": "p", "name": "web1", "network_id": "n", "project_id": "w", "fixed_ips": fixed}
    return {"/v2.0/ports": {"ports": [{**item, "security_groups": [*groups]}]}}


FRONT = {"name": "front"}
LOGIN = {"name": "web", "password": "derived"}
WHOLE = {"inputs": SERVER_INPUTS}

FOUND: dict[str, tuple[Any, dict[str, Any], dict[str, Any]]] = {
    "a network": (planned(NETWORK, FRONT), network(), {"id": "n", "inputs": FRONT}),
    "a user": (planned(USER, LOGIN), WEB_USER, {"id": "u", "outputs": LOGIN}),
    "a network that is shared, as it says": (
        planned(NETWORK, FRONT, replacementTrigger="shared"),
        network(),
        {"replacementTrigger": "shared"},
    ),
    "a network that is no longer shared, which the next preview replaces": (
        planned(NETWORK, FRONT, replacementTrigger="shared"),
        network(shared=False),
        {"replacementTrigger": "owned"},
    ),
    "a router that has a way out, where the settings have none": (
        planned(ROUTER, {"name": "edge"}, replacementTrigger="inner"),
        {
            "/v2.0/routers": {
                "routers": [
                    {"id": "r", "name": "edge", "external_gateway_info": {"network_id": "n"}}
                ]
            }
        },
        {"replacementTrigger": "outer"},
    ),
    "a subnet with other addresses, which is the network's one": (
        planned(SUBNET, {"name": "a", "networkId": "n", "cidr": "10.0.0.0/24", "ipVersion": 4}),
        {
            "/v2.0/subnets": {
                "subnets": [
                    {
                        "id": "s",
                        "name": "b",
                        "network_id": "n",
                        "cidr": "10.9.0.0/24",
                        "ip_version": 4,
                    }
                ]
            }
        },
        {"id": "s"},
    ),
    "a floating address that reaches another port": (
        planned(FLOATING, {"address": "10.0.0.9", "portId": "p"}, replacementTrigger="n"),
        {
            "/v2.0/floatingips": {
                "floatingips": [
                    {
                        **{"id": "f", "port_id": "q", "floating_ip_address": "10.0.0.9"},
                        "floating_network_id": "n",
                    }
                ]
            }
        },
        {"id": "f", "replacementTrigger": "n"},
    ),
    "a rule for all, and not the one for a port": (
        planned(
            RULE, {"securityGroupId": "g", "direction": "egress", "remoteIpPrefix": "0.0.0.0/0"}
        ),
        {
            "/v2.0/security-group-rules": {
                "security_group_rules": [
                    {
                        **{"id": "r1", "direction": "egress", "port_range_min": 443},
                        "remote_ip_prefix": "0.0.0.0/0",
                    },
                    {"id": "r2", "direction": "egress", "remote_ip_prefix": "0.0.0.0/0"},
                ]
            }
        },
        {"id": "r2"},
    ),
    "a port with its groups in another order": (
        planned(PORT, PORT_INPUTS),
        port(),
        {"id": "p", "inputs": PORT_INPUTS},
    ),
    "a port with another address and group, which the next preview changes": (
        planned(PORT, PORT_INPUTS),
        port("10.0.0.7", ("h",)),
        {
            "inputs": {
                **PORT_INPUTS,
                "securityGroupIds": ["h"],
                "fixedIps": [{"subnetId": "s", "ipAddress": "10.0.0.7"}],
            }
        },
    ),
    "a server that is off": (
        planned(SERVER, SERVER_INPUTS, WEB, replacementTrigger=["guest"]),
        server(),
        {"id": "s", "replacementTrigger": ["guest"], **WHOLE},
    ),
    "a server that was made by hand, whatever its key and ports": (
        by_hand(),
        of_project("web"),
        {"id": "s", "inputs": {"name": "db7", "flavorId": "f"}},
    ),
    "a server without the metadata and the drive of the settings": (
        planned(
            SERVER, {**SERVER_INPUTS, "metadata": {"a": "1", "b": "2"}, "configDrive": True}, WEB
        ),
        server(metadata={"a": "9", "c": "3"}),
        {"inputs": {**SERVER_INPUTS, "metadata": {"a": "9"}}},
    ),
}


@pytest.mark.parametrize(("plan", "answers", "wanted"), FOUND.values(), ids=FOUND)
def test_what_is_there_is_in_the_state_as_it_is_there(
    plan: Any,  # noqa: ANN401  # any JSON
    answers: dict[str, Any],
    wanted: dict[str, Any],
) -> None:
    found, unclear = looked(plan, answers)
    assert (unclear, {key: found[key] for key in wanted}) == ("", wanted)


LEFT: dict[str, tuple[Any, dict[str, Any]]] = {
    "one of another name": (planned(NETWORK, {"name": "back"}), network()),
    "one of another project": (planned(NETWORK, FRONT), network(project_id="other")),
    "what belongs to something that is not there": (
        planned(NETWORK, {**FRONT, "tenantId": UNKNOWN}),
        network(),
    ),
    "a step, which runs again": (planned("command", {}), {}),
    "a server that was made by hand and is gone": (by_hand(), {}),
}


@pytest.mark.parametrize(("plan", "answers"), LEFT.values(), ids=LEFT)
def test_what_is_not_there_is_left_to_be_made(plan: Any, answers: dict[str, Any]) -> None:  # noqa: ANN401  # any JSON
    assert looked(plan, answers) == (None, "")


def two() -> dict[str, Any]:
    """Return the answer of Neutron with two networks of one name."""
    (one,) = network()["/v2.0/networks"]["networks"]
    return {"/v2.0/networks": {"networks": [one, {**one, "id": "m"}]}}


UNCLEAR: dict[str, tuple[Any, dict[str, Any], str]] = {
    "two of one name": (planned(NETWORK, FRONT), two(), "there are several: n m"),
    "a server with another key": (
        planned(SERVER, SERVER_INPUTS, WEB),
        server(key_name="mine"),
        "s is there, but its key pair is mine, and not web1",
    ),
    "a server with a port of Nova's": (
        planned(SERVER, SERVER_INPUTS, WEB),
        server(id="t"),
        "t is there, but port p is not in it",
    ),
    "a server whose port is gone": (
        planned(SERVER, {**SERVER_INPUTS, "networks": [{"port": UNKNOWN}]}, WEB),
        server(),
        "s is there, but nothing is that its networks would be",
    ),
    "a server that was made by hand in another project": (
        by_hand(),
        of_project("db"),
        "s is there, but of project db",
    ),
    "an image that nobody has sent": (
        planned(IMAGE, {"name": "guest", "localFilePath": "none"}),
        {
            "/v2/images": {
                "images": [{"id": "i", "name": "guest", "status": "queued", "owner": "id of admin"}]
            }
        },
        "i is there, but without content: its status is queued",
    ),
}


@pytest.mark.parametrize(("plan", "answers", "why"), UNCLEAR.values(), ids=UNCLEAR)
def test_what_is_not_sure_is_named(plan: Any, answers: dict[str, Any], why: str) -> None:  # noqa: ANN401  # any JSON
    assert looked(plan, answers) == (None, why)


def test_a_server_of_an_image_that_is_gone_is_taken_in_last() -> None:
    plan = planned(SERVER, {**SERVER_INPUTS, "imageId": UNKNOWN}, WEB)
    assert looked(plan, server())[0] is None
    found, _ = looked(plan, server(), patient=False)
    assert found["inputs"] == {**SERVER_INPUTS, "imageId": "old"}


def test_a_rule_that_the_settings_do_not_have_is_named() -> None:
    kept = {"id": "kept", "direction": "ingress", "protocol": "icmp"}
    default = {"id": "default", "direction": "egress", "protocol": None}
    more = {
        **{"id": "more", "direction": "ingress", "protocol": "tcp", "port_range_min": 22},
        **{"port_range_max": 22, "remote_ip_prefix": "0.0.0.0/0"},
    }
    answers = {"/v2.0/security-group-rules": {"security_group_rules": [kept, default, more]}}
    group = {
        **planned(GROUP, {"name": "web1"}, WEB)[f"{URN}openstack:{GROUP}::the-thing"],
        "id": "g",
    }
    rule = {"urn": "r", "type": f"openstack:{RULE}", "id": "kept"}
    state = {"deployment": {"resources": [WEB, group, rule]}}
    found = beyond(state, [group["urn"], "r"], lambda user, _: Api(user, answers))  # type: ignore[arg-type,return-value]
    assert [*found] == [(group["urn"], "more", "ingress tcp 22 from 0.0.0.0/0")]


def refusing(error: Exception) -> Any:  # noqa: ANN401  # an adapter
    """Return how nobody can log in."""

    def connect(_user: str, _service: str) -> Any:  # noqa: ANN401  # an adapter
        raise error

    return connect


def test_a_user_with_another_password_gets_the_derived_one_by_the_next_up() -> None:
    def connect(user: str, _service: str) -> Any:  # noqa: ANN401  # an adapter
        if user == "web":
            raise Unauthorized("no")
        return Api(user, WEB_USER)

    plan = planned(USER, LOGIN)
    done = look(plan, {"deployment": {"resources": []}}, connect)
    (found,) = done.found.values()
    assert (found["inputs"], found["outputs"]) == (LOGIN, {"name": "web"})


def test_a_user_that_cannot_log_in_hides_nothing_but_its_own() -> None:
    plan = planned(SERVER, SERVER_INPUTS, WEB)
    done = look(plan, {"deployment": {"resources": []}}, refusing(Unauthorized("no")))
    assert [*done.unclear.values()] == ["user web, who would know it, cannot log in"]


@pytest.mark.parametrize(
    ("by", "error"), [(ADMIN, Unauthorized("no")), (WEB, ConnectFailure("no"))]
)
def test_a_cloud_that_does_not_answer_ends_it(by: Any, error: Exception) -> None:  # noqa: ANN401  # any JSON
    with pytest.raises(type(error)):
        look(planned(NETWORK, FRONT, by), {"deployment": {"resources": []}}, refusing(error))


def test_a_user_that_up_is_to_make_is_not_asked() -> None:
    plan = planned(SERVER, SERVER_INPUTS, WEB)
    user = planned(USER, {"name": "web", "defaultProjectId": UNKNOWN})
    answers: dict[str, Any] = {"/users": {"users": []}}
    state: dict[str, Any] = {"deployment": {"resources": []}}
    done = look({**user, **plan}, state, lambda name, _: Api(name, answers))  # type: ignore[arg-type,return-value]
    assert (done.found, done.unclear) == ({}, {})


def test_a_state_gets_what_the_thing_is_a_part_of_and_nothing_that_is_not_there() -> None:
    part = {"urn": f"{URN}iaas:cloud:N::network-front", "type": "iaas:cloud:N", "custom": False}
    plan = planned(NETWORK, FRONT)
    urn = [*plan][-1]
    plan[part["urn"]] = {**part, "parent": STACK["urn"], "inputs": {}, "outputs": {}}
    plan[urn] |= {
        "parent": part["urn"],
        "dependencies": [part["urn"], f"{URN}openstack:a::not-there"],
        "propertyDependencies": {"name": [], "tenantId": [f"{URN}openstack:a::not-there"]},
    }
    state: dict[str, Any] = {"deployment": {"resources": []}}
    take_in(state, plan, {urn: {**plan[urn], "id": "n"}})
    there = {raw["urn"]: raw for raw in state["deployment"]["resources"]}
    assert there.keys() == {STACK["urn"], ADMIN["urn"], part["urn"], urn}
    assert [*there].index(part["urn"]) < [*there].index(urn)
    made = there[urn]
    assert made["provider"] == f"{ADMIN['urn']}::{there[ADMIN['urn']]['id']}"
    assert (made["dependencies"], there[ADMIN["urn"]]["dependencies"]) == ([part["urn"]], [])
    assert made["propertyDependencies"] == {"name": [], "tenantId": []}
    assert unread(state) == [urn]
    made["outputs"]["id"] = "n"
    assert unread(state) == []
