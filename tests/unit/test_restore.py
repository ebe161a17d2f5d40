"""What a restore promises on a controller: all of a backup that is whole, on a bare one alone."""

from pathlib import Path

import pytest

from components.steps.lib import backup
from components.steps.lib.backup_places import MANIFEST
from components.steps.lib.backup_restore import restore, settle
from components.steps.lib.backup_streams import Failed
from tests.unit.backups import DUMP, IDENTITY, SEAL, Node, node

__all__ = ["node"]


def bare(one: Node) -> None:
    """Take all that a backup brings back; the packages and `up` have put something else there."""
    for file in one.root.rglob("*"):
        if file.is_file():
            file.write_text("new")
    (one.root / "etc/keystone/fernet-keys/7").write_text("of the package")
    for file in one.images.iterdir():
        file.unlink()


def content(one: Node, path: str) -> str:
    """Return what is in a file of the node."""
    return (one.root / path).read_text()


def test_databases_keys_configuration_and_images_are_back(node: Node) -> None:
    node.make()
    bare(node)
    restore(node.place, backup.find(node.place, "last", SEAL), IDENTITY)
    assert (node.folder / "loaded").read_text() == DUMP
    for path in ("etc/keystone/fernet-keys/0", "etc/nova/nova.conf", "etc/ssh/ssh_host_"):
        assert content(node, path) == f"old {path}"
    assert not (node.root / "etc/keystone/fernet-keys/7").exists()
    assert (node.folder / "ovn/ovnnb_db.db").read_text() == "OVSDB JSON northbound\n"
    for number in ("image-1", "image-2"):
        assert (node.images / number).read_text() == f"the content of {number}"
    assert [p.name for p in node.images.iterdir() if p.name.startswith(".")] == []
    assert "try-reload-or-restart ssh" in node.log


def test_what_up_has_written_stays(node: Node) -> None:
    node.make()
    bare(node)
    restore(node.place, backup.find(node.place, "last", SEAL), IDENTITY)
    assert content(node, "etc/xiandian/openrc.sh") == "new"


def test_a_controller_with_a_cloud_is_left_alone(node: Node) -> None:
    node.make()
    bare(node)
    node.say("tables", "47\n")
    with pytest.raises(Failed, match="has a cloud already: a restore is for a new machine"):
        restore(node.place, backup.find(node.place, "last", SEAL), IDENTITY)
    assert not (node.folder / "loaded").exists()
    assert content(node, "etc/nova/nova.conf") == "new"


@pytest.mark.parametrize("part", ["databases.sql.gz", "northbound.gz", "files.tar.gz"])
def test_nothing_of_a_damaged_backup_is_used(part: str, node: Node) -> None:
    made = node.make()
    bare(node)
    path = Path(node.place.folder, made["name"], f"{part}.age")
    path.write_bytes(path.read_bytes() + b"x")
    with pytest.raises(Failed, match=f"{part}.age in .* is damaged: take another backup"):
        restore(node.place, backup.find(node.place, "last", SEAL), IDENTITY)
    assert not (node.folder / "loaded").exists()
    assert content(node, "etc/nova/nova.conf") == "new"


def test_one_that_was_cut_off_goes_on_and_no_other_begins(node: Node) -> None:
    first, second = node.make(), node.make()
    bare(node)
    file = next(Path(node.place.folder, "images").iterdir())
    image = file.read_bytes()
    file.write_bytes(b"for age1mine\nother")
    with pytest.raises(Failed, match=f"{file.name} in .* is damaged"):
        restore(node.place, backup.find(node.place, "last", SEAL), IDENTITY)
    node.say("tables", "47\n")
    with pytest.raises(Failed, match=f"the restore of backup {second['name']} was begun here"):
        restore(node.place, backup.find(node.place, first["name"], SEAL), IDENTITY)
    file.write_bytes(image)
    restore(node.place, backup.find(node.place, "last", SEAL), IDENTITY)
    assert {p.name for p in node.images.iterdir()} == {"image-1", "image-2"}


def test_an_image_that_no_backup_has_is_said(
    node: Node, capsys: pytest.CaptureFixture[str]
) -> None:
    (node.images / "image-2").unlink()
    node.make()
    bare(node)
    restore(node.place, backup.find(node.place, "last", SEAL), IDENTITY)
    assert "image image-2 is lost: it was deleted while the backup was made" in (
        capsys.readouterr().out
    )


def test_ovn_and_placement_follow_the_databases_and_then_backups_go_on(
    node: Node, capsys: pytest.CaptureFixture[str]
) -> None:
    (node.folder / "restoring").write_text("1")
    settle()
    asked = (node.folder / "runuser").read_text()
    assert "neutron-ovn-db-sync-util" in asked and "--ovn-neutron_sync_mode repair" in asked
    assert asked.index("heal_allocations") < asked.index("audit")
    assert node.log.index("stop neutron-api") < node.log.index("start neutron-api")
    assert "nova-manage placement audit: fine" in capsys.readouterr().out
    assert not (node.folder / "restoring").exists()


def test_the_manifest_is_the_last_of_a_backup(node: Node) -> None:
    made = node.make()
    files = sorted(
        Path(node.place.folder, made["name"]).iterdir(), key=lambda p: p.stat().st_mtime_ns
    )
    assert files[-1].name == MANIFEST
