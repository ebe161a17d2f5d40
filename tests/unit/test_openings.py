"""What openings promise: each is read as it is meant, or refused with what would be right."""

from ipaddress import IPv4Network
from pathlib import Path

import pytest

from components.settings import EgressSettings, IngressSettings, PeerSettings, Traffic, load
from components.settings.openings import OpeningSettings
from components.settings.protocols import NUMBERS, PortRange
from tests.unit.configs import GONE, Change, changed, problems
from tests.unit.examples import as_pulumi, good_config

TCP, ICMP = "servers[0].ingress[1]", "servers[0].ingress[0]"
TEN = IPv4Network("10.0.0.0/8")


def group(name: str = "own", project: str = "web", **more: object) -> dict[str, object]:
    """Return a security group."""
    return {"name": name, "project": project, **more}


def ports(*several: object) -> Change:
    """Let an opening of tcp have these ports."""
    return {f"{TCP}.port": GONE, f"{TCP}.ports": list(several)}


def from_group(name: str) -> Change:
    """Let an opening be for a group."""
    return {f"{TCP}.cidr": GONE, f"{TCP}.from": {"group": name}}


ALLOWED: dict[str, Change] = {
    "a list of ports": ports(80, "8000-8100", 9000),
    "ranges side by side": ports("80-89", "90-99"),
    "all ports": ports("1-65535"),
    "a protocol by its name": {f"{ICMP}.protocol": "vrrp"},
    "a protocol by its number": {f"{ICMP}.protocol": 94},
    "the largest number": {f"{ICMP}.protocol": 255},
    "any protocol": {f"{ICMP}.protocol": "any"},
    "a type of icmp": {f"{ICMP}.icmpType": 8},
    "a type with its code": {f"{ICMP}.icmpType": 3, f"{ICMP}.icmpCode": 4},
    "the same port for another network": {
        "servers[0].ingress[2]": {"protocol": "tcp", "port": 22, "cidr": "11.0.0.0/8"}
    },
    "a range with a port of another opening": {
        "servers[0].ingress[2]": {"protocol": "tcp", "ports": ["20-30"], "cidr": "10.0.0.0/8"}
    },
    "nothing may be reached": {"servers[0].egress": []},
    "some may be reached": {"servers[0].egress": [{"protocol": "any", "cidr": "10.0.0.0/8"}]},
    "a group that is open to itself": {
        "securityGroups": [group(ingress=[{"protocol": "any", "from": {"group": "own"}}])],
        "servers[0].securityGroups": ["own"],
    },
    "groups that are open to each other": {
        "securityGroups": [
            group("one", ingress=[{"protocol": "any", "from": {"group": "other"}}]),
            group("other", egress=[{"protocol": "any", "to": {"group": "one"}}]),
        ]
    },
}


@pytest.mark.parametrize("change", ALLOWED.values(), ids=ALLOWED)
def test_it_may_be_open(change: Change, tmp_path: Path) -> None:
    load(as_pulumi(changed(good_config(tmp_path), change, tmp_path)))


