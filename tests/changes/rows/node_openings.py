"""Changes of what nodes' firewalls let in besides."""

from tests.changes.facts import On
from tests.changes.kinds import LIST, Kind
from tests.changes.row import Row
from tests.unit.configs import GONE, Change

C = Kind.CHANGED
MORE, LESS, REORDERED = LIST
NODES = ("controller", "compute", "compute2")
RULES = "nft list table inet iaas"
WATCH: dict[str, object] = {"ports": [9100, "9200-9210"], "cidr": "10.7.0.0/24"}
STORE: dict[str, object] = {
    "protocol": "udp", "ports": [514], "cidr": "fd07::/64", "nodes": ["compute", "compute2"],
}  # fmt: skip
OPEN: Change = {"nodeOpenings": [WATCH, STORE]}
WATCHED = "ip saddr 10.7.0.0/24 tcp dport { 9100, 9200-9210 } accept"
STORED = "ip6 saddr fd07::/64 udp dport 514 accept"


ROWS: tuple[Row, ...] = (
    Row(
        "nodeOpenings",
        MORE,
        OPEN,
        says=("OPENINGS none -> tcp/9100,9200-9210/10.7.0.0_24",),
        then=(
            *(On(node, RULES, WATCHED) for node in NODES),
            On("compute", RULES, STORED),
            On("controller", RULES, STORED, absent=True),
        ),
    ),
    Row(
        "nodeOpenings",
        LESS,
        {"nodeOpenings[0]": GONE},
        says=("OPENINGS",),
        then=(On("compute", RULES, WATCHED, absent=True), On("compute", RULES, STORED)),
        before=OPEN,
    ),
    Row("nodeOpenings", REORDERED, {"nodeOpenings": [STORE, WATCH]}, before=OPEN),
    Row(
        "nodeOpenings[].protocol",
        C,
        {"nodeOpenings[0].protocol": "udp"},
        says=("OPENINGS",),
        then=(On("controller", RULES, WATCHED.replace("tcp", "udp")),),
        before=OPEN,
    ),
    Row(
        "nodeOpenings[].ports",
        MORE,
        {"nodeOpenings[0].ports": [9100, "9200-9210", 9300]},
        says=("OPENINGS",),
        then=(On("controller", RULES, "{ 9100, 9200-9210, 9300 }"),),
        before=OPEN,
    ),
    Row(
        "nodeOpenings[].ports",
        LESS,
        {"nodeOpenings[0].ports": [9100]},
        says=("OPENINGS",),
        then=(On("controller", RULES, "ip saddr 10.7.0.0/24 tcp dport 9100 accept"),),
        before=OPEN,
    ),
    Row(
        "nodeOpenings[].ports",
        REORDERED,
        {"nodeOpenings[0].ports": ["9200-9210", 9100]},
        before=OPEN,
    ),
    Row(
        "nodeOpenings[].cidr",
        C,
        {"nodeOpenings[0].cidr": "10.8.0.0/16"},
        says=("OPENINGS",),
        then=(On("controller", RULES, "ip saddr 10.8.0.0/16"),),
        before=OPEN,
    ),
    Row(
        "nodeOpenings[].nodes",
        MORE,
        {"nodeOpenings[1].nodes": ["compute", "compute2", "controller"]},
        says=("OPENINGS",),
        then=(On("controller", RULES, STORED),),
        before=OPEN,
    ),
    Row(
        "nodeOpenings[].nodes",
        LESS,
        {"nodeOpenings[1].nodes": ["compute"]},
        says=("OPENINGS",),
        then=(On("compute2", RULES, STORED, absent=True), On("compute", RULES, STORED)),
        before=OPEN,
    ),
    Row(
        "nodeOpenings[].nodes",
        REORDERED,
        {"nodeOpenings[1].nodes": ["compute2", "compute"]},
        before=OPEN,
    ),
)
