"""What a network's IPv6 promises: what cannot work is refused, each with what would be right."""

from pathlib import Path

from components.settings import load
from components.settings.ipv6 import Ipv6Settings
from tests.unit.configs import GONE, Allowed, Case, Change, changed, each, problems
from tests.unit.examples import as_pulumi
from tests.unit.routed import routed_config
from tests.unit.several_nics import config_of_two

DATA, INSIDE = "networks[1].ipv6", "networks[2].ipv6"
SIX: dict[str, object] = {"cidr": "2001:db8:150::/64"}
ON_ROUTER: dict[str, object] = {"cidr": "fd00:10::/64", "gateway": "fd00:10::1"}
STATEFUL: dict[str, object] = {**SIX, "mode": "dhcpv6-stateful"}
ON_DATA: Change = {DATA: SIX}
BY_DHCP: Change = {DATA: STATEFUL, "servers[1].address6": "2001:db8:150::9"}
"""db1 is on networks[1]."""

TAKEN: tuple[Allowed, ...] = (
    ("a VLAN, whose router announces it", ON_DATA),
    ("a project's own network on a router", {INSIDE: ON_ROUTER}),
    ("DNS by DHCPv6", {DATA: {**SIX, "mode": "dhcpv6-stateless", "dns": ["2001:db8::53"]}}),
    ("a fixed address where DHCPv6 gives it", BY_DHCP),
    (
        "the last address that Neutron does not give out",
        BY_DHCP | {"servers[1].address6": "2001:db8:150:0:7fff:ffff:ffff:ffff"},
    ),
    ("a local prefix", {DATA: {"cidr": "fdff:1:2:3::/64"}}),
    ("IPv6 without DHCP of IPv4", ON_DATA | {"networks[1].dhcp": False}),
    (
        "an allowed address of IPv6",
        {"servers[1].network": GONE}
        | {
            "servers[1].networks": [
                {"network": "data", "allowedAddresses": ["2001:db8:150::20", "2001:db8::/32"]}
            ]
        },
    ),
)


@each(TAKEN)
def test_it_may_be_so(case: Allowed, tmp_path: Path) -> None:
    load(as_pulumi(changed(routed_config(tmp_path), case[1], tmp_path)))


REFUSED: tuple[Case, ...] = (
    (
        "another length",
        {DATA: {"cidr": "2001:db8::/56"}},
        f"{DATA}.cidr",
        "/56 is not /64, which servers need to choose their addresses",
    ),
    ("no length", {DATA: {"cidr": "2001:db8::"}}, f"{DATA}.cidr", "did you mean 2001:db8::/64?"),
    (
        "host bits",
        {DATA: {"cidr": "2001:db8::1/64"}},
        f"{DATA}.cidr",
        "2001:db8::1/64 has host bits set; the network is 2001:db8::/64",
    ),
    (
        "link-local",
        {DATA: {"cidr": "fe80::/64"}},
        f"{DATA}.cidr",
        "fe80::/64 is in none of 2000::/3, fc00::/7, as networks are",
    ),
    ("multicast", {DATA: {"cidr": "ff02::/64"}}, f"{DATA}.cidr", "is in none of"),
    (
        "IPv4",
        {DATA: {"cidr": "10.0.0.0/24"}},
        f"{DATA}.cidr",
        "'10.0.0.0/24' is not an IPv6 network such as 2001:db8:101::/64",
    ),
    ("an unknown mode", {DATA: {**SIX, "mode": "stateful"}}, f"{DATA}.mode", "slaac"),
    (
        "DNS that nobody hears of",
        {DATA: {**SIX, "dns": ["2001:db8::53"]}},
        f"{DATA}.dns",
        "is sent by DHCPv6 alone; take another mode, or the network's `dns`",
    ),
    (
        "a VLAN's gateway",
        {DATA: {**SIX, "gateway": "2001:db8:150::1"}},
        f"{DATA}.gateway",
        "servers learn of the site's router from its advertisements; leave it out",
    ),
    (
        "an external network",
        {"networks[0].ipv6": SIX},
        "networks[0].ipv6",
        "routers of OpenStack would answer on an external network as if they were the site's",
    ),
    (
        "no router",
        {"networks[3].ipv6": ON_ROUTER},
        "networks[3].ipv6",
        "needs a router, from which servers learn of it; put the network on one, or leave it out",
    ),
    (
        "no gateway for its router",
        {INSIDE: {"cidr": "fd00:10::/64"}},
        "routers[0].networks[0]",
        "'inside' has no ipv6.gateway; give it one, such as fd00:10::1",
    ),
    (
        "a gateway elsewhere",
        {INSIDE: {**ON_ROUTER, "gateway": "fd00:11::1"}},
        f"{INSIDE}.gateway",
        "fd00:11::1 is no machine's address in fd00:10::/64: fd00:10::1 to",
    ),
    (
        "the routers' own anycast address",
        {INSIDE: {**ON_ROUTER, "gateway": "fd00:10::"}},
        f"{INSIDE}.gateway",
        "fd00:10:: is no machine's address",
    ),
    (
        "a gateway that Neutron could give out",
        {INSIDE: {**ON_ROUTER, "mode": "dhcpv6-stateful", "gateway": "fd00:10::8000:0:0:1"}},
        f"{INSIDE}.gateway",
        "is in the second half of fd00:10::/64, which Neutron gives out",
    ),
    (
        "the same twice",
        {
            DATA: {"cidr": "fd00:10::/64"},
            "networks[4]": {
                "name": "next",
                "segment": 120,
                "cidr": "10.120.0.0/24",
                "shared": True,
                "ipv6": {"cidr": "fd00:10::/64"},
            },
        },
        "networks[4].ipv6.cidr",
        "fd00:10::/64 is that of networks[1] too; take another",
    ),
    (
        "packets too small",
        {INSIDE: ON_ROUTER, "networks[2].mtu": 1279},
        INSIDE,
        "needs packets of 1280 bytes, and the network carries 1279",
    ),
    (
        "a wire too small for a tunnel",
        {INSIDE: ON_ROUTER, "provider.mtu": 1300},
        INSIDE,
        "needs packets of 1280 bytes, and the network carries 1242",
    ),
    (
        "a fixed address without IPv6",
        {"servers[1].address6": "2001:db8:150::9"},
        "servers[1].address6",
        "with dhcpv6-stateful alone, and 'data' has no IPv6; leave it out",
    ),
    (
        "a fixed address that follows from the MAC address",
        ON_DATA | {"servers[1].address6": "2001:db8:150::9"},
        "servers[1].address6",
        "on 'data' it follows from the MAC address (slaac); leave it out",
    ),
    (
        "a fixed address that Neutron could give out",
        BY_DHCP | {"servers[1].address6": "2001:db8:150:0:8000::"},
        "servers[1].address6",
        "is in the second half of 2001:db8:150::/64, which Neutron gives out; take one of",
    ),
    (
        "a fixed address of another network",
        BY_DHCP | {"servers[1].address6": "2001:db8:151::9"},
        "servers[1].address6",
        "2001:db8:151::9 is no machine's address in 2001:db8:150::/64",
    ),
    (
        "a NIC's name in an address",
        BY_DHCP | {"servers[1].address6": "fe80::1%eth0"},
        "servers[1].address6",
        "is not an IPv6 address such as 2001:db8:101::10",
    ),
    (
        "people's other word",
        {"networks[1].cidr6": "2001:db8::/64"},
        "networks[1].cidr6",
        "it is `ipv6`: {cidr}",
    ),
)


