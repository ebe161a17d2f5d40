"""What a run was making as it was cut off: it is found in the cloud, and made only once."""

import copy
import re
import time
from pathlib import Path
from typing import Any

import pytest

from tools.interrupted import KINDS, resolve

ROOT = Path(__file__).parents[2]
REPEATED = {"identity/roleAssignment", "compute/quotaSetV2", "networking/quotaV2"}
"""What is the same if it is made once more."""
ADMIN: dict[str, Any] = {
    "urn": "urn:pulumi:dev::iaas::pulumi:providers:openstack::cloud-admin",
    "type": "pulumi:providers:openstack",
    "id": "p",
    "inputs": {"userName": "admin"},
}
WEB: dict[str, Any] = {
    **ADMIN,
    "urn": "urn:pulumi:dev::iaas::pulumi:providers:openstack::project-web-provider",
    "inputs": {"userName": "web"},
}
IN_USE: dict[str, Any] = {
    "urn": "urn:pulumi:dev::iaas::openstack:networking/secGroup:SecGroup::server-web1-group",
    "type": "openstack:networking/secGroup:SecGroup",
    "id": "in use",
    "inputs": {"name": "web1"},
}


class Api:
    """A cloud with these things, at any path; a server is built at the next question."""

    def __init__(self, user: str, answer: dict[str, Any]) -> None:
        self.user = user
        self.answer = answer

    def get(self, path: str) -> "Api":
        """Ask a path."""
        self.path = path
        return self

    def json(self) -> dict[str, Any]:
        """Return the answer."""
        if self.path.startswith("/servers/") and "detail" not in self.path:
            return {"server": {**self.answer["servers"][0], "status": "ACTIVE"}}
        return self.answer

    def get_project_id(self) -> str:
        """Return the project of the user."""
        return f"id of {self.user}"


def cut_off(kind: str, inputs: dict[str, Any], *, way: str = "creating", by: Any = WEB) -> Any:  # noqa: ANN401  # any JSON
    """Return a state with a note of something that was being made."""
    name = kind.rsplit(":", 1)[-1]
    note = {
        "type": way,
        "resource": {
            "urn": f"urn:pulumi:dev::iaas::{kind}::the-{name}",
            "type": kind,
            "custom": True,
            "inputs": inputs,
            "provider": f"{by['urn']}::{by['id']}",
        },
    }
    return {
        "deployment": {
            "resources": copy.deepcopy([ADMIN, WEB, IN_USE]),
            "pending_operations": [note],
        }
    }


GROUP = "openstack:networking/secGroup:SecGroup"
NETWORK = "openstack:networking/network:Network"
SERVER = "openstack:compute/instance:Instance"
IMAGE = "openstack:images/image:Image"
KEY = "openstack:compute/keypair:Keypair"
ROUTE = "openstack:networking/subnetRoute:SubnetRoute"
RULE = "openstack:networking/secGroupRule:SecGroupRule"

FOUND: dict[str, tuple[Any, dict[str, Any], str, bool]] = {
    "a group": (
        cut_off(GROUP, {"name": "web1"}),
        {"security_groups": [{"id": "in use", "name": "web1"}, {"id": "g", "name": "web1"}]},
        "g",
        True,
    ),
    "a network of the admin's among those of projects": (
        cut_off(NETWORK, {"name": "front"}, by=ADMIN),
        {
            "networks": [
                {"id": "other", "name": "front", "project_id": "id of web"},
                {"id": "n", "name": "front", "project_id": "id of admin"},
            ]
        },
        "n",
        True,
    ),
    "a network that the admin makes for a project": (
        cut_off(NETWORK, {"name": "inside", "tenantId": "w"}, by=ADMIN),
        {"networks": [{"id": "n", "name": "inside", "project_id": "w"}]},
        "n",
        True,
    ),
    "a key, which is its name": (
        cut_off(KEY, {"name": "web1"}),
        {"keypairs": [{"keypair": {"name": "web1"}}, {"keypair": {"name": "web2"}}]},
        "web1",
        True,
    ),
    "a rule by what it lets in": (
        cut_off(RULE, {"securityGroupId": "g", "direction": "ingress", "portRangeMin": 22}),
        {
            "security_group_rules": [
                {"id": "r1", "direction": "ingress", "port_range_min": 80},
                {"id": "r2", "direction": "ingress", "port_range_min": 22},
            ]
        },
        "r2",
        True,
    ),
    "a route, which has no id of its own": (
        cut_off(ROUTE, {"subnetId": "s", "destinationCidr": "10.9.0.0/24", "nextHop": "10.0.0.1"}),
        {"subnet": {"host_routes": [{"destination": "10.9.0.0/24", "nexthop": "10.0.0.1"}]}},
        "s-route-10.9.0.0/24-10.0.0.1",
        True,
    ),
    "a server that is still built": (
        cut_off(SERVER, {"name": "web1"}),
        {"servers": [{"id": "s", "name": "web1", "status": "BUILD"}]},
        "s",
        True,
    ),
    "a server that could not be built": (
        cut_off(SERVER, {"name": "web1"}),
        {"servers": [{"id": "s", "name": "web1", "status": "ERROR"}]},
        "s",
        False,
    ),
    "an image without its content": (
        cut_off(IMAGE, {"name": "guest"}, by=ADMIN),
        {"images": [{"id": "i", "name": "guest", "status": "queued", "owner": "id of admin"}]},
        "i",
        False,
    ),
}


