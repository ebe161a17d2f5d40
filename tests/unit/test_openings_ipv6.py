"""What openings of IPv6 promise: each is a rule of its version, and a team's rules see it."""

from collections.abc import Callable, Iterable
from ipaddress import IPv6Network
from pathlib import Path

import pytest

from components.cloud import SecurityGroup
from components.settings import (
    EgressSettings,
    IngressSettings,
    PeerSettings,
    SecurityGroupSettings,
    Traffic,
    load,
)
from components.settings.openings import OpeningSettings
from tests.unit.clouds import parts
from tests.unit.configs import Allowed, Case, Change, changed, check_refused, check_taken, each
from tests.unit.configs import problems as problems_of
from tests.unit.examples import as_pulumi, good_config
from tests.unit.mocks import deploy

ICMP, TCP = "servers[0].ingress[0]", "servers[0].ingress[1]"
SIX = IPv6Network("2001:db8::/32")


def opening(protocol: object, cidr: str, **more: object) -> Change:
    """Let a server have an opening more."""
    return {"servers[0].ingress[2]": {"protocol": protocol, "cidr": cidr, **more}}


TAKEN: tuple[Allowed, ...] = (
    ("everywhere", opening("tcp", "::/0", port=22)),
    ("the same port for both versions", {f"{TCP}.cidr": "::/0"} | opening("tcp", "::/1", port=22)),
    ("one address", opening("any", "2001:db8::5/128")),
    ("an address in another spelling", opening("tcp", "2001:DB8:0:0::/32", port=80)),
    ("icmpv6", opening("icmpv6", "::/0")),
    ("a type of icmpv6 with its code", opening("icmpv6", "::/0", icmpType=1, icmpCode=4)),
    ("a protocol of IPv6 alone", opening(43, "fd00::/8")),
    (
        "icmpv6 of a group",
        {
            "securityGroups": [
                {
                    **{"name": "own", "project": "web"},
                    "ingress": [{"protocol": "icmpv6", "from": {"group": "own"}}],
                }
            ]
        },
    ),
    ("what goes out", {"servers[0].egress": [{"protocol": "any", "cidr": "::/0"}]}),
)


@each(TAKEN)
def test_it_may_be_open(case: Allowed, tmp_path: Path) -> None:
    check_taken(case, tmp_path)


LAST = "servers[0].ingress[2]"
REFUSED: tuple[Case, ...] = (
    (
        "icmp is IPv4's",
        opening("icmp", "::/0"),
        f"{LAST}.protocol",
        "icmp is IPv4's, and ::/0 IPv6; write icmpv6",
    ),
    (
        "icmpv6 is IPv6's",
        opening("icmpv6", "10.0.0.0/8"),
        f"{LAST}.protocol",
        "icmpv6 is IPv6's, and 10.0.0.0/8 IPv4; write icmp",
    ),
    (
        "a number of IPv6's",
        opening(44, "10.0.0.0/8"),
        f"{LAST}.protocol",
        "44 is IPv6's, and 10.0.0.0/8 IPv4; give a network of IPv6",
    ),
    (
        "a number that has a name",
        opening(58, "::/0"),
        f"{LAST}.protocol",
        "58 is icmpv6 to Neutron; write icmpv6",
    ),
    ("Neutron's name", opening("ipv6-icmp", "::/0"), f"{LAST}.protocol", "write icmpv6"),
    ("host bits", opening("any", "fd00::1/64"), f"{LAST}.cidr", "the network is fd00::/64"),
    (
        "no length",
        opening("any", "2001:db8::5"),
        f"{LAST}.cidr",
        "is not an IPv6 network, as it has no length; did you mean 2001:db8::5/128?",
    ),
    ("all", opening("any", "::"), f"{LAST}.cidr", "everywhere is 0.0.0.0/0, and ::/0 for IPv6"),
    ("a NIC's name", opening("any", "fe80::%eth0/64"), f"{LAST}.cidr", "is not a network such as"),
    (
        "IPv4 in IPv6, which no packet has",
        opening("any", "::ffff:10.0.0.0/104"),
        f"{LAST}.cidr",
        "::ffff:a00:0/104 has no machines; IPv4 is written as 10.0.0.0/8",
    ),
    (
        "the same in two spellings",
        opening("tcp", "2001:db8::/32", port=80)
        | {"servers[0].ingress[3]": {"protocol": "tcp", "port": 80, "cidr": "2001:0db8::/32"}},
        "servers[0].ingress[3]",
        "is there twice",
    ),
    ("ethertype", opening("any", "::/0", ethertype="IPv6"), f"{LAST}.ethertype", "that of `cidr`"),
)


@each(REFUSED)
def test_it_may_not_be_open(case: Case, tmp_path: Path) -> None:
    check_refused(case, tmp_path)


