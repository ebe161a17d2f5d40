"""What a node says of itself for the status: the script that runs there, and what becomes of it."""

import fcntl
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.unit.examples import SECRET
from tools.status import reading as script
from tools.status.nodes import SCRIPT
from tools.status.seen import Reading

UNITS = [
    {"unit": "mariadb.service", "load": "loaded", "active": "active", "sub": "running"},
    {"unit": "logrotate.service", "load": "loaded", "active": "failed", "sub": "failed"},
    {"unit": "nova-api.service", "load": "loaded", "active": "activating", "sub": "auto-restart"},
    {"unit": "ntp.service", "load": "not-found", "active": "inactive", "sub": "dead"},
    {"unit": "var-lib.mount", "load": "loaded", "active": "failed", "sub": "failed"},
    {"unit": "ssh.socket", "load": "loaded", "active": "active", "sub": "listening"},
]
QUEUES = [{"name": "conductor", "messages": 2, "consumers": 1}]
APT = """\
Listing...
libssl3t64/stable-security 3.5.1-1+deb13u1 amd64 [upgradable from: 3.5.1-1]
bash/stable 5.2.38-1 amd64 [upgradable from: 5.2.37-2]
openssl/stable,stable-security 3.5.1-1+deb13u1 amd64 [upgradable from: 3.5.1-1]
"""
CHRONY = "C0A8640A,192.168.100.10,9,1795733983.354629887,{},0.0,0.0,0,0,0,0,0,65.1,{}\n"


