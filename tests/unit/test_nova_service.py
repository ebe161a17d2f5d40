"""Nova's services, as the nodes run them: they wait for others no longer than these take."""

import queue
import runpy
import sys
import time
from types import ModuleType
from typing import Any

import pytest

from components import steps

ASKED = "a call"


class LateError(Exception):
    """oslo.messaging's own is of this kind."""


class Waiters:
    """oslo.messaging's waiters, with one call that waits."""

    def __init__(self) -> None:
        self._queues = {ASKED: queue.Queue[str]()}

    def put(self, said: str) -> None:
        """Let the answer come."""
        self._queues[ASKED].put(said)

    def get(self, msg_id: str, timeout: float) -> str:
        """Oslo.messaging's own, which looks twice a second."""
        raise NotImplementedError


class Host:
    """Nova's libvirt; `done` is what has happened, in order."""

    done: tuple[str, ...] = ()

    def initialize(self) -> None:
        """As Nova's, which does it once."""
        self.done += ("listens",)

    def get_connection(self) -> str:
        """As Nova's."""
        self.done += ("opens",)
        return "connection"


class Service:
    """A service of Nova, which is asked to start."""

    def __init__(self, started: "queue.Queue[str]") -> None:
        self.started = started

    def start(self) -> None:
        """As Nova's."""
        self.started.put("service")


class Helper:
    """A privileged helper."""

    def __init__(self, name: str, started: "queue.Queue[str]") -> None:
        self.name, self.started = name, started

    def start(self) -> None:
        """As the library's."""
        self.started.put(self.name)


STARTED = queue.Queue[str]()


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What is in the file, beside modules as the nodes have them."""
    known: dict[str, dict[str, object]] = {
        "nova": {},
        "nova.cmd": {},
        "nova.virt.libvirt.host": {"Host": Host},
        "nova.service": {"Service": Service},
        "nova.privsep": {"sys_admin_pctxt": Helper("disks", STARTED)},
        "vif_plug_ovs": {},
        "vif_plug_ovs.privsep": {"vif_plug": Helper("ports", STARTED)},
        "oslo_messaging": {"MessagingTimeout": LateError},
        "oslo_messaging._drivers.amqpdriver": {"ReplyWaiters": Waiters},
    }
    for name, content in known.items():
        module = ModuleType(name)
        vars(module).update(content)
        monkeypatch.setitem(sys.modules, name, module)
    monkeypatch.setattr(Waiters, "get", Waiters.get)
    vars(sys.modules["nova"])["cmd"] = sys.modules["nova.cmd"]
    return runpy.run_path(str(steps.FOLDER / "lib/nova_service.py"))


@pytest.mark.parametrize("looks", [0, 1, 3, 10])
def test_an_answer_is_taken_soon_after_it_came(
    looks: int, service: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    waiters, pauses = Waiters(), list[float]()

    def pause(seconds: float) -> None:
        pauses.append(seconds)
        if len(pauses) == looks:
            waiters.put("said")

    monkeypatch.setattr(time, "sleep", pause)
    if not looks:
        waiters.put("said")
    assert waiters.get(ASKED, 60) == "said"
    expected = [0.001, 0.002, 0.004, 0.008, 0.016, 0.032, 0.05, 0.05, 0.05, 0.05]
    assert pauses == expected[:looks]


def test_a_call_without_an_answer_ends_as_ever(service: dict[str, Any]) -> None:
    with pytest.raises(LateError, match=r"no answer to the call a call within 0\.01 s"):
        Waiters().get(ASKED, 0.01)


def test_nova_listens_before_it_opens_a_connection(
    service: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Host, "get_connection", Host.get_connection)
    service["listen_first"]()
    host = Host()
    assert host.get_connection() == "connection"
    assert host.done == ("listens", "opens")


def test_helpers_start_when_the_service_has_started(
    service: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Service, "start", Service.start)
    service["start_helpers"]()
    assert STARTED.empty()
    Service(STARTED).start()
    first, *others = (STARTED.get(timeout=30) for _ in range(3))
    assert (first, sorted(others)) == ("service", ["disks", "ports"])
