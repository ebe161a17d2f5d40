"""The table of changes: a row for each key and each kind of change of it."""

from tests.changes.row import Row
from tests.changes.rows import networks, nodes, own_networks, routers, servers, tenants

TABLE: tuple[Row, ...] = (
    *nodes.ROWS,
    *tenants.ROWS,
    *networks.ROWS,
    *own_networks.ROWS,
    *routers.ROWS,
    *servers.ROWS,
)

EXEMPT: dict[tuple[str, str], str] = {}
"""Key and kind that have no row, and why."""
