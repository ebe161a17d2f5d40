"""What the settings promise of networks: their addresses, gateways and pools, their VLANs."""

from pathlib import Path

from tests.unit.configs import (
    GONE,
    NETWORK,
    SERVER,
    Allowed,
    Case,
    check_refused,
    check_taken,
    each,
)

CASES: tuple[Case, ...] = (
    (
        "DNS on loopback",
        {"networks[0].dns[1]": "127.0.0.53"},
        "networks[0].dns[1]",
        "127.0.0.53 lies in 127.0.0.0/8 (loopback: each machine's own), which no server can ask",
    ),
    ("DNS link local", {"networks[0].dns[1]": "169.254.169.254"}, "networks[0].dns[1]", "metadata"),
    ("DNS on multicast", {"networks[0].dns[1]": "224.0.0.251"}, "networks[0].dns[1]", "multicast"),
    (
        "six DNS servers",
        {"networks[0].dns": [f"9.9.9.{i}" for i in range(6)]},
        "networks[0].dns",
        "has 6 servers; Neutron takes at most 5",
    ),
    (
        "DNS server twice",
        {"networks[0].dns": ["8.8.8.8", "9.9.9.9", "8.8.8.8"]},
        "networks[0].dns",
        "8.8.8.8 is there twice; leave one out",
    ),
    (
        "DNS at its network's broadcast",
        {"networks[0].dns": ["10.101.0.255"]},
        "networks[0].dns[0]",
        "10.101.0.255 is no machine's address in 10.101.0.0/24",
    ),
    ("DNS no address", {"networks[0].dns[1]": "dns.example"}, "networks[0].dns[1]", "IPv4 address"),
    ("cidr no network", {"networks[1].cidr": "10.150.0.0"}, "networks[1].cidr", "an IPv4 network"),
    ("host bits", {"networks[1].cidr": "10.150.0.9/24"}, "networks[1].cidr", "is 10.150.0.0/24"),
    ("network too small", {"networks[1].cidr": "10.150.0.0/31"}, "networks[1].cidr", "/8../30"),
    ("network too large", {"networks[1].cidr": "8.0.0.0/7"}, "networks[1].cidr", "/8../30"),
    ("network loopback", {"networks[1].cidr": "127.1.0.0/24"}, "networks[1].cidr", "127.0.0.0/8"),
    ("network multicast", {"networks[1].cidr": "224.1.0.0/16"}, "networks[1].cidr", "224.0.0.0/4"),
    ("network metadata", {"networks[1].cidr": "169.254.0.0/16"}, "networks[1].cidr", "cannot use"),
    (
        "networks overlap",
        {"networks[1].cidr": "10.101.0.128/25"},
        "networks[1].cidr",
        "10.101.0.128/25 overlaps 10.101.0.0/24 of networks[0]",
    ),
    (
        "network holds a node",
        {"networks[1].cidr": "192.168.100.8/30"},
        "networks[1].cidr",
        "holds 192.168.100.10 of controller",
    ),
    (
        "network holds a compute",
        {"networks[1].cidr": "192.168.101.0/24", "computes[1].host": "192.168.101.1"},
        "networks[1].cidr",
        "holds 192.168.101.1 of computes[1]",
    ),
    (
        "gateway outside",
        {"networks[1].gateway": "10.151.0.1"},
        "networks[1].gateway",
        "10.150.0.1 to 10.150.0.254",
    ),
    ("gateway is the network", {"networks[1].gateway": "10.150.0.0"}, "networks[1].gateway", "no"),
    ("gateway is broadcast", {"networks[1].gateway": "10.150.0.255"}, "networks[1].gateway", "no"),
    ("pool outside", {"networks[0].pool.end": "10.102.0.1"}, "networks[0].pool.end", "10.101.0.25"),
    (
        "pool at broadcast",
        {"networks[0].pool.end": "10.101.0.255"},
        "networks[0].pool.end",
        "no ma",
    ),
    (
        "pool from the network",
        {"networks[0].pool.start": "10.101.0.0", "networks[0].gateway": None},
        "networks[0].pool.start",
        "10.101.0.1 to",
    ),
    ("pool upside down", {"networks[0].pool.end": "10.101.0.99"}, "networks[0].pool", "swap them"),
    (
        "gateway in the pool",
        {"networks[0].gateway": "10.101.0.150"},
        "networks[0].pool",
        "leave it",
    ),
    (
        "gateway begins the pool",
        {"networks[0].gateway": "10.101.0.100"},
        "networks[0].pool",
        "10.101.0.100 to 10.101.0.199 holds the gateway 10.101.0.100",
    ),
    (
        "gateway ends the pool",
        {"networks[0].gateway": "10.101.0.199"},
        "networks[0].pool",
        "10.101.0.100 to 10.101.0.199 holds the gateway 10.101.0.199",
    ),
    (
        "segment outside",
        {"networks[1].segment": 250},
        "networks[1].segment",
        "250 is outside 100..201; take a free one, e.g. 100",
    ),
    (
        "the last segment is free",
        {"provider.minvlan": 101, "provider.maxvlan": 102},
        "networks[1].segment",
        "150 is outside 101..102; take a free one, e.g. 102",
    ),
    (
        "no segment is free",
        {"provider.minvlan": 101, "provider.maxvlan": 101},
        "networks[1].segment",
        "none in it is free",
    ),
    ("segment no VLAN", {"networks[1].segment": 4095}, "networks[1].segment", "outside 1..4094"),
    ("segment 0", {"networks[1].segment": 0}, "networks[1].segment", "0 is outside 1..4094"),
    ("segment twice", {"networks[1].segment": 101}, "networks[1].segment", "of networks[0] too"),
    ("range upside down", {"provider.minvlan": 300}, "provider.minvlan", "above maxvlan 201"),
    ("range no VLAN", {"provider.maxvlan": 4095}, "provider.maxvlan", "outside 1..4094"),
    (
        "network of no project",
        {"networks[2]": NETWORK | {"shared": False, "project": "x"}},
        "networks[2].project",
        "there is web, db",
    ),
    (
        "network for none",
        {"networks[0].shared": False, "servers[0].name": "w"},
        "networks[0].shared",
        "give exactly one of",
    ),
    ("network for all and one", {"networks[1].shared": True}, "networks[1].shared", "exactly one"),
)

