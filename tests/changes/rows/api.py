"""Changes of who reaches the APIs."""

from tests.changes.facts import On
from tests.changes.kinds import LIST
from tests.changes.row import Row
from tests.unit.configs import Change

MORE, LESS, REORDERED = LIST
RULES = "nft list table inet iaas"
LAB, OTHER = "192.168.100.0/24", "10.7.0.0/16"
OPEN: Change = {"api": {"allowFrom": [LAB, OTHER]}}
PORTS = "tcp dport { 5000, 6080, 8774, 8778, 9292, 9696 } accept"
"""Where they are open to all, ssh's port is in the same set."""


ROWS: tuple[Row, ...] = (
    Row(
        "api.allowFrom",
        MORE,
        OPEN,
        says=(f"API_NETWORKS + {OTHER} + {LAB}",),
        then=(
            On("controller", RULES, f"ip saddr {LAB} {PORTS}"),
            On("controller", RULES, f"ip saddr {OTHER} {PORTS}"),
            On("controller", RULES, "tcp dport 22 accept"),
            On("compute", RULES, "8774", absent=True),
        ),
    ),
    Row(
        "api.allowFrom",
        LESS,
        {"api.allowFrom": [LAB]},
        says=(f"API_NETWORKS - {OTHER}",),
        then=(
            On("controller", RULES, f"ip saddr {LAB} {PORTS}"),
            On("controller", RULES, OTHER, absent=True),
        ),
        before=OPEN,
    ),
    Row("api.allowFrom", REORDERED, {"api.allowFrom": [OTHER, LAB]}, before=OPEN),
)
