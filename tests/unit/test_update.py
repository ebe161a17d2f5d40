"""The order of an update: one node after the other, and none after one that does not come back."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from components.settings import NodeSettings, SshSettings
from tests.unit.readings import NOW, Json, cloud, reading, stack
from tools.ssh import Answer, Ssh
from tools.stack import NoStack
from tools.status.seen import CloudSeen
from tools.update import nodes
from tools.update.__main__ import asked
from tools.update.nodes import BOOTED, Hands, Stopped
from tools.update.story import Wanted, update

LIBRARY = "runs libssl.so.3 of before its update"


@dataclass
class Machine:
    """A small node: what waits on it, what runs old files, and what goes wrong."""

    waiting: list[str] = field(default_factory=list)
    old: dict[str, str] = field(default_factory=dict)
    makes_old: dict[str, str] = field(default_factory=dict)
    """What its updates make old."""
    reboot: list[str] = field(default_factory=list)
    servers: int = 0
    unproven: bool = False
    fails: str = ""
    """At which of its phases: lists, packages, boot, a step's name."""
    boots: int = 1
    away: int = 0


@dataclass(frozen=True)
class Nodes(Ssh):
    """The way to small nodes. `done` is what was done, in order."""

    ssh: SshSettings = SshSettings()
    known_hosts: str = ""
    machines: dict[str, Machine] = field(default_factory=dict)
    done: list[str] = field(default_factory=list)

    def run(self, node: NodeSettings, interpreter: str, script: bytes, seconds: int) -> Answer:
        """Answer a question, or do something short."""
        one, text = self.machines[node.name], script.decode()
        if interpreter == BOOTED:
            one.away -= 1
            return (
                Answer(b"", "silent", "no route") if one.away > 0 else Answer(b"%d\n" % one.boots)
            )
        if interpreter == "systemctl reboot":
            self.done.append(f"{node.name} reboot")
            one.away, one.reboot, one.old = 3, [], {}
            if one.fails == "boot":
                one.away = 10**6
            one.boots += 1
            return Answer(b"", "closed", "the connection ended")
        if "systemctl restart" in text:
            restarted = text.partition("systemctl restart ")[2].replace("\nsystemctl restart", " +")
            self.done.append(f"{node.name} restart {restarted}")
            one.old = {}
            return Answer(b"")
        if "InactiveExitTimestampMonotonic" in text:
            found = {"others": ["dbus"] if one.old else [], "servers": one.servers}
            return Answer(
                json.dumps({"units": one.old, "unproven": one.unproven, **found}).encode()
            )
        if interpreter.startswith("python3"):
            names = {"security": one.waiting, "all": len(one.waiting), "names": one.waiting}
            kind = "controller" if node.name == "controller" else "compute"
            updates = {"updates": {**names, "listed": NOW}, "reboot": one.reboot}
            return Answer(json.dumps(reading(node.name, kind, **updates)).encode())  # type: ignore[arg-type]
        return Answer(b"running\n")

    def follow(
        self,
        node: NodeSettings,
        interpreter: str,
        script: bytes,
        seconds: int,
        hear: Callable[[str], object],
    ) -> Answer:
        """Do what takes long, and say so."""
        lines = list(self._follow(self.machines[node.name], node.name, script.decode()))
        for line in lines:
            hear(line)
        failed = not any(line.startswith("== done") for line in lines)
        if "python3 -B" in script.decode():
            failed = lines[-1] == "it stays"
        return Answer("\n".join(lines).encode(), "failed" if failed else "", "it failed" * failed)

    def _follow(self, one: Machine, name: str, text: str) -> Iterator[str]:
        if text.startswith("WHAT=lists"):
            yield "[  0 s] waiting for another run of apt to end"
            yield "mirror: no route" if one.fails == "lists" else "== done"
        elif text.startswith("WHAT=packages"):
            one.unproven = True
            self.done.append(f"{name} update {' '.join(one.waiting)}")
            if one.fails == "packages":
                yield "E: no space left"
                return
            yield from (f"{package} 1 -> 2" for package in one.waiting)
            one.old |= one.makes_old
            one.waiting = []
            yield "== done"
        elif text.startswith("STEPS="):
            self.done.append(f"{name} prove")
            yield "== pre-host"
            yield "[  1 s] pre-host: done, 2 changed"
            if one.fails == "pre-host":
                yield "pre-host failed after 3 s, while: proving"
                return
            one.unproven = False
            yield "== done"
        else:
            words = text.rpartition("-m iaas.drain ")[2].partition("--reason")[0].split()
            self.done.append(" ".join(words))
            yield "it stays" if self.machines[words[1]].fails == words[0] else "done"


