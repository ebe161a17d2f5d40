"""How a compute's servers are moved away, and what is said of those that stay."""

from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pytest
from keystoneauth1 import exceptions

from components.steps.lib import drain, snapshots
from components.steps.lib.drain import REASON, Nova
from components.steps.lib.snapshots import Clock, Refused

Json = dict[str, Any]
HERE, THERE = "compute2", "compute"


@dataclass
class Cloud:
    """A small Nova: servers, each with what becomes of its live and its cold move."""

    servers: dict[str, Json] = field(default_factory=dict)
    service: Json = field(
        default_factory=lambda: {"id": "s", "status": "enabled", "state": "up", "host": HERE}
    )
    migrations: list[Json] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    def add(self, name: str, status: str, live: str = "moves", cold: str = "moves") -> None:
        """Add a server to the compute."""
        self.servers[name] = {
            **{"id": name, "name": name, "status": status, "OS-EXT-STS:task_state": None},
            **{"OS-EXT-SRV-ATTR:host": HERE, "live": live, "cold": cold},
        }

    def get(self, path: str, params: Json, **_: object) -> SimpleNamespace:
        """Answer a question."""
        return SimpleNamespace(json=lambda: self._found(path, params))

    def _found(self, path: str, params: Json) -> Json:  # noqa: PLR0911  # an answer a path
        words = path.strip("/").split("/")
        if path == "/os-services":
            return {"services": [self.service] if params["host"] == HERE else []}
        if path == "/os-migrations":
            return {
                "migrations": [m for m in self.migrations if m["id"] == params["instance_uuid"]]
            }
        if path == "/servers/detail":
            if "marker" in params:
                return {"servers": []}
            host, status = params.get("host"), params.get("status")
            listed = [s for s in self.servers.values() if host in (None, s["OS-EXT-SRV-ATTR:host"])]
            return {"servers": [s for s in listed if status in (None, s["status"])]}
        if words[-1] == "migrations":
            return {"migrations": [{"id": 7, "memory_total_bytes": 4, "memory_remaining_bytes": 1}]}
        if words[-1] == "os-instance-actions":
            return {"instanceActions": [{"request_id": "r"}]}
        if "os-instance-actions" in words:
            events = [{"result": "Error", "details": "No valid host was found"}]
            return {"instanceAction": {"events": events}}
        if words[1] not in self.servers:
            raise exceptions.NotFound("gone")
        return {"server": dict(self.servers[words[1]])}

    def post(self, path: str, json: Json, **_: object) -> None:
        """Do something with a server."""
        (action,) = json
        server = self.servers[path.split("/")[2]]
        self.asked.append(f"{server['name']} {action}")
        if action == "confirmResize":
            server["status"] = server.pop("was")
            return
        kind = {"os-migrateLive": "live", "migrate": "cold"}[action]
        does = server[kind]
        if does == "refuses":
            raise exceptions.Conflict("it may not be moved")
        if does == "hangs":
            server["OS-EXT-STS:task_state"] = "migrating"
        elif does == "goes":
            del self.servers[server["id"]]
        elif does == "moves":
            server["OS-EXT-SRV-ATTR:host"] = THERE
            if kind == "cold":
                server |= {"was": server["status"], "status": "VERIFY_RESIZE"}

    def put(self, path: str, json: Json, **_: object) -> None:
        """Change the service."""
        assert path == "/os-services/s"
        self.service |= json

    def delete(self, path: str, **_: object) -> None:
        """End a live move."""
        server = self.servers[path.split("/")[2]]
        self.asked.append(f"{server['name']} abort")
        server["OS-EXT-STS:task_state"] = None


@pytest.fixture
def cloud(monkeypatch: pytest.MonkeyPatch) -> Cloud:
    """A cloud without servers, in which nobody waits."""
    monkeypatch.setattr(snapshots, "PAUSE", 0)
    return Cloud()


def drained(cloud: Cloud) -> str:
    """Drain the compute, and return why it is not empty."""
    try:
        drain.drain(Nova(cloud), HERE, Clock(1))  # type: ignore[arg-type]  # the parts that it uses
    except Refused as refused:
        return str(refused)
    return ""


MOVES: tuple[tuple[str, str, str, str, str], ...] = (
    ("ACTIVE", "moves", "moves", "os-migrateLive", "on compute after"),
    ("PAUSED", "moves", "moves", "os-migrateLive", "moved live"),
    ("SHUTOFF", "moves", "moves", "migrate confirmResize", "moved cold"),
    (
        *("ACTIVE", "refuses", "moves", "os-migrateLive migrate confirmResize"),
        "moved cold, which restarted it (not live: it may not be moved (HTTP 409))",
    ),
    (
        *("ACTIVE", "gives up", "moves", "os-migrateLive migrate confirmResize"),
        "moved cold, which restarted it (not live: No valid host was found)",
    ),
)


