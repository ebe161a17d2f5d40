"""Changes of a server's NICs, and of what each may send."""

from tests.changes.facts import Gone, HasNics, InGroups, Is, Same
from tests.changes.kinds import LIST, OPTIONAL, Kind
from tests.changes.row import Row
from tests.changes.rows.rules import rules
from tests.unit.configs import GONE, Change

G, C, T = OPTIONAL
MORE, LESS, REORDERED = LIST

FRONT: dict[str, object] = {"network": "front", "address": "10.101.0.12"}
SPARE: dict[str, object] = {"network": "spare", "address": "10.160.0.12"}
BACK: dict[str, object] = {"network": "back", "address": "10.170.0.12"}
NETWORKS: Change = {
    # Two default routes would be another matter.
    "networks[2].gateway": GONE,
    "networks[3]": {
        **{"name": "back", "segment": 170, "cidr": "10.170.0.0/24", "project": "web"},
        "pool": {"start": "10.170.0.100", "end": "10.170.0.199"},
    },
    "securityGroups": [{"name": name, "project": "web"} for name in ("asks", "tells")],
}
FIRST, SECOND = "servers[2].networks[0]", "servers[2].networks[1]"
ONE: Change = {"servers[2].network": GONE, "servers[2].address": GONE}
SHORT: Change = {"servers[2].network": "front", "servers[2].address": "10.101.0.12"}
TWO: Change = {**NETWORKS, **ONE, "servers[2].networks": [FRONT, SPARE]}
"""web2 has a NIC on front, and one on spare."""
THREE: Change = {**TWO, "servers[2].networks": [FRONT, SPARE, BACK]}
PAIRS: Change = {**TWO, f"{SECOND}": SPARE | {"allowedAddresses": ["10.160.0.50", "10.9.0.0/24"]}}
GROUPS: Change = {**TWO, f"{SECOND}": SPARE | {"securityGroups": ["asks", "tells"]}}
ALLOWED: Change = {**TWO, **rules(nicsWithoutPortSecurity=True)}
OFF: Change = {**ALLOWED, f"{SECOND}": SPARE | {"portSecurity": False}}

ON_FRONT = {"front": "10.101.0.12"}
ON_SPARE = {"spare": "10.160.0.12"}
ON_BACK = {"back": "10.170.0.12"}
STAYS = (Same("server", "web2"), Same("port", "web2"))
PORT = "web2/spare"
SAYS = "server web2: NIC on spare"


def pairs(*texts: str) -> Is:
    """Say which other addresses the NIC on spare may use."""
    return Is(
        "port",
        PORT,
        {"allowed_address_pairs": lambda found: {p["ip_address"] for p in found} == {*texts}},
    )


