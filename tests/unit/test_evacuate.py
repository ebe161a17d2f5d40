"""How a dead compute's servers are made anew elsewhere, and how it comes back."""

from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pytest
from keystoneauth1 import exceptions

from components.steps.lib import evacuate, snapshots
from components.steps.lib.drain import Nova
from components.steps.lib.evacuate import COMMANDS, GONE
from components.steps.lib.snapshots import NAME, Clock, Refused

Json = dict[str, Any]
HERE, THERE = "compute2", "compute"


@dataclass
class Cloud:
    """A small Nova and Glance: servers, each with what becomes of it."""

    servers: dict[str, Json] = field(default_factory=dict)
    service: Json = field(
        default_factory=lambda: (
            {"id": "s", "status": "enabled", "state": "down", "host": HERE} | {"forced_down": False}
        )
    )
    images: dict[str, Json] = field(
        default_factory=lambda: {
            "guest": {"name": "guest"},
            "monday": {"name": "monday", NAME: "monday"},
        }
    )
    leftovers: list[Json] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    def add(self, name: str, state: str = "active", does: str = "moves", **more: object) -> None:
        """Add a server to the compute."""
        self.servers[name] = {
            **{"id": name, "name": name, "status": state.upper(), "image": {"id": "guest"}},
            **{"OS-EXT-STS:vm_state": state, "OS-EXT-STS:task_state": None},
            **{"OS-EXT-SRV-ATTR:host": HERE, "does": does, **more},
        }

    def get(self, path: str, params: Json, **_: object) -> SimpleNamespace:
        """Answer a question."""
        return SimpleNamespace(json=lambda: self._found(path, params))

    def _found(self, path: str, params: Json) -> Json:
        words = path.strip("/").split("/")
        if path == "/os-services":
            return {"services": [dict(self.service)] if params["host"] == HERE else []}
        if path == "/os-migrations":
            assert params["status"] == "done"
            assert params["source_compute"] == HERE
            found, self.leftovers = self.leftovers, self.leftovers[1:]
            return {"migrations": found}
        if path == "/servers/detail":
            host = params["host"]
            listed = [s for s in self.servers.values() if s["OS-EXT-SRV-ATTR:host"] == host]
            return {"servers": [] if "marker" in params else listed}
        if words[-1] == "os-instance-actions":
            return {"instanceActions": [{"request_id": "r"}]}
        if "os-instance-actions" in words:
            return {"instanceAction": {"events": [self._event(self.servers[words[1]])]}}
        if words[1] not in self.servers:
            raise exceptions.NotFound("gone")
        return {"server": dict(self.servers[words[1]])}

    def _event(self, server: Json) -> Json:
        """Return the last event of a server: one that is late is elsewhere at the next look."""
        if server["does"] == "is late":
            server |= {"OS-EXT-SRV-ATTR:host": THERE}
            return {"result": None}
        return {"result": "Error", "details": "No valid host"}

    def post(self, path: str, json: Json, **_: object) -> None:
        """Do something with a server."""
        (action,) = json
        server = self.servers[path.split("/")[2]]
        self.asked.append(f"{server['name']} {action}")
        if action == "os-resetState":
            server["OS-EXT-STS:task_state"] = None
            server["OS-EXT-STS:vm_state"] = json[action]["state"]
        elif server["does"] == "refuses":
            raise exceptions.Conflict("it may not")
        elif server["does"] == "goes":
            del self.servers[server["id"]]
        elif server["does"] == "hangs":
            server["OS-EXT-STS:task_state"] = "rebuilding"
        elif server["does"] == "moves":
            server |= {"OS-EXT-SRV-ATTR:host": THERE, "OS-EXT-STS:vm_state": "active"}
        elif server["does"] == "breaks":
            server |= {"OS-EXT-SRV-ATTR:host": THERE, "OS-EXT-STS:vm_state": "error"}

    def put(self, path: str, json: Json, **_: object) -> None:
        """Change the service."""
        assert path == "/os-services/s"
        self.asked.append(f"forced_down {json['forced_down']}")
        self.service |= json
        self.service["state"] = "down" if json["forced_down"] else "up"

    def image(self, number: str) -> Json | None:
        """Return an image."""
        return self.images.get(number)


@pytest.fixture
def cloud(monkeypatch: pytest.MonkeyPatch) -> Cloud:
    """A cloud without servers, in which nobody waits."""
    monkeypatch.setattr(snapshots, "PAUSE", 0)
    return Cloud()


def done(command: str, cloud: Cloud, host: str = HERE) -> str:
    """Run a command, and return why it is refused."""
    try:
        COMMANDS[command][0](Nova(cloud), cloud, host, Clock(1))  # type: ignore[arg-type]  # the parts that it uses
    except Refused as refused:
        return str(refused)
    return ""