REFUSED: tuple[tuple[Change, str], ...] = (
    # Ports
    (ports("8100-8000"), f"{TCP}.ports[0]: 8100-8000 is upside down; write 8000-8100"),
    (ports(80, "70-90"), f"{TCP}.ports[1]: 70-90 overlaps 80; write 70-90 instead of the two"),
    (
        ports("80-90", "85-99"),
        f"{TCP}.ports[1]: 85-99 overlaps 80-90; write 80-99 instead of the two",
    ),
    (ports(80, 80), f"{TCP}.ports[1]: 80 is there twice; leave one out"),
    (ports("80"), f"{TCP}.ports[0]: '80' is a text; write 80 without quotes"),
    (ports(0), f"{TCP}.ports[0]: 0 is outside 1..65535"),
    (ports("1-65536"), f"{TCP}.ports[0]: 65536 is outside 1..65535"),
    (ports("80:90"), f"{TCP}.ports[0]: write it as 80-90"),
    (ports("all"), f"{TCP}.ports[0]: 'all' is no port; every port is `ports`: [1-65535]"),
    (ports(True), f"{TCP}.ports[0]: true is neither a port nor a range such as 8000-8100"),
    (ports([80, 90]), f"{TCP}.ports[0]: a list is neither a port nor a range such as 8000-8100"),
    (
        {f"{TCP}.ports": [80]},
        f"{TCP}.ports: is given together with port; leave one of them out",
    ),
    (ports(), f"{TCP}.port: is missing; tcp needs one of 1..65535, or ports"),
    ({f"{ICMP}.ports": [8]}, f"{ICMP}.ports: icmp has no ports; leave it out"),
    (
        {f"{TCP}.protocol": "udplite"},
        f"{TCP}.port: OVN opens udplite with all its ports; leave it out",
    ),
    (
        {f"{TCP}.protocol": "any"},
        f"{TCP}.port: ports are those of a protocol: tcp, udp, sctp; leave it out",
    ),
    ({f"{TCP}.protocol": 94}, f"{TCP}.port: 94 has no ports; leave it out"),
    # Protocols
    ({f"{TCP}.protocol": 6}, f"{TCP}.protocol: 6 is tcp to Neutron; write tcp"),
    ({f"{ICMP}.protocol": 1}, f"{ICMP}.protocol: 1 is icmp to Neutron; write icmp"),
    ({f"{ICMP}.protocol": 0}, f"{ICMP}.protocol: 0 is any to Neutron; write any"),
    ({f"{ICMP}.protocol": 256}, f"{ICMP}.protocol: 256 is outside 0..255"),
    # Types and codes of icmp
    (
        {f"{ICMP}.icmpType": 0},
        f"{ICMP}.icmpType: OpenStack's provider cannot say 0, and would open all types; leave it"
        " out: answers to what goes out come in anyway",
    ),
    (
        {f"{ICMP}.icmpType": 3, f"{ICMP}.icmpCode": 0},
        f"{ICMP}.icmpCode: OpenStack's provider cannot say 0, and would open all codes of the"
        " type; leave it out",
    ),
    ({f"{ICMP}.icmpType": 256}, f"{ICMP}.icmpType: 256 is outside 1..255"),
    ({f"{ICMP}.icmpCode": 4}, f"{ICMP}.icmpCode: is the code of a type; give icmpType, too"),
    ({f"{TCP}.icmpType": 8}, f"{TCP}.icmpType: tcp has none; leave it out"),
    # The other end
    ({f"{TCP}.cidr": GONE}, f"{TCP}.cidr: is missing; give exactly one of cidr and from"),
    (
        {f"{TCP}.from": {"group": "own"}, "securityGroups": [group()]},
        f"{TCP}.cidr: give exactly one of cidr and from",
    ),
    ({f"{TCP}.to": {"group": "own"}}, f"{TCP}.to: is no known key; what may go out is in egress"),
    (
        {
            "servers[0].egress": [{"protocol": "any", "from": {"group": "own"}}],
            "securityGroups": [group()],
        },
        "servers[0].egress[0].from: is no known key; what may come in is in ingress",
    ),
    (
        from_group("onw") | {"securityGroups": [group()]},
        f"{TCP}.from.group: 'onw' is not among the securityGroups; did you mean own?",
    ),
    (
        from_group("theirs") | {"securityGroups": [group("theirs", "db")]},
        f"{TCP}.from.group: 'theirs' belongs to project 'db', not to 'web'; make one of that"
        " project",
    ),
    (
        {"securityGroups": [group(egress=[{"protocol": "any", "to": {"group": "no"}}])]},
        "securityGroups[0].egress[0].to.group: 'no' is not among the securityGroups; there is own",
    ),
    # The same twice
    (
        {
            "servers[0].ingress[2]": {
                "protocol": "tcp",
                "ports": [80, 22],
                "cidr": "10.0.0.0/8",
            }
        },
        "servers[0].ingress[2]: tcp 22 is in ingress[1], too; leave it out of one of them",
    ),
    (
        {"servers[0].egress": [{"protocol": "gre", "cidr": "10.0.0.0/8"}] * 2},
        "servers[0].egress[1]: is there twice; leave one out",
    ),
    (
        {"securityGroups": [group(ingress=[{"protocol": "gre", "cidr": "10.0.0.0/8"}] * 2)]},
        "securityGroups[0].ingress[1]: is there twice; leave one out",
    ),
    # Groups
    (
        {"servers[0].securityGroups": ["own", "own"], "securityGroups": [group()]},
        "servers[0].securityGroups[1]: 'own' is there twice; leave one out",
    ),
    (
        {"servers[0].securityGroups": ["onw"], "securityGroups": [group()]},
        "servers[0].securityGroups[0]: 'onw' is not among the securityGroups; did you mean own?",
    ),
    (
        {"servers[0].securityGroups": ["theirs"], "securityGroups": [group("theirs", "db")]},
        "servers[0].securityGroups[0]: 'theirs' belongs to project 'db', not to 'web'; make one"
        " of that project",
    ),
    (
        {"securityGroups": [group(project="wbe")]},
        "securityGroups[0].project: 'wbe' is not among the projects; did you mean web?",
    ),
    (
        {"securityGroups": [group("default")]},
        "securityGroups[0].name: 'default' is the name of each project's own group; take another",
    ),
    (
        {"securityGroups": [group("db1")]},
        "servers[1].name: 'db1' is the name of securityGroups[0] too; take another",
    ),
    (
        {"securityGroups": [group(), group(project="db")]},
        "securityGroups[1].name: 'own' is the name of securityGroups[0] too; take another",
    ),
)


