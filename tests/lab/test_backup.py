"""Backups of the lab's controller: made, listed, read back; what is damaged is found."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.lab.conftest import NODES, MakeStack, Result, changes, done, on, run, up

FOLDER = "/var/backups/iaas"


def tool(command: str, **words: str) -> Result:
    """Run the tool on the lab."""
    given = [f"{name}={value}" for name, value in words.items()]
    return run("agent", "env", *given, sys.executable, "-m", "tools.backups", command)


def names() -> list[str]:
    """Return the backups that are there."""
    return on("controller", f"cd {FOLDER} && ls -d 2* || true").split()


def findings() -> dict[str, str]:
    """Return what the status says of backups, by rule."""
    shown = run("agent", sys.executable, "-m", "tools.status", "--json")
    found = json.loads(shown.stdout)["findings"]
    return {f["rule"]: f["message"] for f in found if "backup" in f["rule"]}


@pytest.fixture(scope="module", autouse=True)
def applied() -> Iterator[None]:
    """The lab's settings, which have no timer."""
    done(up())
    yield
    on("controller", f"rm -rf {FOLDER}")


def test_a_backup_is_made_and_listed_and_read_back_and_copied(tmp_path: Path) -> None:
    made = done(tool("make", TO=str(tmp_path))).stdout
    (name,) = names()
    assert f"backup {name} in {FOLDER}: " in made
    assert {p.name for p in (tmp_path / name).iterdir()} == {
        *("manifest.json", "databases.sql.gz.age", "northbound.gz.age", "files.tar.gz.age")
    }
    listed = done(tool("list", CHECK="last")).stdout
    assert f"backup {name}: " in listed and "a database takes it" in listed
    (line,) = (line for line in listed.splitlines() if line.startswith(f"{name} "))
    assert "never" not in line
    assert findings() == {}


def test_no_key_that_reads_backups_is_on_a_node() -> None:
    done(tool("list", CHECK="last"))
    for node in NODES:
        found = "grep -rlI AGE-SECRET-KEY-1 /etc /root /run /tmp /var --exclude-dir=cache || true"
        assert on(node, found) == ""


def test_what_is_stored_is_encrypted() -> None:
    heads = on("controller", f"head -qn 1 {FOLDER}/2*/*.age {FOLDER}/images/*").split("\n")
    assert {*filter(None, heads)} == {"age-encryption.org/v1"}


@pytest.mark.parametrize("part", ["databases.sql.gz.age", "northbound.gz.age", "files.tar.gz.age"])
def test_a_damaged_part_is_found(part: str) -> None:
    (file,) = on("controller", f"ls {FOLDER}/{names()[-1]}/{part}").split()
    on("controller", f"cp -a {file} /root/kept; printf x >>{file}")
    try:
        refused = tool("list", CHECK="last")
        assert refused.returncode == 1
        assert part in refused.stderr
    finally:
        on("controller", f"mv /root/kept {file}")
    done(tool("list", CHECK="last"))


def test_one_that_fails_is_told_and_leaves_the_others() -> None:
    before = names()
    on("controller", "mv /usr/bin/age /usr/bin/age.away")
    try:
        assert tool("make").returncode == 1
        assert names() == before
        assert "age" in findings()["backup-failed"]
    finally:
        on("controller", "mv /usr/bin/age.away /usr/bin/age")
    done(tool("make"))
    assert findings() == {}


def test_a_timer_makes_them_and_so_many_are_kept(stack: MakeStack) -> None:
    def daily(config: dict[str, object]) -> None:
        config["iaas:backup"] = {"every": 24, "keep": 2}

    settings = stack(daily)
    assert changes(settings) == {
        "controller-openrc.sh": "update",
        "controller-backup": "update",
    }
    done(up(settings))
    assert "iaas-backup.timer" in on("controller", "systemctl list-timers --no-legend")
    for _ in range(3):
        on("controller", "systemctl start iaas-backup.service")
    assert len(names()) == 2
    assert on("controller", f"ls {FOLDER}/images | wc -l").strip() != "0"
    done(up())
    assert "iaas-backup.timer" not in on("controller", "systemctl list-timers --no-legend --all")
    assert changes() == {}


def test_backups_are_no_drift() -> None:
    compared = run("agent", sys.executable, "-m", "tools.drift", "compare")
    assert compared.stdout.splitlines() == [f"{node}: nothing differs" for node in NODES]
