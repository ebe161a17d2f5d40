"""Changes of routers, and of servers' floating addresses."""

from tests.changes.facts import Fact, Gone, Is, Joins, Ref, Replaced, Same
from tests.changes.kinds import LIST, OPTIONAL, Kind
from tests.changes.row import Row
from tests.changes.rows.own_networks import EDGE, INSIDE, OUTER, WITH_EDGE
from tests.changes.rows.servers import another
from tests.unit.test_settings import GONE, Change

G, C, T = OPTIONAL
MORE, LESS, REORDERED = LIST

MORE_INSIDE: dict[str, object] = {
    **{"name": "deeper", "cidr": "10.11.0.0/24", "gateway": "10.11.0.1", "project": "web"}
}
LATE: dict[str, object] = {
    **{"name": "late", "segment": 170, "cidr": "10.170.0.0/24", "project": "app"},
    "external": True,
}
INNER = {"name": "edge", "project": "web", "networks": ["inside"]}
TWO = {"name": "two", "project": "web"}
WITH_TWO: Change = {"routers": [EDGE, TWO]}
NETWORKS: Change = {**OUTER, "networks[3]": INSIDE, "networks[4]": MORE_INSIDE}
OUTSIDE = {
    "external_gateway_info.network_id": Ref("network", "spare"),
    "external_gateway_info.enable_snat": True,
}
ON_INSIDE = Joins("edge", {"inside": "10.10.0.1"})
ON_BOTH = Joins("edge", {"inside": "10.10.0.1", "deeper": "10.11.0.1"})
WITH_NAT1: Change = {
    **WITH_EDGE,
    "servers[3]": another("nat1", network="inside", address="10.10.0.11", floatingIp="10.160.0.50"),
}
WITHOUT: Change = {
    **WITH_EDGE,
    "servers[3]": another("nat1", network="inside", address="10.10.0.11"),
}
WITH_NAT2: Change = {
    **WITH_NAT1,
    "servers[4]": another("nat2", network="inside", address="10.10.0.12", floatingIp="10.160.0.51"),
}


def reaches(address: str, server: str, fixed: str) -> Fact:
    """Say that a floating address is a server's."""
    values = {"port_id": Ref("port", server), "fixed_ip_address": fixed}
    return Is("floating", address, {**values, "tenant_id": Ref("project", "web")})


