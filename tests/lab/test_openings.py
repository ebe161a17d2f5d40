"""Each kind of opening lets in, or out, what it says, and nothing beside.

guarded has one of each kind, and may reach little; friend is in the group that some of them name.
Both are on a VLAN without a gateway. Packets that nobody expects are sent to them from the wire and
by each other, and watched at their NICs' other ends.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from tests.lab.conftest import CONFIG, STACK, done, up
from tests.lab.frames import ESP, ICMP, IPV4, TCP, UDP, End, ethernet, transport
from tests.lab.servers import Server, servers
from tests.lab.sightings import Frames, Seen, mark, sightings, wire

SEGMENT = 151
OUTSIDE = "02:00:00:00:01:51"  # the MAC of whoever sends on the wire
WIRE = "10.151.0.1"
CLOSE = "10.151.0.201"
"""An address of the wire's end in the network that an opening names; WIRE is outside of it."""
ECHO_REPLY, UNREACHABLE, ECHO, TIMESTAMP = 0, 3, 8, 13

SETTINGS = yaml.safe_load("""
projects:
  - {name: open}
networks:
  - {name: bare, segment: 151, cidr: 10.151.0.0/24, project: open}
securityGroups:
  - {name: friends, project: open, ingress: [{protocol: any, from: {group: friends}}]}
servers:
  - name: guarded
    project: open
    image: guest
    flavor: tiny
    network: bare
    address: 10.151.0.11
    publicKeyFile: .lab/ssh/web1.pub
    ingress:
      - {protocol: tcp, port: 22, cidr: 0.0.0.0/0}
      - {protocol: tcp, ports: [443, 8000-8100], cidr: 0.0.0.0/0}
      - {protocol: udp, port: 53, cidr: 0.0.0.0/0}
      - {protocol: icmp, icmpType: 8, cidr: 0.0.0.0/0}
      - {protocol: esp, cidr: 10.151.0.192/26}
      - {protocol: tcp, port: 5432, cidr: 10.151.0.192/26}
      - {protocol: tcp, port: 9000, from: {group: friends}}
    egress:
      - {protocol: udp, port: 123, cidr: 10.151.0.1/32}
      - {protocol: tcp, ports: [7000-7010], to: {group: friends}}
  - name: friend
    project: open
    image: guest
    flavor: tiny
    network: bare
    address: 10.151.0.12
    publicKeyFile: .lab/ssh/web1.pub
    securityGroups: [friends]
    ingress:
      - {protocol: tcp, port: 22, cidr: 0.0.0.0/0}
      - {protocol: any, cidr: 10.151.0.11/32}
""")
KEYS = {"guarded": "web1", "friend": "web1"}


@dataclass(frozen=True)
class Packet:
    """A packet, and whether it passes; for ICMP the port is the type, for ESP there is none."""

    source: str
    """`wire`, `close` (the wire, from within the opening's network) or a server."""
    protocol: int
    port: int
    passes: bool
    target: str = "guarded"

    @property
    def name(self) -> str:
        """What a test is called."""
        return f"{self.source} to {self.target}, {self.protocol}, {self.port}"


