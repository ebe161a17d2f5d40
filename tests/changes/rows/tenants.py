"""Changes of tenants' files and of their stacks."""

from tests.changes.base import text_file
from tests.changes.facts import Gone, Is, Quota
from tests.changes.kinds import OPTIONAL
from tests.changes.row import Row
from tests.unit.configs import GONE, Change

G, C, T = OPTIONAL

LATE = "project: {quota: {instances: 1, cores: 1, ram: 256}}\n"
TENANTS: Change = {"tenants": text_file("tenants/guests.yaml", LATE)}

ROWS: tuple[Row, ...] = (
    Row(
        "tenants",
        G,
        TENANTS,
        says=("project guests: + new",),
        then=(Is("project", "guests"), Quota("guests", 1, 1, 256)),
    ),
    Row("tenants", C, {"tenants": text_file("others/guests.yaml", LATE)}, before=TENANTS),
    Row(
        "tenants",
        T,
        {"tenants": GONE},
        says=("project guests is deleted",),
        then=(Gone("project", "guests"), Gone("user", "guests")),
        before=TENANTS,
    ),
    Row(
        "tenantStacks",
        G,
        {"tenantStacks": True},
        refused="tenantStacks",
    ),
    Row(
        "tenantStacks",
        T,
        {"tenantStacks": GONE},
        before={"tenantStacks": True, "servers": []},
        unseen="a cloud with servers has no way to it",
    ),
)
