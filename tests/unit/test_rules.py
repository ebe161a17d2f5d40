"""What a team's rules promise: what they allow passes, what they refuse is named at its place."""

from pathlib import Path

import pytest

from components.settings import RulesSettings, Settings, load
from tests.unit.configs import GONE, SERVER, Change, changed, problems
from tests.unit.examples import as_pulumi, good_config

ROOT = Path(__file__).parents[2]


def opening(protocol: str, cidr: str, **port: int) -> dict[str, object]:
    """Return a new server that is open to this."""
    return SERVER | {"ingress": [{"protocol": protocol, "cidr": cidr, **port}]}


def in_group(*ingress: dict[str, object]) -> Change:
    """Return a new security group that is open to this, and that no server has."""
    return {"securityGroups": [{"name": "own", "project": "web", "ingress": [*ingress]}]}


def everywhere(protocol: str | int, **more: object) -> dict[str, object]:
    """Return an opening to everywhere."""
    return {"protocol": protocol, "cidr": "0.0.0.0/0", **more}


IN_GROUP = "securityGroups[0].ingress[0].cidr"
NO_ICMP: Change = {"servers[0].ingress[0].cidr": "10.0.0.0/8"}
HTTP = opening("tcp", "0.0.0.0/0", port=80)
SSH = opening("tcp", "0.0.0.0/0", port=22)
UNFILTERED = {key: value for key, value in SERVER.items() if key != "network"} | {
    "networks": [{"network": "front", "portSecurity": False}]
}
WHERE = "servers[2].ingress[0].cidr"
ROOMY: Change = {"projects[0].quota.cores": 99, "projects[0].quota.ram": 9999}

# A promise, the rules, and a change to the good config that they allow.
ALLOWED: tuple[tuple[str, dict[str, object], Change], ...] = (
    ("a listed port", {"openPorts": [443, 80]}, {"servers[2]": HTTP}),
    ("icmp is no port", {"openPorts": []}, {}),
    (
        "a range of listed ports",
        {"openPorts": [82, 80, 81]},
        in_group(everywhere("tcp", ports=["80-81", 82])),
    ),
    (
        "all that a group's own servers send",
        {"openPorts": [], "openIcmp": False},
        NO_ICMP | in_group({"protocol": "any", "from": {"group": "own"}}),
    ),
    (
        "what goes out",
        {"openPorts": [], "openIcmp": False},
        NO_ICMP | {"servers[0].egress": [everywhere("any")]},
    ),
    (
        "any port to somewhere",
        {"openPorts": []},
        {"servers[2]": opening("tcp", "11.0.0.0/8", port=22)},
    ),
    (
        "icmp to somewhere",
        {"openIcmp": False},
        {"servers[0].ingress[0].cidr": "10.0.0.0/8"},
    ),
    ("ports are not icmp's", {"openIcmp": False}, {"servers[0].ingress": [], "servers[2]": SSH}),
    ("a flavor as large as may be", {"maxPublicFlavor": {"vcpus": 1, "ram": 256, "disk": 1}}, {}),
    ("a size that is not limited", {"maxPublicFlavor": {"vcpus": 1}}, {"flavors[0].ram": 512}),
    (
        "a larger flavor that is not public",
        {"maxPublicFlavor": {"vcpus": 1, "ram": 256, "disk": 1}},
        {"flavors[1].vcpus": 8},
    ),
    ("images with checksums", {"imageChecksums": True}, {}),
    (
        "projects with quotas",
        {"projectQuota": True},
        {"projects[1].quota": {"instances": 1, "cores": 1, "ram": 384}},
    ),
    (
        "a NIC without port security",
        {"nicsWithoutPortSecurity": True},
        {"servers[2]": UNFILTERED},
    ),
    ("protected networks that are there", {"protectedNetworks": ["data", "front"]}, {}),
)

