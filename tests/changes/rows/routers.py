"""Changes of routers, and of servers' floating addresses."""

from tests.changes.facts import Fact, Floats, Gone, Is, Joins, Ref, Replaced, Same
from tests.changes.kinds import LIST, OPTIONAL, Kind
from tests.changes.row import Row
from tests.changes.rows.own_networks import EDGE, INNER, NETWORKS, ROUTED
from tests.changes.rows.servers import another
from tests.unit.configs import GONE, Change

G, C, T = OPTIONAL
MORE, LESS, REORDERED = LIST

OUTSIDE = {
    "external_gateway_info.network_id": Ref("network", "spare"),
    "external_gateway_info.enable_snat": True,
}
ON_INSIDE = Joins("edge", {"inside": "10.10.0.1"})
ON_BOTH = Joins("inner", {"deeper": "10.11.0.1", "deepest": "10.12.0.1"})
FLOATING = ("servers[3].floatingIp", "servers[4].floatingIp")
LATER: dict[str, object] = {
    **{"name": "later", "cidr": "10.14.0.0/24", "gateway": "10.14.0.1", "project": "web"}
}
SERVED: Change = {
    **ROUTED,
    "projects[0].quota": {"instances": 8, "cores": 8, "ram": 4096},
    **{
        f"servers[{i + 2}]": another(f"nat{i}", network="inside", address=f"10.10.0.1{i}", **more)
        for i, more in ((1, {"floatingIp": "10.160.0.51"}), (2, {"floatingIp": "10.160.0.52"}))
    },
    "servers[5]": another("nat3", network="inside", address="10.10.0.13"),
}
"""Servers on the network of the router edge: nat1 and nat2 have floating addresses."""


GIVEN: Change = {**ROUTED, "routers[0].address": "10.160.0.60"}
NO_SNAT: Change = {"routers[0].snat": False}


