"""What the settings promise of networks' packets, pools and DHCP, and of the untagged one."""

from pathlib import Path

from tests.unit.configs import (
    GONE,
    SERVER,
    Allowed,
    Case,
    Change,
    check_refused,
    check_taken,
    each,
)

FLAT: Change = {"networks[1].segment": GONE, "networks[1].flat": True}
TUNNELS: Change = {"provider.tunnels": {"cidr": "10.99.0.0/24", "segment": 99}}
OWN: dict[str, object] = {"name": "own", "cidr": "10.10.0.0/24", "project": "web"}
DB2: dict[str, object] = {**SERVER, "name": "db2", "project": "db", "network": "data"}


def pool(start: int, end: int) -> dict[str, object]:
    """Return a pool of networks[1]."""
    return {"start": f"10.150.0.{start}", "end": f"10.150.0.{end}"}


CASES: tuple[Case, ...] = (
    ("a wire below IPv6's least", {"provider.mtu": 1279}, "provider.mtu", "outside 1280..9216"),
    ("a wire above all switches", {"provider.mtu": 9217}, "provider.mtu", "outside 1280..9216"),
    (
        "a network above the wire",
        {"networks[1].mtu": 1501},
        "networks[1].mtu",
        "1501 is more than 1500, which is iaas:provider.mtu 1500; lower it, or leave it out",
    ),
    (
        "a project's own above what a tunnel leaves",
        TUNNELS | {"networks[2]": OWN | {"mtu": 1443}},
        "networks[2].mtu",
        "1443 is more than 1442, which is iaas:provider.mtu 1500 without the 58 of a tunnel; lower",
    ),
    ("a network below IPv4's", {"networks[1].mtu": 575}, "networks[1].mtu", "outside 576..9216"),
    (
        "pool and pools",
        {"networks[1].pool": pool(10, 19), "networks[1].pools": [pool(20, 29)]},
        "networks[1].pools",
        "is given together with pool; leave one of them out",
    ),
    (
        "pools that overlap",
        {"networks[1].pools": [pool(20, 29), pool(10, 20)]},
        "networks[1].pools[1]",
        "10.150.0.10 to 10.150.0.20 overlaps 10.150.0.20 to 10.150.0.29 of pools[0]; give each",
    ),
    (
        "a pool twice",
        {"networks[1].pools": [pool(10, 19), pool(10, 19)]},
        "networks[1].pools[1]",
        "overlaps 10.150.0.10 to 10.150.0.19 of pools[0]",
    ),
    (
        "a pool of many upside down",
        {"networks[1].pools": [pool(10, 19), pool(29, 20)]},
        "networks[1].pools[1]",
        "starts at 10.150.0.29, after its end 10.150.0.20; swap them",
    ),
    (
        "a pool of many outside",
        {"networks[1].pools": [pool(10, 19), {"start": "10.150.0.20", "end": "10.151.0.1"}]},
        "networks[1].pools[1].end",
        "10.151.0.1 is no machine's address in 10.150.0.0/24",
    ),
    (
        "the gateway in one of the pools",
        {"networks[1].pools": [pool(10, 19), pool(1, 9)], "networks[1].gateway": "10.150.0.9"},
        "networks[1].pools[1]",
        "10.150.0.1 to 10.150.0.9 holds the gateway 10.150.0.9; leave it out",
    ),
    (
        "a gateway before all addresses",
        {"networks[1].gateway": "0.0.0.0"},  # noqa: S104
        "networks[1].gateway",
        "0.0.0.0 is no machine's address in 10.150.0.0/24",
    ),
    (
        "a gateway behind all addresses",
        {"networks[1].gateway": "255.255.255.255"},
        "networks[1].gateway",
        "255.255.255.255 is no machine's address in 10.150.0.0/24",
    ),
    (
        "more servers than all pools have",
        {"networks[1].pools": [pool(10, 10), pool(20, 20)], "servers[2]": DB2},
        "networks[1].pools",
        "has 2 addresses to give out, too few for 2 servers and Neutron's own one (DHCP); make",
    ),
    (
        "more servers than addresses without DHCP",
        {"networks[1].pool": pool(10, 10), "networks[1].dhcp": False, "servers[2]": DB2},
        "networks[1].pool",
        "has 1 addresses to give out, too few for 2 servers; make it larger",
    ),
    (
        "an address of one of the pools",
        {
            "networks[1].pools": [pool(20, 29), pool(10, 19)],
            "servers[2]": DB2 | {"address": "10.150.0.25"},
        },
        "servers[2].address",
        "10.150.0.25 may be given to another first: 'data' gives out 10.150.0.10 to 10.150.0.19,"
        " 10.150.0.20 to 10.150.0.29; take one outside of the pools",
    ),
    (
        "untagged and a VLAN",
        {"networks[1].flat": True},
        "networks[1].flat",
        "is given together with a segment; leave one of them out",
    ),
    (
        "two untagged ones",
        FLAT | {"networks[0].segment": GONE, "networks[0].flat": True},
        "networks[1].flat",
        "networks[0] is the untagged network too; give one a segment",
    ),
    (
        "untagged as the tunnels",
        FLAT | {"provider.tunnels": {"cidr": "10.99.0.0/24"}},
        "networks[1].flat",
        "its servers would reach the tunnels, which are untagged; give"
        " iaas:provider.tunnels.segment",
    ),
    (
        "untagged for none",
        {**FLAT, "networks[1].project": GONE},
        "networks[1].shared",
        "give exactly one of `shared: true` and `project`",
    ),
    (
        "untagged on a router",
        TUNNELS | FLAT | {"routers": [{"name": "edge", "project": "db", "networks": ["data"]}]},
        "routers[0].networks[0]",
        "'data' is the untagged network; a router joins projects' own networks",
    ),
)

ALLOWED: tuple[Allowed, ...] = (
    ("the smallest wire", {"provider.mtu": 1280}),
    ("the largest wire", {"provider.mtu": 9216, "networks[1].mtu": 9216}),
    ("all of the wire", {"networks[1].mtu": 1500}),
    ("all that a tunnel leaves", TUNNELS | {"networks[2]": OWN | {"mtu": 1442}}),
    ("the smallest packets", {"networks[1].mtu": 576}),
    ("pools in any order, side by side", {"networks[1].pools": [pool(20, 29), pool(10, 19)]}),
    ("the gateway between pools", {"networks[0].pool": GONE, "networks[0].pools": []}),
    (
        "an address between pools",
        {
            "networks[1].pools": [pool(10, 19), pool(30, 39)],
            "servers[2]": DB2 | {"address": "10.150.0.25"},
        },
    ),
    (
        "as many servers as addresses without DHCP",
        {"networks[1].pool": pool(10, 11), "networks[1].dhcp": False, "servers[2]": DB2},
    ),
    ("an untagged network", FLAT),
    ("an untagged network beside tagged tunnels", FLAT | TUNNELS),
    (
        "an untagged one that is shared and external",
        FLAT | {"networks[1].project": GONE, "networks[1].shared": True}
        | {"networks[1].external": True},
    ),
)  # fmt: skip


@each(CASES)
def test_a_mistake_is_named_at_its_place(case: Case, tmp_path: Path) -> None:
    check_refused(case, tmp_path)


@each(ALLOWED)
def test_what_is_just_within_a_limit_is_taken(case: Allowed, tmp_path: Path) -> None:
    check_taken(case, tmp_path)
