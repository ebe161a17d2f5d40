"""What a backup promises: all of it or none, and the earlier ones stay."""

import fcntl
import io
import json
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

from components.steps.lib import backup
from components.steps.lib.backup_check import check
from components.steps.lib.backup_parts import NEEDED
from components.steps.lib.backup_places import Place, Settings, place_of
from components.steps.lib.backup_streams import Failed, Sum, drain, packed, through, unpacked
from tests.unit.backups import DUMP, IDENTITY, RECIPIENT, SEAL, Node, forge, node

__all__ = ["node"]
PARTS = ("databases.sql.gz.age", "files.tar.gz.age", "northbound.gz.age", "manifest.json")


def files(name: str) -> set[str]:
    """Return the files of a backup, without images."""
    return {f"{name}/{part}" for part in PARTS}


def images(*numbers: str) -> set[str]:
    """Return the files of images."""
    return {f"images/{number}-{RECIPIENT[-8:]}.age" for number in numbers}


def test_a_backup_has_its_parts_and_each_image_once(node: Node) -> None:
    first, second = node.make(), node.make()
    both = files(first["name"]) | files(second["name"])
    assert node.stored() == both | images("image-1", "image-2")
    assert first["images"] == second["images"]


def test_what_is_stored_is_not_in_clear(node: Node) -> None:
    made = node.make()
    for path in node.stored() - {f"{made['name']}/manifest.json"}:
        content = Path(node.place.folder, path).read_bytes()
        assert content.startswith(b"for age1mine\n")
        assert b"content of" not in content


def test_only_root_may_read_what_is_stored(node: Node) -> None:
    node.make()
    for path in Path(node.place.folder).rglob("*"):
        assert path.stat().st_mode & 0o077 == 0, path


def test_so_many_are_kept_with_the_images_that_they_have(node: Node) -> None:
    made = [node.make() for _ in range(2)]
    node.has("image-2", "image-3")
    made.append(node.make())
    kept = files(made[1]["name"]) | files(made[2]["name"])
    assert node.stored() == kept | images("image-1", "image-2", "image-3")
    made.append(node.make())
    kept = files(made[2]["name"]) | files(made[3]["name"])
    assert node.stored() == kept | images("image-2", "image-3")


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        (lambda n: n.say("dump", "CREATE TABLE it;\n"), "the databases' last line is missing"),
        (lambda n: n.say("dump.status", "2"), "mariadb-dump: status 2"),
        (lambda n: (n.root / NEEDED[0]).unlink(), "etc/keystone/fernet-keys/0 is not among the"),
    ],
    ids=["cut off", "a program that fails", "no keys"],
)
def test_one_that_fails_leaves_the_earlier_ones_and_is_no_backup(
    wrong: object, why: str, node: Node
) -> None:
    backup.timed(node.settings, node.place)
    before = node.place.manifests()
    assert callable(wrong)
    wrong(node)
    with pytest.raises(Failed, match=why):
        backup.timed(node.settings, node.place)
    assert node.place.manifests() == before
    assert why in backup.status()["failed"]["reason"]
    assert backup.status()["last"]["name"] in before
    node.say("dump", DUMP)
    node.say("dump.status", "0")
    (node.root / NEEDED[0]).write_text("key")
    backup.timed(node.settings, node.place)
    assert backup.status()["failed"] is None
    assert not [path for path in node.stored() if path.startswith(".") or path.endswith(".new")]


def test_an_image_that_is_deleted_meanwhile_is_said(node: Node) -> None:
    (node.images / "image-2").unlink()
    made = node.make()
    assert (made["gone"], [*made["images"]]) == (["image-2"], ["image-1"])


