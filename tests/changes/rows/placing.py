"""Changes of server groups, and of a server's group, compute, drive and labels."""

from tests.changes.facts import Gone, Grouped, Is, Ref, Replaced, Same
from tests.changes.kinds import LIST, OPTIONAL, Kind
from tests.changes.row import Row
from tests.changes.rows.servers import REPLACED, another
from tests.unit.configs import GONE, Change

G, C, T = OPTIONAL
MORE, LESS, REORDERED = LIST
GROUPS: list[dict[str, object]] = [
    {"name": "pair", "project": "web", "policy": "anti-affinity"},
    {"name": "near", "project": "web", "policy": "soft-affinity"},
    {"name": "spread", "project": "db", "policy": "anti-affinity", "maxPerHost": 2},
]
GROUPED: Change = {"serverGroups": GROUPS, "servers[2].serverGroup": "pair"}
"""web2 is in pair; near and spread have no server."""
HOST = "OS-EXT-SRV-ATTR:host"
PLACED: Change = {
    "servers[3]": another("web3", address="10.101.0.13", ingress=[], host="compute2"),
}
KEPT: Change = {"images[0].replaceServers": False}
"""So that no row beside replaces web3 with its image."""
LABELS: Change = {
    "servers[2].metadata": {"role": "web", "tier": "1"},
    "servers[2].tags": ["blue", "http"],
}
DRIVE: Change = {"servers[2].configDrive": True}
PAIR = "server group pair"

