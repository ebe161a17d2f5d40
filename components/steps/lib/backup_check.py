"""Reads a backup back: what was stored is what was read, and a database takes it."""

import contextlib
import os
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from .backup_parts import PARTS, image_file
from .backup_places import Json, Place
from .backup_streams import Chunks, Failed, Sum, decrypted, drain, run, through, unpacked

SECONDS = 60
"""In which a database that is empty must start."""
DATABASES = ("keystone", "glance", "placement", "nova", "nova_api", "nova_cell0", "neutron")


def content(place: Place, path: str, sums: Json, identity: str) -> Iterator[bytes]:
    """Yield a part's content, decrypted; it fails where a sum is another one (Failed)."""
    there, plain = Sum(), Sum()
    chunks = decrypted(there.of(place.read(path)), identity)
    try:
        yield from plain.of(unpacked(chunks) if ".gz" in path else chunks)
    except Failed as error:
        raise Failed(f"{path} in {place} can't be read: {error}") from None
    if (there.text, plain.text) != (sums["sha256"], sums["plain"]):
        raise Failed(f"{path} in {place} is damaged: it is not what was written")


def part(place: Place, manifest: Json, name: str, identity: str) -> Iterator[bytes]:
    """Yield the content of a part that is whole (Failed)."""
    path = f"{manifest['name']}/{name}.age"
    return PARTS[name][1](content(place, path, manifest["parts"][name], identity))


def of_image(place: Place, manifest: Json, number: str, identity: str) -> Iterator[bytes]:
    """Yield the content of an image (Failed)."""
    path = image_file(number, manifest["recipient"])
    return content(place, path, manifest["images"][number], identity)


@contextlib.contextmanager
def scratch() -> Iterator[tuple[str, ...]]:
    """Run a database of its own without a network; yield how to log in (Failed)."""
    with tempfile.TemporaryDirectory(prefix="iaas-backup-", dir="/var/tmp") as folder:
        os.chmod(folder, 0o711)  # noqa: PTH101, S103  # mysql goes through it
        data, log = f"{folder}/data", f"{folder}/log"
        user = ("--no-defaults", "--user=mysql", f"--datadir={data}")
        Path(data).mkdir()
        run(["chown", "mysql:mysql", data])
        run(
            [
                "mariadb-install-db",
                *user,
                "--skip-test-db",
                "--auth-root-authentication-method=normal",
            ]
        )
        options = (f"--socket={data}/socket", f"--pid-file={data}/pid", "--skip-networking")
        # Nothing of it must last.
        quick = ("--innodb-flush-log-at-trx-commit=0", "--skip-innodb-doublewrite")
        with Path(log).open("w") as errors:
            server = subprocess.Popen(
                ["mariadbd", *user, *options, *quick],
                stdin=subprocess.DEVNULL, stdout=errors, stderr=errors,
            )  # fmt: skip
        client = ("mariadb", "--no-defaults", f"--socket={data}/socket", "--user=root")
        try:
            until = time.monotonic() + SECONDS
            while not Path(data, "socket").exists():
                if server.poll() is not None or time.monotonic() > until:
                    raise Failed(f"no database starts to try it: {Path(log).read_text()[-500:]}")
                time.sleep(0.2)
            yield client
        finally:
            server.terminate()
            server.wait()


def loads(client: Sequence[str], sql: Chunks, manifest: Json) -> None:
    """Load databases, and look for what must be in them (Failed)."""
    drain(through(client, sql))
    for name in DATABASES:
        run([*client, "--execute", f"SELECT version_num FROM {name}.alembic_version"])
    listed = "SELECT id FROM glance.images WHERE status = 'active'"
    there = set(run([*client, "--skip-column-names", "--execute", listed]).split())
    if lost := there - manifest["images"].keys() - {*manifest["gone"]}:
        raise Failed(
            f"the databases have images that the backup has not: {', '.join(sorted(lost))}"
        )


def check(place: Place, manifest: Json, identity: str) -> None:
    """Read all of a backup back (Failed)."""
    for name in PARTS:
        if not name.startswith("databases"):
            drain(part(place, manifest, name, identity))
    for number in manifest["images"]:
        drain(of_image(place, manifest, number, identity))
    with scratch() as client:
        loads(client, part(place, manifest, "databases.sql.gz", identity), manifest)
    parts = len(manifest["parts"]) + len(manifest["images"])
    print(f"backup {manifest['name']}: {parts} parts are as they were written, a database takes it")