@pytest.fixture
def way(monkeypatch: pytest.MonkeyPatch) -> Nodes:
    """Three nodes, with nothing to do, and a cloud that answers."""
    monkeypatch.setattr(nodes, "PAUSE", 0)
    monkeypatch.setattr("tools.status.cloud.ask", lambda _: CloudSeen.model_validate(cloud()))
    return Nodes(machines={name: Machine() for name in ("controller", "c1", "c2")})


def run(way: Nodes, **wanted: Any) -> tuple[list[str], str]:  # noqa: ANN401  # of Wanted
    """Return what an update prints, and where it stopped."""
    said: list[str] = []
    try:
        update(Hands(way, stack()), Wanted(**wanted), said.append)
    except Stopped as stopped:
        return said, str(stopped)
    return said, ""


WAITS = "[  0 s] waiting for another run of apt to end"


def test_with_nothing_to_do_nothing_is_done(way: Nodes) -> None:
    said, stopped = run(way)
    names = ("controller", "c1", "c2")
    assert sorted(said[:3]) == sorted(f"{name}: {WAITS}" for name in names)
    assert said[3:] == [*(f"{name}: nothing to do" for name in names), "nothing to do"]
    assert (way.done, stopped) == ([], "")


def test_each_node_is_updated_restarted_and_proven_before_the_next_one_begins(way: Nodes) -> None:
    way.machines["c2"] = Machine(["openssl"], makes_old={"nova-compute": LIBRARY}, servers=2)
    way.machines["controller"] = Machine(["a", "b"], makes_old={"mariadb": "x", "nova-api": "y"})
    said, stopped = run(way)
    assert stopped == ""
    assert way.done == [
        "controller update a b",
        "controller restart mariadb + nova-api",
        "controller prove",
        "c2 update openssl",
        "c2 restart nova-compute",
        "c2 prove",
    ]
    others = "until each is moved, or stopped and started"
    assert said[-8:] == [
        "controller: its 11 steps prove that it works, and have put 2 right",
        "c2: updating 1 package",
        "c2: openssl 1 -> 2",
        f"c2: nova-compute {LIBRARY}",
        "c2: restarted nova-compute",
        "c2: run on with old files until a reboot, or a restart by hand: dbus",
        f"c2: 2 servers run on with the QEMU of before its update, {others}",
        "c2: its 5 steps prove that it works, and have put 2 right",
    ]
    assert run(way)[0][-1] == "nothing to do"


def test_a_reboot_stands_for_the_restarts_and_is_waited_for(way: Nodes) -> None:
    way.machines["c1"] = Machine(reboot=["a new kernel"], old={"nova-compute": LIBRARY})
    said, stopped = run(way)
    assert stopped == ""
    assert way.done == ["c1 update ", "c1 reboot", "c1 prove"]
    assert "c1: reboots: a new kernel" in said
    assert "c1: is back after 0 s" in said


def test_a_compute_is_drained_before_and_takes_servers_again_when_it_is_proven(way: Nodes) -> None:
    way.machines["c1"] = Machine(["a"])
    assert run(way, drain=True)[1] == ""
    assert way.done == ["drain c1", "c1 update a", "c1 prove", "release c1"]