# A promise, the rules, a change to the good config, and the place and words of what they refuse.
REFUSED: tuple[tuple[str, dict[str, object], Change, str, str], ...] = (
    (
        "a NIC without port security, by default too",
        {"nicsWithoutPortSecurity": False},
        {"servers[2]": UNFILTERED},
        "servers[2].networks[0].portSecurity",
        "false lets it take every address of its network, also the gateway's; leave it out, or set",
    ),
    (
        "a port not listed",
        {"openPorts": [80, 443]},
        {"servers[2]": SSH},
        WHERE,
        "0.0.0.0/0 opens tcp 22 to everywhere; rules.openPorts allows it for 80, 443;"
        " give a network of /8 or smaller",
    ),
    (
        "any port, where none is listed",
        {"openPorts": []},
        {"servers[2]": opening("udp", "0.0.0.0/0", port=53)},
        WHERE,
        "0.0.0.0/0 opens udp 53 to everywhere; rules.openPorts allows it for no port;"
        " give a network of /8 or smaller",
    ),
    (
        "half of everywhere",
        {"openPorts": [80]},
        {"servers[2]": opening("tcp", "128.0.0.0/1", port=22)},
        WHERE,
        "128.0.0.0/1 opens tcp 22 to everywhere; rules.openPorts allows it for 80;"
        " give a network of /8 or smaller",
    ),
    (
        "just wider than somewhere",
        {"openPorts": [80]},
        {"servers[2]": opening("tcp", "10.0.0.0/7", port=22)},
        WHERE,
        "10.0.0.0/7 opens tcp 22 to everywhere; rules.openPorts allows it for 80;"
        " give a network of /8 or smaller",
    ),
    (
        "a range with one port that is not listed",
        {"openPorts": [80, 82]},
        in_group(everywhere("udp", ports=["80-82"])),
        IN_GROUP,
        "0.0.0.0/0 opens udp 80-82 to everywhere; rules.openPorts allows it for 80, 82;",
    ),
    (
        "one of several ports",
        {"openPorts": [80]},
        in_group(everywhere("tcp", ports=[80, 22])),
        IN_GROUP,
        "0.0.0.0/0 opens tcp 22 to everywhere; rules.openPorts allows it for 80;",
    ),
    (
        "all ports",
        {"openPorts": [80]},
        in_group(everywhere("sctp", ports=["1-65535"])),
        IN_GROUP,
        "0.0.0.0/0 opens sctp 1-65535 to everywhere; rules.openPorts allows it for 80;",
    ),
    (
        "any protocol, which has all ports",
        {"openPorts": [80]},
        in_group(everywhere("any")),
        IN_GROUP,
        "0.0.0.0/0 opens any to everywhere; rules.openPorts allows ports of tcp, udp, sctp alone:"
        " 80;",
    ),
    (
        "a protocol whose ports OVN ignores",
        {"openPorts": [80]},
        in_group(everywhere("udplite")),
        IN_GROUP,
        "0.0.0.0/0 opens udplite to everywhere; rules.openPorts allows ports of",
    ),
    (
        "a tunnel",
        {"openPorts": [80]},
        in_group(everywhere("ipip")),
        IN_GROUP,
        "0.0.0.0/0 opens ipip to everywhere; rules.openPorts allows ports of",
    ),
    (
        "a number",
        {"openPorts": [80]},
        in_group(everywhere(94)),
        IN_GROUP,
        "0.0.0.0/0 opens 94 to everywhere; rules.openPorts allows ports of",
    ),
    (
        "any protocol, of which icmp is one",
        {"openIcmp": False},
        NO_ICMP | in_group(everywhere("any")),
        IN_GROUP,
        "0.0.0.0/0 opens any to everywhere; rules.openIcmp is false;",
    ),
    (
        "a type of icmp",
        {"openIcmp": False},
        NO_ICMP | in_group(everywhere("icmp", icmpType=8)),
        IN_GROUP,
        "0.0.0.0/0 opens icmp to everywhere; rules.openIcmp is false;",
    ),
    (
        "icmp",
        {"openIcmp": False},
        {},
        "servers[0].ingress[0].cidr",
        "0.0.0.0/0 opens icmp to everywhere; rules.openIcmp is false;"
        " give a network of /8 or smaller",
    ),
    (
        "a public flavor's processors",
        {"maxPublicFlavor": {"vcpus": 1}},
        {"flavors[0].vcpus": 2, **ROOMY},
        "flavors[0].vcpus",
        "2 is above rules.maxPublicFlavor.vcpus, 1;"
        " make it smaller, or set `public: false` and list its projects",
    ),
    (
        "a public flavor's memory",
        {"maxPublicFlavor": {"ram": 256}},
        {"flavors[0].ram": 257, **ROOMY},
        "flavors[0].ram",
        "257 MiB is above rules.maxPublicFlavor.ram, 256 MiB;"
        " make it smaller, or set `public: false` and list its projects",
    ),
    (
        "a public flavor's disk",
        {"maxPublicFlavor": {"disk": 0}},
        {},
        "flavors[0].disk",
        "1 GiB is above rules.maxPublicFlavor.disk, 0 GiB;"
        " make it smaller, or set `public: false` and list its projects",
    ),
    (
        "an image's file without a checksum",
        {"imageChecksums": True},
        {"images[0].sha256": GONE},
        "images[0].sha256",
        "is missing; rules.imageChecksums asks for it (`sha256sum FILE`)",
    ),
    (
        "a project without a quota",
        {"projectQuota": True},
        {},
        "projects[1].quota",
        "is missing; rules.projectQuota asks for it: {instances, cores, ram (MiB)}",
    ),
    (
        "a protected network that is not there",
        {"protectedNetworks": ["data", "frnt"]},
        {},
        "rules.protectedNetworks[1]",
        "'frnt' is not among the networks; did you mean front?",
    ),
    # What is no rule
    ("an unknown rule", {"openPort": [80]}, {}, "rules.openPort", "is no known key; did you"),
    ("a rule of another type", {"projectQuota": "yes"}, {}, "rules.projectQuota", "true or false"),
    ("no port", {"openPorts": [80, 0]}, {}, "rules.openPorts[1]", "0 is outside 1..65535"),
    (
        "a size that cannot be read",
        {"maxPublicFlavor": {"disk": 0}},
        {"flavors[0].disk": "1"},
        "flavors[0].disk",
        "'1' is not a whole number",
    ),
    ("no list", {"openPorts": 80}, {}, "rules.openPorts", "80 is not a list"),
    (
        "an unknown size",
        {"maxPublicFlavor": {"cpus": 1}},
        {},
        "rules.maxPublicFlavor.cpus",
        "did you mean vcpus?",
    ),
)


