"""Changes of what a network has beside its addresses: packets, pools, DHCP; and untagged ones."""

from tests.changes.base import PASSING, STORE
from tests.changes.facts import Is, On, Replaced, Same
from tests.changes.kinds import LIST, OPTIONAL
from tests.changes.row import Row
from tests.changes.rows.own_networks import ROUTED
from tests.unit.configs import GONE, Change

G, C, T = OPTIONAL
MORE, LESS, REORDERED = LIST
TYPE, VLAN = "provider:network_type", "provider:segmentation_id"
PHYSICAL = "provider:physical_network"
MTU = "grep ^global_physnet_mtu /etc/neutron/neutron.conf"

LOW: dict[str, object] = {"start": "10.160.0.20", "end": "10.160.0.29"}
HIGH: dict[str, object] = {"start": "10.160.0.100", "end": "10.160.0.199"}
TOP: dict[str, object] = {"start": "10.160.0.240", "end": "10.160.0.249"}
TWO: Change = {"networks[2].pool": GONE, "networks[2].pools": [LOW, HIGH]}
NO_DHCP: Change = {"networks[2].dhcp": False}
FLAT: Change = {"networks[2].segment": GONE, "networks[2].flat": True}
PROBE: dict[str, object] = {
    **{"name": "probe", "project": "web", "image": "guest", "flavor": "tiny", "network": "spare"},
    **{"publicKeyFile": f"{STORE}/ssh/web1.pub", **PASSING},
}


def pools(*wanted: dict[str, object]) -> dict[str, object]:
    """Return the allocation pools of a subnet, which Neutron lists in any order."""

    def same(found: list[dict[str, object]]) -> bool:
        return sorted(map(str, found)) == sorted(map(str, map(_as_listed, wanted)))

    return {"allocation_pools": lambda found: same([_as_listed(pool) for pool in found])}


def _as_listed(pool: dict[str, object]) -> dict[str, object]:
    return {key: pool[key] for key in ("start", "end")}


