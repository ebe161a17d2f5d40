"""Changes of snapshots, and of servers that go back to them or start from them.

A snapshot and what uses it take two changes, so `before` can't have both.
"""

from typing import Any

from tests.changes.base import base
from tests.changes.facts import Gone, Is, Ref, Same
from tests.changes.kinds import LIST, OPTIONAL, Kind
from tests.changes.row import Row
from tests.changes.rows.servers import REPLACED, there
from tests.unit.configs import GONE, Change

G, C, T = OPTIONAL
MORE, LESS, REORDERED = LIST

BEFORE: dict[str, object] = {"name": "before", "server": "web2"}
DATA: dict[str, object] = {"name": "data", "server": "db1"}
ONE: Change = {"snapshots": [BEFORE]}
TWO: Change = {"snapshots": [BEFORE, DATA]}
TAKEN = "project web: + snapshot before of server web2"
IN_THE_STATE = "its snapshot is of an earlier change: tests/engine/test_snapshots.py previews it"

EXEMPT: dict[tuple[str, str], str] = {
    ("servers[].restore", C): IN_THE_STATE,
    ("servers[].restore", T): IN_THE_STATE,
    ("servers[].fromSnapshot", C): IN_THE_STATE,
    ("servers[].fromSnapshot", T): IN_THE_STATE,
    ("servers[].image", G): IN_THE_STATE,
}


def snapshot(name: str, server: str, project: str = "web") -> Is:
    """Say that there is a snapshot of a server, which belongs to its project."""
    values: dict[str, Any] = {"status": "active", "iaas_server": server, "iaas_declared": "true"}
    values |= {"owner": Ref("project", project), "visibility": "private"}
    return Is("image", name, values)


def web3(_: object) -> dict[str, object]:
    """Return a server like web2, from a snapshot."""
    like = {key: value for key, value in base()["servers"][2].items() if key != "image"}
    return {**like, "name": "web3", "address": "10.101.0.13", "fromSnapshot": "before"}


ROWS: tuple[Row, ...] = (
    Row(
        "snapshots",
        MORE,
        {"snapshots": [BEFORE]},
        says=(TAKEN,),
        then=(snapshot("before", "web2"), Same("server", "web2")),
    ),
    Row(
        "snapshots",
        MORE,
        {"snapshots": [BEFORE], "servers[2].image": "other"},
        what="of a server that is replaced then",
        says=(TAKEN, f"{REPLACED}, because image guest -> other"),
        then=(snapshot("before", "web2"), there("web2", **{"image.id": Ref("image", "other")})),
        lost=("web2",),
        apart=True,
    ),
    Row(
        "snapshots",
        LESS,
        {"snapshots[1]": GONE},
        says=("project db: snapshot data of server db1 is deleted",),
        then=(Gone("image", "data"), Same("image", "before")),
        before=TWO,
    ),
    Row("snapshots", REORDERED, {"snapshots": [DATA, BEFORE]}, before=TWO),
    Row(
        "snapshots[].name",
        Kind.RENAMED,
        {"snapshots[0].name": "after"},
        says=(
            "project web: + snapshot after of server web2",
            "project web: snapshot before of server web2 is deleted",
        ),
        then=(snapshot("after", "web2"), Gone("image", "before"), Same("image", "data")),
        before=TWO,
    ),
    Row(
        "snapshots[].name",
        Kind.SWAPPED,
        {"snapshots[0].name": "data", "snapshots[1].name": "before"},
        refused="snapshots[before].server: web2 -> db1",
        before=TWO,
    ),
    Row(
        "snapshots[].server",
        C,
        {"snapshots[0].server": "web1"},
        refused="snapshots[before].server: web2 -> web1",
        before=TWO,
    ),
    Row(
        "servers",
        LESS,
        {"servers[2]": GONE},
        what="whose snapshot stays",
        says=("server web2 is deleted, its disk is lost",),
        then=(Gone("server", "web2"), Same("image", "before")),
        lost=("web2",),
        before=TWO,
    ),
    Row(
        "servers",
        MORE,
        {"servers[3]": web3},
        what="from a snapshot",
        says=("project web: + server web3 (tiny, 10.101.0.13, VLAN 101)",),
        then=(there("web3", **{"image.id": Ref("image", "before")}),),
        before=TWO,
    ),
    Row(
        "servers[].restore",
        G,
        {"servers[2].restore": "before"},
        says=("project web: server web2 is restored, everything written on it since snapshot",),
        then=(Same("server", "web2"), there("web2", **{"image.id": Ref("image", "before")})),
        restored=("web2",),
        before=TWO,
    ),
    Row(
        "servers[].fromSnapshot",
        G,
        {"servers[2].image": GONE, "servers[2].fromSnapshot": "before"},
        says=(f"{REPLACED}, because image guest -> snapshot before",),
        then=(there("web2", **{"image.id": Ref("image", "before")}),),
        lost=("web2",),
        also=(("servers[].image", T),),
        before=TWO,
    ),
)