def config(rules: object, change: Change, folder: Path) -> dict[str, str]:
    """Return the good config with rules and a change, as Pulumi gives it to the program."""
    return as_pulumi(changed(good_config(folder), {**change, "rules": rules}, folder))


@pytest.mark.parametrize(("rules", "change"), [c[1:] for c in ALLOWED], ids=[c[0] for c in ALLOWED])
def test_a_rule_allows(rules: object, change: Change, tmp_path: Path) -> None:
    assert load(config(rules, change, tmp_path)).rules == RulesSettings.model_validate(rules)


@pytest.mark.parametrize(
    ("rules", "change", "place", "words"), [c[1:] for c in REFUSED], ids=[c[0] for c in REFUSED]
)
def test_a_rule_refuses(
    rules: object, change: Change, place: str, words: str, tmp_path: Path
) -> None:
    (line,) = problems(config(rules, change, tmp_path))
    assert line.startswith(f"{place}: ")
    assert words in line


@pytest.mark.parametrize(
    "change",
    [pytest.param(change, id=name) for name, _, change, _, words in REFUSED if "rules." in words],
)
def test_nothing_else_is_refused_by_default(change: Change, tmp_path: Path) -> None:
    assert load(config({}, change, tmp_path)).rules == RulesSettings()


def test_each_rule_allows_something_and_refuses_something() -> None:
    every = {field.alias for field in RulesSettings.model_fields.values()}
    assert {rule for _, rules, _ in ALLOWED for rule in rules} == every
    assert {rule for _, rules, *_ in REFUSED for rule in rules} >= every


def test_what_rules_refuse_is_said_with_all_else(tmp_path: Path) -> None:
    """Also by the rules beside a broken one, and of the good fields of a broken entry."""
    rules = {
        "openPorts": "x",
        "openIcmp": False,
        "maxPublicFlavor": {"vcpus": 1, "ram": 128},
        "projectQuota": True,
        "protectedNetworks": ["gone"],
    }
    change: Change = {
        "region": "Region One",
        "flavors[0].vcpus": "2",
        "networks[1].segment": 250,
        "servers[2]": SSH | {"flavor": "huge"},
    }
    assert [line.split(": ")[0] for line in problems(config(rules, change, tmp_path))] == [
        "region",
        "projects[1].quota",
        "networks[1].segment",
        "flavors[0].vcpus",
        "flavors[0].ram",
        "servers[0].ingress[0].cidr",
        "servers[2].flavor",
        "rules.openPorts",
        "rules.protectedNetworks[0]",
    ]


def test_rules_that_are_no_mapping_are_one_mistake(tmp_path: Path) -> None:
    (line,) = problems(config(["openIcmp"], {}, tmp_path))
    assert line.startswith("rules: ")


def test_each_rule_is_in_the_manual() -> None:
    manual = (ROOT / "docs/settings.md").read_text().split("\n## `rules`\n")[1]
    assert Settings.model_fields["rules"].annotation is RulesSettings
    for field in RulesSettings.model_fields.values():
        assert f"\n| `{field.alias}` |" in manual
        assert field.description
