"""Changes of what a change may delete: by themselves these words do nothing."""

from tests.changes.kinds import LIST, OPTIONAL
from tests.changes.row import Row
from tests.unit.configs import Change

G, _, T = OPTIONAL
MORE, LESS, REORDERED = LIST


def allowed(**words: object) -> Change:
    """Return what allows deletions."""
    return {"allowDeletion": words}


ROWS: tuple[Row, ...] = (
    Row(
        "allowDeletion.controller",
        G,
        allowed(controller=True, networks=["front"], images=["guest"]),
        also=(
            ("allowDeletion.networks", MORE),
            ("allowDeletion.images", MORE),
        ),
    ),
    Row(
        "allowDeletion.networks",
        REORDERED,
        allowed(
            networks=["data", "front"],
            images=["other", "guest"],
        ),
        also=(("allowDeletion.images", REORDERED),),
        before=allowed(
            networks=["front", "data"],
            images=["guest", "other"],
        ),
    ),
    Row(
        "allowDeletion.controller",
        T,
        {"allowDeletion": {}},
        also=(
            ("allowDeletion.networks", LESS),
            ("allowDeletion.images", LESS),
        ),
        before=allowed(controller=True, networks=["front"], images=["guest"]),
    ),
)
