"""What the status asks the cloud's services, and what it makes of their answers."""

import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import pytest
from keystoneauth1 import exceptions
from keystoneauth1.session import Session

from tests.unit.readings import PASSWORD, stack
from tests.unit.services import Seen, service
from tools.status import cloud
from tools.status.seen import REFUSED, CloudSeen

KINDS = ("compute", "network", "placement", "image")
COMPUTE, PLACEMENT = "/compute/servers/detail?all_tenants=1&limit=", "/placement/"
CANDIDATES = f"{PLACEMENT}allocation_candidates?resources="
TOKEN = {
    "token": {
        "methods": ["password"],
        "issued_at": "2026-01-01T00:00:00.000000Z",
        "expires_at": "2999-01-01T00:00:00.000000Z",
        "user": {"id": "u", "name": "admin", "domain": {"id": "default", "name": "Default"}},
        "project": {"id": "p", "name": "admin", "domain": {"id": "default", "name": "Default"}},
        "roles": [],
        "catalog": [
            {
                "type": kind,
                "name": kind,
                "id": kind,
                "endpoints": [
                    {"interface": "public", "region": "RegionOne", "region_id": "RegionOne",
                     "id": kind, "url": f"BASE/{kind}"}
                ],
            }
            for kind in KINDS
        ],
    }
}  # fmt: skip


def listed(number: int, **more: object) -> dict[str, object]:
    """Return a server of Nova's list."""
    return {
        "id": str(number),
        "name": f"web{number}",
        "tenant_id": "p1",
        "status": "ACTIVE",
        "updated": "2026-01-01T00:00:00Z",
        "OS-EXT-STS:task_state": None,
        "OS-EXT-SRV-ATTR:host": "c1",
        **more,
    }


def resources(used: int) -> dict[str, object]:
    """Return what Placement tells of a compute."""
    of = {"VCPU": 8, "MEMORY_MB": 1024, "DISK_GB": 10, "PCI_DEVICE": 1}
    return {"resources": {name: {"capacity": n, "used": used} for name, n in of.items()}}


def provider(name: str, parent: str | None = None) -> dict[str, object]:
    """Return a compute of Placement's list."""
    return {"uuid": f"u-{name}", "name": name, "parent_provider_uuid": parent}


SERVICE = {"id": "1", "binary": "nova-compute", "host": "c1", "state": "down", "status": "disabled"}
AGENT = {"id": "2", "binary": "ovn-controller", "host": "c1", "alive": True, "admin_state_up": True}
ANSWERS: Mapping[str, Any] = {
    "/v3/auth/tokens": TOKEN,
    "/v3/projects": {"projects": [{"id": "p1", "name": "web"}]},
    "/compute/os-services": {
        "services": [{**SERVICE, "forced_down": False, "disabled_reason": None}]
    },
    "/compute/os-hypervisors": {
        "hypervisors": [{"id": "1", "hypervisor_hostname": "c1", "state": "up"}]
    },
    f"{COMPUTE}250": {
        "servers": [
            listed(1, status="ERROR", fault={"code": 500, "message": "No\n valid  host"}),
            listed(2, **{"OS-EXT-SRV-ATTR:host": None, "tenant_id": "gone"}),
        ]
    },
    "/network/v2.0/agents": {"agents": [AGENT]},
    f"{PLACEMENT}resource_providers": {
        "resource_providers": [provider("c1"), provider("card", "u-c1")]
    },
    f"{CANDIDATES}MEMORY_MB%3A1": {"provider_summaries": {"u-c1": resources(2)}},
    "/image/v2/images?limit=1000": {
        "images": [{"status": "active", "size": 5}, {"status": "queued", "size": None}],
        "next": "/v2/images?limit=1000&marker=x",
    },
    "/image/v2/images?limit=1000&marker=x": {"images": [{"status": "active", "size": 7}]},
}


@contextmanager
def answered(
    monkeypatch: pytest.MonkeyPatch, **changed: object
) -> Iterator[tuple[CloudSeen, list[Seen]]]:
    """Ask a cloud that gives these answers, changed."""
    with service({**ANSWERS, **changed}) as (base, asked):
        monkeypatch.setattr(cloud, "auth_url", lambda *_: f"{base}/v3")
        yield cloud.ask(stack()), asked


def test_each_list_is_asked_for_once(monkeypatch: pytest.MonkeyPatch) -> None:
    with answered(monkeypatch) as (found, asked):
        paths = [one.path for one in asked]
    assert sorted(paths) == sorted(ANSWERS)
    assert all(one.token == "a token" for one in asked if one.body is None)  # noqa: S105
    assert found.unanswered == {}
    assert found.services and not found.services[0].up and not found.services[0].enabled
    assert found.agents and found.agents[0].alive
    assert found.hypervisors and found.hypervisors[0].up
    assert found.servers
    assert [(s.project, s.compute, s.fault) for s in found.servers] == [
        ("web", "c1", "No valid host"),
        ("gone", "", ""),
    ]
    assert found.room
    assert [(one.compute, one.capacity["VCPU"], one.used["VCPU"]) for one in found.room] == [
        ("c1", 8, 2)
    ]
    assert found.images and (found.images.by_status, found.images.size) == (
        {"active": 2, "queued": 1},
        12,
    )


