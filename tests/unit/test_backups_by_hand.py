"""What `make backup` and `make backups` promise, without a node: ssh is made up here."""

import json
import subprocess
from pathlib import Path

import pytest

from tests.unit.backups import Node, node
from tests.unit.readings import NOW, stack
from tools import backups

__all__ = ["node"]
IDENTITY = "AGE-SECRET-KEY-1"


def entry(name: str, **more: object) -> dict[str, object]:
    """Return what the controller says of a backup."""
    made = {"time": NOW - 7200, "size": 3 * 2**20, "images": 2, "ours": True, "checked": None}
    return {"name": name, **made, **more}


def test_the_table_says_what_a_person_asks() -> None:
    found = {
        "place": "/srv of me@10.0.0.5",
        "every": 24,
        "backups": [
            entry("20260920-101112", checked=NOW),
            entry("20260921-101112", ours=False),
        ],
        "failed": {"time": NOW, "reason": "no room"},
    }
    assert backups.table(found, NOW).splitlines() == [
        "name             made (UTC)        age  size   images  read back (UTC)",
        "20260920-101112  2026-09-21 12:13  2 h  3 MiB  2       2026-09-21 14:13",
        "20260921-101112  2026-09-21 12:13  2 h  3 MiB  2       not of this secret",
        "in /srv of me@10.0.0.5, every 24 h",
        "the last run, of 2026-09-21 14:13, failed: no room",
    ]


@pytest.mark.parametrize("name", ["20260102-030405", "last"])
def test_a_backup_is_called_by_its_time(name: str) -> None:
    assert backups.word(name) == name


@pytest.mark.parametrize("name", ["", "x; reboot", "$(id)", "yesterday", "../1"])
def test_nothing_else_reaches_a_shell(name: str) -> None:
    with pytest.raises(backups.Failed, match="is no name of a backup"):
        backups.word(name)


@pytest.fixture
def asked(node: Node, monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, bytes]]:
    """The lines that a controller was asked, with what came by stdin; it has one backup."""
    node.make()
    lines: list[tuple[str, bytes]] = []

    def run(_: object, line: str, stdin: bytes = b"") -> None:
        lines.append((line, stdin))

    def fetch(_: object, line: str, words: list[str]) -> None:
        lines.append((line, b""))
        without = line.split()[line.split().index("last") + 1 :]
        files = [*node.stored()]
        chosen = [path for path in files if path not in without]
        made = subprocess.run(
            ["tar", "-cf", "-", "-C", node.place.folder, *chosen], capture_output=True, check=True
        )
        subprocess.run(words, input=made.stdout, check=True)

    monkeypatch.setattr(backups.Node, "run", run)
    monkeypatch.setattr(backups.Node, "fetch", fetch)
    return lines


def test_a_copy_is_whole_and_has_each_image_once(
    asked: list[tuple[str, bytes]], node: Node, tmp_path: Path
) -> None:
    to = tmp_path / "here"
    with backups.controller(stack()) as there:
        backups.make(there, str(to))
        backups.make(there, str(to))
    copied = {str(p.relative_to(to)) for p in to.rglob("*") if p.is_file()}
    assert copied == node.stored()
    first, second = (line for line, _ in asked if " send " in line)
    assert first.endswith("send last")
    assert sorted(second.split()[-2:]) == sorted(p for p in copied if p.startswith("images/"))


def test_a_damaged_copy_is_refused(
    asked: list[tuple[str, bytes]], node: Node, tmp_path: Path
) -> None:
    path = next(Path(node.place.folder).rglob("databases*"))
    path.write_bytes(b"other")
    with (
        backups.controller(stack()) as there,
        pytest.raises(backups.Failed, match=f"{path.name} is damaged: delete it"),
    ):
        backups.make(there, str(tmp_path / "here"))
    assert not [*(tmp_path / "here").glob("2*")]


def test_the_key_goes_by_stdin_alone(
    asked: list[tuple[str, bytes]],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    listed = json.dumps({"place": "/srv", "every": 0, "backups": []}).encode()
    monkeypatch.setattr(backups.Node, "ask", lambda *_: listed)
    of = stack()
    object.__setattr__(of, "identity", IDENTITY)
    backups.run("list", of, {"CHECK": "last"})
    assert asked == [(f"{backups.PROGRAM} check last", f"{IDENTITY}\n".encode())]
    assert capsys.readouterr().out.endswith("in /srv, by hand alone (backup.every)\n")
    assert IDENTITY not in repr(of)


def test_a_wrong_call_says_what_there_is(capsys: pytest.CaptureFixture[str]) -> None:
    assert backups.main(["remove"]) == 2
    assert "make|list" in capsys.readouterr().err
