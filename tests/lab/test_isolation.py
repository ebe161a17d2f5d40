"""No frame of a project's network reaches another's, nor a node; no server takes another's place.

The servers of two projects, on both computes and with the same addresses, send frames by hand: once
as ports are, and once with nothing filtered on them, which shows that the frames are good ones and
that the networks are apart without filters, too. All NICs of all nodes are watched.
"""

import hmac
import json
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import pytest

from tests.lab import pairs
from tests.lab.attempts import (
    AS_ANOTHER,
    AS_ITSELF,
    ATTEMPTS,
    NOWHERE,
    TAGGED,
    Frame,
    echo,
    frames,
    place,
    tunnel_end,
)
from tests.lab.conftest import ADDRESSES, COMPUTES, CONFIG, NODES, on
from tests.lab.servers import Server, lab, open_ports
from tests.lab.sightings import Seen, Sighting, sightings

SETTLE = 20
"""Seconds in which a change of a port has reached the switches."""
METADATA = "http://169.254.169.254/openstack/latest/meta_data.json"
PORTS = (22, 3306, 5671, 6641, 6642, 8775, 11211)
"""Ports of a controller: ssh, database, queue, OVN's databases, Nova's metadata, memcached."""
PROVIDER = CONFIG["iaas:provider"]
VLAN = 101  # of web1 and web2


@dataclass(frozen=True)
class Sent:
    """What was seen of the frames that the first red server sent, and of those that web1 sent."""

    servers: Mapping[str, Server]
    vni: int
    """The number of the red network."""
    filtered: Seen
    unfiltered: Seen
    vlan: Seen


def vni(network: str) -> int:
    """The number of a network in tunnels."""
    query = f"find Datapath_Binding external_ids:name=neutron-{network}"
    return int(on("controller", f"ovn-sbctl --bare --columns=tunnel_key {query}"))


def awake(one: Server, other: Server) -> None:
    """Wait until one server reaches the other: the first packet of a tunnel may be lost."""
    one.shell(f"for i in $(seq {SETTLE}); do ping -c 1 -W 1 {other.address} && exit; done; exit 1")


def unfiltered(one: Server) -> None:
    """Switch off what filters the server's port, on its node, too."""
    lab().change(
        *("network", f"/v2.0/ports/{one.port}"),
        port={"port_security_enabled": False, "security_groups": []},
    )
    query = f"find Port_Binding logical_port={one.port}"
    asked = f"ovn-sbctl --bare --columns=port_security {query} | grep -q ."
    waited = f"for i in $(seq {SETTLE}); do {asked} || break; sleep 1; done; ! {asked}"
    on("controller", f"{waited} && ovn-nbctl --wait=hv sync")


@pytest.fixture(scope="module")
def sent() -> Iterator[Sent]:
    """The frames are sent once for all tests."""
    with pairs.made():
        found = pairs.awaited()
        red, neighbour, other = (found[name] for name in ("red-0", "red-1", "blue-0"))
        awake(red, neighbour)
        awake(found["blue-0"], found["blue-1"])
        where = place(red, neighbour, other, vni(other.network))
        filtered = sightings(red.send, frames(where, ATTEMPTS))
        web1, web2 = found["web1"], found["web2"]
        beside = place(web1, web2, found["db1"], vni(found["db1"].network))
        attempts = {**ATTEMPTS, "ping": lambda p, m: echo(p.me, web2.mac, web2.address, m)}
        vlan = sightings(web1.send, frames(beside, attempts))
        for one in (red, neighbour):
            unfiltered(one)
        yield Sent(
            servers=found,
            vni=vni(red.network),
            filtered=filtered,
            unfiltered=sightings(red.send, frames(where, ATTEMPTS)),
            vlan=vlan,
        )


def got(sent: Sent, seen: set[Sighting], name: str) -> bool:
    """Whether a server got a frame."""
    server = sent.servers[name]
    return any((at.node, at.nic, at.way) == (server.host, server.tap, "out") for at in seen)


@pytest.mark.parametrize(
    ("attempts", "filtered", "unfiltered"),
    [
        (AS_ITSELF, True, True),
        (AS_ANOTHER, False, True),
        (NOWHERE, False, True),
        (TAGGED, False, False),
    ],
    ids=["as itself", "as another", "nowhere", "tagged"],
)
def test_a_neighbour_gets_what_its_sender_is_and_no_more(
    sent: Sent, attempts: Mapping[str, Frame], filtered: bool, unfiltered: bool
) -> None:
    for seen, wanted in ((sent.filtered, filtered), (sent.unfiltered, unfiltered)):
        assert {name: got(sent, seen[name], "red-1") for name in attempts} == dict.fromkeys(
            attempts, wanted
        )