ALLOWED: tuple[Allowed, ...] = (
    (
        "the first and the last VLAN",
        {
            "provider.minvlan": 1,
            "provider.maxvlan": 4094,
            "networks[0].segment": 1,
            "networks[1].segment": 4094,
        },
    ),
    (
        "a range of one VLAN",
        {
            "provider.minvlan": 101,
            "provider.maxvlan": 101,
            "networks[1]": GONE,
            "servers[1]": GONE,
        },
    ),
    ("the largest network", {"networks[1].cidr": "9.0.0.0/8"}),
    ("the smallest network", {"networks[1].cidr": "10.150.0.0/30"}),
    ("a network beside another", {"networks[1].cidr": "10.101.1.0/24"}),
    ("five DNS servers", {"networks[0].dns": [f"9.9.9.{i}" for i in (0, 1, 2, 3, 255)]}),
    ("the first address as gateway", {"networks[1].gateway": "10.150.0.1"}),
    ("the last address as gateway", {"networks[1].gateway": "10.150.0.254"}),
    (
        "a pool of all but the gateway",
        {"networks[0].pool": {"start": "10.101.0.2", "end": "10.101.0.254"}},
    ),
    ("a pool of one", {"networks[0].pool": {"start": "10.101.0.2", "end": "10.101.0.2"}}),
    (
        "an address on each network",
        {
            "networks[2]": NETWORK,
            "servers[0].address": "10.101.0.11",
            "servers[2]": SERVER | {"network": "more", "address": "10.102.0.11"},
        },
    ),
)


@each(CASES)
def test_a_mistake_is_named_at_its_place(case: Case, tmp_path: Path) -> None:
    check_refused(case, tmp_path)


@each(ALLOWED)
def test_what_is_just_within_a_limit_is_taken(case: Allowed, tmp_path: Path) -> None:
    check_taken(case, tmp_path)