@pytest.mark.parametrize(("change", "line"), REFUSED, ids=[line for _, line in REFUSED])
def test_it_may_not_be_open(change: Change, line: str, tmp_path: Path) -> None:
    config = as_pulumi(changed(good_config(tmp_path), change, tmp_path))
    assert problems(config) == [line]


@pytest.mark.parametrize(("name", "number"), NUMBERS.items())
def test_a_protocol_has_one_spelling(name: str, number: int, tmp_path: Path) -> None:
    """Neutron takes its name and its number for the same, so one rule could be there twice."""
    config = as_pulumi(
        changed(
            good_config(tmp_path),
            {f"{ICMP}.protocol": number, f"{ICMP}.cidr": "9.0.0.0/8"},
            tmp_path,
        )
    )
    assert problems(config) == [f"{ICMP}.protocol: {number} is {name} to Neutron; write {name}"]


TRAFFIC: tuple[tuple[OpeningSettings, list[Traffic]], ...] = (
    (
        IngressSettings(protocol="tcp", port=22, cidr=TEN),
        [Traffic("tcp", 22, 22, "10.0.0.0/8", None)],
    ),
    (
        IngressSettings(protocol="udp", ports=(PortRange(1, 2), PortRange(5, 5)), cidr=TEN),
        [Traffic("udp", 1, 2, "10.0.0.0/8", None), Traffic("udp", 5, 5, "10.0.0.0/8", None)],
    ),
    (
        IngressSettings(protocol="tcp", ports=(PortRange(1, 65535),), cidr=TEN),
        [Traffic("tcp", None, None, "10.0.0.0/8", None)],
    ),
    (
        IngressSettings(protocol="icmp", icmp_type=8, cidr=TEN),
        [Traffic("icmp", 8, None, "10.0.0.0/8", None)],
    ),
    (
        IngressSettings(protocol="any", from_=PeerSettings(group="own")),
        [Traffic("any", None, None, None, "own")],
    ),
    (
        EgressSettings(protocol="esp", to=PeerSettings(group="own")),
        [Traffic("esp", None, None, None, "own")],
    ),
)


@pytest.mark.parametrize(("opening", "traffic"), TRAFFIC)
def test_an_opening_is_these_rules(opening: OpeningSettings, traffic: list[Traffic]) -> None:
    assert list(opening.traffic) == traffic