ROWS: tuple[Row, ...] = (
    Row(
        "servers[].networks",
        MORE,
        {**ONE, "servers[2].networks": [FRONT, SPARE]},
        says=("server web2: + NIC on spare (10.160.0.12)",),
        then=(HasNics("web2", ON_FRONT | ON_SPARE), *STAYS, InGroups("web2", network="spare")),
        before=NETWORKS,
        also=(("servers[].network", T), ("servers[].address", T)),
    ),
    Row(
        "servers[].networks",
        MORE,
        {"servers[2].networks[2]": BACK},
        what="a third one",
        says=("server web2: + NIC on back (10.170.0.12)",),
        then=(HasNics("web2", ON_FRONT | ON_SPARE | ON_BACK), *STAYS, Same("port", PORT)),
        before=TWO,
    ),
    Row(
        "servers[].networks",
        LESS,
        {"servers[2].networks": [FRONT, BACK]},
        says=(f"{SAYS} (10.160.0.12) is deleted",),
        then=(
            HasNics("web2", ON_FRONT | ON_BACK),
            *(*STAYS, Same("port", "web2/back"), Gone("port", PORT)),
        ),
        before=THREE,
    ),
    Row(
        "servers[].networks",
        LESS,
        {**SHORT, "servers[2].networks": GONE},
        what="to the short form",
        says=(f"{SAYS} (10.160.0.12) is deleted",),
        then=(HasNics("web2", ON_FRONT), *STAYS, Gone("port", PORT)),
        also=(("servers[].network", G),),
        before=TWO,
    ),
    Row(
        "servers[].networks",
        REORDERED,
        {"servers[2].networks": [FRONT, BACK, SPARE]},
        then=(HasNics("web2", ON_FRONT | ON_SPARE | ON_BACK), *STAYS),
        before=THREE,
    ),
    Row(
        "servers[].networks",
        REORDERED,
        {"servers[2].networks": [SPARE, FRONT]},
        what="with their addresses, the first one too",
        refused="still belongs to another NIC of this server",
        before=TWO,
    ),
    Row(
        "servers[].network",
        T,
        {**ONE, "servers[2].networks": [FRONT]},
        what="for the list of one",
        then=(HasNics("web2", ON_FRONT), *STAYS),
    ),
    Row(
        "servers[].networks[].network",
        C,
        {SECOND: BACK},
        says=("server web2: + NIC on back (10.170.0.12)", f"{SAYS} (10.160.0.12) is deleted"),
        then=(HasNics("web2", ON_FRONT | ON_BACK), *STAYS, Gone("port", PORT)),
        before=TWO,
    ),
    Row(
        "servers[].networks[].network",
        C,
        {FIRST: BACK},
        what="the first one's",
        says=("server web2 is replaced, its disk is lost, because network front -> back",),
        then=(HasNics("web2", ON_BACK | ON_SPARE), Same("port", PORT)),
        lost=("web2",),
        before=TWO,
        unseen="the lab asks a server by its first NIC, whose VLAN would be another one",
    ),
    Row(
        "servers[].networks[].address",
        G,
        {f"{SECOND}.address": "10.160.0.12"},
        says=(f"{SAYS} address none -> 10.160.0.12",),
        then=(HasNics("web2", ON_FRONT | ON_SPARE), *STAYS, Same("port", PORT)),
        before={**TWO, SECOND: {"network": "spare"}},
    ),
    Row(
        "servers[].networks[].address",
        C,
        {f"{SECOND}.address": "10.160.0.14"},
        says=(f"{SAYS} address 10.160.0.12 -> 10.160.0.14",),
        then=(HasNics("web2", ON_FRONT | {"spare": "10.160.0.14"}), *STAYS, Same("port", PORT)),
        before=TWO,
    ),
    Row(
        "servers[].networks[].address",
        T,
        {f"{SECOND}.address": GONE},
        says=(f"{SAYS} address 10.160.0.12 -> none",),
        then=(HasNics("web2", ON_FRONT | ON_SPARE), *STAYS, Same("port", PORT)),
        before=TWO,
    ),
    Row(
        "servers[].networks[].address",
        Kind.SWAPPED,
        {
            f"{SECOND}.address": "10.160.0.11",
            "servers[0].networks[1].address": "10.160.0.12",
        },
        refused="still belongs to server",
        before={
            **TWO,
            **{"servers[0].network": GONE, "servers[0].address": GONE},
            "servers[0].networks": [
                FRONT | {"address": "10.101.0.11"},
                SPARE | {"address": "10.160.0.11"},
            ],
        },
    ),
    Row(
        "servers[].networks[].securityGroups",
        MORE,
        {f"{SECOND}.securityGroups": ["asks"]},
        says=(f"{SAYS} security groups none -> asks",),
        then=(InGroups("web2", ("asks",), "spare"), InGroups("web2"), *STAYS),
        before=TWO,
    ),
    Row(
        "servers[].networks[].securityGroups",
        LESS,
        {f"{SECOND}.securityGroups": ["tells"]},
        says=(f"{SAYS} security groups asks, tells -> tells",),
        then=(InGroups("web2", ("tells",), "spare"), InGroups("web2"), *STAYS),
        before=GROUPS,
    ),
    Row(
        "servers[].networks[].securityGroups",
        REORDERED,
        {f"{SECOND}.securityGroups": ["tells", "asks"]},
        then=(InGroups("web2", ("asks", "tells"), "spare"),),
        before=GROUPS,
    ),
    Row(
        "servers[].networks[].allowedAddresses",
        MORE,
        {f"{SECOND}.allowedAddresses": ["10.160.0.50", "10.9.0.0/24"]},
        says=(f"{SAYS} allowed addresses none -> 10.160.0.50, 10.9.0.0/24",),
        then=(pairs("10.160.0.50", "10.9.0.0/24"), *STAYS, Same("port", PORT)),
        before=TWO,
    ),
    Row(
        "servers[].networks[].allowedAddresses",
        LESS,
        {f"{SECOND}.allowedAddresses": GONE},
        says=(f"{SAYS} allowed addresses 10.160.0.50, 10.9.0.0/24 -> none",),
        then=(pairs(), *STAYS, Same("port", PORT)),
        before=PAIRS,
    ),
    Row(
        "servers[].networks[].allowedAddresses",
        REORDERED,
        {f"{SECOND}.allowedAddresses": ["10.9.0.0/24", "10.160.0.50"]},
        then=(pairs("10.160.0.50", "10.9.0.0/24"),),
        before=PAIRS,
    ),
    Row(
        "servers[].networks[].portSecurity",
        G,
        {f"{SECOND}.portSecurity": False},
        says=(f"{SAYS} port security true -> false",),
        then=(
            Is("port", PORT, {"port_security_enabled": False, "security_groups": ()}),
            *(*STAYS, Same("port", PORT)),
        ),
        before=ALLOWED,
    ),
    Row(
        "servers[].networks[].portSecurity",
        T,
        {f"{SECOND}.portSecurity": GONE},
        says=(f"{SAYS} port security false -> true",),
        then=(
            Is("port", PORT, {"port_security_enabled": True}),
            InGroups("web2", network="spare"),
            *(*STAYS, Same("port", PORT)),
        ),
        before=OFF,
    ),
    Row(
        "rules.nicsWithoutPortSecurity",
        G,
        rules(nicsWithoutPortSecurity=True),
    ),
    Row(
        "rules.nicsWithoutPortSecurity",
        T,
        {"rules": {}},
        what="with such a NIC",
        refused="set rules.nicsWithoutPortSecurity",
        before=OFF,
    ),
)
