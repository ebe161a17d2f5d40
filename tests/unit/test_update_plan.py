"""What an update finds to do on each node, and why it does not begin."""

import re

import pytest

from components import steps
from tests.unit.readings import NOW, Json, cloud, seen
from tools.status.units import NEEDED, UPDATED
from tools.update.plan import (
    DATA_PLANE,
    SWITCHES,
    Old,
    no_room,
    plan,
    problems,
    restarts,
    shown,
)


def waits(*security: str, others: tuple[str, ...] = (), held: tuple[str, ...] = ()) -> Json:
    """Return the part of a reading with these updates."""
    names = [*security, *others]
    found = {"security": security, "all": len(names), "names": names, "held": held, "listed": NOW}
    return {"updates": found}


def services(**changed: Json) -> Json:
    """Return answers in which the service nova-compute of a compute is changed."""
    listed = [
        {**one, **(changed.get(one["host"], {}) if one["binary"] == "nova-compute" else {})}
        for one in cloud()["services"]
    ]
    return {"services": listed}


DRAINED = {"enabled": False, "disabled_reason": UPDATED}

# What the compute c1 says, what of its services is old, the words of the call, and what is done.
DONE: tuple[tuple[Json, Old, str, str], ...] = (
    ({}, Old(), "", "nothing to do"),
    (waits("openssl"), Old(), "", "update 1 package: openssl"),
    (waits("b", "a", others=("bash",)), Old(), "", "update 2 packages: a, b"),
    (waits("a", others=("bash",)), Old(), "every", "update 2 packages: a, bash"),
    (waits(others=("bash",)), Old(), "", "nothing to do"),
    (waits("a", "b", held=("b",)), Old(), "", "update 1 package: a"),
    (waits("a", held=("a",)), Old(), "", "nothing to do"),
    (
        waits("ovn-host", others=("openvswitch-switch", "bash")),
        Old(),
        "",
        "update 2 packages: openvswitch-switch, ovn-host",
    ),
    (
        waits("ovn-host", "a", others=("openvswitch-switch",), held=("openvswitch-switch",)),
        Old(),
        "",
        "update 1 package: a",
    ),
    ({}, Old({"nova-compute": "why"}), "", "restart what runs old files: nova-compute"),
    (
        {"reboot": ["a new kernel"]},
        Old(),
        "",
        "reboot: a new kernel; its 1 server off meanwhile",
    ),
    (
        {**waits("a"), "reboot": ["a new kernel"]},
        Old(),
        "drain",
        "drain it of 1 server, then update 1 package: a, then reboot: a new kernel,"
        " then let servers come again",
    ),
    ({}, Old(), "drain", "nothing to do"),
    ({}, Old(unproven=True), "", "prove it, as an earlier run has stopped there"),
)


@pytest.mark.parametrize(("says", "old", "words", "done"), DONE)
def test_what_is_done_on_a_compute_is_what_it_needs(
    says: Json, old: Old, words: str, done: str
) -> None:
    found = seen(changed={"c1": says})
    plans = plan(found, {"c1": old}, every="every" in words, drain="drain" in words)
    assert [one.name for one in plans] == ["controller", "c1", "c2"]
    assert [shown(one) for one in plans] == ["nothing to do", done, "nothing to do"]


def test_the_controller_is_never_drained() -> None:
    found = seen(changed={"controller": waits("a")})
    assert shown(plan(found, {}, every=False, drain=True)[0]) == "update 1 package: a"


@pytest.mark.parametrize(
    ("service", "says", "drain", "release"),
    [
        ({}, waits("a"), True, False),
        (DRAINED, waits("a"), True, True),
        (DRAINED, {}, False, True),
        (
            {"enabled": False, "disabled_reason": "drained by the settings"},
            waits("a"),
            False,
            False,
        ),
        ({"enabled": False, "disabled_reason": "a broken fan"}, waits("a"), False, False),
    ],
)
def test_a_compute_that_another_has_disabled_is_not_drained_and_stays_disabled(
    service: Json, says: Json, drain: bool, release: bool
) -> None:
    found = seen(changed={"c1": says}, answers=services(c1=service))
    one = plan(found, {}, every=False, drain=True)[1]
    assert (one.drain, one.release, one.nothing) == (drain, release, not says and not release)


ROOM: Json = {"capacity": {"MEMORY_MB": 1024}, "used": {"MEMORY_MB": 512}}


@pytest.mark.parametrize(
    ("answers", "why"),
    [
        ({}, ""),
        (services(c2={"up": False}), "no other compute takes servers"),
        (services(c2={"enabled": False}), "no other compute takes servers"),
        (
            {"room": [{"compute": "c1", **ROOM}, {"compute": "c2", **ROOM}]},
            "",
        ),
        (
            {
                "room": [
                    {"compute": "c1", **ROOM},
                    {"compute": "c2", **ROOM, "used": ROOM["capacity"]},
                ]
            },
            "its servers need 512 MiB of memory, and the others have 0",
        ),
    ],
)
def test_a_compute_is_drained_only_where_others_have_the_room(answers: Json, why: str) -> None:
    found = seen(changed={"c1": waits("a")}, answers=answers)
    assert no_room(found, "c1") == why
    plans = plan(found, {}, every=False, drain=True)
    said = list(problems(found, plans, drain=True))
    assert len(said) == bool(why)
    assert list(problems(found, plan(found, {}, every=False, drain=False), drain=False)) == []


def test_all_that_hinders_the_beginning_is_said_at_once() -> None:
    silent = {"unreached": {"cause": "silent", "said": "Connection timed out"}}
    unread = {"updates": None, "unread": {"updates": "OSError: apt: no room"}}
    found = seen(
        changed={"c1": silent, "c2": unread},
        answers={"services": None, "unanswered": {"nova": "it answers 500"}},
    )
    said = list(problems(found, plan(found, {}, every=False, drain=True), drain=True))
    assert said == [
        "c1: does not answer at 10.0.0.20: Connection timed out",
        "c2: its updates can't be read: OSError: apt: no room",
        "nova does not answer, so no compute can be drained: it answers 500",
    ]


@pytest.mark.parametrize(
    ("kind", "old", "groups"),
    [
        ("compute", {"nova-compute"}, [["nova-compute"]]),
        ("controller", {"nova-api", "mariadb"}, [["mariadb"], ["nova-api"]]),
        ("compute", {"virtlogd"}, []),
        (
            "compute",
            {"ovn-controller"},
            [["openvswitch-switch", "ovsdb-server", "ovs-vswitchd", "ovn-controller"]],
        ),
        ("controller", {"ovn-northd", "nova-api"}, [[*DATA_PLANE], ["nova-api"]]),
    ],
)
def test_what_others_need_restarts_first_and_ovn_with_open_vswitch(
    kind: str, old: set[str], groups: list[list[str]]
) -> None:
    assert restarts("controller" if kind == "controller" else "compute", old) == groups


def test_unattended_upgrades_is_told_of_the_same_packages() -> None:
    script = steps.text("node/iaas-pre-host.sh")
    listed = re.search(r"Package-Blacklist \{ (.*) \};", script)
    assert listed
    assert listed[1] == " ".join(f'"{name}";' for name in SWITCHES)


def test_every_service_of_the_data_plane_is_one_that_a_node_needs() -> None:
    assert {*DATA_PLANE} <= {*NEEDED["controller"]} | {*NEEDED["compute"]}