ROWS: tuple[Row, ...] = (
    Row(
        "provider.mtu",
        C,
        {"provider.mtu": 1400},
        says=(
            "controller: openrc.sh: MTU 1500 -> 1400",
            "controller: check, neutron-controller run again, because MTU 1500 -> 1400",
            "compute: check, neutron-compute run again, because MTU 1500 -> 1400",
            "network front: mtu 1500 -> 1400",
            "network inside: mtu 1442 -> 1342",
        ),
        then=(
            On("controller", MTU, "= 1400"),
            *(Same("network", name) for name in ("front", "inside")),
            Is("network", "front", {"mtu": 1400}),
            Is("network", "inside", {"mtu": 1342}),
        ),
        before=ROUTED,
        apart=True,
    ),
    Row(
        "networks[].mtu",
        G,
        {"networks[2].mtu": 1400},
        says=("network spare: mtu 1500 -> 1400",),
        then=(Same("network", "spare"), Is("network", "spare", {"mtu": 1400})),
    ),
    Row(
        "networks[].mtu",
        G,
        {"networks[3].mtu": 1300},
        what="a project's own",
        says=("network inside: mtu 1442 -> 1300",),
        then=(Same("network", "inside"), Is("network", "inside", {"mtu": 1300})),
        before=ROUTED,
    ),
    Row(
        "networks[].mtu",
        C,
        {"networks[2].mtu": 1300},
        says=("network spare: mtu 1400 -> 1300",),
        then=(Same("network", "spare"), Is("network", "spare", {"mtu": 1300})),
        before={"networks[2].mtu": 1400},
    ),
    Row(
        "networks[].mtu",
        T,
        {"networks[2].mtu": GONE},
        says=("network spare: mtu 1400 -> 1500",),
        then=(Same("network", "spare"), Is("network", "spare", {"mtu": 1500})),
        before={"networks[2].mtu": 1400},
    ),
    Row(
        "networks[].pools",
        MORE,
        {"networks[2].pools": [LOW, HIGH, TOP]},
        says=("network spare", "10.160.0.240"),
        then=(Same("subnet", "spare"), Is("subnet", "spare", pools(LOW, HIGH, TOP))),
        before=TWO,
    ),
    Row(
        "networks[].pools",
        MORE,
        TWO,
        what="instead of pool",
        says=("network spare", "10.160.0.20"),
        then=(Same("subnet", "spare"), Is("subnet", "spare", pools(LOW, HIGH))),
        also=(("networks[].pool", T),),
    ),
    Row(
        "networks[].pools",
        MORE,
        {"networks[2].pool": GONE, "networks[2].pools": [HIGH]},
        what="the same as pool",
        then=(Same("subnet", "spare"), Is("subnet", "spare", pools(HIGH))),
        also=(("networks[].pool", T),),
    ),
    Row(
        "networks[].pools",
        LESS,
        {"networks[2].pools": [HIGH]},
        says=("network spare", "10.160.0.20"),
        then=(Same("subnet", "spare"), Is("subnet", "spare", pools(HIGH))),
        before=TWO,
    ),
    Row(
        "networks[].pools",
        REORDERED,
        {"networks[2].pools": [HIGH, LOW]},
        then=(Same("subnet", "spare"), Is("subnet", "spare", pools(LOW, HIGH))),
        before=TWO,
    ),
    Row(
        "networks[].pools[].start",
        C,
        {"networks[2].pools[1].start": "10.160.0.150"},
        says=("network spare", "10.160.0.100 -> 10.160.0.150"),
        then=(
            Same("subnet", "spare"),
            Is("subnet", "spare", pools(LOW, HIGH | {"start": "10.160.0.150"})),
        ),
        before=TWO,
    ),
    Row(
        "networks[].pools[].end",
        C,
        {"networks[2].pools[0].end": "10.160.0.25"},
        says=("network spare", "10.160.0.29 -> 10.160.0.25"),
        then=(
            Same("subnet", "spare"),
            Is("subnet", "spare", pools(LOW | {"end": "10.160.0.25"}, HIGH)),
        ),
        before=TWO,
    ),
    Row(
        "networks[].dhcp",
        G,
        NO_DHCP,
        what="without servers",
        says=("network spare: subnet dhcp true -> false",),
        then=(Same("subnet", "spare"), Is("subnet", "spare", {"enable_dhcp": False})),
    ),
    Row(
        "networks[].dhcp",
        G,
        {"networks[0].dhcp": False},
        what="with servers",
        refused="networks[front].dhcp: true -> false, but web1, web2 would lose their addresses",
    ),
    Row(
        "networks[].dhcp",
        T,
        {"networks[2].dhcp": GONE},
        says=("network spare: subnet dhcp false -> true",),
        then=(Same("subnet", "spare"), Is("subnet", "spare", {"enable_dhcp": True})),
        before=NO_DHCP,
    ),
    Row(
        "networks[].dhcp",
        T,
        {"networks[2].dhcp": GONE},
        what="with a server, which keeps its config drive",
        says=("network spare: subnet dhcp false -> true",),
        then=(
            Is("subnet", "spare", {"enable_dhcp": True}),
            Same("server", "probe"),
            Is("server", "probe", {"config_drive": "True"}),
        ),
        before=NO_DHCP | {"projects[0].quota": GONE, "servers[3]": PROBE},
    ),
    Row(
        "networks[].flat",
        G,
        FLAT,
        what="instead of a segment",
        says=("network spare is replaced, because VLAN 160 -> untagged",),
        then=(
            Replaced("network", "spare"),
            Is("network", "spare", {TYPE: "flat", PHYSICAL: "provider", VLAN: None}),
        ),
        also=(("networks[].segment", T),),
    ),
    Row(
        "networks[].flat",
        T,
        {"networks[2].segment": 160, "networks[2].flat": GONE},
        what="for a segment",
        says=("network spare is replaced, because VLAN untagged -> 160",),
        then=(Replaced("network", "spare"), Is("network", "spare", {TYPE: "vlan", VLAN: 160})),
        also=(("networks[].segment", G),),
        before=FLAT,
    ),
    Row(
        "networks[].flat",
        G,
        {"networks[0].segment": GONE, "networks[0].flat": True},
        what="with servers, not allowed",
        refused="network front has servers",
    ),
    Row(
        "networks[].flat",
        G,
        {"networks[3].flat": True},
        what="instead of a project's own",
        says=(
            "network inside is deleted (project's own, 10.10.0.0/24, of project web)",
            "network inside: + new (untagged, 10.10.0.0/24, of project web)",
        ),
        then=(Replaced("network", "inside"), Is("network", "inside", {TYPE: "flat"})),
        before={"networks[3]": {**{"name": "inside", "cidr": "10.10.0.0/24"}, "project": "web"}},
    ),
    Row(
        "networks[].flat",
        G,
        {"networks[1].segment": GONE, "networks[1].flat": True}
        | {"networks[2].segment": 160, "networks[2].flat": GONE},
        what="of another network",
        refused="networks[data].flat: the untagged network still belongs to network spare",
        before=FLAT,
    ),
)