PACKETS = [
    # a single port
    Packet("wire", TCP, 21, False),
    Packet("wire", TCP, 22, True),
    Packet("wire", TCP, 23, False),
    Packet("wire", UDP, 22, False),
    # a list with a range
    Packet("wire", TCP, 443, True),
    Packet("wire", TCP, 444, False),
    Packet("wire", TCP, 7999, False),
    Packet("wire", TCP, 8000, True),
    Packet("wire", TCP, 8100, True),
    Packet("wire", TCP, 8101, False),
    Packet("wire", UDP, 8000, False),
    # UDP
    Packet("wire", UDP, 52, False),
    Packet("wire", UDP, 53, True),
    Packet("wire", UDP, 54, False),
    Packet("wire", TCP, 53, False),
    # a type of ICMP
    Packet("wire", ICMP, ECHO_REPLY, False),
    Packet("wire", ICMP, UNREACHABLE, False),
    Packet("wire", ICMP, ECHO, True),
    Packet("wire", ICMP, TIMESTAMP, False),
    # a protocol without ports, and a network
    Packet("close", ESP, 0, True),
    Packet("wire", ESP, 0, False),
    Packet("close", TCP, 5432, True),
    Packet("close", TCP, 5433, False),
    Packet("wire", TCP, 5432, False),
    Packet("friend", TCP, 5432, False),
    # a group
    Packet("friend", TCP, 9000, True),
    Packet("friend", TCP, 9001, False),
    Packet("friend", UDP, 9000, False),
    Packet("wire", TCP, 9000, False),
    Packet("close", TCP, 9000, False),
    # what goes out
    Packet("guarded", UDP, 123, True, "wire"),
    Packet("guarded", UDP, 124, False, "wire"),
    Packet("guarded", TCP, 123, False, "wire"),
    Packet("guarded", UDP, 123, False, "close"),
    Packet("guarded", ICMP, ECHO, False, "wire"),
    Packet("guarded", TCP, 6999, False, "friend"),
    Packet("guarded", TCP, 7000, True, "friend"),
    Packet("guarded", TCP, 7010, True, "friend"),
    Packet("guarded", TCP, 7011, False, "friend"),
    Packet("guarded", UDP, 7000, False, "friend"),
    Packet("guarded", TCP, 7000, False, "wire"),
]


def stack(folder: Path, *sections: str) -> Path:
    """The lab's stack file with more in these sections."""
    content = yaml.safe_load(STACK.read_text(encoding="utf-8"))
    config = content["config"]
    for section in sections:
        config[f"iaas:{section}"] = [*config.get(f"iaas:{section}", []), *SETTINGS[section]]
    path = folder / "Pulumi.dev.yaml"
    path.write_text(yaml.safe_dump(content), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def declared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mapping[str, Server]]:
    """The lab's servers, with guarded and friend as the settings declare them."""
    folder = tmp_path_factory.mktemp("openings")
    try:
        done(up(stack(folder, *SETTINGS)))
        yield servers(KEYS)
    finally:
        done(up(stack(folder, *SETTINGS.keys() - {"servers"})))
        done(up())


def frame(packet: Packet, ends: Mapping[str, End]) -> bytes:
    """The packet as a frame from one end to the other."""
    source, target = ends[packet.source], ends[packet.target]
    way = (source.address, target.address, packet.protocol, (5000, packet.port))
    return ethernet(source.mac, target.mac, IPV4, transport(*way, mark(packet.name)))


@pytest.fixture(scope="module")
def seen(declared: Mapping[str, Server]) -> Seen:
    """Where each packet was seen."""
    ends = {"wire": End(OUTSIDE, WIRE), "close": End(OUTSIDE, CLOSE)}
    ends |= {name: End(declared[name].mac, declared[name].address) for name in KEYS}
    of_wire = wire(SEGMENT, f"{WIRE}/24")
    sends = {"wire": of_wire, "close": of_wire, **{name: declared[name].send for name in KEYS}}
    for name in KEYS:
        assert declared[name].shell("hostname") == name, "it has its name and key by metadata"

    def send(frames: Frames) -> None:
        for source, of_source in sends.items():
            names = [packet.name for packet in PACKETS if packet.source == source]
            of_source({name: frames[name] for name in names})

    return sightings(send, {packet.name: frame(packet, ends) for packet in PACKETS})


@pytest.mark.parametrize("packet", PACKETS, ids=lambda packet: packet.name)
def test_a_packet_passes_where_an_opening_says_so(
    packet: Packet, seen: Seen, declared: Mapping[str, Server]
) -> None:
    if packet.target in declared:
        there = (declared[packet.target].host, declared[packet.target].tap, "out")
    else:
        there = (declared["guarded"].host, CONFIG["iaas:provider"]["interfaceName"], "out")
    passed = there in {(at.node, at.nic, at.way) for at in seen[packet.name]}
    assert passed == packet.passes


def test_metadata_needs_no_gateway_and_no_opening(declared: Mapping[str, Server]) -> None:
    url = "http://169.254.169.254/openstack/latest/meta_data.json"
    said = declared["guarded"].shell(f"wget -q -O - {url}; ip route | grep -c ^default; true")
    assert f'"uuid": "{declared["guarded"].id}"' in said
    assert said.endswith("0"), "it has no default route"