@each(REFUSED)
def test_it_may_not_be_so(case: Case, tmp_path: Path) -> None:
    _, change, place, words = case
    (line,) = problems(as_pulumi(changed(routed_config(tmp_path), change, tmp_path)))
    assert line.startswith(f"{place}: ")
    assert words in line


NICS: tuple[Case, ...] = (
    (
        "nearly all addresses",
        {"servers[0].networks[0].allowedAddresses": ["2000::/3"]},
        "servers[0].networks[0].allowedAddresses[0]",
        "2000::/3 lets it take addresses of everybody, as without port security; give networks",
    ),
    (
        "the router's address",
        {INSIDE: ON_ROUTER, "servers[0].networks[1].allowedAddresses": ["fd00:10::1"]},
        "servers[0].networks[1].allowedAddresses[0]",
        "fd00:10::1 is the address of router 'edge'",
    ),
    (
        "another server's address",
        {
            INSIDE: {**ON_ROUTER, "mode": "dhcpv6-stateful"},
            "servers[2].address6": "fd00:10::21",
            "servers[0].networks[1].allowedAddresses": ["fd00:10::21"],
        },
        "servers[0].networks[1].allowedAddresses[0]",
        "fd00:10::21 is the address of servers[2]",
    ),
    (
        "an address that Neutron could give out",
        {
            INSIDE: {**ON_ROUTER, "mode": "dhcpv6-stateful"},
            "servers[0].networks[1].allowedAddresses": ["fd00:10::ffff:0:0:1"],
        },
        "servers[0].networks[1].allowedAddresses[0]",
        "is in the second half of fd00:10::/64",
    ),
    (
        "the same address twice",
        {
            INSIDE: {**ON_ROUTER, "mode": "dhcpv6-stateful"},
            "servers[2].address6": "fd00:10::21",
            "servers[0].networks[1].address6": "fd00:10::21",
        },
        "servers[2].address6",
        "fd00:10::21 is the address of servers[0].networks[1] too",
    ),
    (
        "its own address",
        {
            INSIDE: {**ON_ROUTER, "mode": "dhcpv6-stateful"},
            "servers[0].networks[1].address6": "fd00:10::21",
            "servers[0].networks[1].allowedAddresses": ["fd00:10::21"],
        },
        "servers[0].networks[1].allowedAddresses[0]",
        "fd00:10::21 is its own address; leave it out",
    ),
)


@each(NICS)
def test_a_nic_may_not_be_so(case: Case, tmp_path: Path) -> None:
    _, change, place, words = case
    (line,) = problems(as_pulumi(changed(config_of_two(tmp_path), change, tmp_path)))
    assert line.startswith(f"{place}: ")
    assert words in line


def test_networks_of_two_projects_may_have_the_same(tmp_path: Path) -> None:
    """As those of IPv4, when they are projects' own."""
    other = {"name": "theirs", "cidr": "10.10.0.0/24", "gateway": "10.10.0.1", "project": "db"}
    change: Change = {
        INSIDE: ON_ROUTER,
        "networks[4]": {**other, "ipv6": ON_ROUTER},
        "routers[1]": {"name": "theirs", "project": "db", "networks": ["theirs"]},
    }
    load(as_pulumi(changed(routed_config(tmp_path), change, tmp_path)))


def test_a_server_chooses_the_address_of_its_mac_address() -> None:
    """The example of RFC 4291's appendix A, in another prefix."""
    six = Ipv6Settings.model_validate({"cidr": "2001:db8::/64"})
    assert str(six.address_of("34:56:78:9a:bc:de")) == "2001:db8::3656:78ff:fe9a:bcde"
