"""Changes of the tunnels between nodes, and of who may make networks in them."""

from tests.changes.facts import MakesNetworks, On
from tests.changes.kinds import OPTIONAL
from tests.changes.row import Row
from tests.unit.configs import GONE, Change

G, C, T = OPTIONAL
NODES = ("controller", "compute", "compute2")
ENDS = "ovs-vsctl get Open_vSwitch . external_ids:ovn-encap-ip; ip -4 address show br-provider"
VLAN = "ovs-vsctl get Port br-provider tag"
SELF_SERVICE: Change = {
    "provider.tunnels": {"cidr": "10.99.0.0/24", "segment": 99},
    "provider.selfService": True,
}
TYPES = "grep ^tenant_network_types /etc/neutron/plugins/ml2/ml2_conf.ini"


def ends(before: str, after: str) -> tuple[On, ...]:
    """Each node has its address in one network, and none in another."""
    hosts = zip(NODES, (10, 20, 30), strict=True)
    return tuple(
        fact
        for node, host in hosts
        for fact in (On(node, ENDS, f"{after}.{host}"), On(node, ENDS, f"{before}.{host}/", True))
    )


ROWS: tuple[Row, ...] = (
    Row(
        "provider.tunnels",
        T,
        {"provider.tunnels": GONE},
        says=("controller: ", "TUNNEL_IP 10.99.0.10/24 -> "),
        then=(*ends("10.99.0", "192.168.100"), On("controller", TYPES, "geneve", absent=True)),
        apart=True,
    ),
    Row(
        "provider.tunnels",
        G,
        {"provider.tunnels": {"cidr": "10.99.0.0/24"}},
        says=("controller: ", "TUNNEL_IP ", "-> 10.99.0.10/24"),
        then=(*ends("10.98.0", "10.99.0"), On("controller", TYPES, "geneve")),
        before={"provider.tunnels": GONE},
        apart=True,
    ),
    Row(
        "provider.tunnels.cidr",
        C,
        {"provider.tunnels.cidr": "10.98.0.0/24"},
        says=("compute: ", "TUNNEL_IP 10.99.0.20/24 -> 10.98.0.20/24"),
        then=ends("10.99.0", "10.98.0"),
        apart=True,
    ),
    Row(
        "provider.tunnels.segment",
        T,
        {"provider.tunnels.segment": GONE},
        says=("compute: ", "TUNNEL_VLAN 99 -> "),
        then=tuple(On(node, VLAN, "[]") for node in NODES),
        apart=True,
    ),
    Row(
        "provider.tunnels.segment",
        G,
        {"provider.tunnels.segment": 98},
        says=("compute: ", "TUNNEL_VLAN ", "-> 98"),
        then=tuple(On(node, VLAN, "98") for node in NODES),
        before={"provider.tunnels.segment": GONE},
        apart=True,
    ),
    Row(
        "provider.tunnels.segment",
        C,
        {"provider.tunnels.segment": 98},
        says=("compute: ", "TUNNEL_VLAN 99 -> 98"),
        then=tuple(On(node, VLAN, "98") for node in NODES),
        apart=True,
    ),
    Row(
        "provider.selfService",
        G,
        {"provider.selfService": True},
        says=(
            "controller: openrc.sh: SELF_SERVICE false -> true",
            "neutron-controller runs again, because SELF_SERVICE false -> true",
        ),
        then=(MakesNetworks("web", True),),
        apart=True,
    ),
    Row(
        "provider.selfService",
        T,
        {"provider.selfService": GONE},
        says=("controller: openrc.sh: SELF_SERVICE true -> false",),
        then=(MakesNetworks("web", False),),
        before=SELF_SERVICE,
        apart=True,
    ),
)
