"""Puts a backup onto a controller without services, and brings the rest in line with it."""

import contextlib
import os
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

from .backup_check import of_image, part
from .backup_parts import IMAGE_FILES, KEYS, PARTS, ROOT, active_images, ask
from .backup_places import Json, Place
from .backup_streams import Failed, drain, run, through

MARK = Path("/var/lib/iaas/restoring")
"""There from the restore's first change to its end, with the backup's name."""
OVN = Path("/var/lib/ovn/ovnnb_db.db")
LEFT = ("etc/xiandian",)
"""What `up` has put there is newer than the backup's."""
NEUTRON = (
    "neutron-api", "neutron-rpc-server", "neutron-ovn-maintenance-worker",
    "neutron-periodic-workers",
)  # fmt: skip
SYNC = (
    "neutron-ovn-db-sync-util", "--config-file", "/etc/neutron/neutron.conf",
    "--config-file", "/etc/neutron/plugins/ml2/ml2_conf.ini",
    "--ovn-neutron_sync_mode", "repair",
)  # fmt: skip
SERVICES = ("keystone", "glance-api", "placement-api", "nova-api", "ovn-northd", *NEUTRON)


def refuse_services(name: str) -> None:
    """Refuse a node that has a cloud (Failed). A restore that was cut off goes on."""
    if MARK.exists():
        if (begun := MARK.read_text(encoding="utf-8").strip()) != name:
            raise Failed(f"the restore of backup {begun} was begun here: go on with that one")
        return
    count = "SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = 'keystone'"
    if int(ask(count)[0][0]):
        raise Failed("this controller has a cloud already: a restore is for a new machine")


def write(path: Path, content: bytes, owner: str) -> None:
    """Put a file there at once."""
    new = path.with_name(f"{path.name}.new")
    path.parent.mkdir(parents=True, exist_ok=True)
    new.write_bytes(content)
    new.chmod(0o640)
    run(["chown", owner, str(new)])
    new.replace(path)


@contextlib.contextmanager
def beside(place: Place, manifest: Json) -> Iterator[Place]:
    """Copy the parts to this node; yield where they are (Failed: one is damaged).

    So nothing of a part is used before all of it is known to be what was written.
    """
    with tempfile.TemporaryDirectory(prefix="restore-", dir=MARK.parent) as folder:
        here = Place(folder)
        here.ask('mkdir "$1"', manifest["name"])
        for name in PARTS:
            path = f"{manifest['name']}/{name}.age"
            if here.write(path, place.read(path)).text != manifest["parts"][name]["sha256"]:
                raise Failed(f"{path} in {place} is damaged: take another backup")
        yield here


def restore(place: Place, manifest: Json, identity: str) -> None:
    """Put databases, files, keys, OVN's northbound database and images there (Failed)."""
    refuse_services(manifest["name"])
    with beside(place, manifest) as here:
        put_parts(here, manifest, identity)
    for number in active_images():
        put_image(place, manifest, number, identity)
    run(["systemctl", "try-reload-or-restart", "ssh"])


def put_parts(place: Place, manifest: Json, identity: str) -> None:
    """Put all but the images there (Failed)."""
    MARK.write_text(manifest["name"], encoding="utf-8")
    stop = [
        name for name in SERVICES if not subprocess.call(["systemctl", "-q", "is-active", name])
    ]
    if stop:
        run(["systemctl", "stop", *stop])
    print("loading the databases", flush=True)
    drain(through(["mariadb"], part(place, manifest, "databases.sql.gz", identity)))
    print("putting back configuration and keys, with the ssh host keys", flush=True)
    # The package may have made others.
    run(["rm", "-rf", *(str(ROOT / folder) for folder in KEYS)])
    skip = [f"--exclude={name}" for name in LEFT]
    files = part(place, manifest, "files.tar.gz", identity)
    drain(through(["tar", "--extract", f"--directory={ROOT}", *skip], files))
    run(["systemctl", "stop", "ovn-ovsdb-server-nb"])
    write(OVN, b"".join(part(place, manifest, "northbound.gz", identity)), "root:root")


def put_image(place: Place, manifest: Json, number: str, identity: str) -> None:
    """Put an image's content there, if it is not (Failed)."""
    path = IMAGE_FILES / number
    if path.exists():
        return
    if number not in manifest["images"]:
        print(f"image {number} is lost: it was deleted while the backup was made", flush=True)
        return
    print(f"putting back image {number}", flush=True)
    new = path.with_name(f".{number}.new")
    with new.open("wb") as file:
        for chunk in of_image(place, manifest, number, identity):
            file.write(chunk)
        os.fsync(file.fileno())
    new.chmod(0o640)
    run(["chown", "glance:glance", str(new)])
    new.replace(path)


def settle() -> None:
    """Bring OVN and Placement in line with the databases; the restore is at its end (Failed)."""
    run(["systemctl", "stop", *NEUTRON])
    try:
        run(["runuser", "-u", "neutron", "--", *SYNC])
    finally:
        run(["systemctl", "start", *NEUTRON])
    print("OVN's northbound database is in line with Neutron's")
    for what in ("heal_allocations", "audit"):
        words = ["runuser", "-u", "nova", "--", "nova-manage", "placement", what, "--verbose"]
        done = subprocess.run(words, capture_output=True, text=True, check=False)
        print(f"nova-manage placement {what}: {done.stdout.strip() or done.stderr.strip()[-500:]}")
    MARK.unlink(missing_ok=True)
