"""What snapshots.py does on the controller, with a small Nova and Glance."""

import io
import json
import shutil
import sys
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import pytest

from components.steps.lib import snapshots
from tests.unit.snapshot_cloud import Fake, cloud


class Usage(NamedTuple):
    """What is left of a disk (bytes)."""

    free: int


REQUEST = {"snapshot": "before", "server": "5", "user": "web", "password": "secret"}
GIB = 2**30


class Ran(NamedTuple):
    """How a command ended, and what it said."""

    status: int
    made: dict[str, Any]
    said: str


Run = Callable[..., Ran]


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> Iterator[Fake]:
    """A cloud with a server, and a controller with 50 GiB free."""
    with cloud() as there:
        account = {"USERNAME": "admin", "PASSWORD": "x", "PROJECT_NAME": "admin"}
        account |= {"AUTH_URL": f"{there.base}/v3", "REGION_NAME": "R"}
        for name, value in account.items():
            monkeypatch.setenv(f"OS_{name}", value)
        monkeypatch.setattr(snapshots, "PAUSE", 0.01)
        monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(50 * GIB))
        there.server("5")
        yield there


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """A function that runs a command."""

    def command(name: str, **more: object) -> Ran:
        monkeypatch.setattr(sys, "argv", ["snapshots.py", name])
        monkeypatch.setattr(sys, "stdin", io.StringIO(json.dumps(REQUEST | more)))
        status = snapshots.main()
        said = capsys.readouterr()
        assert "secret" not in said.err + said.out
        assert "not to be shown" not in said.err + said.out
        return Ran(status, json.loads(said.out or "{}"), said.err)

    return command


def test_a_snapshot_is_taken_by_the_projects_user_and_says_how_far_it_is(
    fake: Fake, run: Run
) -> None:
    ran = run("take")
    assert ran.status == 0, ran.said
    ((who, asked),) = fake.asked
    assert who == "web"
    marks = {"iaas_snapshot": "before", "iaas_server": "name of 5", "iaas_declared": "true"}
    assert asked == {"createImage": {"name": "before", "metadata": marks}}
    assert (ran.made["id"], ran.made["size"]) == ("made", 7 * 2**20)
    assert ran.made["taken"].startswith("2026-01-01T")
    assert "s] snapshot before: image_uploading\n" in ran.said
    assert "7 MiB; crash-consistent: like a disk after a power cut" in ran.said


@pytest.mark.parametrize(
    ("status", "properties", "said"),
    [
        ("SHUTOFF", {}, "7 MiB; consistent: the server was off"),
        ("ACTIVE", {"hw_qemu_guest_agent": "yes"}, "consistent: its guest agent froze its file"),
        ("ACTIVE", {"os_require_quiesce": "True"}, "consistent: its guest agent froze its file"),
        ("PAUSED", {}, "crash-consistent"),
        ("SUSPENDED", {}, "crash-consistent"),
    ],
)
def test_it_is_said_whether_a_snapshot_is_consistent(
    status: str, properties: dict[str, str], said: str, fake: Fake, run: Run
) -> None:
    fake.server("5", status=status)
    fake.inherited = dict(properties)
    assert said in run("take").said


def test_taking_it_again_takes_none(fake: Fake, run: Run) -> None:
    first = run("take")
    assert run("take").made == first.made
    assert run("show").made == first.made
    assert len(fake.asked) == 1


def test_one_that_was_cut_off_is_waited_for(fake: Fake, run: Run) -> None:
    fake.image("half", "before", "5", status="saving")
    fake.begin("5", "image_uploading")
    assert run("take").made["id"] == "half"
    assert fake.asked == []


@pytest.mark.parametrize("status", ["queued", "saving", "killed"])
def test_a_rest_that_nobody_works_on_is_removed(status: str, fake: Fake, run: Run) -> None:
    fake.image("half", "before", "5", status=status)
    assert run("take").made["id"] == "made"
    assert list(fake.images) == ["made"]


def test_a_server_that_is_busy_is_waited_for(fake: Fake, run: Run) -> None:
    fake.begin("5", "rebooting")
    assert "waiting for the server: rebooting" in run("take").said
    fake.images.clear()
    fake.fails = "conflict"
    assert run("take").status == 0


