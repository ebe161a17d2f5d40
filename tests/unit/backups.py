"""A controller for its backups: programs that stand for its database, for age and for OVN."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from components.steps.lib import backup, backup_check, backup_parts, backup_restore
from components.steps.lib.backup_places import Json, Place, Settings

PROGRAMS = {
    # Reversible, and only by the key that belongs to the recipient.
    "age": """
        case $1 in
          --encrypt) echo "for $3"; exec tr a-z n-za-m ;;
          *) read -r key <"$3"; IFS= read -r for; [ "$for" = "for age1${key#KEY-}" ] ||
             { echo "age: no identity matched" >&2; exit 1; }; exec tr a-z n-za-m ;;
        esac""",
    "mariadb-dump": 'cat "$NODE/dump"; exit "$(cat "$NODE/dump.status")"',
    "mariadb": """
        case "$*" in
          *glance.images*) cat "$NODE/images" ;;
          *data_length*) echo 1000 ;;
          *alembic_version*) echo x ;;
          *keystone*) cat "$NODE/tables" ;;
          *) cat >"$NODE/loaded" ;;
        esac""",
    "ovsdb-client": "echo OVSDB JSON northbound",
    "systemctl": 'echo "$@" >>"$NODE/systemctl"; case "$*" in *is-active*) exit 3 ;; esac',
    "chown": "",
    "runuser": 'echo "$@" >>"$NODE/runuser"; echo fine',
}
DUMP = "CREATE TABLE it;\n" * 1000 + "\n-- Dump completed on 2026-01-02\n"
RECIPIENT, IDENTITY, SEAL = "age1mine", "KEY-mine", "ab" * 20


class Node:
    """The controller, in a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.place = Place(str(folder / "backups"))
        self.images = folder / "glance"
        self.root = folder / "root"
        for name in (*backup_parts.NEEDED, "etc/nova/nova.conf", "etc/xiandian/openrc.sh"):
            (self.root / name).parent.mkdir(parents=True, exist_ok=True)
            (self.root / name).write_text(f"old {name}")
        self.settings = Settings(24, 2, self.place.folder, "", "backup", 22, RECIPIENT, SEAL)
        self.say("dump", DUMP)
        self.say("dump.status", "0")
        self.say("tables", "0\n")
        self.images.mkdir()
        self.has("image-1", "image-2")

    def say(self, name: str, text: str) -> None:
        """Write what a program says."""
        (self.folder / name).write_text(text)

    def has(self, *numbers: str) -> None:
        """Let Glance have these images, and the files of those that are new."""
        self.say("images", "".join(f"{number}\n" for number in numbers))
        for number in numbers:
            (self.images / number).write_text(f"the content of {number}")

    def make(self) -> Json:
        """Make a backup, of another second than the last."""
        made = backup.make(self.settings, self.place)
        backup.prune(self.settings, self.place)
        return made

    def stored(self) -> set[str]:
        """Return the files of all backups."""
        folder = Path(self.place.folder)
        return {str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file()}

    @property
    def log(self) -> str:
        """What systemd was asked for."""
        return (self.folder / "systemctl").read_text()


@pytest.fixture
def node(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Node]:
    """A controller with two images."""
    programs = tmp_path / "bin"
    programs.mkdir()
    for name, text in PROGRAMS.items():
        (programs / name).write_text(f"#!/bin/sh\n{text}\n")
        (programs / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{programs}:/usr/bin:/bin")
    monkeypatch.setenv("NODE", str(tmp_path))
    one = Node(tmp_path)
    for module in (backup, backup_parts, backup_restore):
        monkeypatch.setattr(module, "IMAGE_FILES", one.images)
    monkeypatch.setattr(backup, "STATUS", tmp_path / "status.json")
    monkeypatch.setattr(backup, "LOCK", tmp_path / "lock")
    for module in (backup, backup_restore):
        monkeypatch.setattr(module, "MARK", tmp_path / "restoring")
    monkeypatch.setattr(backup_restore, "OVN", tmp_path / "ovn" / "ovnnb_db.db")
    for module in (backup_parts, backup_restore):
        monkeypatch.setattr(module, "ROOT", one.root)
    seconds = iter(range(1_800_000_000, 1_900_000_000, 30))
    monkeypatch.setattr("time.time", lambda: next(seconds))
    monkeypatch.setattr(backup_check, "scratch", scratch)
    yield one


class scratch:  # noqa: N801  # it stands for a function
    """A database that takes what it gets."""

    def __enter__(self) -> tuple[str, ...]:
        return ("mariadb",)

    def __exit__(self, *_: object) -> None:
        pass


def manifest(node: Node, name: str) -> Path:
    """Return the file of a backup's manifest."""
    return Path(node.place.folder, name, "manifest.json")


def forge(node: Node, name: str, **changed: object) -> None:
    """Change a manifest, as somebody who has only the backups."""
    file = manifest(node, name)
    file.write_text(json.dumps(json.loads(file.read_text()) | changed))
