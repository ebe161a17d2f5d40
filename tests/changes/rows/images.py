"""Changes of images."""

from tests.changes.base import digest, image, other_digest, raw, reordered
from tests.changes.facts import Gone, Is, Replaced, Same
from tests.changes.kinds import LIST, OPTIONAL, Kind
from tests.changes.row import SERVERS, Row
from tests.unit.configs import GONE, Change

G, C, T = OPTIONAL
MORE, LESS, REORDERED = LIST

MORE_BYTES = bytes(2**16)
"""Behind an image's end: another content, and the same disk."""
BY_URL: Change = {
    "images[1].file": GONE,
    "images[1].url": "http://127.0.0.1:9/guest.qcow2",
    "images[1].sha256": digest,
}

ROWS: tuple[Row, ...] = (
    Row(
        "images",
        MORE,
        {"images[2]": {"name": "late", "file": ".lab/guest.qcow2"}},
        says=("image late: + new (qcow2)",),
        then=(Is("image", "late", {"status": "active", "visibility": "public"}),),
    ),
    Row(
        "images",
        LESS,
        {"images[1]": GONE},
        says=("image other is deleted",),
        then=(Gone("image", "other"),),
    ),
    Row("images", REORDERED, {"images": reordered("images")}),
    Row(
        "images[].name",
        Kind.RENAMED,
        {"images[0].name": "first", **{f"servers[{i}].image": "first" for i in range(3)}},
        refused="image guest",
    ),
    Row(
        "images[].name",
        Kind.SWAPPED,
        {"images[0].name": "other", "images[1].name": "guest"},
        what="of the same content",
        then=(Same("image", "guest"), Same("image", "other")),
    ),
    Row(
        "images[].file",
        C,
        {"images[1].file": image("copy.qcow2")},
        what="of the same content",
        then=(Same("image", "other"),),
        danger=True,
    ),
    Row(
        "images[].file",
        C,
        {"images[0].file": image("more.qcow2", MORE_BYTES)},
        what="of another content",
        says=("image guest is replaced, because its content has changed",),
        then=(Replaced("image", "guest"), Is("image", "guest", {"status": "active"})),
        danger=True,
    ),
    Row(
        "images[].file",
        C,
        {"images[0].file": image("most.qcow2", 2 * MORE_BYTES)},
        what="of another content, with replaceServers",
        says=("image guest is replaced", *(f"server {name} is replaced" for name in SERVERS)),
        then=(
            Replaced("image", "guest"),
            *(Is("server", name, {"status": "ACTIVE"}) for name in SERVERS),
        ),
        lost=SERVERS,
        before={"images[0].replaceServers": True},
    ),
    Row(
        "images[].url",
        G,
        BY_URL,
        then=(Same("image", "other"),),
        also=(("images[].file", T),),
    ),
    Row(
        "images[].url",
        C,
        {"images[1].url": "http://127.0.0.1:9/elsewhere.qcow2"},
        then=(Same("image", "other"),),
        before=BY_URL,
    ),
    Row(
        "images[].url",
        T,
        {"images[1].url": GONE, "images[1].file": ".lab/guest.qcow2"},
        then=(Same("image", "other"),),
        also=(("images[].file", G),),
        before=BY_URL,
    ),
    Row(
        "images[].sha256",
        G,
        {"images[0].sha256": digest},
        then=(Same("image", "guest"),),
    ),
    Row(
        "images[].sha256",
        C,
        {
            "images[1].file": image("more.qcow2", MORE_BYTES),
            "images[1].sha256": other_digest("more.qcow2"),
        },
        says=("image other is replaced, because its content has changed",),
        then=(Replaced("image", "other"),),
        before={"images[1].sha256": digest},
    ),
    Row(
        "images[].sha256",
        T,
        {"images[1].sha256": GONE},
        then=(Same("image", "other"),),
        before={"images[1].sha256": digest},
    ),
    Row(
        "images[].diskFormat",
        C,
        {"images[1].file": raw, "images[1].diskFormat": "raw"},
        says=("image other is replaced", "diskFormat qcow2 -> raw"),
        then=(Is("image", "other", {"disk_format": "raw", "status": "active"}),),
    ),
    Row(
        "images[].minDisk",
        C,
        {"images[1].minDisk": 2},
        says=("image other", "minDisk 1 -> 2"),
        then=(Is("image", "other", {"min_disk": 2, "status": "active"}),),
    ),
    Row(
        "images[].minRam",
        C,
        {"images[0].minRam": 64},
        says=("image guest", "minRam 128 -> 64"),
        then=(Is("image", "guest", {"min_ram": 64, "status": "active"}),),
    ),
    Row(
        "images[].replaceServers",
        G,
        {"images[0].replaceServers": True},
        then=(Same("image", "guest"),),
        danger=True,
    ),
    Row(
        "images[].replaceServers",
        T,
        {"images[0].replaceServers": GONE},
        then=(Same("image", "guest"),),
        before={"images[0].replaceServers": True},
    ),
)
