"""What the external network reaches of the networks behind a router, and how large it may be."""

from collections.abc import Iterator, Mapping

import pytest

from tests.lab.conftest import on, run
from tests.lab.frames import ICMP, IPV4, TCP, UDP, ethernet, transport
from tests.lab.servers import FLOATING, GATEWAY, app1, lab, servers
from tests.lab.sightings import mark, sightings, wire

VLAN, OUTSIDE = 101, "02:00:00:00:01:01"
APP1 = "10.10.0.11"
MTU = 1442
ECHO = 8
HEADERS = 28  # of a ping
ROUTER = "the router's own address"
ASKED = {
    "a ping": (FLOATING, ICMP, ECHO, {"app1"}),
    "an open port": (FLOATING, TCP, 22, {"app1"}),
    "a closed port": (FLOATING, TCP, 23, set()),
    "another protocol": (FLOATING, UDP, 22, set()),
    "a ping of the router": (ROUTER, ICMP, ECHO, set()),
    "a port of the router": (ROUTER, TCP, 22, set()),
    "a closed port of the server's own address": (APP1, TCP, 23, set()),
}
"""What is asked from outside: an address, a protocol, a port, and which servers hear of it."""


def router() -> tuple[str, str]:
    """The router's MAC and address on the external network."""
    ports = lab().get("network", "/v2.0/ports?device_owner=network:router_gateway")["ports"]
    (port,) = ports
    return port["mac_address"], port["fixed_ips"][0]["ip_address"]


@pytest.fixture(scope="module")
def heard() -> Mapping[str, set[str]]:
    """Which servers heard of each question, all of them sent to the router."""
    app1("hostname")
    mac, own = router()
    frames = {}
    for name, (address, protocol, port, _) in ASKED.items():
        way = (GATEWAY, own if address == ROUTER else address, protocol, (5000, port))
        frames[name] = ethernet(OUTSIDE, mac, IPV4, transport(*way, mark(name)))
    taps = {server.tap: server.name for server in servers().values()}
    return {
        name: {taps[at.nic] for at in seen if at.nic in taps and at.way == "out"}
        for name, seen in sightings(wire(VLAN, f"{GATEWAY}/24"), frames).items()
    }


@pytest.mark.parametrize("name", ASKED)
def test_a_floating_address_reaches_its_server_and_no_other(
    name: str, heard: Mapping[str, set[str]]
) -> None:
    assert heard[name] == ASKED[name][3]


def ping(size: int) -> str:
    """What a ping of so many bytes, which may not be cut, says of three questions."""
    words = ("ping", "-n", "-M", "do", "-c", "3", "-i", "0.3", "-W", "2", "-s", str(size - HEADERS))
    return run(
        "wire", "run", "--vlan", str(VLAN), "--source", f"{GATEWAY}/24", *words, FLOATING
    ).stdout


@pytest.fixture
def told() -> Iterator[None]:
    """The router says what is too large, as Neutron sets it up where the kernel forwards."""
    _, own = router()
    port = f"$(ovn-nbctl --bare --columns=name find Logical_Router_Port networks={own}/24)"
    synced = "ovn-nbctl --wait=hv sync"
    on(
        "controller",
        f"ovn-nbctl set Logical_Router_Port {port} options:gateway_mtu={MTU}; {synced}",
    )
    yield
    on("controller", f"ovn-nbctl remove Logical_Router_Port {port} options gateway_mtu; {synced}")


def test_the_largest_packet_of_a_tunnel_reaches_a_floating_address() -> None:
    assert " 0% packet loss" in ping(MTU)


@pytest.mark.usefixtures("told")
def test_who_sends_more_than_a_tunnel_carries_is_told_so() -> None:
    said = ping(MTU + 1)
    assert f"Frag needed and DF set (mtu = {MTU})" in said
    assert router()[1] in said
