"""When `make evacuate` is refused, what it asks, and what it then does."""

import subprocess
from collections.abc import Callable
from dataclasses import dataclass, field
from types import SimpleNamespace

import pytest

from components.settings import NodeSettings, SshSettings
from tests.unit.readings import stack
from tools import evacuate
from tools.evacuate import RESTART, Evacuation, Refused, asked, compute
from tools.ssh import Answer, Ssh
from tools.stack import NoStack

SILENT = Answer(b"", "silent", "Connection timed out")


@dataclass(frozen=True)
class Nodes(Ssh):
    """The way to a compute that gives one answer, and to a controller that does what it is told."""

    ssh: SshSettings = SshSettings()
    known_hosts: str = ""
    answer: Answer = SILENT
    fails: str = ""
    done: list[str] = field(default_factory=list)

    def run(self, node: NodeSettings, interpreter: str, script: bytes, seconds: int) -> Answer:
        """Ask the compute."""
        assert node.name == "c1"
        if interpreter == RESTART:
            self.done.append("restart")
        return self.answer

    def follow(
        self,
        node: NodeSettings,
        interpreter: str,
        script: bytes,
        seconds: int,
        hear: Callable[[str], object],
    ) -> Answer:
        """Run a program on the controller."""
        assert node.name == "controller"
        words = script.decode().rpartition("-m iaas.evacuate ")[2].split("</dev/null")[0].split()
        self.done.append(" ".join(words))
        hear("a line")
        return Answer(b"", "failed", "why") if words[0] == self.fails else Answer(b"")


@pytest.fixture
def pinged(monkeypatch: pytest.MonkeyPatch) -> dict[str, int]:
    """The status that ping ends with."""
    answer = {"status": 1}

    def run(words: list[str], **_: object) -> SimpleNamespace:
        assert (words[0], words[-1]) == ("ping", "10.0.0.20")
        return SimpleNamespace(returncode=answer["status"])

    monkeypatch.setattr(subprocess, "run", run)
    return answer


def of(way: Nodes) -> Evacuation:
    """Return what is done with c1."""
    return Evacuation(way, stack(), compute(stack(), "c1"))


@pytest.mark.parametrize(
    ("answer", "status", "why"),
    [
        (Answer(b""), 1, "it answers to ssh"),
        (Answer(b"", "refused", "Connection refused"), 1, "something answers to ssh"),
        (Answer(b"", "host key", "it has changed"), 1, "something answers to ssh"),
        (Answer(b"", "login", "Permission denied"), 1, "something answers to ssh"),
        (Answer(b"", "slow", "no answer within 15 s"), 1, "something answers to ssh"),
        (SILENT, 0, "it answers to ping"),
    ],
)
def test_a_compute_that_shows_a_sign_of_life_is_refused(
    answer: Answer, status: int, why: str, pinged: dict[str, int]
) -> None:
    pinged["status"] = status
    way = Nodes(answer=answer)
    with pytest.raises(Refused, match=f"c1 is not off: {why}"):
        of(way).rebuild("c1", asked)
    assert way.done == []


@pytest.mark.usefixtures("pinged")
def test_a_person_sees_the_servers_and_says_that_it_is_off(
    capsys: pytest.CaptureFixture[str],
) -> None:
    way, questions = Nodes(), []

    def ask(question: str) -> str:
        questions.append(question)
        assert way.done == ["show c1"]
        return " c1\n"

    of(way).rebuild("", ask)
    assert "type its name (c1)" in questions[0]
    assert way.done == ["show c1", "rebuild c1"]
    assert "make evacuate NODE=c1 BACK=1" in capsys.readouterr().out


@pytest.mark.usefixtures("pinged")
@pytest.mark.parametrize(("yes", "answer"), [("", "yes"), ("", ""), ("c2", "c1")])
def test_another_answer_than_its_name_changes_nothing(yes: str, answer: str) -> None:
    way = Nodes()
    with pytest.raises(Refused, match="nothing was changed, as the answer is not c1"):
        of(way).rebuild(yes, lambda _: answer)
    assert way.done == ["show c1"]


@pytest.mark.usefixtures("pinged")
def test_where_nobody_can_be_asked_the_answer_is_given_before(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("sys.stdin", SimpleNamespace(isatty=lambda: False))
    way = Nodes()
    with pytest.raises(Refused, match="give YES=NAME"):
        of(way).rebuild("", asked)
    of(way).rebuild("c1", asked)
    assert way.done == ["show c1", "show c1", "rebuild c1"]


@pytest.mark.usefixtures("pinged")
@pytest.mark.parametrize("command", ["show", "rebuild"])
def test_what_fails_on_the_controller_ends_it(command: str) -> None:
    way = Nodes(fails=command)
    with pytest.raises(Refused, match=f"`{command}` of c1 has failed: why"):
        of(way).rebuild("c1", asked)
    assert way.done[-1] == f"{command} c1"


def test_a_compute_that_is_back_starts_nova_compute_before_it_is_believed() -> None:
    way = Nodes(answer=Answer(b""))
    of(way).back()
    assert way.done == ["restart", "back c1"]
    dead = Nodes()
    with pytest.raises(Refused, match="nova-compute does not start there: Connection timed out"):
        of(dead).back()
    assert dead.done == ["restart"]


@pytest.mark.parametrize(
    ("words", "done"),
    [({"NODE": "c1", "YES": "c1"}, "rebuild"), ({"NODE": "c1", "BACK": "1"}, "back")],
)
def test_the_words_of_make_reach_the_program(
    words: dict[str, str], done: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    called: list[str] = []
    monkeypatch.setattr(Evacuation, "rebuild", lambda _, yes, __: called.append(f"rebuild {yes}"))
    monkeypatch.setattr(Evacuation, "back", lambda _: called.append("back"))
    evacuate.run(stack(), words, asked)
    assert called[0].split()[0] == done


@pytest.mark.parametrize("name", ["", "controller", "c9"])
def test_another_node_than_a_compute_is_named_with_those_that_are(name: str) -> None:
    with pytest.raises(NoStack, match="give NODE=NAME, one of the computes: c1, c2"):
        compute(stack(), name)
