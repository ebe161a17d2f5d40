"""What is in a backup of the controller: its parts, and how one sees that each is whole."""

import hmac
import io
import json
import tarfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

from .backup_places import IMAGES, Json
from .backup_streams import CHUNK, Chunks, Failed, run, through

ROOT = Path("/")
"""Below it are the files."""
IMAGE_FILES = Path("/var/lib/glance/images")
NORTHBOUND = "unix:/run/ovn/ovnnb_db.sock"
SYSTEM = ("mysql", "sys", "information_schema", "performance_schema")
"""MariaDB's own databases. Its accounts are derived from the secret, and step mysql makes them."""
FILES = (
    *(f"etc/{name}" for name in ("keystone", "glance", "placement", "nova", "neutron", "xiandian")),
    "etc/openvswitch/system-id.conf",
)
"""And ssh's host keys, which have several names."""
KEYS = ("etc/keystone/fernet-keys", "etc/keystone/credential-keys")
NEEDED = (*(f"{folder}/0" for folder in KEYS), "etc/ssh/ssh_host_")


def databases() -> Iterator[bytes]:
    """Yield all databases as SQL, as of one moment."""
    without = [f"--ignore-database={name}" for name in SYSTEM]
    options = ("--single-transaction", "--quick", "--routines", "--events", "--hex-blob")
    return through(["mariadb-dump", "--all-databases", *options, *without])


def northbound() -> Iterator[bytes]:
    """Yield OVN's northbound database as a file of a server."""
    return through(["ovsdb-client", "backup", NORTHBOUND, "OVN_Northbound"])


def files() -> Iterator[bytes]:
    """Yield a tar of configuration and keys."""
    keys = sorted(str(path.relative_to(ROOT)) for path in ROOT.glob("etc/ssh/ssh_host_*"))
    there = [name for name in FILES if (ROOT / name).exists()]
    return through(["tar", "--create", f"--directory={ROOT}", *there, *keys])


def whole_databases(chunks: Chunks) -> Iterator[bytes]:
    """Let SQL pass that has its last line (Failed)."""
    last = b""
    for chunk in chunks:
        last = (last + chunk)[-200:]
        yield chunk
    if b"\n-- Dump completed" not in last:
        raise Failed("the databases' last line is missing")


def whole_northbound(chunks: Chunks) -> Iterator[bytes]:
    """Let a database of OVN pass (Failed)."""
    first = b""
    for chunk in chunks:
        first = first or chunk
        yield chunk
    if not first.startswith(b"OVSDB "):
        raise Failed("OVN's northbound database is empty")


def whole_files(chunks: Chunks) -> Iterator[bytes]:
    """Let a tar pass that can be listed and has all keys (Failed)."""
    content = b"".join(chunks)
    try:
        with tarfile.open(fileobj=io.BytesIO(content)) as tar:
            names = tar.getnames()
    except tarfile.TarError as error:
        raise Failed(f"the files can't be listed: {error}") from None
    if lacking := [key for key in NEEDED if not any(name.startswith(key) for name in names)]:
        raise Failed(f"{', '.join(lacking)} is not among the files")
    yield content


Proof = Callable[[Chunks], Iterator[bytes]]
PARTS: dict[str, tuple[Callable[[], Iterator[bytes]], Proof]] = {
    "databases.sql.gz": (databases, whole_databases),
    "northbound.gz": (northbound, whole_northbound),
    "files.tar.gz": (files, whole_files),
}
"""In their order: where each comes from, and how one sees that it is whole."""


def ask(statement: str) -> list[list[str]]:
    """Return the rows that the controller's database answers with (Failed)."""
    said = run(["mariadb", "--batch", "--skip-column-names", "--execute", statement])
    return [line.split("\t") for line in said.splitlines()]


def active_images() -> list[str]:
    """Return the ids of Glance's images that have their content. It never changes."""
    return [row[0] for row in ask("SELECT id FROM glance.images WHERE status = 'active'")]


def chunks(file: BinaryIO) -> Iterator[bytes]:
    """Yield a file's content."""
    return iter(lambda: file.read(CHUNK), b"")


def image_file(number: str, recipient: str) -> str:
    """Return where an image is stored; encrypted to another key it is another file."""
    return f"{IMAGES}/{number}-{recipient[-8:]}.age"


def seal(manifest: Json, key: str) -> str:
    """Return the signature of a manifest."""
    content = {name: value for name, value in manifest.items() if name != "seal"}
    text = json.dumps(content, sort_keys=True).encode()
    return hmac.digest(bytes.fromhex(key), text, "sha256").hex()