def at(address: str) -> Fact:
    """Say which address the router edge has on its external network."""
    return Is("router", "edge", {"external_gateway_info.external_fixed_ips.0.ip_address": address})


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
        then=(Is("router", "edge", {**OUTSIDE, "tenant_id": Ref("project", "web")}), ON_INSIDE),
        before=NETWORKS,
        apart=True,
    ),
    Row(
        "routers",
        LESS,
        {"routers": [INNER]},
        says=("router edge is deleted (of project web, external network spare, on inside)",),
        then=(Gone("router", "edge"), Same("network", "inside"), Same("router", "inner"), ON_BOTH),
        before=ROUTED,
    ),
    Row("routers", REORDERED, {"routers": [INNER, EDGE]}, before=ROUTED),
    Row(
        "routers[].name",
        Kind.RENAMED,
        {"routers[0].name": "rim"},
        says=("router rim: name edge -> rim",),
        then=(Same("router", "rim", was="edge"), Joins("rim", {"inside": "10.10.0.1"})),
        before=ROUTED,
    ),
    Row(
        "routers[].name",
        Kind.SWAPPED,
        {"routers[0].name": "inner", "routers[1].name": "edge"},
        refused="still on router",
        before=ROUTED,
    ),
    Row(
        "routers[].project",
        Kind.MOVED,
        {f"{place}.project": "app" for place in ("routers[1]", "networks[4]", "networks[5]")},
        what="with its networks",
        says=(
            "router inner is replaced, because tenantId",
            "network deeper is replaced, because tenantId",
            "network deepest is replaced, because tenantId",
        ),
        then=(
            Replaced("router", "inner"),
            Replaced("network", "deeper"),
            Is("router", "inner", {"tenant_id": Ref("project", "app")}),
            ON_BOTH,
        ),
        before=ROUTED,
    ),
    Row(
        "routers[].external",
        G,
        {"routers[1].external": "spare"},
        says=("router inner is replaced, because external network none -> spare",),
        then=(Is("router", "inner", OUTSIDE), ON_BOTH),
        before=ROUTED,
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
        before=ROUTED,
    ),
    Row(
        "routers[].external",
        T,
        {"routers[0].external": GONE},
        says=("router edge is replaced, because external network spare -> none",),
        then=(Is("router", "edge", {"external_gateway_info": None}), ON_INSIDE),
        before=ROUTED,
        danger=True,
    ),
    Row(
        "routers[].external",
        T,
        dict.fromkeys(("routers[0].external", *FLOATING), GONE),
        what="with floating addresses",
        refused="floating addresses 10.160.0.51, 10.160.0.52 are of it",
        before=SERVED,
    ),
    Row(
        "routers[].address",
        G,
        {"routers[0].address": "10.160.0.60"},
        says=("router edge: address none -> 10.160.0.60",),
        then=(Same("router", "edge"), at("10.160.0.60"), Is("router", "edge", OUTSIDE), ON_INSIDE),
        before=ROUTED,
    ),
    Row(
        "routers[].address",
        C,
        {"routers[0].address": "10.160.0.61"},
        says=("router edge: address 10.160.0.60 -> 10.160.0.61",),
        then=(Same("router", "edge"), at("10.160.0.61"), Is("router", "edge", OUTSIDE), ON_INSIDE),
        before=GIVEN,
    ),
    Row(
        "routers[].address",
        T,
        {"routers[0].address": GONE},
        what="which Neutron keeps",
        then=(Same("router", "edge"), at("10.160.0.60")),
        before=GIVEN,
    ),
    Row(
        "routers[].address",
        C,
        {"routers[0].address": "10.160.0.61"},
        what="without SNAT",
        refused="Neutron would turn SNAT on with it",
        before=GIVEN | NO_SNAT,
    ),
    Row(
        "routers[].snat",
        G,
        NO_SNAT,
        says=("router edge: snat true -> false",),
        then=(
            Same("router", "edge"),
            at("10.160.0.60"),
            Is("router", "edge", {"external_gateway_info.enable_snat": False}),
        ),
        before=GIVEN,
    ),
    Row(
        "routers[].snat",
        T,
        {"routers[0].snat": GONE},
        says=("router edge: snat false -> true",),
        then=(Same("router", "edge"), at("10.160.0.60"), Is("router", "edge", OUTSIDE)),
        before=GIVEN | NO_SNAT,
    ),
    Row(
        "routers[].networks",
        MORE,
        {"networks[7]": LATER, "routers[0].networks[1]": "later"},
        says=("network later: + new", "router edge: + interface on later"),
        then=(
            Same("router", "edge"),
            Joins("edge", {"inside": "10.10.0.1", "later": "10.14.0.1"}),
        ),
        before=ROUTED,
    ),
    Row(
        "routers[].networks",
        MORE,
        {"routers[0].networks[1]": "deeper", "routers[1].networks": ["deepest"]},
        what="of another router",
        refused="deeper is still on router inner",
        before=ROUTED,
    ),
    Row(
        "routers[].networks",
        LESS,
        {"routers[1].networks": ["deeper"]},
        says=("router inner: interface on deepest is deleted",),
        then=(
            Same("router", "inner"),
            Same("network", "deepest"),
            Joins("inner", {"deeper": "10.11.0.1"}),
        ),
        before=ROUTED,
    ),
    Row(
        "routers[].networks",
        REORDERED,
        {"routers[1].networks": ["deepest", "deeper"]},
        then=(ON_BOTH,),
        before=ROUTED,
    ),
    Row(
        "servers[].floatingIp",
        G,
        {"servers[5].floatingIp": "10.160.0.53"},
        says=("project web: server nat3 gets floating address 10.160.0.53",),
        then=(Same("server", "nat3"), reaches("10.160.0.53", "nat3", "10.10.0.13")),
        before=SERVED,
    ),
    Row(
        "servers[].floatingIp",
        G,
        {"servers[5].floatingIp": True},
        what="of Neutron's choice",
        says=("project web: server nat3 gets floating address of Neutron's choice",),
        then=(Same("server", "nat3"), Floats("nat3")),
        before=SERVED,
    ),
    Row(
        "servers[].floatingIp",
        C,
        {"servers[3].floatingIp": "10.160.0.54"},
        says=("server nat1 gets floating address 10.160.0.54 instead of 10.160.0.51",),
        then=(
            Same("server", "nat1"),
            reaches("10.160.0.54", "nat1", "10.10.0.11"),
            Gone("floating", "10.160.0.51"),
        ),
        before=SERVED,
    ),
    Row(
        "servers[].floatingIp",
        C,
        {"servers[3].floatingIp": True},
        what="to Neutron's choice, which keeps it",
        then=(Same("floating", "10.160.0.51"),),
        before=SERVED,
    ),
    Row(
        "servers[].floatingIp",
        C,
        {"servers[3].floatingIp": GONE, "servers[5].floatingIp": "10.160.0.51"},
        what="from one server to another",
        says=("floating address 10.160.0.51 moves from server nat1 to nat3",),
        then=(Same("floating", "10.160.0.51"), reaches("10.160.0.51", "nat3", "10.10.0.13")),
        before=SERVED,
        danger=True,
    ),
    Row(
        "servers[].floatingIp",
        T,
        {"servers[4].floatingIp": GONE},
        says=("server nat2 loses floating address 10.160.0.52",),
        then=(Same("server", "nat2"), Gone("floating", "10.160.0.52")),
        before=SERVED,
    ),
    Row(
        "servers[].floatingIp",
        Kind.SWAPPED,
        {"servers[3].floatingIp": "10.160.0.52", "servers[4].floatingIp": "10.160.0.51"},
        refused="comes while the server still has",
        before=SERVED,
    ),
)