ROWS: tuple[Row, ...] = (
    Row(
        "serverGroups",
        MORE,
        {
            "serverGroups[3]": {"name": "late", "project": "db", "policy": "affinity"},
            "servers[3]": another("web3", address="10.101.0.13", ingress=[], serverGroup="pair"),
        },
        says=(
            "server group late: + new (of project db, affinity)",
            "project web: + server web3 (tiny, 10.101.0.13, VLAN 101, in server group pair)",
        ),
        then=(Grouped("late", "affinity"), Grouped("pair", "anti-affinity", ("web2", "web3"))),
        before=GROUPED,
    ),
    Row(
        "serverGroups",
        LESS,
        {"serverGroups[2]": GONE},
        says=("server group spread is deleted (of project db, anti-affinity, at most 2",),
        then=(Gone("server group", "spread"),),
        before=GROUPED,
    ),
    Row(
        "serverGroups",
        LESS,
        {"serverGroups[0]": GONE, "servers[2].serverGroup": GONE},
        what="that a server is in",
        says=(f"{PAIR} is deleted", f"{REPLACED}, because server group pair -> none"),
        then=(Gone("server group", "pair"), Replaced("server", "web2")),
        lost=("web2",),
        also=(("servers[].serverGroup", T),),
        before=GROUPED,
    ),
    Row("serverGroups", REORDERED, {"serverGroups": GROUPS[::-1]}, before=GROUPED),
    Row(
        "serverGroups[].name",
        Kind.RENAMED,
        {"serverGroups[0].name": "apart", "servers[2].serverGroup": "apart"},
        says=("server web2: server group pair -> apart",),
        unsaid=("deleted", "lost"),
        then=(
            Grouped("pair", "anti-affinity", ("web2",)),
            Gone("server group", "apart"),
            Same("server", "web2"),
            Same("server group", "pair"),
        ),
        before=GROUPED,
    ),
    Row(
        "serverGroups[].name",
        Kind.SWAPPED,
        {"serverGroups[0].name": "near", "serverGroups[1].name": "pair"},
        refused="anti-affinity -> soft-affinity, but Nova changes no group, and web2",
        before=GROUPED,
    ),
    Row(
        "serverGroups[].project",
        Kind.MOVED,
        {"serverGroups[1].project": "db"},
        says=("server group near is replaced, because its project has changed",),
        then=(
            Replaced("server group", "near"),
            Is("server group", "near", {"project_id": Ref("project", "db")}),
        ),
        before=GROUPED,
    ),
    Row(
        "serverGroups[].policy",
        C,
        {"serverGroups[0].policy": "soft-anti-affinity"},
        refused="anti-affinity -> soft-anti-affinity, but Nova changes no group, and web2 would",
        before=GROUPED,
    ),
    Row(
        "serverGroups[].policy",
        C,
        {"serverGroups[1].policy": "affinity"},
        what="of a group without servers",
        says=("server group near is replaced, because policy soft-affinity -> affinity",),
        then=(Grouped("near", "affinity"), Replaced("server group", "near")),
        before=GROUPED,
    ),
    Row(
        "serverGroups[].maxPerHost",
        C,
        {"serverGroups[2].maxPerHost": 3},
        says=("server group spread is replaced, because maxPerHost 2 -> 3",),
        then=(Is("server group", "spread", {"rules": {"max_server_per_host": 3}}),),
        before=GROUPED,
    ),
    Row(
        "servers[].serverGroup",
        G,
        {"servers[0].serverGroup": "near"},
        says=(
            "project web: server web1 is replaced, its disk is lost, because server group none ->"
            " near",
        ),
        then=(Grouped("near", "soft-affinity", ("web1",)),),
        lost=("web1",),
        before=GROUPED,
    ),
    Row(
        "servers[].serverGroup",
        C,
        {"servers[2].serverGroup": "near"},
        says=(f"{REPLACED}, because server group pair -> near",),
        then=(Grouped("near", "soft-affinity", ("web2",)), Grouped("pair", "anti-affinity")),
        lost=("web2",),
        before=GROUPED,
        apart=True,
    ),
    Row(
        "servers[].host",
        G,
        PLACED,
        what="of a new server",
        says=(
            "project web: + server web3 (tiny, 10.101.0.13, VLAN 101, on compute2)",
            "project web: + role placer",
        ),
        then=(Is("server", "web3", {"status": "ACTIVE", HOST: "compute2"}),),
    ),
    Row(
        "servers[].host",
        G,
        {"servers[2].host": "compute2"},
        refused="compute2, but the server is there already, and `host` moves none",
    ),
    Row(
        "servers[].host",
        C,
        {"servers[3].host": "compute"},
        refused="compute, but the server is on compute2, and `host` moves none",
        before=PLACED | KEPT,
    ),
    Row(
        "servers[].host",
        T,
        {"servers[3].host": GONE},
        says=("project web: role placer is deleted", "controller: placer-role is deleted"),
        then=(
            Same("server", "web3"),
            Is("server", "web3", {"status": "ACTIVE", HOST: "compute2"}),
        ),
        before=PLACED | KEPT,
        back={"servers[3]": GONE},
    ),
    Row(
        "servers[].metadata",
        G,
        {"servers[0].metadata": {"role": "web"}},
        says=("server web1: metadata.role none -> web",),
        then=(Same("server", "web1"), Is("server", "web1", {"metadata": {"role": "web"}})),
    ),
    Row(
        "servers[].metadata",
        C,
        {"servers[2].metadata": {"role": "app", "owner": "ann"}},
        says=("server web2: metadata.owner none -> ann, metadata.role web -> app, metadata.tier",),
        then=(
            Same("server", "web2"),
            Is("server", "web2", {"metadata": {"role": "app", "owner": "ann"}}),
        ),
        before=LABELS,
    ),
    Row(
        "servers[].metadata",
        T,
        {"servers[2].metadata": GONE},
        says=("server web2: metadata",),
        then=(Same("server", "web2"), Is("server", "web2", {"metadata": {}})),
        before=LABELS,
    ),
    Row(
        "servers[].tags",
        MORE,
        {"servers[2].tags": ["blue", "http", "new"]},
        says=("server web2: tags blue, http -> blue, http, new",),
        then=(Same("server", "web2"), Is("server", "web2", {"tags": ("blue", "http", "new")})),
        before=LABELS,
    ),
    Row(
        "servers[].tags",
        LESS,
        {"servers[2].tags": []},
        says=("server web2: tags blue, http -> none",),
        then=(Same("server", "web2"), Is("server", "web2", {"tags": ()})),
        before=LABELS,
    ),
    Row("servers[].tags", REORDERED, {"servers[2].tags": ["http", "blue"]}, before=LABELS),
    Row(
        "servers[].configDrive",
        G,
        DRIVE,
        says=(f"{REPLACED}, because config drive none -> true",),
        then=(Replaced("server", "web2"), Is("server", "web2", {"config_drive": "True"})),
        lost=("web2",),
    ),
    Row(
        "servers[].configDrive",
        G,
        {"servers[2].configDrive": False},
        what="as it is",
        then=(Same("server", "web2"), Is("server", "web2", {"config_drive": ""})),
    ),
    Row(
        "servers[].configDrive",
        C,
        {"servers[2].configDrive": False},
        says=(f"{REPLACED}, because config drive true -> none",),
        then=(Replaced("server", "web2"), Is("server", "web2", {"config_drive": ""})),
        lost=("web2",),
        before=DRIVE,
    ),
    Row(
        "servers[].configDrive",
        T,
        {"servers[2].configDrive": GONE},
        then=(Same("server", "web2"), Is("server", "web2", {"config_drive": "True"})),
        before=DRIVE,
    ),
)
