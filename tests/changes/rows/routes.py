"""Changes of the routes that a network's servers learn."""

from tests.changes.facts import Is, Same
from tests.changes.kinds import LIST, OPTIONAL
from tests.changes.row import Row
from tests.unit.configs import Change

_, C, _ = OPTIONAL
MORE, LESS, REORDERED = LIST

EAST: dict[str, object] = {"to": "10.20.0.0/16", "via": "10.160.0.2"}
WEST: dict[str, object] = {"to": "10.30.0.0/16", "via": "10.160.0.3"}
ONE: Change = {"networks[2].routes": [EAST]}
BOTH: Change = {"networks[2].routes": [EAST, WEST]}


def routes(*wanted: dict[str, object]) -> dict[str, object]:
    """Return the routes of a subnet, which Neutron lists in any order."""

    def same(found: list[dict[str, object]]) -> bool:
        pairs = sorted((route["destination"], route["nexthop"]) for route in found)
        return pairs == sorted((route["to"], route["via"]) for route in wanted)

    return {"host_routes": same}


TO: Change = {"networks[2].routes[0].to": "10.21.0.0/16"}
VIA: Change = {"networks[2].routes[0].via": "10.160.0.4"}
TURNED: Change = {"networks[2].routes": [WEST, EAST]}

ROWS: tuple[Row, ...] = tuple(
    Row(
        f"networks[].routes{key}",
        kind,
        change,
        says=says,
        then=(Same("subnet", "spare"), Is("subnet", "spare", routes(*then))),
        before=before,
    )
    for key, kind, before, change, says, then in (
        (
            "",
            MORE,
            ONE,
            BOTH,
            ("network spare: + route to 10.30.0.0/16 via 10.160.0.3",),
            (EAST, WEST),
        ),
        (
            "",
            LESS,
            BOTH,
            ONE,
            ("network spare: route to 10.30.0.0/16 via 10.160.0.3 is deleted",),
            (EAST,),
        ),
        ("", REORDERED, BOTH, TURNED, (), (EAST, WEST)),
        (
            "[].to",
            C,
            ONE,
            TO,
            (
                "network spare: + route to 10.21.0.0/16 via 10.160.0.2",
                "network spare: route to 10.20.0.0/16 via 10.160.0.2 is deleted",
            ),
            (EAST | {"to": "10.21.0.0/16"},),
        ),
        (
            "[].via",
            C,
            ONE,
            VIA,
            (
                "network spare: route to 10.20.0.0/16 is replaced, because via 10.160.0.2 ->"
                " 10.160.0.4",
            ),
            (EAST | {"via": "10.160.0.4"},),
        ),
    )
)
