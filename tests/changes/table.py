"""The table of changes: a row for each key and each kind of change of it."""

from tests.changes.row import Row
from tests.changes.rows import groups, networks, nodes, openings, servers, tenants

TABLE: tuple[Row, ...] = (
    *nodes.ROWS,
    *tenants.ROWS,
    *networks.ROWS,
    *servers.ROWS,
    *groups.ROWS,
    *openings.ROWS,
)

EXEMPT: dict[tuple[str, str], str] = {}
"""Key and kind that have no row, and why."""
