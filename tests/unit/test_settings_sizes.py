"""What the settings promise of the sizes of the controller's services."""

from pathlib import Path

from components.settings import SizeSettings
from tests.unit.configs import Allowed, Case, check_refused, check_taken, each

CASES: tuple[Case, ...] = (
    ("no core", {"sizes": {"cores": 0}}, "sizes.cores", "0 is outside 1..1024"),
    ("memory with a unit", {"sizes": {"memory": "8G"}}, "sizes.memory", "'8G'"),
    (
        "a size that is none",
        {"sizes": {"exactly": {"keystoen": 4}}},
        "sizes.exactly",
        "'keystoen' is no size; did you mean keystone?",
    ),
    (
        "too many processes",
        {"sizes": {"exactly": {"keystone": 65}}},
        "sizes.exactly",
        "keystone: 65 is outside 1..64",
    ),
    (
        "fewer connections than services may open",
        {"sizes": {"exactly": {"databaseConnections": 500}}},
        "sizes.exactly",
        "databaseConnections: 500 is outside 4096..6144",
    ),
    (
        "a number in quotes",
        {"sizes": {"exactly": {"glance": "2"}}},
        "sizes.exactly",
        "glance: '2' is not a number of 1..64",
    ),
    (
        "a truth",
        {"sizes": {"exactly": {"glance": True}}},
        "sizes.exactly",
        "glance: true is not a number of 1..64",
    ),
    (
        "a list",
        {"sizes": {"exactly": ["keystone"]}},
        "sizes.exactly",
        "a list is not a mapping of numbers; write it as {keystone: 4}",
    ),
    ("another tool's workers", {"sizes": {"workers": 4}}, "sizes.workers", "are in `exactly`"),
)

ALLOWED: tuple[Allowed, ...] = (
    ("the machine's own", {"sizes": {}}),
    ("another machine's", {"sizes": {"cores": 8, "memory": 16}}),
    ("numbers of one's own", {"sizes": {"exactly": {"keystone": 64, "databaseMemory": 65536}}}),
)


@each(CASES)
def test_a_wrong_size_is_refused(case: Case, tmp_path: Path) -> None:
    check_refused(case, tmp_path)


@each(ALLOWED)
def test_a_size_is_taken(case: Allowed, tmp_path: Path) -> None:
    check_taken(case, tmp_path)


def test_the_order_of_sizes_says_nothing() -> None:
    one, other = {"keystone": 4, "glance": 2}, {"glance": 2, "keystone": 4}
    words = "cores=8 glance=2 keystone=4"
    for exactly in (one, other):
        assert SizeSettings(cores=8, exactly=exactly).words == words
    assert not SizeSettings().words