def image_of(number: str, **more: object) -> Callable[[Fake], None]:
    return lambda fake: fake.image("x", "before", number, **more)


def restorable(status: str = "ACTIVE", fails: str = "") -> Callable[[Fake], None]:
    """Return what makes a server with a snapshot."""

    def arrange(fake: Fake) -> None:
        fake.server("5", status=status)
        fake.image("x", "before", "5")
        fake.fails = fails

    return arrange


# What is so in the cloud, the command, and why it ends.
WRONG: dict[str, tuple[Callable[[Fake], object], str, str]] = {
    "no server": (lambda fake: fake.servers.clear(), "take", "there is no server 5"),
    "a state that Nova takes none of": (
        lambda fake: fake.server("5", status="ERROR"),
        *("take", "server name of 5 is ERROR; Nova takes one of a server that is ACTIVE, SHUTOFF,"),
    ),
    "another server's": (image_of("6"), "take", "there is one of name of 6, of the settings; take"),
    "one by hand": (image_of("5", iaas_declared="false"), "take", "of name of 5, made by hand"),
    "no room on the compute": (
        lambda fake: setattr(fake, "left", 1),
        *("take", "the image may take 2 GiB, and compute has 1 GiB that"),
    ),
    "an image that fails": (
        lambda fake: setattr(fake, "fails", "image"),
        *("take", "Nova gave it up; /var/log/nova/nova-compute.log"),
    ),
    "no time": (lambda fake: setattr(fake, "busy", 10**6), "take", "not done within 0.001 minutes"),
    "no snapshot": (lambda _: None, "restore", "there is no snapshot before"),
    "a state that Nova rebuilds none in": (
        restorable("PAUSED"),
        *("restore", "it is PAUSED; Nova rebuilds a server that is ACTIVE, SHUTOFF or ERROR"),
    ),
    "a rebuild that fails": (
        restorable(fails="rebuild"),
        *("restore", "back to snapshot before: no such image"),
    ),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_cannot_be_done_is_said_in_a_line(case: str, fake: Fake, run: Run) -> None:
    arrange, command, why = WRONG[case]
    arrange(fake)
    ran = run(command, **({"minutes": 0.001} if case == "no time" else {}))
    assert ran.status == 1
    assert why in ran.said.splitlines()[-1]


def test_a_full_disk_of_the_controller_is_refused_before_anything_is_done(
    fake: Fake, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(5 * GIB // 2))
    ran = run("take")
    assert ran.said == (
        "no room: the image may take 2 GiB, and /var/lib/glance on the controller has 2.5 GiB free,"
        " 1 GiB of which stays free; delete images, or make the disk larger\n"
    )
    assert ran.status == 1
    assert fake.asked == []


def test_only_the_snapshot_itself_is_deleted(fake: Fake, run: Run) -> None:
    fake.image("mine", "before", "5")
    fake.image("inherits", "by-hand", "5", iaas_snapshot="before")
    fake.image("hand", "before", "5", iaas_declared="false")
    fake.image("other", "before", "6")
    for _ in range(2):
        assert run("delete").status == 0
    assert list(fake.images) == ["inherits", "hand", "other"]
    assert run("show").made["id"] == ""


@pytest.mark.parametrize(("status", "then"), [("ACTIVE", "ACTIVE"), ("SHUTOFF", "SHUTOFF")])
def test_a_server_is_brought_back_and_keeps_its_state(
    status: str, then: str, fake: Fake, run: Run
) -> None:
    fake.server("5", status=status)
    fake.image("x", "before", "5")
    ran = run("restore")
    assert ran.status == 0, ran.said
    assert fake.asked == [("web", {"rebuild": {"imageRef": "x"}})]
    assert f"done, as of 2026-01-01T00:00:00Z; it is {then}" in ran.said
    assert "server name of 5, back to snapshot before: rebuilding" in ran.said


def test_a_rebuild_that_was_cut_off_is_waited_for(fake: Fake, run: Run) -> None:
    fake.image("x", "before", "5")
    fake.server("5", status="REBUILD", image={"id": "x"})
    fake.begin("5", "rebuilding")
    assert run("restore").status == 0
    assert fake.asked == []
