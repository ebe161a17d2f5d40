"""Changes of projects."""

from tests.changes.base import BARE, reordered
from tests.changes.facts import Gone, Is, Quota, Same
from tests.changes.kinds import LIST, OPTIONAL, Kind
from tests.changes.row import Row
from tests.unit.configs import GONE

G, C, T = OPTIONAL
MORE, LESS, REORDERED = LIST

ROWS: tuple[Row, ...] = (
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