# The rules of a team; an opening; the words of what they refuse, "" if nothing.
OF_A_TEAM: tuple[tuple[dict[str, object], Change, str], ...] = (
    (
        {"openPorts": [80]},
        opening("tcp", "::/0", port=22),
        "::/0 opens tcp 22 to everywhere; rules.openPorts allows it for 80; give a network of /32"
        " or smaller",
    ),
    ({"openPorts": [80]}, opening("tcp", "::/0", port=80), ""),
    ({"openPorts": []}, opening("any", "::/0"), "::/0 opens any to everywhere"),
    ({"openPorts": []}, opening(43, "::/0"), "::/0 opens 43 to everywhere"),
    ({"openPorts": []}, opening("tcp", "2000::/3", port=22), "2000::/3 opens tcp 22"),
    ({"openPorts": []}, opening("tcp", "2001:db8::/31", port=22), "2001:db8::/31 opens tcp 22"),
    ({"openPorts": []}, opening("tcp", "2001:db8::/32", port=22), ""),
    ({"openPorts": []}, opening("icmpv6", "::/0"), ""),
    (
        {"openIcmp": False},
        opening("icmpv6", "::/0"),
        "::/0 opens icmpv6 to everywhere; rules.openIcmp is false; give a network of /32 or",
    ),
    ({"openIcmp": False}, opening("any", "::/0"), "::/0 opens any to everywhere"),
    ({"openIcmp": False}, opening("icmpv6", "2001:db8::/48"), ""),
)


@pytest.mark.parametrize(("rules", "change", "words"), OF_A_TEAM)
def test_a_team_forbids_what_is_open_to_everywhere_by_ipv6_too(
    rules: dict[str, object], change: Change, words: str, tmp_path: Path
) -> None:
    change = change | {"rules": rules, f"{ICMP}.cidr": "10.0.0.0/8"}
    config = as_pulumi(changed(good_config(tmp_path), change, tmp_path))
    if words:
        (line,) = problems_of(config)
        assert line.startswith(f"{LAST}.cidr: {words}")
    else:
        load(config)


TRAFFIC: tuple[tuple[OpeningSettings, Traffic], ...] = (
    (
        IngressSettings(protocol="tcp", port=22, cidr=SIX),
        Traffic("tcp", 22, 22, "2001:db8::/32", None, 6),
    ),
    (
        EgressSettings(protocol="icmpv6", icmp_type=128, cidr=SIX),
        Traffic("icmpv6", 128, None, "2001:db8::/32", None, 6),
    ),
    (
        IngressSettings(protocol="icmpv6", from_=PeerSettings(group="own")),
        Traffic("icmpv6", None, None, None, "own", 6),
    ),
)


@pytest.mark.parametrize(("opening", "traffic"), TRAFFIC)
def test_an_opening_is_this_rule(opening: OpeningSettings, traffic: Traffic) -> None:
    assert list(opening.traffic) == [traffic]


def opened(ingress: Iterable[IngressSettings], ipv6: bool) -> Callable[[], object]:
    """Return a program with a group that is open to this."""

    def program() -> None:
        project, *_ = parts()
        settings = SecurityGroupSettings(name="own", project="web", ingress=tuple(ingress))
        group = SecurityGroup("g", settings, project)
        group.open([group], ipv6=ipv6)

    return program


OWN = PeerSettings(group="own")
RULES: tuple[tuple[IngressSettings, bool, dict[str, dict[str, object]]], ...] = (
    (
        IngressSettings(protocol="tcp", port=22, cidr=SIX),
        False,
        {
            "g-tcp-22-2001.db8..-32": {
                **{"ethertype": "IPv6", "protocol": "tcp", "portRangeMin": 22, "portRangeMax": 22},
                "remoteIpPrefix": "2001:db8::/32",
            }
        },
    ),
    (
        IngressSettings(protocol="icmpv6", icmp_type=128, cidr=IPv6Network("::/0")),
        False,
        {
            "g-icmpv6-128-..-0": {
                **{"ethertype": "IPv6", "protocol": "ipv6-icmp"},
                **{"portRangeMin": 128, "portRangeMax": 0, "remoteIpPrefix": "::/0"},
            }
        },
    ),
    (
        IngressSettings(protocol="any", from_=OWN),
        False,
        {"g-any-group.own": {"ethertype": "IPv4", "remoteGroupId": "id of g-group"}},
    ),
    (
        IngressSettings(protocol="any", from_=OWN),
        True,
        {
            "g-any-group.own": {"ethertype": "IPv4", "remoteGroupId": "id of g-group"},
            "g-any-group6.own": {"ethertype": "IPv6", "remoteGroupId": "id of g-group"},
        },
    ),
    (
        IngressSettings(protocol="icmp", from_=OWN),
        True,
        {
            "g-icmp-group.own": {
                **{"ethertype": "IPv4", "protocol": "icmp"},
                "remoteGroupId": "id of g-group",
            }
        },
    ),
    (
        IngressSettings(protocol="icmpv6", from_=OWN),
        True,
        {
            "g-icmpv6-group6.own": {
                **{"ethertype": "IPv6", "protocol": "ipv6-icmp"},
                "remoteGroupId": "id of g-group",
            }
        },
    ),
)


@pytest.mark.parametrize(("ingress", "ipv6", "rules"), RULES)
def test_a_rule_is_of_its_version(
    ingress: IngressSettings, ipv6: bool, rules: dict[str, dict[str, object]]
) -> None:
    """What is open to a group is open to its addresses of both, where the project has IPv6."""
    deployed = deploy(opened([ingress], ipv6))
    always = {"direction": "ingress", "securityGroupId": "id of g-group"}
    found = {name: deployed.named(name).inputs for name in deployed.names("SecGroupRule")}
    assert found == {name: always | values for name, values in rules.items()}