DEAD = {**AGENT, "alive": False}


@pytest.mark.parametrize(
    ("first", "second", "asked", "alive"),
    [(DEAD, AGENT, 2, True), (DEAD, DEAD, 3, False), ({**DEAD, "host": "gone"}, AGENT, 1, False)],
    ids=["it answers then", "it never does", "its node is not in the settings"],
)
def test_an_agent_is_dead_when_it_does_not_answer_either(
    first: object, second: object, asked: int, alive: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [0.0]

    def sleep(_: float) -> None:
        now[0] += cloud.ANSWER * 0.6
        answers["agents"] = [second]

    answers = {"agents": [first]}
    monkeypatch.setattr("tools.status.cloud.time.monotonic", lambda: now[0])
    monkeypatch.setattr("tools.status.cloud.time.sleep", sleep)
    with answered(monkeypatch, **{"/network/v2.0/agents": answers}) as (found, seen):
        paths = [one.path for one in seen]
    assert paths.count("/network/v2.0/agents") == asked
    assert found.agents and found.agents[0].alive == alive


def test_a_thousand_servers_come_in_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    pages: dict[str, object] = {}
    for first in range(0, 1001, 250):
        marker = f"&marker={first - 1}" if first else ""
        last = min(first + 250, 1000)
        pages[f"{COMPUTE}250{marker}"] = {"servers": [listed(n) for n in range(first, last)]}
    with answered(monkeypatch, **pages) as (found, asked):
        assert sum("servers/detail" in one.path for one in asked) == 5
    assert found.servers
    assert [server.id for server in found.servers] == [str(n) for n in range(1000)]


def test_a_compute_without_memory_is_found_by_what_else_it_has(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    changed = {
        f"{PLACEMENT}resource_providers": {
            "resource_providers": [provider("c1"), provider("c2"), provider("c3")]
        },
        f"{CANDIDATES}VCPU%3A1": {"provider_summaries": {"u-c2": resources(4)}},
        f"{CANDIDATES}DISK_GB%3A1": {"provider_summaries": {}},
    }
    with answered(monkeypatch, **changed) as (found, _):
        assert found.room
        assert [(one.compute, one.used.get("VCPU")) for one in found.room] == [
            ("c1", 2),
            ("c2", 4),
            ("c3", None),
        ]


@pytest.mark.parametrize(
    ("path", "name", "lists"),
    [
        ("/compute/os-services", "nova", {"services", "hypervisors", "servers"}),
        (f"{COMPUTE}250", "nova", {"servers"}),
        ("/network/v2.0/agents", "neutron", {"agents"}),
        (f"{PLACEMENT}resource_providers", "placement", {"room"}),
        ("/image/v2/images?limit=1000", "glance", {"images"}),
    ],
)
@pytest.mark.parametrize(
    ("answer", "reason"),
    [(None, "it answers 404"), (b"no JSON", "its answer is not as expected")],
)
def test_a_service_that_does_not_answer_hides_no_other(
    path: str,
    name: str,
    lists: set[str],
    answer: object,
    reason: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with answered(monkeypatch, **{path: answer}) as (found, _):
        ((who, why),) = found.unanswered.items()
    assert (who, why.startswith(reason)) == (name, True), why
    every = ("services", "hypervisors", "agents", "servers", "room", "images")
    assert {one for one in every if getattr(found, one) is None} == lists


def test_a_cloud_that_refuses_connections_is_one_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cloud, "auth_url", lambda *_: "http://127.0.0.1:1/v3")
    reason = "no connection: Connection refused"
    assert cloud.ask(stack()) == CloudSeen(unanswered={"keystone": reason})


def test_a_cloud_that_refuses_the_password_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise exceptions.Unauthorized("The request you have made requires authentication.")

    monkeypatch.setattr(Session, "get_token", refuse)
    assert cloud.ask(stack()) == CloudSeen(unanswered={"keystone": REFUSED})


def test_a_cloud_that_hangs_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cloud, "SECONDS", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as hangs:
        url = f"http://127.0.0.1:{hangs.getsockname()[1]}/v3"
        monkeypatch.setattr(cloud, "auth_url", lambda *_: url)
        reason = "no answer within 0.2 s"
        assert cloud.ask(stack()) == CloudSeen(unanswered={"keystone": reason})


def test_no_password_is_in_what_is_found_or_in_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    with answered(monkeypatch, **{"/v3/auth/tokens": None}) as (found, asked):
        assert PASSWORD in str(asked[0].body)
    assert found.unanswered.keys() == {"keystone"}
    assert PASSWORD not in f"{found!r} {stack()!r}"
