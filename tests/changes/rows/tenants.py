"""Changes of projects, images and flavors."""

from tests.changes.base import (
    BARE,
    digest,
    image,
    other_digest,
    raw,
    reordered,
)
from tests.changes.facts import Access, Gone, Is, Quota, Replaced, Same
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

PROJECTS: tuple[Row, ...] = (
    Row(
        "projects",
        MORE,
        {"projects[3]": {"name": "late", "quota": {"instances": 1, "cores": 2, "ram": 512}}},
        says=("project late: + new",),
        then=(
            Is("project", "late", {"enabled": True}),
            Is("user", "late"),
            Quota("late", 1, 2, 512),
        ),
    ),
    Row(
        "projects",
        LESS,
        {"projects[2]": GONE},
        says=("project app is deleted",),
        then=(Gone("project", "app"), Gone("user", "app")),
    ),
    Row("projects", REORDERED, {"projects": reordered("projects")}),
    Row(
        "projects[].name",
        Kind.RENAMED,
        {
            **{"projects[0].name": "site", "flavors[2].projects[0]": "site"},
            **{"servers[0].project": "site", "servers[2].project": "site"},
        },
        says=("project site: ", "name web -> site"),
        then=(
            Gone("project", "web"),
            Same("project", "site", was="web"),
            Is("server", "web1", {"status": "ACTIVE"}),
        ),
        danger=True,
        apart=True,
    ),
    Row(
        "projects[].name",
        Kind.SWAPPED,
        {"projects[0].name": "db", "projects[1].name": "web"},
        says=("project web: ", "quota instances 4 -> 2", "project db: ", "quota instances 2 -> 4"),
        then=(
            Same("project", "web"),
            Quota("web", 2, 4, 2048),
            Quota("db", 4, 4, 2048),
            Is("project", "web", {"description": "What keeps the data"}),
        ),
        apart=True,
    ),
    Row(
        "projects[].description",
        C,
        {"projects[2].description": "What is here"},
        says=("project app: ", "description What is to come -> What is here"),
        then=(Same("project", "app"), Is("project", "app", {"description": "What is here"})),
    ),
    Row(
        "projects[].quota",
        G,
        {"projects[2].quota": {"instances": 3, "cores": 2, "ram": 1024}},
        says=("project app: quota",),
        then=(Quota("app", 3, 2, 1024),),
        before=BARE,
    ),
    Row(
        "projects[].quota",
        T,
        {"projects[0].quota": GONE},
        says=("project web: quota",),
        then=(Quota("web"),),
        danger=True,
    ),
    Row(
        "projects[].quota.instances",
        C,
        {"projects[2].quota.instances": 1},
        says=("project app: ", "quota instances 2 -> 1"),
        then=(Quota("app", 1, 2, 1024),),
    ),
    Row(
        "projects[].quota.cores",
        C,
        {"projects[1].quota.cores": 3},
        says=("project db: ", "quota cores 4 -> 3"),
        then=(Quota("db", 2, 3, 2048),),
    ),
    Row(
        "projects[].quota.ram",
        C,
        {"projects[0].quota.ram": 4096},
        says=("project web: ", "quota ram 2048 -> 4096"),
        then=(Quota("web", 4, 4, 4096),),
    ),
)

IMAGES: tuple[Row, ...] = (
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

FLAVORS: tuple[Row, ...] = (
    Row(
        "flavors",
        MORE,
        {"flavors[3]": {"name": "late", "vcpus": 2, "ram": 512, "disk": 2}},
        says=("flavor late: + new (2 vCPU, 512 MiB, 2 GiB)",),
        then=(Is("flavor", "late", {"vcpus": 2, "ram": 512, "disk": 2}),),
    ),
    Row(
        "flavors",
        LESS,
        {"flavors[2]": GONE},
        says=("flavor own is deleted",),
        then=(Gone("flavor", "own"),),
    ),
    Row("flavors", REORDERED, {"flavors": reordered("flavors")}),
    Row(
        "flavors[].name",
        Kind.RENAMED,
        {"flavors[0].name": "mini", "servers[0].flavor": "mini", "servers[2].flavor": "mini"},
        says=("flavor mini",),
        then=(Is("flavor", "mini", {"ram": 256}), Gone("flavor", "tiny")),
        danger=True,
        apart=True,
    ),
    Row(
        "flavors[].name",
        Kind.SWAPPED,
        {"flavors[0].name": "small", "flavors[1].name": "tiny"},
        says=(
            *("flavor tiny is replaced", "flavor small is replaced"),
            *(f"server {name} is resized" for name in SERVERS),
        ),
        then=(
            Is("server", "web1", {"flavor.ram": 384, "status": "ACTIVE"}),
            Is("server", "db1", {"flavor.ram": 256, "status": "ACTIVE"}),
        ),
        down=SERVERS,
    ),
    Row(
        "flavors[].vcpus",
        C,
        {"flavors[2].vcpus": 2},
        says=("flavor own is replaced, because vcpus 1 -> 2",),
        then=(Is("flavor", "own", {"vcpus": 2}), Access("own", ("web", "db"))),
    ),
    Row(
        "flavors[].ram",
        C,
        {"flavors[0].ram": 320},
        says=(
            "flavor tiny is replaced, because ram 256 -> 320",
            *("server web1 is resized", "server web2 is resized"),
        ),
        then=tuple(
            Is("server", name, {"flavor.ram": 320, "status": "ACTIVE"}) for name in ("web1", "web2")
        ),
        down=("web1", "web2"),
        danger=True,
    ),
    Row(
        "flavors[].disk",
        C,
        {"flavors[2].disk": 2},
        what="larger",
        says=("flavor own is replaced, because disk 1 -> 2",),
        then=(Is("flavor", "own", {"disk": 2}), Access("own", ("web", "db"))),
    ),
    Row(
        "flavors[].disk",
        C,
        {"flavors[1].disk": 1},
        what="smaller, in use",
        refused="disk",
        before={"flavors[1].disk": 2},
        unseen="there is no way back from a larger disk",
    ),
    Row(
        "flavors[].public",
        G,
        {"flavors[0].public": False, "flavors[0].projects": ["web", "db"]},
        says=("flavor tiny",),
        then=(
            Is("flavor", "tiny", {"os-flavor-access:is_public": False}),
            Access("tiny", ("web", "db")),
        ),
    ),
    Row(
        "flavors[].public",
        T,
        {"flavors[2].public": GONE, "flavors[2].projects": GONE},
        says=("flavor own",),
        then=(Is("flavor", "own", {"os-flavor-access:is_public": True}),),
    ),
    Row(
        "flavors[].projects",
        MORE,
        {"flavors[2].projects[2]": "app"},
        says=("flavor own: + access of project app",),
        then=(Same("flavor", "own"), Access("own", ("web", "db", "app"))),
    ),
    Row(
        "flavors[].projects",
        LESS,
        {"flavors[2].projects": ["db"]},
        says=("flavor own: access of project web is deleted",),
        then=(Same("flavor", "own"), Access("own", ("db",))),
    ),
    Row(
        "flavors[].projects",
        REORDERED,
        {"flavors[2].projects": ["db", "web"]},
        then=(Same("flavor", "own"),),
    ),
)

ROWS = (*PROJECTS, *IMAGES, *FLAVORS)