@pytest.mark.parametrize(("status", "live", "cold", "asked", "said"), MOVES)
def test_a_server_moves_live_where_it_can_and_else_cold(
    status: str,
    live: str,
    cold: str,
    asked: str,
    said: str,
    cloud: Cloud,
    capsys: pytest.CaptureFixture[str],
) -> None:
    cloud.add("web1", status, live, cold)
    assert drained(cloud) == ""
    assert cloud.asked == [f"web1 {action}" for action in asked.split()]
    assert cloud.servers["web1"]["OS-EXT-SRV-ATTR:host"] == THERE
    assert cloud.servers["web1"]["status"] == status
    told = capsys.readouterr().err
    assert said in told
    assert "no server is on compute2" in told


STAYS: tuple[tuple[str, str, str, str], ...] = (
    ("ACTIVE", "gives up", "refuses", "web1: it may not be moved"),
    ("ACTIVE", "gives up", "gives up", "web1: No valid host was found"),
    ("PAUSED", "refuses", "moves", "web1: it may not be moved"),
    ("SUSPENDED", "moves", "moves", "web1: it is SUSPENDED; Nova moves one that is"),
    ("ERROR", "moves", "moves", "web1: it is ERROR; Nova moves one that is"),
)


@pytest.mark.parametrize(("status", "live", "cold", "why"), STAYS)
def test_what_cannot_move_is_named_and_hinders_no_other(
    status: str, live: str, cold: str, why: str, cloud: Cloud
) -> None:
    cloud.add("web1", status, live, cold)
    cloud.add("web2", "ACTIVE")
    said = drained(cloud)
    assert said.startswith("1 of the servers of compute2 could not be moved")
    assert f"\n  {why}" in said
    assert cloud.servers["web1"]["OS-EXT-SRV-ATTR:host"] == HERE
    assert cloud.servers["web2"]["OS-EXT-SRV-ATTR:host"] == THERE
    assert cloud.service["status"] == "disabled"


def test_a_live_move_that_takes_too_long_is_ended(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drain, "EACH", -1)
    cloud.add("web1", "ACTIVE", "hangs", "moves")
    assert drained(cloud) == ""
    assert cloud.asked == [
        f"web1 {action}" for action in ("os-migrateLive", "abort", "migrate", "confirmResize")
    ]


def test_a_server_that_is_deleted_meanwhile_does_not_count(cloud: Cloud) -> None:
    cloud.add("web1", "ACTIVE", "goes")
    assert drained(cloud) == ""


@pytest.mark.parametrize(
    ("kind", "confirmed"), [("migration", True), ("resize", False)], ids=["a move", "a resize"]
)
def test_a_move_that_an_earlier_run_has_left_is_confirmed_and_no_resize(
    kind: str, confirmed: bool, cloud: Cloud
) -> None:
    cloud.add("web1", "VERIFY_RESIZE")
    cloud.servers["web1"] |= {"OS-EXT-SRV-ATTR:host": THERE, "was": "ACTIVE"}
    cloud.migrations = [{"id": "web1", "migration_type": kind}]
    assert drained(cloud) == ""
    assert cloud.asked == (["web1 confirmResize"] if confirmed else [])


def test_a_compute_that_does_not_run_keeps_its_servers_and_gets_no_new_ones(cloud: Cloud) -> None:
    cloud.service["state"] = "down"
    assert drained(cloud) == ""
    cloud.add("web1", "ACTIVE")
    assert drained(cloud) == "compute2 does not run, so its servers can't move: web1"
    assert cloud.service["status"] == "disabled"
    assert cloud.asked == []


def test_a_compute_that_nova_does_not_have_is_named(cloud: Cloud) -> None:
    with pytest.raises(Refused, match="Nova has no compute nobody"):
        drain.drain(Nova(cloud), "nobody", Clock(1))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("reason", "status"),
    [(REASON, "enabled"), ("a broken fan", "disabled"), (None, "disabled")],
)
def test_only_what_the_settings_have_disabled_is_released(
    reason: str | None, status: str, cloud: Cloud
) -> None:
    cloud.service |= {"status": "disabled", "disabled_reason": reason}
    drain.release(Nova(cloud), HERE, Clock(1))  # type: ignore[arg-type]
    assert cloud.service["status"] == status