@pytest.mark.parametrize(("state", "answer", "id_", "whole"), FOUND.values(), ids=FOUND)
def test_what_was_made_is_in_the_state_and_made_anew_only_if_it_is_not_whole(
    state: Any,  # noqa: ANN401  # any JSON
    answer: dict[str, Any],
    id_: str,
    whole: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(time, "sleep", lambda _: None)
    found = resolve(state, lambda user, _: Api(user, answer))  # type: ignore[arg-type,return-value]
    (made,) = state["deployment"]["resources"][3:]
    assert (made["id"], bool(made.get("initErrors"))) == (id_, not whole)
    assert made["created"] == made["modified"]
    assert found.whole == ([made["urn"]] if whole else [])
    assert list(found.adopted.values()) == [id_]
    assert state["deployment"]["pending_operations"] == []


GONE: dict[str, tuple[Any, dict[str, Any]]] = {
    "it was never made": (cut_off(GROUP, {"name": "web1"}), {"security_groups": []}),
    "the one of that name is in the state": (
        cut_off(GROUP, {"name": "web1"}),
        {"security_groups": [{"id": "in use", "name": "web1"}]},
    ),
    "it is another project's": (
        cut_off(NETWORK, {"name": "front"}, by=ADMIN),
        {"networks": [{"id": "n", "name": "front", "project_id": "w"}]},
    ),
    "a step, which runs again": (cut_off("command:remote:Command", {}), {}),
    "a change, which is sent again": (cut_off(GROUP, {"name": "web1"}, way="updating"), {}),
}


@pytest.mark.parametrize(("state", "answer"), GONE.values(), ids=GONE)
def test_a_note_of_what_is_not_there_goes(state: Any, answer: dict[str, Any]) -> None:  # noqa: ANN401  # any JSON
    found = resolve(state, lambda user, _: Api(user, answer))  # type: ignore[arg-type,return-value]
    assert (found.adopted, found.unclear) == ({}, [])
    assert state["deployment"] == {"resources": [ADMIN, WEB, IN_USE], "pending_operations": []}


def replaced() -> Any:  # noqa: ANN401  # any JSON
    """Return a state in which something was being replaced: the old one is there."""
    state = cut_off(GROUP, {"name": "web1"})
    state["deployment"]["pending_operations"][0]["resource"]["urn"] = IN_USE["urn"]
    return state


UNCLEAR: dict[str, tuple[Any, list[str], str]] = {
    "two of one name": (cut_off(GROUP, {"name": "web1"}), ["g1", "g2"], "the-SecGroup"),
    "one beside that which it replaces": (replaced(), ["g1"], "server-web1-group"),
}


@pytest.mark.parametrize(("state", "there", "name"), UNCLEAR.values(), ids=UNCLEAR)
def test_what_is_not_sure_is_left_to_a_person(state: Any, there: list[str], name: str) -> None:  # noqa: ANN401  # any JSON
    before = copy.deepcopy(state)
    answer = {"security_groups": [{"id": one, "name": "web1"} for one in there]}
    found = resolve(state, lambda user, _: Api(user, answer))  # type: ignore[arg-type,return-value]
    assert found.unclear == [f"{name}: in the cloud, and not in the state: {' '.join(there)}"]
    assert state == before


def test_all_that_the_program_makes_is_found_or_may_be_made_once_more() -> None:
    source = "".join(file.read_text("utf-8") for file in (ROOT / "components").rglob("*.py"))
    made = set(re.findall(r"openstack\.(\w+)\.(\w+)\(", source))
    types = {
        f"{module}/{name[0].lower()}{name[1:]}"
        for module, name in made
        if not name.endswith("Args")
    }
    assert types == {kind.rsplit(":", 1)[0] for kind in KINDS} | REPEATED
