"""What the settings promise of the openings of nodes."""

from pathlib import Path

from tests.unit.configs import Allowed, Case, check_refused, check_taken, each

OPEN: dict[str, object] = {"ports": [9100], "cidr": "10.7.0.0/24"}


def entry(**more: object) -> dict[str, object]:
    """Give the settings one opening."""
    return {"nodeOpenings": [OPEN | more]}


CASES: tuple[Case, ...] = (
    (
        "no port of a node",
        entry(ports=[]),
        "nodeOpenings[0].ports",
        "is empty; give one, such as [9100]",
    ),
    (
        "a port of a node as a text",
        entry(ports=["9100"]),
        "nodeOpenings[0].ports[0]",
        "without quotes",
    ),
    (
        "ports of a node that overlap",
        entry(ports=[9100, "9000-9200"]),
        "nodeOpenings[0].ports[1]",
        "9000-9200 overlaps 9100; leave one out",
    ),
    (
        "another protocol of a node",
        entry(protocol="icmp"),
        "nodeOpenings[0].protocol",
        "'tcp' or 'udp'",
    ),
    (
        "host bits of a node's opening",
        entry(cidr="10.7.0.1/24"),
        "nodeOpenings[0].cidr",
        "host bits",
    ),
    (
        "a node that is not there",
        entry(nodes=["controller", "compute9"]),
        "nodeOpenings[0].nodes[1]",
        "'compute9' is neither the controller nor a compute",
    ),
    (
        "Terraform's key of a node's opening",
        entry(port=9100),
        "nodeOpenings[0].port",
        "they are `ports`, a list",
    ),
)

ALLOWED: tuple[Allowed, ...] = (
    ("a port for all nodes", entry()),
    ("ranges from IPv6", entry(ports=[1, "9000-9200"], cidr="fd07::/64", protocol="udp")),
    ("from everywhere, on two nodes", entry(cidr="0.0.0.0/0", nodes=["controller", "compute"])),
)


@each(CASES)
def test_a_wrong_opening_is_refused(case: Case, tmp_path: Path) -> None:
    check_refused(case, tmp_path)


@each(ALLOWED)
def test_an_opening_is_taken(case: Allowed, tmp_path: Path) -> None:
    check_taken(case, tmp_path)
