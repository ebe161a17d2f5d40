"""The three kinds of networks keep apart what they should, and let through what they say.

app1 is on a project network with a router and has a floating address (NAT), vault1 on one without
a router (host-only), web1 on a VLAN (bridged).
"""

from collections.abc import Iterator
from contextlib import contextmanager

from tests.lab.conftest import ADDRESSES, COMPUTES, admin, done, on, ping
from tests.lab.servers import FLOATING, GATEWAY, app1, host, open_ports, reached, vault1
from tests.logins import PATIENCE

APP1 = "10.10.0.11"
VAULT1 = "10.20.0.11"
WEB1 = "10.101.0.11"
MANAGED = (22, 3306, 5000, 5671, 8775)
"""Ports of the controller: ssh, the database, an API, the queue, and Nova's own metadata."""


@contextmanager
def beside_app1(compute: str, network: str, address: str) -> Iterator[None]:
    """A server of the admin's on a compute, with a port that is not filtered."""
    made = f"""
    openstack port create --network {network} --fixed-ip ip-address={address} \
      --disable-port-security beside >&2
    openstack --os-compute-api-version 2.74 server create --host {compute} --image guest \
      --flavor tiny --port beside --wait beside >&2
    """
    admin(made)
    try:
        yield
    finally:
        admin("openstack server delete --wait beside; openstack port delete beside")


def test_a_floating_address_reaches_its_server() -> None:
    assert "on VLAN 101" in done(ping(FLOATING, 101, GATEWAY, wait=PATIENCE)).stdout
    assert app1("hostname") == "app1"


def test_nat_reaches_out_by_its_router() -> None:
    assert app1(reached((GATEWAY, WEB1))).split() == [GATEWAY, WEB1]
    assert app1(open_ports([WEB1], MANAGED)) == f"{WEB1} 22"
    assert app1("ip -4 -o address show eth0 | awk '{print $4}'") == f"{APP1}/24"


def test_nat_carries_large_packets_by_path_mtu() -> None:
    assert int(app1("cat /sys/class/net/eth0/mtu")) == 1442
    text = "x" * 300_000
    assert len(app1(f"head -c {len(text)} /dev/zero | tr '\\0' x")) == len(text)


def test_a_host_only_server_reaches_nothing_outside() -> None:
    assert vault1("hostname") == "vault1", "the metadata service gave it its name and key"
    outside = (GATEWAY, WEB1, APP1, *ADDRESSES.values())
    assert vault1(reached(outside)) == ""
    assert ping(VAULT1, 101, GATEWAY, wait=5).returncode == 1


def test_servers_do_not_reach_the_management_network() -> None:
    for server in (app1, vault1):
        assert server(reached(ADDRESSES.values())) == ""
        assert server(open_ports([ADDRESSES["controller"]], MANAGED)) == ""


def test_a_server_cannot_take_another_address_or_mac() -> None:
    spoof = "ip address add 10.10.0.77/24 dev eth0; ping -c 1 -W 2 -I 10.10.0.77 10.10.0.1"
    clean = "ip address del 10.10.0.77/24 dev eth0"
    assert "0 packets received" in app1(f"{spoof}; {clean}")
    mac = "ip link set eth0 down; ip link set eth0 address 02:00:00:00:00:77; ip link set eth0 up"
    back = "ip link set eth0 down; ip link set eth0 address $mac; ip link set eth0 up"
    route = "ip route replace default via 10.10.0.1"
    said = app1(
        f"mac=$(cat /sys/class/net/eth0/address); ({mac}; {route};"
        f" ping -c 1 -W 2 10.10.0.1; {back}; {route}) >/run/said 2>&1; cat /run/said"
    )
    assert "0 packets received" in said


def test_a_project_network_reaches_over_computes_and_no_other_of_the_same_addresses() -> None:
    (other,) = set(COMPUTES) - {host("app1")}
    with beside_app1(other, "inside", "10.10.0.12"):
        until_answered = f"for i in $(seq {PATIENCE}); do ping -c 1 -W 1 10.10.0.12 && break; done"
        assert "1 packets received" in app1(until_answered)
    twin = "openstack network create twin && openstack subnet create --network twin"
    admin(f"{twin} --subnet-range 10.10.0.0/24 --gateway none twin")
    try:
        with beside_app1(host("app1"), "twin", APP1):
            assert app1("hostname") == "app1"
            assert app1(reached(("10.10.0.1", "10.10.0.12"))) == "10.10.0.1"
    finally:
        admin("openstack network delete twin")


def test_the_tunnels_are_closed_to_all_else() -> None:
    for compute in COMPUTES:
        rules = on(compute, "nft list chain inet iaas input")
        assert 'iifname "br-provider" udp dport 6081 accept' in rules
        assert 'iifname "br-provider" drop' in rules
