"""What the settings promise of servers: what they are made of is there and is theirs."""

from pathlib import Path

from tests.unit.configs import GONE, SERVER, Allowed, Case, check_refused, check_taken, each

CASES: tuple[Case, ...] = (
    ("fixed outside", {"servers[0].address": "10.150.0.11"}, "servers[0].address", "10.101.0.0/24"),
    ("fixed is the gateway", {"servers[0].address": "10.101.0.1"}, "servers[0].address", "'front'"),
    ("fixed is broadcast", {"servers[0].address": "10.101.0.255"}, "servers[0].address", "no mach"),
    (
        "fixed twice",
        {"servers[2]": SERVER | {"address": "10.101.0.11"}},
        "servers[2].address",
        "10.101.0.11 is the address of servers[0] too",
    ),
    (
        "opening with host bits",
        {"servers[0].ingress[1].cidr": "10.0.0.1/8"},
        "servers[0].ingress[1].cidr",
        "the network is 10.0.0.0/8",
    ),
    ("no such project", {"servers[0].project": "wbe"}, "servers[0].project", "did you mean web?"),
    ("no such image", {"servers[0].image": "x"}, "servers[0].image", "there is guest, other"),
    (
        "no such image, and a project without a name",
        {"servers[0].image": "geust", "projects[0].name": 7},
        "projects[0].name servers[0].image",
        "7 is not a text",
    ),
    (
        "no image at all",
        {"images": []},
        "servers[0].image servers[1].image",
        "'guest' is not among the images; there is none",
    ),
    ("no such flavor", {"servers[0].flavor": "tyni"}, "servers[0].flavor", "did you mean tiny?"),
    ("no such network", {"servers[1].network": "date"}, "servers[1].network", "mean data?"),
    (
        "network of another project",
        {"servers[0].network": "data", "servers[0].address": None},
        "servers[0].network",
        "'data' belongs to project 'db', not to 'web'",
    ),
    ("flavor of another project", {"servers[0].flavor": "small"}, "servers[0].flavor", "not list"),
    ("servers without a compute", {"computes": []}, "computes", "servers need one to run on"),
    (
        "user data too long",
        {"servers[0].userData": "#!".ljust(49150)},
        "servers[0].userData",
        "49149",
    ),
    (
        "unknown protocol",
        {"servers[0].ingress[1].protocol": "tpc"},
        "servers[0].ingress[1].protocol",
        "'tpc' is no protocol's name; did you mean tcp?",
    ),
    (
        "tcp without port",
        {"servers[0].ingress[1].port": GONE},
        "servers[0].ingress[1].port",
        "is missing; tcp needs one of 1..65535",
    ),
    ("icmp with port", {"servers[0].ingress[0].port": 1}, "servers[0].ingress[0].port", "leave it"),
    ("port 0", {"servers[0].ingress[1].port": 0}, "servers[0].ingress[1].port", "1..65535"),
    ("from nowhere", {"servers[0].ingress[1].cidr": GONE}, "servers[0].ingress[1].cidr", "missing"),
    (
        "opened twice",
        {"servers[0].ingress[2]": {"protocol": "icmp", "cidr": "0.0.0.0/0"}},
        "servers[0].ingress[2]",
        "is there twice",
    ),
)

ALLOWED: tuple[Allowed, ...] = (
    ("the first and the last port", {"ssh.port": 65535, "servers[0].ingress[1].port": 1}),
    ("the last address of a server", {"servers[0].address": "10.101.0.254"}),
    ("the longest user data", {"servers[0].userData": "#!".ljust(49149)}),
    (
        "one port from two networks",
        {"servers[0].ingress[2]": {"protocol": "tcp", "port": 22, "cidr": "11.0.0.0/8"}},
    ),
)


@each(CASES)
def test_a_mistake_is_named_at_its_place(case: Case, tmp_path: Path) -> None:
    check_refused(case, tmp_path)


@each(ALLOWED)
def test_what_is_just_within_a_limit_is_taken(case: Allowed, tmp_path: Path) -> None:
    check_taken(case, tmp_path)
