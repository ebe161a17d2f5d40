"""Changes of security groups, of a server's groups, and of whether its egress is limited."""

from tests.changes.facts import Gone, InGroups, Is, Lets, Passes, Ref, Replaced, Same
from tests.changes.kinds import LIST, OPTIONAL, Kind
from tests.changes.row import Row
from tests.changes.rows.openings import (
    ANSWERS,
    BEFORE,
    EVERYWHERE,
    FIRST,
    GROUP,
    GROUPS,
    NEEDED,
    OPEN,
    text,
)
from tests.unit.configs import GONE, Change

G, C, T = OPTIONAL
MORE, LESS, REORDERED = LIST
HTTPS = Passes("tcp", 443, 443, EVERYWHERE)
LIMITED: Change = {
    "servers[1].egress": [{"protocol": "tcp", "port": 443, "cidr": EVERYWHERE}],
}
INSIDE = Passes(None, None, None, None, "backends")
ALL = Passes(None, None, None, None)
WHOLE = f"security group {GROUP}"
TO_BACKENDS = ("ingress[3].from", "egress[3].to")
FROM_WEB2 = (f"ingress[{FIRST + 3}].from", "egress[3].to")
BEHIND: Change = {
    "securityGroups[1].name": "behind",
    "securityGroups[1].ingress[0].from.group": "behind",
}
RULES = (*(text(p, "from") for p in OPEN), *(text(p, "to") for p in OPEN))