@pytest.fixture
def says(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """Programs of a node by name, and what each prints."""
    answers: dict[str, str] = {}

    def said(*words: str, user: str | None = None) -> str:
        return answers[words[0]]

    monkeypatch.setattr(script, "said", said)
    monkeypatch.setattr(shutil, "which", lambda name: name if name in answers else None)
    return answers


def test_the_script_runs_anywhere_and_says_what_it_could_not_read() -> None:
    done = subprocess.run(
        [sys.executable, "-I", "-B", "-"],
        input=SCRIPT.read_bytes(),
        capture_output=True,
        check=True,
    )
    found = Reading.model_validate_json(done.stdout)
    assert done.stderr == b""
    assert found.name == os.uname().nodename
    assert found.disks and found.disks[0].folders[0] == "/" and 0 < found.disks[0].used <= 100
    assert found.memory and 0 < found.memory.available < found.memory.total
    assert found.load and found.cpus
    assert found.booted and found.booted < found.now
    parts = {name for name in script.PARTS if getattr(found, name) is None}
    elsewhere = {"killed", "queues", "backup", "certificate", "public_certificate"}
    assert parts - elsewhere <= found.unread.keys()


def test_the_script_writes_no_file_and_asks_no_network() -> None:
    text = SCRIPT.read_text()
    for word in ("write_text", "write_bytes", '"w"', "unlink", "mkdir", "urlopen", "restart"):
        assert word not in text


def test_units_that_failed_and_services_that_are_not_inactive(says: dict[str, str]) -> None:
    says["systemctl"] = json.dumps(UNITS)
    assert script.units() == {
        "failed": ["logrotate.service", "var-lib.mount"],
        "services": {
            "mariadb": "active (running)",
            "logrotate": "failed (failed)",
            "nova-api": "activating (auto-restart)",
        },
    }


def test_updates_are_of_the_security_suite_if_that_has_them(says: dict[str, str]) -> None:
    says["apt"] = APT
    says["apt-mark"] = "bash\n"
    found = script.updates()
    assert (found["security"], found["all"]) == (["libssl3t64", "openssl"], 3)
    assert (found["names"], found["held"]) == (["bash", "libssl3t64", "openssl"], ["bash"])


def test_a_certificate_ends_when_openssl_says(
    says: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(script, "TLS", tmp_path)
    assert script.ends("node.crt") is None
    (tmp_path / "node.crt").touch()
    says["openssl"] = "notAfter=Feb  1 00:00:00 2028 GMT\n"
    assert script.ends("node.crt") == 1832976000


@pytest.mark.parametrize(
    ("offset", "leap", "follows"),
    [("-0.25", "Normal", True), ("0.25", "Insert second", True), ("0", "Not synchronised", False)],
)
def test_the_clock_is_as_chrony_says(
    offset: str, leap: str, follows: bool, says: dict[str, str]
) -> None:
    says["chronyc"] = CHRONY.format(offset, leap)
    expected = {"offset": float(offset), "source": "192.168.100.10", "follows": follows}
    assert script.clock() == expected


def test_queues_are_rabbitmqs_where_it_is(says: dict[str, str]) -> None:
    assert script.queues() is None
    says["rabbitmqctl"] = json.dumps(QUEUES)
    assert script.queues() == {"conductor": {"messages": 2, "consumers": 1}}


def test_backups_are_told_without_their_keys(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings, status = tmp_path / "settings.json", tmp_path / "status.json"
    monkeypatch.setattr(script, "BACKUPS", settings)
    monkeypatch.setattr(script, "BACKUP", status)
    assert script.backup() is None
    of = {"every": 24, "host": "10.0.0.5", "folder": "/srv", "seal": SECRET, "keep": 3}
    settings.write_text(json.dumps(of))
    found = script.backup()
    assert found and (found["last"], found["failed"]) == (None, None)
    last = {"name": "1", "time": 5.0, "size": 7, "gone": []}
    status.write_text(json.dumps({"last": last, "failed": {"time": 9.0, "reason": "no room"}}))
    found = script.backup()
    assert found and found.pop("set") > 0
    assert found == {
        "every": 24, "place": "10.0.0.5:/srv", "last": 5.0, "size": 7, "failed": 9.0,
        "reason": "no room",
    }  # fmt: skip


BEGINS = "\n=== mysql, 2026-11-26T20:34:13Z\n[  0 s] ... writing a file\n"
LAST = {"began": 1795725253.0, "runs": False}


@pytest.mark.parametrize(
    ("log", "run"),
    [
        (f"{BEGINS}[  2 s] mysql: done, 2 changed\n", {**LAST, "well": True}),
        (f"{BEGINS}[  2 s] mysql: nothing to change\n", {**LAST, "well": True}),
        (f"{BEGINS}[  2 s] mysql: done, 2 changed\n{BEGINS}died\n", {**LAST, "well": False}),
        (f"{BEGINS}[  2 s] keystone: nothing to change\n", {**LAST, "well": False}),
        ("[  2 s] mysql: done, 2 changed\n", {"began": None, "runs": False, "well": True}),
        ("", {"began": None, "runs": False, "well": False}),
    ],
)
def test_the_last_run_of_a_step_is_in_its_log(
    log: str, run: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "mysql.log").write_text(log)
    monkeypatch.setattr(script, "LOGS", tmp_path)
    assert script.steps() == {"mysql": run}


def test_a_step_is_under_way_while_it_holds_its_lock(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "mysql.log").write_text(BEGINS)
    monkeypatch.setattr(script, "LOGS", tmp_path)
    monkeypatch.setattr(script, "LOCKS", tmp_path)
    with (tmp_path / "iaas-mysql").open("w") as lock:
        assert not script.steps()["mysql"]["runs"]
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert script.steps()["mysql"]["runs"]


@pytest.mark.parametrize(
    ("smaller", "larger"),
    [("6.12.9+deb13-amd64", "6.12.43+deb13-amd64"), ("6.12.43+deb13-amd64", "6.12.43+deb14-amd64")],
)
def test_kernels_are_ordered_by_their_numbers(smaller: str, larger: str) -> None:
    assert script.version(smaller) < script.version(larger)


def test_a_part_that_fails_takes_no_other_with_it(
    says: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail() -> None:
        raise OSError("chronyc: 506 Cannot talk to daemon")

    monkeypatch.setitem(script.PARTS, "clock", fail)
    found = script.read(("name", "clock", "load"))
    assert found["unread"] == {"clock": "OSError: chronyc: 506 Cannot talk to daemon"}
    assert found["name"] and found["load"] and found["clock"] is None


def test_a_program_that_fails_is_told_by_its_last_line() -> None:
    with pytest.raises(OSError, match=r"^ls: .*No such file"):
        script.said("ls", "/does/not/exist")


def test_programs_get_nothing_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IAAS_SECRET", SECRET)
    assert SECRET not in script.said("env")