def test_a_dry_run_asks_and_does_nothing(way: Nodes) -> None:
    way.machines["c1"] = Machine(["a"])
    said, stopped = run(way, dry=True)
    assert said[1:] == [
        "c1: update 1 package: a",
        "c2: nothing to do",
        "nothing was changed: this is what apt's lists say that the nodes have (DRY)",
    ]
    assert (way.done, stopped) == ([], "")


@pytest.mark.parametrize(
    ("one", "wanted", "why"),
    [
        (
            Machine(["a"], fails="packages"),
            {},
            "c1: its packages are not updated; its log is /var/log/iaas/update.log there:\n"
            "  E: no space left\n  it failed\n",
        ),
        (
            Machine(["a"], fails="pre-host"),
            {},
            "c1: does not come back: step pre-host fails:\n"
            "  [  1 s] pre-host: done, 2 changed\n"
            "  pre-host failed after 3 s, while: proving\n  it failed\n",
        ),
        (
            Machine(reboot=["x"], fails="boot"),
            {},
            "c1: is not back 0 minutes after its reboot (no route): look at its console\n",
        ),
        (
            Machine(["a"], fails="pre-host"),
            {"drain": True},
            "c1 takes no new servers until then\n",
        ),
        (
            Machine(["a"], fails="drain"),
            {"drain": True},
            "c1: is not drained, and takes servers again; make room or move them by hand, or"
            " update it without DRAIN\n",
        ),
    ],
    ids=["packages", "a step", "a reboot", "a step of a drained one", "a drain"],
)
def test_it_stops_at_the_first_node_that_does_not_come_back(
    one: Machine, wanted: Json, why: str, way: Nodes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(nodes, "BOOT", 0)
    way.machines.update({"c1": replace(one), "c2": Machine(["a"])})
    _, stopped = run(way, **wanted)
    assert why in stopped
    assert "\nstopped at c1; not updated yet: c2. `make status` shows what is wrong;" in stopped
    assert not any(done.startswith("c2") for done in way.done)


def test_the_next_run_goes_on_and_proves_the_node_first(way: Nodes) -> None:
    way.machines.update({"c1": Machine(["a"], fails="pre-host"), "c2": Machine(["a"])})
    assert run(way)[1]
    way.machines["c1"].fails = ""
    way.done.clear()
    said, stopped = run(way)
    assert stopped == ""
    assert "c1: prove it, as an earlier run has stopped there" in said
    assert way.done == ["c1 update ", "c1 prove", "c2 update a", "c2 prove"]


def test_nothing_begins_where_a_node_has_no_lists(way: Nodes) -> None:
    way.machines.update({"c1": Machine(["a"], fails="lists"), "controller": Machine(["a"])})
    _, stopped = run(way)
    assert stopped.startswith("c1: the lists of packages can't be got:\n")
    assert "mirror: no route" in stopped
    assert stopped.endswith(
        "\nnothing was changed; mend this, or name the other nodes by NODES='…'"
    )
    assert way.done == []
    assert run(way, nodes=("controller",))[1] == ""
    assert way.done == ["controller update a", "controller prove"]


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        ({}, Wanted()),
        ({"NODES": "", "ALL": "0", "DRAIN": ""}, Wanted()),
        ({"NODES": "c1, controller"}, Wanted(nodes=("c1", "controller"))),
        ({"ALL": "1", "DRAIN": "1", "DRY": "1"}, Wanted(every=True, drain=True, dry=True)),
    ],
)
def test_the_words_of_make_say_what_is_wanted(words: dict[str, str], wanted: Wanted) -> None:
    assert asked(words, stack()) == wanted


def test_a_node_that_is_not_there_is_named_with_those_that_are() -> None:
    with pytest.raises(NoStack, match="NODES: no node c9; there are controller, c1, c2"):
        asked({"NODES": "c1 c9"}, stack())