def test_an_image_that_can_not_be_encrypted_is_not_one_that_was_deleted(
    node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing(*_: object, **__: object) -> None:
        raise FileNotFoundError("age")

    node.make()
    node.has("image-1", "image-2", "image-3")
    monkeypatch.setattr(backup, "PARTS", {})
    monkeypatch.setattr(backup, "encrypted", missing)
    with pytest.raises(FileNotFoundError, match="age"):
        node.make()


def test_there_must_be_room_before_anything_is_written(
    node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Place, "room", lambda _: 2**20)
    with pytest.raises(Failed, match="has 1 MiB free; this backup may need 256 MiB"):
        node.make()
    assert node.stored() == set()


def test_two_runs_do_not_meet(node: Node) -> None:
    with backup.LOCK.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(Failed, match="another backup is under way"):
            backup.timed(node.settings, node.place)
    assert node.stored() == set()


def test_none_is_made_of_a_controller_that_is_being_restored(node: Node) -> None:
    (node.folder / "restoring").write_text("20260102-030405")
    with pytest.raises(Failed, match="a restore of this controller has not ended"):
        backup.timed(node.settings, node.place)


def test_a_backup_is_read_back(node: Node, capsys: pytest.CaptureFixture[str]) -> None:
    made = node.make()
    check(node.place, backup.find(node.place, "last", SEAL), IDENTITY)
    assert capsys.readouterr().out.startswith(f"backup {made['name']}: 5 parts are as they were")
    assert (node.folder / "loaded").read_text() == DUMP


def test_another_key_reads_nothing(node: Node) -> None:
    node.make()
    with pytest.raises(Failed, match="no identity matched"):
        check(node.place, backup.find(node.place, "last", SEAL), "KEY-other")


@pytest.mark.parametrize("part", ["databases", "northbound", "files", "image-1"])
@pytest.mark.parametrize("how", ["shorter", "another byte", "gone"])
def test_damage_is_found(part: str, how: str, node: Node) -> None:
    node.make()
    (path,) = (p for p in Path(node.place.folder).rglob("*.age") if p.name.startswith(part))
    content = path.read_bytes()
    if how == "gone":
        path.unlink()
    else:
        end = b"" if how == "shorter" else bytes([content[-1] ^ 1])
        path.write_bytes(content[:-1] + end)
    with pytest.raises(Failed, match=path.name):
        check(node.place, backup.find(node.place, "last", SEAL), IDENTITY)


def test_a_manifest_of_somebody_else_is_refused(node: Node) -> None:
    made = node.make()
    forge(node, made["name"], gone=["image-1"])
    with pytest.raises(Failed, match="is not signed by this cloud"):
        backup.find(node.place, made["name"], SEAL)
    (one,) = backup.listed(node.settings, node.place)["backups"]
    assert not one["ours"]


def test_one_that_is_not_there_is_told_with_those_that_are(node: Node) -> None:
    made = node.make()
    with pytest.raises(Failed, match=f"there is no backup 1 in .*; there are: {made['name']}"):
        backup.find(node.place, "1", SEAL)


def test_a_backup_goes_to_another_place_and_is_the_same(
    node: Node, capfdbinary: pytest.CaptureFixture[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    node.make()
    manifest = backup.find(node.place, "last", SEAL)
    backup.send(node.place, manifest, ())
    sent = io.TextIOWrapper(io.BytesIO(capfdbinary.readouterr().out))
    monkeypatch.setattr(sys, "stdin", sent)
    other = Place(str(node.folder / "other"))
    backup.receive(other)
    check(other, backup.find(other, "last", SEAL), IDENTITY)
    capfdbinary.readouterr()
    backup.send(node.place, manifest, images("image-1"))
    with tarfile.open(fileobj=io.BytesIO(capfdbinary.readouterr().out)) as tar_of:
        assert {name for name in tar_of.getnames() if "image" in name} == images("image-2")


def test_what_is_listed_says_how_the_last_run_ended(node: Node) -> None:
    backup.timed(node.settings, node.place)
    backup.note(checked={backup.status()["last"]["name"]: 5.0})
    found = backup.listed(node.settings, node.place)
    assert found["failed"] is None
    assert [(one["checked"], one["images"], one["ours"]) for one in found["backups"]] == [
        (5.0, 2, True)
    ]
    assert found["backups"][0]["size"] == sum(
        Path(node.place.folder, path).stat().st_size
        for path in node.stored()
        if not path.endswith(".json")
    )


SETTINGS = Settings(24, 2, "/srv/it", "10.0.0.5", "me", 2222, RECIPIENT, SEAL)


def test_another_machine_is_reached_with_its_host_key_alone() -> None:
    place = place_of(SETTINGS)
    words = place.command('cat "$1"', "it's")
    assert words[0] == "ssh" and words[-2] == "me@10.0.0.5"
    assert {"StrictHostKeyChecking=yes", "BatchMode=yes", "IdentitiesOnly=yes"} <= {*words}
    assert str(place) == "/srv/it of me@10.0.0.5"
    shown = subprocess.run(
        ["sh", "-c", f"cd / && {words[-1].replace('/srv/it', '/')}"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert "it's" in shown.stderr, "a word stays one word in the other shell"


def test_neither_seal_nor_key_is_shown() -> None:
    assert SEAL not in repr(SETTINGS)


def test_bytes_go_through_programs_one_after_the_other() -> None:
    chunks = [b"a" * 3_000_000, b"b" * 5]
    before, after = Sum(), Sum()
    drain(after.of(unpacked(through(["cat"], packed(before.of(chunks))))))
    assert (before.text, before.size) == (after.text, after.size) == (after.text, 3_000_005)


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["sh", "-c", "cat >/dev/null; echo no room >&2; exit 3"], "sh: no room"),
        (["sh", "-c", "exit 3"], "sh: status 3"),
    ],
)
def test_a_program_that_fails_says_why(words: list[str], why: str) -> None:
    with pytest.raises(Failed, match=why):
        drain(through(words, [b"x" * 1_000_000] * 5))


def test_what_fails_before_a_program_fails_it() -> None:
    failing = through(["sh", "-c", "echo broken >&2; exit 1"])
    with pytest.raises(Failed, match="broken"):
        drain(through(["cat"], failing))


def test_who_stops_reading_leaves_no_program(tmp_path: Path) -> None:
    chunks = through(["sh", "-c", f"echo $$ >{tmp_path}/pid; exec cat /dev/zero"])
    next(iter(chunks))
    number = (tmp_path / "pid").read_text().strip()
    chunks.close()  # type: ignore[attr-defined]
    assert not Path("/proc", number).exists()


@pytest.mark.parametrize("text", [b"", b"\x1f\x8b", b"no gzip"])
def test_what_is_cut_off_can_not_be_unpacked(text: bytes) -> None:
    with pytest.raises(Failed):
        drain(unpacked([text]))


def test_the_status_survives_a_file_that_is_no_json(node: Node) -> None:
    backup.STATUS.write_text("{")
    assert backup.status() == {}
    backup.note(failed=None)
    assert json.loads(backup.STATUS.read_text()) == {"failed": None}