MOVES: tuple[tuple[str, Json, str, str], ...] = (
    ("active", {}, "evacuate", "starts anew from image guest"),
    ("stopped", {}, "evacuate", "starts anew from image guest"),
    ("error", {"image": {"id": "monday"}}, "evacuate", "starts anew from snapshot monday"),
    ("paused", {}, "os-resetState evacuate", "what was written on its disk since is lost"),
    ("suspended", {}, "os-resetState evacuate", "lost"),
    ("active", {"OS-EXT-STS:task_state": "rebooting"}, "os-resetState evacuate", "lost"),
    ("active", {"does": "is late"}, "evacuate", f"is on {THERE}"),
)


@pytest.mark.parametrize(("state", "more", "asked", "said"), MOVES)
def test_a_server_is_made_anew_elsewhere_and_what_is_lost_is_said(
    state: str,
    more: Json,
    asked: str,
    said: str,
    cloud: Cloud,
    capsys: pytest.CaptureFixture[str],
) -> None:
    cloud.add("web1", state, **more)
    assert done("rebuild", cloud) == ""
    assert cloud.asked == ["forced_down True", *(f"web1 {action}" for action in asked.split())]
    assert cloud.servers["web1"]["OS-EXT-SRV-ATTR:host"] == THERE
    told = capsys.readouterr().err
    assert "server web1 is on compute, " in told
    assert said in told
    assert "no server is on compute2" in told


STAYS: tuple[tuple[str, Json, str], ...] = (
    ("resized", {}, "web1: it is RESIZED; Nova makes one anew that is active, stopped, error"),
    ("building", {}, "web1: it was never made: delete it, and `pulumi up` makes it"),
    ("active", {"image": {"id": "gone"}}, f"web1: {GONE}"),
    ("active", {"image": ""}, f"web1: {GONE}"),
    ("active", {"does": "refuses"}, "web1: it may not (HTTP 409)"),
    ("active", {"does": "gives up"}, "web1: No valid host"),
)


@pytest.mark.parametrize(("state", "more", "why"), STAYS)
def test_what_can_not_be_made_anew_is_named_and_hinders_no_other(
    state: str, more: Json, why: str, cloud: Cloud
) -> None:
    cloud.add("web1", state, **more)
    cloud.add("web2")
    said = done("rebuild", cloud)
    assert said.startswith("1 of the servers of compute2 were not made anew.")
    assert said.endswith(f"\n  {why}")
    assert cloud.servers["web1"]["OS-EXT-SRV-ATTR:host"] == HERE
    assert cloud.servers["web2"]["OS-EXT-SRV-ATTR:host"] == THERE


def test_a_server_that_breaks_where_it_is_made_anew_is_named(cloud: Cloud) -> None:
    cloud.add("web1", does="breaks")
    assert done("rebuild", cloud).endswith("web1: it is on compute, in ERROR: No valid host")


def test_a_server_that_takes_too_long_is_named(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(evacuate, "EACH", -1)
    cloud.add("web1", does="hangs")
    assert done("rebuild", cloud).endswith(
        "web1: not made anew within -1 minutes; it is rebuilding"
    )


def test_a_server_that_is_deleted_meanwhile_does_not_count(cloud: Cloud) -> None:
    cloud.add("web1", does="goes")
    assert done("rebuild", cloud) == ""


@pytest.mark.parametrize("command", ["show", "rebuild"])
def test_a_compute_that_nova_hears_from_is_refused_and_nothing_is_done(
    command: str, cloud: Cloud
) -> None:
    cloud.add("web1")
    cloud.service["state"] = "up"
    assert done(command, cloud).startswith("Nova still hears from compute2: it is not dead.")
    assert cloud.asked == []


def test_a_second_run_goes_on_with_what_is_left(cloud: Cloud) -> None:
    cloud.add("web1", does="gives up")
    assert done("rebuild", cloud)
    cloud.servers["web1"]["does"] = "moves"
    assert done("rebuild", cloud) == ""
    assert cloud.asked == ["forced_down True", "web1 evacuate", "web1 evacuate"]


def test_what_becomes_of_each_server_is_shown_before(
    cloud: Cloud, capsys: pytest.CaptureFixture[str]
) -> None:
    cloud.add("web1")
    cloud.add("web2", image={"id": "gone"})
    assert done("show", cloud) == ""
    assert capsys.readouterr().out == (
        "server web1: starts anew from image guest; what was written on its disk since is lost\n"
        f"server web2: {GONE}\n"
    )
    assert cloud.asked == []


def test_a_compute_is_believed_again_when_nothing_is_left_there(
    cloud: Cloud, capsys: pytest.CaptureFixture[str]
) -> None:
    cloud.service["forced_down"] = True
    cloud.leftovers = [{"instance_uuid": "web1"}, {"instance_uuid": "web2"}]
    assert done("back", cloud) == ""
    assert cloud.asked == ["forced_down False"]
    told = capsys.readouterr().err
    assert told.index("removes what is left of 2 servers") < told.index("takes servers again")


def test_a_compute_that_nova_does_not_have_is_named(cloud: Cloud) -> None:
    assert done("rebuild", cloud, "nobody") == "Nova has no compute nobody"
