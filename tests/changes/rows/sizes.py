"""Changes of the sizes of the controller's services."""

from tests.changes.facts import On
from tests.changes.kinds import OPTIONAL
from tests.changes.row import Row
from tests.unit.configs import GONE, Change

G, C, T = OPTIONAL
KEYSTONE = "grep '^processes = ' /etc/keystone/keystone-uwsgi.ini"
GLANCE = "crudini --get /etc/glance/glance-api.conf DEFAULT workers"
CACHE = "tr '\\0' ' ' <\"/proc/$(pgrep -o memcached)/cmdline\""
LARGE: Change = {"sizes": {"cores": 4, "memory": 8, "exactly": {"glance": 2}}}


ROWS: tuple[Row, ...] = (
    Row(
        "sizes.cores",
        G,
        LARGE,
        says=("SIZES + cores=4 + glance=2 + memory=8",),
        then=(
            On("controller", KEYSTONE, "processes = 4"),
            On("controller", GLANCE, "2"),
            On("controller", CACHE, "-m 128"),
        ),
        also=(("sizes.memory", G), ("sizes.exactly", G)),
    ),
    Row(
        "sizes.cores",
        C,
        {"sizes": {"cores": 3, "memory": 6, "exactly": {"glance": 3}}},
        says=("SIZES - cores=4 - glance=2 - memory=8 + cores=3 + glance=3 + memory=6",),
        then=(
            On("controller", KEYSTONE, "processes = 3"),
            On("controller", GLANCE, "3"),
        ),
        also=(("sizes.memory", C), ("sizes.exactly", C)),
        before=LARGE,
    ),
    Row(
        "sizes.cores",
        T,
        {"sizes": GONE},
        says=("SIZES - cores=4 - glance=2 - memory=8",),
        then=(On("controller", KEYSTONE, "processes = 2"), On("controller", GLANCE, "1")),
        also=(("sizes.memory", T), ("sizes.exactly", T)),
        before=LARGE,
    ),
)
