"""The table of changes: a row for each key and each kind of change of it."""

from tests.changes.row import Row
from tests.changes.rows import (
    backup,
    deletion,
    flavors,
    groups,
    images,
    ipv6,
    network_properties,
    networks,
    nics,
    node_openings,
    nodes,
    openings,
    own_networks,
    placing,
    projects,
    routers,
    routes,
    rules,
    servers,
    sizes,
    snapshots,
    tenants,
    tunnels,
)

TABLE: tuple[Row, ...] = (
    *nodes.ROWS,
    *node_openings.ROWS,
    *backup.ROWS,
    *sizes.ROWS,
    *tunnels.ROWS,
    *tenants.ROWS,
    *rules.ROWS,
    *deletion.ROWS,
    *projects.ROWS,
    *images.ROWS,
    *flavors.ROWS,
    *networks.ROWS,
    *own_networks.ROWS,
    *network_properties.ROWS,
    *ipv6.ROWS,
    *routes.ROWS,
    *routers.ROWS,
    *servers.ROWS,
    *placing.ROWS,
    *nics.ROWS,
    *groups.ROWS,
    *openings.ROWS,
    *snapshots.ROWS,
)

EXEMPT: dict[tuple[str, str], str] = {**snapshots.EXEMPT}
"""Key and kind that have no row, and why."""
