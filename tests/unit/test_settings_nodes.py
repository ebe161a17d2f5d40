"""What the settings promise of nodes: ssh reaches them, and each is a node of its own."""

from pathlib import Path

from tests.unit.configs import GONE, Allowed, Case, check_refused, check_taken, each

CASES: tuple[Case, ...] = (
    ("no controller", {"controller": GONE}, "controller", "is missing: the node of the services"),
    ("node name in capitals", {"computes[0].name": "Compute"}, "computes[0].name", "a host name"),
    ("node name with dot", {"computes[0].name": "a.b"}, "computes[0].name", "a host name"),
    ("node name begins with -", {"computes[0].name": "-a"}, "computes[0].name", "a host name"),
    ("node name ends in -", {"computes[0].name": "a-"}, "computes[0].name", "a host name"),
    ("node name too long", {"computes[0].name": "a" * 64}, "computes[0].name", "a host name"),
    ("node called localhost", {"controller.name": "localhost"}, "controller.name", "localhost"),
    ("physical with colon", {"provider.physicalName": "a:b"}, "provider.physicalName", "simple wo"),
    ("NIC too long", {"provider.interfaceName": "e" * 16}, "provider.interfaceName", "1 to 15"),
    ("NIC with slash", {"computes[1].interfaceName": "a/b"}, "computes[1].interfaceName", "no spa"),
    ("NIC with colon", {"provider.interfaceName": "eth0:1"}, "provider.interfaceName", "or ':'"),
    ("NIC a folder", {"provider.interfaceName": ".."}, "provider.interfaceName", "1 to 15"),
    ("ssh user", {"ssh.user": "Root!"}, "ssh.user", "is not a user name"),
    ("ssh user begins with a digit", {"ssh.user": "1st"}, "ssh.user", "is not a user name"),
    ("ssh user too long", {"ssh.user": "u" * 33}, "ssh.user", "1 to 32"),
    ("node name twice", {"computes[0].name": "controller"}, "computes[0].name", "of controller"),
    ("node twice", {"computes[1].host": "192.168.100.20"}, "computes[1].host", "of computes[0]"),
    ("address no address", {"controller.host": "node1"}, "controller.host", "IPv4 address such as"),
    ("address IPv6", {"controller.host": "fd00::1"}, "controller.host", "is not an IPv4 address"),
    ("node nowhere", {"controller.host": "0.0.0.1"}, "controller.host", "a node cannot use"),
    ("node on multicast", {"controller.host": "224.0.0.5"}, "controller.host", "a node cannot"),
    ("node on broadcast", {"controller.host": "255.255.255.255"}, "controller.host", "cannot use"),
    ("node on loopback", {"controller.host": "127.0.0.1"}, "controller.host", "each machine's own"),
    ("node link local", {"controller.host": "169.254.10.10"}, "controller.host", "link local"),
    (
        "node at a broadcast",
        {"computes[0].host": "192.168.100.255"},
        "computes[0].host",
        "192.168.100.255 ends in 255, which a network keeps for its broadcast; take another",
    ),
    ("node at a network", {"computes[0].host": "192.168.100.0"}, "computes[0].host", "own address"),
    ("ssh port", {"ssh.port": 65536}, "ssh.port", "65536 is outside 1..65535"),
)

ALLOWED: tuple[Allowed, ...] = (
    ("a user of the system", {"ssh.user": "_user-1"}),
    ("a NIC with a dot", {"provider.interfaceName": "eth0.5"}),
)


@each(CASES)
def test_a_mistake_is_named_at_its_place(case: Case, tmp_path: Path) -> None:
    check_refused(case, tmp_path)


@each(ALLOWED)
def test_what_is_just_within_a_limit_is_taken(case: Allowed, tmp_path: Path) -> None:
    check_taken(case, tmp_path)