ROWS: tuple[Row, ...] = (
    Row(
        "routers",
        MORE,
        {"routers": [EDGE]},
        says=("router edge: + new (of project web, external network spare, on inside)",),
        then=(
            Is("router", "edge", {**OUTSIDE, "tenant_id": Ref("project", "web")}),
            ON_INSIDE,
        ),
        before=NETWORKS,
        danger=True,
    ),
    Row(
        "routers",
        LESS,
        {"routers": []},
        says=("router edge is deleted (of project web, external network spare, on inside)",),
        then=(Gone("router", "edge"), Same("network", "inside"), Same("network", "spare")),
        before=WITH_EDGE,
    ),
    Row(
        "routers", REORDERED, {"routers": [TWO, EDGE]}, before=WITH_EDGE | {"routers": [EDGE, TWO]}
    ),
    Row(
        "routers[].name",
        Kind.RENAMED,
        {"routers[0].name": "rim"},
        says=("router rim: name edge -> rim",),
        then=(Same("router", "rim", was="edge"), Joins("rim", {"inside": "10.10.0.1"})),
        before=WITH_EDGE,
    ),
    Row(
        "routers[].name",
        Kind.SWAPPED,
        {"routers[0].name": "two", "routers[1].name": "edge"},
        refused="still on router",
        before=WITH_EDGE | WITH_TWO,
    ),
    Row(
        "routers[].project",
        Kind.MOVED,
        {"routers[0].project": "app"},
        says=("router edge is replaced, because tenantId",),
        then=(
            Replaced("router", "edge"),
            Is("router", "edge", {**OUTSIDE, "tenant_id": Ref("project", "app")}),
        ),
        before=WITH_EDGE | {"routers": [{**EDGE, "networks": []}]},
    ),
    Row(
        "routers[].external",
        G,
        {"routers[0].external": "spare"},
        says=("router edge is replaced, because external network none -> spare",),
        then=(Is("router", "edge", OUTSIDE), ON_INSIDE),
        before=WITH_EDGE | {"routers": [INNER]},
    ),
    Row(
        "routers[].external",
        C,
        {"routers[0].external": "late"},
        says=("router edge: external network spare -> late",),
        then=(
            Same("router", "edge"),
            Is("router", "edge", {"external_gateway_info.network_id": Ref("network", "late")}),
            ON_INSIDE,
        ),
        before=WITH_EDGE | {"networks[4]": LATE},
    ),
    Row(
        "routers[].external",
        T,
        {"routers[0].external": GONE},
        says=("router edge is replaced, because external network spare -> none",),
        then=(Is("router", "edge", {"external_gateway_info": None}), ON_INSIDE),
        before=WITH_EDGE,
        danger=True,
    ),
    Row(
        "routers[].external",
        T,
        {"routers[0].external": GONE, "servers[3].floatingIp": GONE},
        what="with floating addresses",
        refused="floating address 10.160.0.50 is of it",
        before=WITH_NAT1,
    ),
    Row(
        "routers[].networks",
        MORE,
        {"routers[0].networks[1]": "deeper"},
        says=("router edge: + interface on deeper",),
        then=(Same("router", "edge"), ON_BOTH),
        before=WITH_EDGE | NETWORKS,
    ),
    Row(
        "routers[].networks",
        MORE,
        {"routers[0].networks": [], "routers[1].networks": ["inside"]},
        what="of another router",
        refused="inside is still on router edge",
        before=WITH_EDGE | {"routers": [EDGE, {**TWO, "networks": []}]},
    ),
    Row(
        "routers[].networks",
        LESS,
        {"routers[0].networks": ["inside"]},
        says=("router edge: interface on deeper is deleted",),
        then=(Same("router", "edge"), Same("network", "deeper"), ON_INSIDE),
        before=WITH_EDGE | NETWORKS | {"routers": [{**EDGE, "networks": ["inside", "deeper"]}]},
    ),
    Row(
        "routers[].networks",
        REORDERED,
        {"routers[0].networks": ["deeper", "inside"]},
        then=(ON_BOTH,),
        before=WITH_EDGE | NETWORKS | {"routers": [{**EDGE, "networks": ["inside", "deeper"]}]},
    ),
    Row(
        "servers[].floatingIp",
        G,
        {"servers[3].floatingIp": "10.160.0.50"},
        says=("project web: server nat1 gets floating address 10.160.0.50",),
        then=(Same("server", "nat1"), reaches("10.160.0.50", "nat1", "10.10.0.11")),
        before=WITHOUT,
        danger=True,
    ),
    Row(
        "servers[].floatingIp",
        G,
        {"servers[3].floatingIp": True},
        what="of Neutron's choice",
        says=("project web: server nat1 gets floating address of Neutron's choice",),
        then=(Same("server", "nat1"), Is("router", "edge", OUTSIDE)),
        before=WITHOUT,
    ),
    Row(
        "servers[].floatingIp",
        C,
        {"servers[3].floatingIp": "10.160.0.51"},
        says=("server nat1 gets floating address 10.160.0.51 instead of 10.160.0.50",),
        then=(
            Same("server", "nat1"),
            reaches("10.160.0.51", "nat1", "10.10.0.11"),
            Gone("floating", "10.160.0.50"),
        ),
        before=WITH_NAT1,
    ),
    Row(
        "servers[].floatingIp",
        C,
        {"servers[3].floatingIp": True},
        what="to Neutron's choice, which keeps it",
        then=(Same("floating", "10.160.0.50"),),
        before=WITH_NAT1,
    ),
    Row(
        "servers[].floatingIp",
        C,
        {"servers[3].floatingIp": GONE, "servers[4].floatingIp": "10.160.0.50"},
        what="from one server to another",
        says=("floating address 10.160.0.50 moves from server nat1 to nat2",),
        then=(Same("floating", "10.160.0.50"), reaches("10.160.0.50", "nat2", "10.10.0.12")),
        before=WITH_NAT1 | {"servers[4]": another("nat2", network="inside", address="10.10.0.12")},
        danger=True,
    ),
    Row(
        "servers[].floatingIp",
        T,
        {"servers[3].floatingIp": GONE},
        says=("server nat1 loses floating address 10.160.0.50",),
        then=(Same("server", "nat1"), Gone("floating", "10.160.0.50")),
        before=WITH_NAT1,
    ),
    Row(
        "servers[].floatingIp",
        Kind.SWAPPED,
        {"servers[3].floatingIp": "10.160.0.51", "servers[4].floatingIp": "10.160.0.50"},
        refused="comes while the server still has",
        before=WITH_NAT2,
    ),
)