def ways(sent: Sent, seen: set[Sighting], *neighbours: str) -> set[tuple[int | None, int | None]]:
    """The VLAN and the network by which a frame left the NICs of these servers' network."""
    servers = [sent.servers[name] for name in neighbours]
    own = {server.tap for server in servers} | {f"tap{servers[0].network[:10]}0"}
    assert (servers[0].tap, "in") in {(at.nic, at.way) for at in seen}
    outside = [at for at in seen if at.nic not in own]
    assert {at.nic for at in outside} <= {PROVIDER["interfaceName"]}
    return {(at.vlan, at.tunnel) for at in outside}


@pytest.mark.parametrize("name", ATTEMPTS)
def test_no_frame_leaves_its_projects_network_filtered_or_not(sent: Sent, name: str) -> None:
    for seen in (sent.filtered[name], sent.unfiltered[name]):
        left = ways(sent, seen, *pairs.names("red"))
        assert left <= {(PROVIDER["tunnels"]["segment"], sent.vni)}


@pytest.mark.parametrize("name", ATTEMPTS)
def test_a_server_on_a_vlan_is_itself_alone_there_and_on_no_other(sent: Sent, name: str) -> None:
    left = ways(sent, sent.vlan[name], "web1", "web2")
    assert {vlan for vlan, _ in left} <= {VLAN}
    if name in {**AS_ANOTHER, **TAGGED}:
        assert not left
        assert not got(sent, sent.vlan[name], "web2")


def test_a_neighbour_that_is_not_open_for_it_hears_no_dhcp_server(sent: Sent) -> None:
    assert got(sent, sent.vlan["ping"], "web2")
    assert not got(sent, sent.vlan["a DHCP server"], "web2")


@pytest.mark.parametrize("name", ["web1", "db1", "app1", "vault1", "red-0"])
def test_metadata_is_a_servers_own_on_each_kind_of_network(sent: Sent, name: str) -> None:
    """Whatever it says it is: a VLAN, shared or not, NAT, host-only, none with a router."""
    me, other = sent.servers[name], sent.servers["blue-1"]
    forged = {
        "X-Instance-ID": other.id,
        "X-Tenant-ID": other.project,
        "X-Forwarded-For": other.address,
        "X-OVN-Network-ID": other.network,
        "X-Neutron-Network-ID": other.network,
    }
    headers = " ".join(shlex.quote(f"--header={key}: {value}") for key, value in forged.items())
    plain, lied = f"wget -q -O - {METADATA}", f"wget -q -O - {headers} {METADATA}"
    said = me.shell(f"{plain}; echo; {lied} || echo '{{}}'").splitlines()
    assert json.loads(said[0])["uuid"] == me.id
    assert json.loads(said[-1]).get("uuid", me.id) == me.id


@pytest.mark.parametrize("signed", [False, True], ids=["not signed", "signed by a guess"])
def test_novas_metadata_needs_the_secret_of_the_nodes(sent: Sent, signed: bool) -> None:
    other = sent.servers["blue-1"]
    guess = hmac.new(b"secret", other.id.encode(), "sha256").hexdigest()
    headers = [f"X-Instance-ID: {other.id}", f"X-Tenant-ID: {other.project}"]
    headers += [f"X-Instance-ID-Signature: {guess}"] if signed else []
    words = ["curl", "-s", *[part for text in headers for part in ("-H", text)]]
    url = f"https://{ADDRESSES['controller']}:8775/openstack/latest/meta_data.json"
    asked = shlex.join([*words, "-w", "\n%{http_code}", url])
    said, code = on(COMPUTES[0], asked).rsplit("\n", 1)
    assert code in {"400", "403", "404"}
    assert other.id not in said


@pytest.mark.parametrize("name", ["web1", "app1", "vault1", "red-0"])
def test_a_server_reaches_no_port_of_a_node(sent: Sent, name: str) -> None:
    nodes = [*ADDRESSES.values(), *(tunnel_end(node) for node in NODES)]
    assert sent.servers[name].shell(open_ports(nodes, PORTS)) == ""
