"""What a comment says of server groups, and of what a server was made with."""

from typing import Any

import pytest

from pull_requests.summary import summary
from tests.unit.previews import SERVER, component, read, shown, step, urn

GROUP = "iaas:cloud:ServerGroup"
NOVA_GROUP = "openstack:compute/serverGroup:ServerGroup"
INSTANCE = "openstack:compute/instance:Instance"
OWNER = f"{urn('pulumi:providers:openstack', 'project-web-provider')}::id"
State = dict[str, Any] | None


def said(*steps: dict[str, Any]) -> list[str]:
    """Return the lines of a comment, those marked first."""
    found = summary(read(shown(*steps)))
    return [*found.marked, *(line for lines in found.sections.values() for line in lines)]


def server(
    op: str, old: State, new: State, named: tuple[State, State] = ({}, {})
) -> list[dict[str, Any]]:
    """Return the steps of web1 with its own values and its component's before and after."""
    parent = urn(SERVER, "server-web1")
    whole = "same" if named[0] == named[1] else "update"
    return [
        step("create" if op == "create" else whole, SERVER, "server-web1", *named),
        step(op, INSTANCE, "server-web1-server", old, new, parent=parent, provider=OWNER),
    ]


def group(op: str, old: State, new: State) -> list[dict[str, Any]]:
    """Return the steps of the server group pair."""
    whole = op if op in ("create", "delete") else "same"
    parent = urn(GROUP, "servergroup-pair")
    name = "servergroup-pair-servergroup"
    return [
        component(whole, GROUP, "servergroup-pair"),
        step(op, NOVA_GROUP, name, old, new, parent=parent, provider=OWNER),
    ]


def hint(number: str) -> dict[str, Any]:
    return {"schedulerHints": [{"group": number}]}


def limit(count: int) -> dict[str, Any]:
    return {"policies": "anti-affinity", "rules": {"maxServerPerHost": count}}


WEB1 = "project web: server web1"
REPLACED = f"{WEB1} is replaced, its disk is lost, because"
APART, NEAR = {"policies": "anti-affinity"}, {"policies": "affinity"}
IN_PAIR, IN_NEAR, ALONE = {"serverGroup": "pair"}, {"serverGroup": "near"}, dict[str, Any]()

GROUPS: tuple[tuple[str, State, State, str], ...] = (
    ("create", None, APART, "server group pair: + new (of project web, anti-affinity)"),
    ("create", None, limit(1), "server group pair: + new (of project web, anti-affinity)"),
    (
        "create",
        *(None, limit(2)),
        "server group pair: + new (of project web, anti-affinity, at most 2 on a compute)",
    ),
    ("delete", NEAR, None, "server group pair is deleted (of project web, affinity)"),
    (
        "replace",
        *(APART, NEAR),
        "server group pair is replaced, because policy anti-affinity -> affinity",
    ),
    ("replace", limit(2), limit(3), "server group pair is replaced, because maxPerHost 2 -> 3"),
)


@pytest.mark.parametrize(("op", "old", "new", "line"), GROUPS)
def test_a_server_group_is_said_with_what_it_does(
    op: str, old: State, new: State, line: str
) -> None:
    assert said(*group(op, old, new)) == [line]


NEW: tuple[tuple[dict[str, Any], dict[str, Any], str], ...] = (
    (IN_PAIR, {}, ", in server group pair"),
    (ALONE, {"hypervisorHostname": "compute2"}, ", on compute2"),
    (IN_PAIR, {"hypervisorHostname": "compute"}, ", in server group pair, on compute"),
    (ALONE, {"metadata": {"role": "web"}, "tags": ["blue"], "configDrive": True}, ""),
)


@pytest.mark.parametrize(("named", "values", "facts"), NEW)
def test_a_new_server_is_said_with_where_it_is_placed(
    named: dict[str, Any], values: dict[str, Any], facts: str
) -> None:
    """And without its labels, which are in the diff."""
    named = {"flavor": "tiny", "network": "front", "segment": 7, **named}
    first = f"{WEB1} (tiny, an address of Neutron's choice, VLAN 7"
    line = f"{first}{facts})".replace("server web1", "+ server web1")
    assert said(*server("create", None, values, (None, named))) == [line]


CHANGES: tuple[tuple[str, State, State, tuple[State, State], str], ...] = (
    (
        "replace",
        *({}, hint("1")),
        (ALONE, IN_PAIR),
        f"{REPLACED} server group none -> pair",
    ),
    (
        "replace",
        *(hint("1"), {}),
        (IN_PAIR, ALONE),
        f"{REPLACED} server group pair -> none",
    ),
    (
        "replace",
        *(hint("1"), hint("2")),
        (IN_PAIR, IN_NEAR),
        f"{REPLACED} server group pair -> near",
    ),
    (
        "replace",
        *(hint("1"), hint("2")),
        (IN_PAIR, IN_PAIR),
        f"{REPLACED} server group pair is replaced",
    ),
    # Another name of a group in Nova is its old one.
    ("same", hint("1"), hint("1"), (IN_PAIR, IN_NEAR), f"{WEB1}: server group pair -> near"),
    (
        "update",
        *(hint("1"), hint("1") | {"tags": ["blue"]}),
        (IN_PAIR, IN_NEAR),
        f"{WEB1}: server group pair -> near; server web1: tags none -> blue",
    ),
    (
        "update",
        *({"tags": ["blue", "http"]}, {"tags": ["blue", "http", "new"]}),
        (ALONE, ALONE),
        f"{WEB1}: tags blue, http -> blue, http, new",
    ),
    ("update", {"tags": ["blue"]}, {}, (ALONE, ALONE), f"{WEB1}: tags blue -> none"),
    (
        "update",
        *({"metadata": {"role": "web", "tier": "1"}}, {"metadata": {"role": "app"}}),
        (ALONE, ALONE),
        f"{WEB1}: metadata.role web -> app, metadata.tier 1 -> none",
    ),
    (
        "replace",
        *({"configDrive": True}, {}),
        (ALONE, ALONE),
        f"{REPLACED} config drive true -> none",
    ),
    (
        "replace",
        *({}, hint("1") | {"tags": ["blue"]}),
        (ALONE, IN_PAIR),
        f"{REPLACED} server group none -> pair, tags none -> blue",
    ),
)


@pytest.mark.parametrize(("op", "old", "new", "named", "line"), CHANGES)
def test_a_change_of_a_servers_place_and_labels_is_said_as_the_settings_have_it(
    op: str, old: State, new: State, named: tuple[State, State], line: str
) -> None:
    assert said(*server(op, old, new, named)) == [line]
