"""Changes of projects' own networks and of external ones."""

from tests.changes.facts import Gone, Is, Ref, Replaced, Same
from tests.changes.kinds import LIST, OPTIONAL, Kind
from tests.changes.row import Row
from tests.unit.configs import GONE, Change

G, C, T = OPTIONAL
MORE, LESS, REORDERED = LIST
TYPE, VLAN = "provider:network_type", "provider:segmentation_id"

INSIDE: dict[str, object] = {
    **{"name": "inside", "cidr": "10.10.0.0/24", "gateway": "10.10.0.1", "project": "web"}
}
WITH_INSIDE: Change = {"networks[3]": INSIDE}
OUTER: Change = {"networks[2].external": True}
DEEPER: dict[str, object] = {
    **{"name": "deeper", "cidr": "10.11.0.0/24", "gateway": "10.11.0.1", "project": "web"}
}
DEEPEST: dict[str, object] = {
    **{"name": "deepest", "cidr": "10.12.0.0/24", "gateway": "10.12.0.1", "project": "web"}
}
LATE: dict[str, object] = {
    **{"name": "late", "segment": 170, "cidr": "10.170.0.0/24", "project": "app"},
    "external": True,
}
EDGE: dict[str, object] = {
    **{"name": "edge", "project": "web", "external": "spare", "networks": ["inside"]}
}
INNER: dict[str, object] = {
    **{"name": "inner", "project": "web", "networks": ["deeper", "deepest"]}
}
NETWORKS: Change = {
    **OUTER,
    **{"networks[3]": INSIDE, "networks[4]": DEEPER, "networks[5]": DEEPEST, "networks[6]": LATE},
}
ROUTED: Change = {**NETWORKS, "routers": [EDGE, INNER]}
"""Two routers, edge with an external network and inner without, and another external network."""
OWN = "project's own, 10.10.0.0/24, of project web"

ROWS: tuple[Row, ...] = (
    Row(
        "networks",
        MORE,
        {"networks[3]": INSIDE},
        what="a project's own",
        says=(f"network inside: + new ({OWN})",),
        then=(
            Is(
                "network",
                "inside",
                {TYPE: "geneve", "shared": False, "router:external": False}
                | {"tenant_id": Ref("project", "web")},
            ),
            Is("subnet", "inside", {"cidr": "10.10.0.0/24", "gateway_ip": "10.10.0.1"}),
        ),
    ),
    Row(
        "networks",
        LESS,
        {"networks[3]": GONE},
        what="a project's own",
        says=(f"network inside is deleted ({OWN})",),
        then=(Gone("network", "inside"), Gone("subnet", "inside")),
        before=WITH_INSIDE,
    ),
    Row(
        "networks[].name",
        Kind.RENAMED,
        {"networks[3].name": "within", "routers[0].networks": ["within"]},
        what="a project's own, on a router",
        says=("network within: name inside -> within",),
        then=(
            Same("network", "within", was="inside"),
            Same("subnet", "within", was="inside"),
            Same("router", "edge"),
        ),
        before=ROUTED,
    ),
    Row(
        "networks[].segment",
        G,
        {"networks[3].segment": 170},
        says=(
            f"network inside is deleted ({OWN})",
            "network inside: + new (VLAN 170, 10.10.0.0/24, of project web)",
        ),
        then=(Replaced("network", "inside"), Is("network", "inside", {TYPE: "vlan", VLAN: 170})),
        before=WITH_INSIDE,
    ),
    Row(
        "networks[].segment",
        T,
        {"networks[1].segment": GONE},
        what="with servers, not allowed",
        refused="network data has servers",
    ),
    Row(
        "networks[].segment",
        T,
        {"networks[2].segment": GONE, "networks[2].shared": GONE, "networks[2].project": "app"},
        what="without servers",
        says=(
            "network spare is deleted (VLAN 160, 10.160.0.0/24, for all projects)",
            "network spare: + new (project's own, 10.160.0.0/24, of project app)",
        ),
        then=(
            Replaced("network", "spare"),
            Is("network", "spare", {TYPE: "geneve", "tenant_id": Ref("project", "app")}),
        ),
    ),
    Row(
        "networks[].external",
        G,
        OUTER,
        says=("network spare: external false -> true",),
        then=(Same("network", "spare"), Is("network", "spare", {"router:external": True})),
    ),
    Row(
        "networks[].external",
        T,
        {"networks[2].external": GONE},
        says=("network spare: external true -> false",),
        then=(Same("network", "spare"), Is("network", "spare", {"router:external": False})),
        before=OUTER,
    ),
    Row(
        "networks[].external",
        T,
        {"networks[2].external": GONE, "routers": [INNER]},
        what="with its router",
        refused="router edge has an address of it",
        before=ROUTED,
    ),
    Row(
        "networks[].segment",
        C,
        {"networks[2].segment": 161},
        what="with a router",
        refused="router edge has an address of it",
        before=ROUTED,
    ),
    Row(
        "networks[].gateway",
        C,
        {"networks[3].gateway": "10.10.0.254"},
        what="on a router",
        refused="it is the address of router edge",
        before=ROUTED,
    ),
    Row(
        "networks[].cidr",
        C,
        {"networks[3].cidr": "10.13.0.0/24", "networks[3].gateway": "10.13.0.1"},
        what="on a router",
        says=("network inside: subnet is replaced", "router edge: interface on inside is replaced"),
        then=(
            Same("network", "inside"),
            Same("router", "edge"),
            Is("subnet", "inside", {"cidr": "10.13.0.0/24", "gateway_ip": "10.13.0.1"}),
        ),
        before=ROUTED,
        apart=True,
    ),
)
