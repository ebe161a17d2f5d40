"""What `make snapshot`, `make restore` and `make snapshots` do, with a small Nova and Glance."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from components.certificates import Authority
from components.passwords import Passwords
from components.steps.lib import snapshots as script
from components.steps.lib.snapshots import Refused
from tests.unit.examples import SECRET
from tests.unit.snapshot_cloud import Fake, cloud
from tools import snapshots

CONFIG = {
    "iaas:controller": {"value": "…", "objectValue": {"name": "controller", "host": "10.0.0.1"}},
    "iaas:region": {"value": "R"},
    "iaas:secret": {"value": SECRET, "secret": True},
}


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> Iterator[Fake]:
    """A cloud with two servers, which is the stack's."""
    with cloud() as there:
        monkeypatch.setattr(script, "PAUSE", 0.01)
        there.server("5", name="web1")
        there.server("6", name="db1", tenant_id="id of db")
        yield there


def stack(fake: Fake) -> snapshots.Stack:
    """Return a cloud's stack."""
    return snapshots.Stack(f"{fake.base}/v3", "R", SECRET)


def test_a_snapshot_by_hand_is_the_projects_and_marked_so(fake: Fake) -> None:
    snapshots.run("take", stack(fake), {"SERVER": "web1", "NAME": "mine"})
    ((who, asked),) = fake.asked
    assert who == "web"
    marks = {"iaas_snapshot": "mine", "iaas_server": "web1", "iaas_declared": "false"}
    assert asked == {"createImage": {"name": "mine", "metadata": marks}}
    assert fake.passwords["web"] == Passwords(SECRET).plain("project web")
    assert fake.passwords["admin"] == Passwords(SECRET).plain("ADMIN_PASS")


def test_a_snapshot_without_a_name_is_called_by_the_time(fake: Fake) -> None:
    snapshots.run("take", stack(fake), {"SERVER": "web1"})
    assert fake.images["made"]["name"].startswith("web1-20")


def test_a_tenants_stack_asks_as_its_own_user_alone(fake: Fake) -> None:
    tenant = snapshots.Stack(f"{fake.base}/v3", "R", tenant="web", password="p")  # noqa: S106
    snapshots.run("take", tenant, {"SERVER": "web1", "NAME": "mine"})
    snapshots.run("restore", tenant, {"SERVER": "web1", "SNAPSHOT": "mine"})
    snapshots.run("list", tenant, {})
    assert fake.passwords == {"web": "p"}


def test_a_server_goes_back_to_any_snapshot_of_its_own(
    fake: Fake, capsys: pytest.CaptureFixture[str]
) -> None:
    fake.image("x", "before", "5", iaas_server="web1")
    snapshots.run("restore", stack(fake), {"SERVER": "web1", "SNAPSHOT": "before"})
    assert fake.asked == [("web", {"rebuild": {"imageRef": "x"}})]
    said = "everything written on web1 since snapshot before of 2026-01-01T00:00:00Z is lost"
    assert capsys.readouterr().err.splitlines()[0] == said


def test_the_table_has_all_snapshots(fake: Fake, capsys: pytest.CaptureFixture[str]) -> None:
    fake.image("x", "before", "5", iaas_server="web1")
    fake.image("y", "a", "6", iaas_server="db1", owner="id of db", iaas_declared="false")
    fake.image("z", "half", "6", iaas_server="gone", owner="id of none", status="saving")
    fake.image("n", "no snapshot of ours", "6", iaas_snapshot="before")
    snapshots.run("list", stack(fake), {})
    assert capsys.readouterr().out.splitlines() == [
        "name    server  project     size    taken (UTC)          by",
        "before  web1    web         5 MiB   2026-01-01 00:00:00  settings",
        "a       db1     db          5 MiB   2026-01-01 00:00:01  hand",
        "half    gone    id of none  saving  2026-01-01 00:00:02  settings",
    ]


# The command, its words, and why it ends.
WRONG: tuple[tuple[str, dict[str, str], str], ...] = (
    ("take", {}, "give SERVER=…"),
    ("take", {"SERVER": "web9"}, "there is no server web9"),
    ("take", {"SERVER": "web1", "NAME": "before"}, "there is a snapshot before in project web"),
    ("take", {"SERVER": "web1", "NAME": "db"}, "there is a snapshot db in project web; take"),
    ("restore", {"SERVER": "web1"}, "give SNAPSHOT=…"),
    ("restore", {"SERVER": "web1", "SNAPSHOT": "befor"}, "did you mean before?"),
    ("restore", {"SERVER": "web1", "SNAPSHOT": "db"}, "db is no snapshot of server web1; there is"),
)


@pytest.mark.parametrize(("command", "words", "why"), WRONG)
def test_what_is_wrong_is_said_and_nothing_is_done(
    command: str, words: dict[str, str], why: str, fake: Fake
) -> None:
    fake.image("x", "before", "5", iaas_server="web1")
    fake.image("y", "db", "6", iaas_server="db1")
    with pytest.raises(Refused) as caught:
        snapshots.run(command, stack(fake), words)
    assert why in str(caught.value)
    assert fake.asked == []


def test_a_clouds_stack_is_read_of_its_config() -> None:
    ca = Authority(Passwords(SECRET)).trusted()
    expected = snapshots.Stack("https://10.0.0.1:5000/v3", "R", SECRET, ca=ca)
    assert snapshots.read(CONFIG, "iaas") == expected
    with pytest.raises(Refused, match="the stack has no ours:controller and ours:secret"):
        snapshots.read(CONFIG, "ours")


def test_a_tenants_stack_is_read_of_its_clouds_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    own = {"cloud": "prod", "tenant": "web", "password": "p"}
    config = {f"iaas:{key}": {"value": value} for key, value in own.items()}
    with pytest.raises(Refused, match=r"Pulumi\.prod\.yaml can't be read"):
        snapshots.read(config, "iaas")
    content = {"config": {"iaas:controller": {"host": "10.0.0.1"}}}
    Path("Pulumi.prod.yaml").write_text(yaml.safe_dump(content))
    monkeypatch.setattr(snapshots, "_output", lambda stack, name: f"{name} of {stack}")
    url, ca = "https://10.0.0.1:5000/v3", "ca of prod"
    expected = snapshots.Stack(url, "RegionOne", "", "web", "p", ca)
    assert snapshots.read(config, "iaas") == expected


def test_a_refusal_ends_the_command_with_a_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    pulumi = tmp_path / "pulumi"
    pulumi.write_text("#!/bin/sh\necho no stack >&2\nexit 1\n")
    pulumi.chmod(0o755)
    monkeypatch.setenv("PULUMI", str(pulumi))
    monkeypatch.setattr(sys, "argv", ["snapshots", "list"])
    assert snapshots.main() == 1
    said = capsys.readouterr().err
    assert said == f"`{pulumi} config --json --show-secrets` failed: no stack\n"
