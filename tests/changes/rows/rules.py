"""Changes of a team's rules."""

from tests.changes.base import digest
from tests.changes.kinds import LIST, OPTIONAL
from tests.changes.row import Row
from tests.unit.configs import GONE, Change

G, C, T = OPTIONAL
MORE, LESS, REORDERED = LIST


def rules(**words: object) -> Change:
    """Return a team's rules."""
    return {"rules": words}


LIMITS = {"vcpus": 4, "ram": 4096, "disk": 8}
LIMIT = "rules.maxPublicFlavor"
FEW_OPEN: Change = {f"servers[{i}].ingress[0].cidr": "10.0.0.0/8" for i in range(3)}
SUMS: Change = {f"images[{i}].sha256": digest for i in range(2)}
RULES = rules(
    openPorts=[22, 80],
    maxPublicFlavor=LIMITS,
    protectedNetworks=["front", "data"],
)
STRICT = FEW_OPEN | SUMS | rules(openIcmp=False, imageChecksums=True, projectQuota=True)

ROWS: tuple[Row, ...] = (
    Row(
        "rules.openPorts",
        G,
        rules(openPorts=[22], maxPublicFlavor=LIMITS, projectQuota=True),
        also=(
            *((f"{LIMIT}.vcpus", G), (f"{LIMIT}.ram", G), (f"{LIMIT}.disk", G)),
            ("rules.projectQuota", G),
        ),
    ),
    Row(
        "rules.openPorts",
        G,
        rules(openPorts=[80]),
        what="without a port in use",
        refused="opens tcp 22 to everywhere",
    ),
    Row(
        "rules.openPorts",
        T,
        {"rules.openPorts": GONE, LIMIT: {}},
        also=(*((f"{LIMIT}.vcpus", T), (f"{LIMIT}.ram", T), (f"{LIMIT}.disk", T)),),
        before=RULES,
    ),
    Row("rules.openPorts", MORE, {"rules.openPorts[2]": 443}, before=RULES),
    Row(
        "rules.openPorts",
        LESS,
        {"rules.openPorts": [80]},
        refused="opens tcp 22 to everywhere",
        before=RULES,
    ),
    Row("rules.openPorts", REORDERED, {"rules.openPorts": [80, 22]}, before=RULES),
    Row("rules.openIcmp", G, rules(openIcmp=False), refused="opens icmp to everywhere"),
    Row("rules.openIcmp", T, {"rules.openIcmp": True}, before=STRICT),
    Row(f"{LIMIT}.vcpus", C, {f"{LIMIT}.vcpus": 2}, before=RULES),
    Row(
        f"{LIMIT}.ram",
        C,
        {f"{LIMIT}.ram": 256},
        refused="is above rules.maxPublicFlavor.ram",
        before=RULES,
    ),
    Row(
        f"{LIMIT}.disk",
        C,
        {f"{LIMIT}.disk": 0},
        refused="is above rules.maxPublicFlavor.disk",
        before=RULES,
    ),
    Row("rules.imageChecksums", G, rules(imageChecksums=True), refused="rules.imageChecksums asks"),
    Row(
        "rules.imageChecksums",
        T,
        {"rules.imageChecksums": False, "rules.projectQuota": False},
        also=(("rules.projectQuota", T),),
        before=STRICT,
    ),
    Row(
        "rules.protectedNetworks",
        MORE,
        rules(protectedNetworks=["front"]),
        says=("network front: ", "protection none -> true"),
    ),
    Row(
        "rules.protectedNetworks",
        LESS,
        {"rules.protectedNetworks": ["front"]},
        says=("network data: ", "protection true -> none"),
        before=RULES,
    ),
    Row(
        "rules.protectedNetworks",
        REORDERED,
        {"rules.protectedNetworks": ["data", "front"]},
        before=RULES,
    ),
)