ROWS: tuple[Row, ...] = (
    Row(
        "securityGroups",
        MORE,
        {
            "securityGroups[3]": {
                **{"name": "late", "project": "db"},
                "ingress": [{"protocol": "vrrp", "from": {"group": "late"}}],
            }
        },
        says=("security group late: + new (of project db, vrrp from group late",),
        then=(
            Is("group", "late", {"tenant_id": Ref("project", "db")}),
            Lets("late", "ingress", (Passes("vrrp", None, None, None, "late"),)),
            Lets("late", "egress", ()),
        ),
        before=BEFORE,
    ),
    Row(
        "securityGroups",
        LESS,
        {"securityGroups[2]": GONE},
        says=("security group spare is deleted (of project web)",),
        then=(Gone("group", "spare"),),
        before=BEFORE,
    ),
    Row(
        "securityGroups",
        LESS,
        {"securityGroups[0]": GONE, "servers[2].securityGroups": []},
        what="that a server has",
        says=(f"{WHOLE} is deleted", f"server web2: security groups {GROUP} -> none"),
        then=(Gone("group", GROUP), InGroups("web2"), Same("server", "web2")),
        also=(("servers[].securityGroups", LESS),),
        before=BEFORE,
        danger=True,
    ),
    Row("securityGroups", REORDERED, {"securityGroups": GROUPS[::-1]}, before=BEFORE),
    Row(
        "securityGroups[].name",
        Kind.RENAMED,
        {"securityGroups[0].name": "callers", "servers[2].securityGroups": ["callers"]},
        says=(
            f"security group callers: name {GROUP} -> callers",
            f"server web2: security groups {GROUP} -> callers",
        ),
        unsaid=("deleted", "udp 53"),
        then=(
            Gone("group", GROUP),
            Same("group", "callers", was=GROUP),
            Lets("callers", "ingress", OPEN),
            Lets("callers", "egress", OPEN),
            InGroups("web2", ("callers",)),
            *(Same(kind, "web2") for kind in ("server", "port")),
        ),
        before=BEFORE,
    ),
    Row(
        "securityGroups[].name",
        Kind.RENAMED,
        {
            **BEHIND,
            **{f"securityGroups[0].{key}": {"group": "behind"} for key in TO_BACKENDS},
            **{f"servers[2].{key}": {"group": "behind"} for key in FROM_WEB2},
        },
        what="of no server, and named by rules",
        says=(
            "security group behind: + new (of project web, any from group behind)",
            "security group backends is deleted (of project web, any from group backends)",
            *(
                text
                for owner in (WHOLE, "server web2")
                for word in ("from", "to")
                for text in (
                    f"{owner}: udp 53 {word} group backends is deleted",
                    f"{owner}: + udp 53 {word} group behind",
                )
            ),
        ),
        then=(Gone("group", "backends"), Same("group", GROUP), Same("server", "web2")),
        before=BEFORE,
    ),
    Row(
        "securityGroups[].name",
        Kind.RENAMED,
        {
            **BEHIND,
            **{f"securityGroups[0].{key}": {"group": "behind"} for key in TO_BACKENDS},
            **{f"servers[2].{key}": {"group": "behind"} for key in FROM_WEB2},
            "servers[2].securityGroups": [GROUP, "behind"],
        },
        what="named by rules",
        says=(
            "security group behind: name backends -> behind",
            f"server web2: security groups backends, {GROUP} -> behind, {GROUP}",
        ),
        unsaid=("udp 53", "any from"),
        then=(
            Same("group", "behind", was="backends"),
            Lets("behind", "ingress", (INSIDE._replace(group="behind"),)),
            InGroups("web2", (GROUP, "behind")),
        ),
        before=BEFORE | {"servers[2].securityGroups": [GROUP, "backends"]},
    ),
    Row(
        "securityGroups[].name",
        Kind.SWAPPED,
        {
            "securityGroups[0].name": "spare",
            "securityGroups[2].name": GROUP,
        },
        says=(
            *(f"{WHOLE}: {rule} is deleted" for rule in RULES),
            *(f"security group spare: + {rule}" for rule in RULES),
        ),
        then=(
            *(Same("group", name) for name in (GROUP, "spare")),
            Lets(GROUP, "ingress", ()),
            Lets("spare", "ingress", OPEN),
            Is("group", GROUP, {"description": "For later"}),
        ),
        before=BEFORE,
    ),
    Row(
        "securityGroups[].project",
        Kind.MOVED,
        {"securityGroups[2].project": "db"},
        says=("security group spare is replaced, because its project has changed",),
        then=(
            Replaced("group", "spare"),
            Is("group", "spare", {"tenant_id": Ref("project", "db")}),
        ),
        before=BEFORE,
    ),
    Row(
        "securityGroups[].description",
        C,
        {"securityGroups[2].description": "For now"},
        says=("security group spare: description For later -> For now",),
        then=(Same("group", "spare"), Is("group", "spare", {"description": "For now"})),
        before=BEFORE,
    ),
    Row(
        "servers[].securityGroups",
        MORE,
        {"servers[2].securityGroups": [GROUP, "backends"]},
        says=(f"server web2: security groups {GROUP} -> backends, {GROUP}",),
        then=(
            InGroups("web2", (GROUP, "backends")),
            Lets("backends", "ingress", (INSIDE,)),
            Same("server", "web2"),
        ),
        before=BEFORE,
    ),
    Row(
        "servers[].securityGroups",
        REORDERED,
        {"servers[2].securityGroups": ["backends", GROUP]},
        then=(InGroups("web2", (GROUP, "backends")),),
        before=BEFORE | {"servers[2].securityGroups": [GROUP, "backends"]},
    ),
    Row(
        "servers[].egress",
        G,
        LIMITED,
        says=(
            "server db1: may reach only what its egress says",
            *(f"server db1: + {text(p, 'to')}" for p in (*NEEDED, HTTPS)),
        ),
        then=(
            Lets("db1", "egress", (*NEEDED, HTTPS)),
            Lets("db1", "ingress", ANSWERS),
            InGroups("db1"),
            *(Same(kind, "db1") for kind in ("server", "port")),
        ),
        danger=True,
    ),
    Row(
        "servers[].egress",
        G,
        {"servers[1].egress": []},
        what="empty",
        says=("server db1: may reach only what its egress says",),
        then=(Lets("db1", "egress", NEEDED), Same("server", "db1")),
    ),
    Row(
        "servers[].egress",
        T,
        {"servers[1].egress": GONE},
        says=(
            "server db1: may reach everything",
            *(f"server db1: {text(p, 'to')} is deleted" for p in (*NEEDED, HTTPS)),
        ),
        then=(
            Lets("db1", "egress", (ALL,)),
            Lets("db1", "ingress", ANSWERS),
            *(Same(kind, "db1") for kind in ("server", "port")),
        ),
        before=LIMITED,
    ),
)
