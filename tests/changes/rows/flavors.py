"""Changes of flavors."""

from tests.changes.base import reordered
from tests.changes.facts import Access, Gone, Is, Same
from tests.changes.kinds import LIST, OPTIONAL, Kind
from tests.changes.row import SERVERS, Row
from tests.unit.configs import GONE

G, C, T = OPTIONAL
MORE, LESS, REORDERED = LIST

ROWS: tuple[Row, ...] = (
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
