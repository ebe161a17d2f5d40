"""What the settings promise of names: OpenStack and the hosts take them, and none is twice."""

from pathlib import Path

from tests.unit.configs import NETWORK, Allowed, Case, check_refused, check_taken, each

CASES: tuple[Case, ...] = (
    ("region with space", {"region": "Region One"}, "region", "is not a simple word"),
    ("region begins with a sign", {"region": "-one"}, "region", "is not a simple word"),
    ("a key's text is not repeated", {"ssh.user": "PRIVATE"}, "ssh.user", "this text is not a"),
    ("nor are lines", {"region": "one\ntwo"}, "region", "this text is not a simple"),
    ("region too long", {"region": "r" * 64}, "region", "is not a simple word"),
    ("server name no host name", {"servers[1].name": "db_1"}, "servers[1].name", "a host name"),
    ("no name", {"projects[2]": {"name": ""}}, "projects[2].name", "1 to 64 characters"),
    ("name too long", {"networks[2]": NETWORK | {"name": "n" * 256}}, "networks[2].name", "to 255"),
    (
        "name beyond the database",
        {"networks[2]": NETWORK | {"name": "front 😀"}},
        "networks[2].name",
        "none beyond U+FFFF (as emoji are)",
    ),
    ("half a character", {"projects[2]": {"name": "a\ud83d"}}, "projects[2].name", "beyond U+FFFF"),
    (
        "flavor with what nobody sees",
        {"flavors[2]": {"name": "ti\u200bny2", "vcpus": 1, "ram": 1, "disk": 1}},
        "flavors[2].name",
        "holds U+200B, which Nova refuses in a flavor's name",
    ),
    (
        "flavor with a line's end",
        {"flavors[2]": {"name": "tiny\u20282", "vcpus": 1, "ram": 1, "disk": 1}},
        "flavors[2].name",
        "holds U+2028",
    ),
    (
        "server called default",
        {"servers[1].name": "default"},
        "servers[1].name",
        "'default' is the name of each project's own group; take another",
    ),
    ("space at the front", {"projects[2]": {"name": " p"}}, "projects[2].name", "no space at its"),
    ("space at the end", {"projects[2]": {"name": "p "}}, "projects[2].name", "no space at its"),
    ("control character", {"projects[2]": {"name": "a\tb"}}, "projects[2].name", "no control"),
    ("project twice", {"projects[2]": {"name": "web"}}, "projects[2].name", "of projects[0] too"),
    (
        "names' case is no case",
        {"projects[2]": {"name": "WEB"}},
        "projects[2].name",
        "'WEB' is for OpenStack's database the same as 'web' of projects[0]; take another",
    ),
    (
        "accents are none",
        {"flavors[2]": {"name": "Tíny", "vcpus": 1, "ram": 1, "disk": 1}},
        "flavors[2].name",
        "the same as 'tiny' of flavors[0]",
    ),
    ("image twice", {"images[1].name": "guest", "servers[1].image": "guest"}, "images[1].name", ""),
    ("network twice", {"networks[2]": NETWORK | {"name": "data"}}, "networks[2].name", "of netwo"),
    (
        "flavor twice",
        {"flavors[2]": {"name": "tiny", "vcpus": 1, "ram": 1, "disk": 1}},
        "flavors[2].name",
        "of flavors[0]",
    ),
    ("server twice, in any project", {"servers[1].name": "web1"}, "servers[1].name", "servers[0]"),
    (
        "duplicate of a broken entry",
        {"servers[1].name": "web1", "servers[0].address": 1},
        "servers[0].address servers[1].name",
        "1 is not a text",
    ),
)

ALLOWED: tuple[Allowed, ...] = (
    ("names of one letter", {"computes[0].name": "a", "projects[2]": {"name": "p"}, "region": "r"}),
    (
        "the longest names",
        {
            "computes[0].name": "a" * 63,
            "projects[2]": {"name": "p" * 64},
            "networks[2]": NETWORK | {"name": "é" * 255},
            "region": "r" * 63,
            "ssh.user": "u" * 32,
            "provider.interfaceName": "e" * 15,
        },
    ),
    ("names of all sorts", {"projects[2]": {"name": "Zoë & Søn / 3"}, "computes[0].name": "0-9"}),
    (
        "names of all scripts",
        {
            "projects[2]": {"name": "前端 ﷺ"},
            "networks[2]": NETWORK | {"name": "نت\u200cورک"},
            "flavors[2]": {"name": "छोटा ☂", "vcpus": 1, "ram": 1, "disk": 1},
        },
    ),
)


@each(CASES)
def test_a_mistake_is_named_at_its_place(case: Case, tmp_path: Path) -> None:
    check_refused(case, tmp_path)


@each(ALLOWED)
def test_what_is_just_within_a_limit_is_taken(case: Allowed, tmp_path: Path) -> None:
    check_taken(case, tmp_path)
