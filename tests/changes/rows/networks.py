"""Changes of networks."""

from tests.changes.base import BARE, reordered
from tests.changes.facts import Gone, Is, Ref, Replaced, Same
from tests.changes.kinds import LIST, OPTIONAL, Kind
from tests.changes.row import Row
from tests.unit.configs import GONE, Change

G, C, T = OPTIONAL
MORE, LESS, REORDERED = LIST
VLAN = "provider:segmentation_id"

LATE: dict[str, object] = {
    **{"name": "late", "segment": 170, "cidr": "10.170.0.0/24", "project": "app"}
}
WITH_LATE: Change = {"networks[3]": LATE}
OF_APP: Change = {"networks[2].shared": GONE, "networks[2].project": "app"}
FRONT: Change = {"allowDeletion": {"networks": ["front"]}}
ON_FRONT = ("web1", "web2")


def pools(start: str, end: str) -> dict[str, object]:
    """Return the one allocation pool of a subnet."""
    return {"allocation_pools": ({"start": start, "end": end},)}


ROWS: tuple[Row, ...] = (
    Row(
        "networks",
        MORE,
        WITH_LATE,
        says=("network late: + new (VLAN 170, 10.170.0.0/24, of project app)",),
        then=(
            Is("network", "late", {VLAN: 170, "shared": False, "tenant_id": Ref("project", "app")}),
            Is("subnet", "late", {"cidr": "10.170.0.0/24", "gateway_ip": None}),
        ),
    ),
    Row(
        "networks",
        LESS,
        {"networks[2]": GONE},
        says=("network spare is deleted",),
        then=(Gone("network", "spare"), Gone("subnet", "spare")),
    ),
    Row(
        "networks",
        LESS,
        {"networks[0]": GONE, "servers": []},
        what="with its servers, not allowed",
        refused="network front",
    ),
    Row("networks", REORDERED, {"networks": reordered("networks")}),
    Row(
        "networks[].name",
        Kind.RENAMED,
        {"networks[0].name": "wide", "servers[0].network": "wide", "servers[2].network": "wide"},
        says=("network wide: ", "name front -> wide"),
        then=(Gone("network", "front"), Same("network", "wide", was="front")),
        danger=True,
        apart=True,
    ),
    Row(
        "networks[].name",
        Kind.SWAPPED,
        {"networks[2].name": "late", "networks[3].name": "spare"},
        refused="segment",
        before=WITH_LATE,
    ),
    Row(
        "networks[].segment",
        C,
        {"networks[2].segment": 161},
        what="without servers",
        says=("network spare is replaced, because VLAN 160 -> 161",),
        then=(Replaced("network", "spare"), Is("network", "spare", {VLAN: 161})),
    ),
    Row(
        "networks[].segment",
        C,
        {"networks[0].segment": 102},
        what="with servers, not allowed",
        refused="network front",
    ),
    Row(
        "networks[].segment",
        C,
        {"networks[0].segment": 102} | FRONT,
        what="with servers, allowed",
        says=(
            "network front is replaced, because VLAN 101 -> 102",
            *(f"server {name} is replaced, its disk is lost" for name in ON_FRONT),
        ),
        then=(
            Is("network", "front", {VLAN: 102}),
            *(Is("server", name, {"status": "ACTIVE"}) for name in ON_FRONT),
        ),
        lost=ON_FRONT,
        back=FRONT,
        danger=True,
    ),
    Row(
        "networks[].segment",
        Kind.SWAPPED,
        {"networks[0].segment": 150, "networks[1].segment": 101}
        | {"allowDeletion": {"networks": ["front", "data"]}},
        refused="segment",
    ),
    Row(
        "networks[].cidr",
        C,
        {
            **{"networks[2].cidr": "10.161.0.0/24", "networks[2].gateway": "10.161.0.1"},
            "networks[2].pool": {"start": "10.161.0.100", "end": "10.161.0.199"},
        },
        what="without servers",
        says=("network spare", "subnet is replaced"),
        then=(
            Same("network", "spare"),
            Is("subnet", "spare", {"cidr": "10.161.0.0/24", "gateway_ip": "10.161.0.1"}),
        ),
    ),
    Row(
        "networks[].cidr",
        C,
        {"networks[0].cidr": "10.101.0.0/23"},
        what="with servers",
        refused="front",
    ),
    Row(
        "networks[].cidr",
        Kind.SWAPPED,
        {"networks[2].cidr": "10.170.0.0/24", "networks[3].cidr": "10.160.0.0/24"},
        says=("network spare", "network late", "subnet is replaced"),
        then=(
            Is("subnet", "spare", {"cidr": "10.170.0.0/24"}),
            Is("subnet", "late", {"cidr": "10.160.0.0/24"}),
        ),
        before=BARE | WITH_LATE,
    ),
    Row(
        "networks[].gateway",
        G,
        {"networks[2].gateway": "10.160.0.1"},
        says=("network spare", "10.160.0.1"),
        then=(
            Same("subnet", "spare"),
            Is(
                "subnet",
                "spare",
                {"gateway_ip": "10.160.0.1"} | pools("10.160.0.2", "10.160.0.254"),
            ),
        ),
        before=BARE,
    ),
    Row(
        "networks[].gateway",
        C,
        {"networks[2].gateway": "10.160.0.254"},
        says=("network spare", "10.160.0.1 -> 10.160.0.254"),
        then=(Same("subnet", "spare"), Is("subnet", "spare", {"gateway_ip": "10.160.0.254"})),
    ),
    Row(
        "networks[].gateway",
        T,
        {"networks[1].gateway": GONE},
        says=("network data", "10.150.0.1 -> none"),
        then=(Same("subnet", "data"), Is("subnet", "data", {"gateway_ip": None})),
    ),
    Row(
        "networks[].pool",
        G,
        {"networks[2].pool": {"start": "10.160.0.50", "end": "10.160.0.60"}},
        says=("network spare", "10.160.0.50"),
        then=(Same("subnet", "spare"), Is("subnet", "spare", pools("10.160.0.50", "10.160.0.60"))),
        before=BARE,
    ),
    Row(
        "networks[].pool",
        T,
        {"networks[0].pool": GONE},
        says=("network front", "10.101.0.100 -> 10.101.0.2", "10.101.0.199 -> 10.101.0.254"),
        then=(Same("subnet", "front"), Is("subnet", "front", pools("10.101.0.2", "10.101.0.254"))),
        danger=True,
    ),
    Row(
        "networks[].pool.start",
        C,
        {"networks[2].pool.start": "10.160.0.50"},
        says=("network spare", "10.160.0.100 -> 10.160.0.50"),
        then=(Same("subnet", "spare"), Is("subnet", "spare", pools("10.160.0.50", "10.160.0.199"))),
    ),
    Row(
        "networks[].pool.end",
        C,
        {"networks[0].pool.end": "10.101.0.149"},
        says=("network front", "10.101.0.199 -> 10.101.0.149"),
        then=(
            Same("subnet", "front"),
            Is("subnet", "front", pools("10.101.0.100", "10.101.0.149")),
        ),
    ),
    Row(
        "networks[].dns",
        MORE,
        {"networks[2].dns[2]": "10.160.0.4"},
        says=("network spare", "none -> 10.160.0.4"),
        then=(
            Is(
                "subnet",
                "spare",
                {"dns_nameservers": ("10.160.0.2", "10.160.0.3", "10.160.0.4")},
            ),
        ),
    ),
    Row(
        "networks[].dns",
        LESS,
        {"networks[2].dns": ["10.160.0.2"]},
        says=("network spare", "10.160.0.3 -> none"),
        then=(Is("subnet", "spare", {"dns_nameservers": ("10.160.0.2",)}),),
    ),
    Row(
        "networks[].dns",
        REORDERED,
        {"networks[2].dns": ["10.160.0.3", "10.160.0.2"]},
        says=("network spare", "10.160.0.2 -> 10.160.0.3"),
        then=(Is("subnet", "spare", {"dns_nameservers": ("10.160.0.3", "10.160.0.2")}),),
    ),
    Row(
        "networks[].shared",
        G,
        {"networks[1].shared": True, "networks[1].project": GONE},
        what="with servers",
        refused="network data has servers",
        also=(("networks[].project", T),),
    ),
    Row(
        "networks[].shared",
        G,
        {"networks[2].shared": True, "networks[2].project": GONE},
        what="without servers",
        says=("network spare is replaced", "who may use it has changed"),
        then=(Is("network", "spare", {"shared": True, "tenant_id": Ref("project", "admin")}),),
        also=(("networks[].project", T),),
        before=OF_APP,
        danger=True,
    ),
    Row(
        "networks[].shared",
        T,
        OF_APP,
        what="without servers",
        says=("network spare",),
        then=(
            Is("network", "spare", {"shared": False, "tenant_id": Ref("project", "app")}),
            Is("subnet", "spare", {"tenant_id": Ref("project", "app")}),
        ),
        also=(("networks[].project", G),),
    ),
    Row(
        "networks[].project",
        Kind.MOVED,
        {"networks[2].project": "web"},
        says=("network spare",),
        then=(Is("network", "spare", {"shared": False, "tenant_id": Ref("project", "web")}),),
        before=OF_APP,
    ),
)
