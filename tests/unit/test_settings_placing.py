"""What the settings promise of where servers are placed, and of what is written on them."""

from pathlib import Path

from tests.unit.configs import GONE, SERVER, Allowed, Case, Change, check_refused, check_taken, each

META, TAGS, DRIVE = "servers[0].metadata", "servers[0].tags", "servers[0].configDrive"
PAIR: dict[str, object] = {"name": "pair", "project": "web", "policy": "anti-affinity"}
GROUP, POLICY = "servers[0].serverGroup", "serverGroups[0].policy"
QUOTA: Change = {"projects[0].quota": {"instances": 9, "cores": 9, "ram": 9000}}


def group(*hosts: str | None, **more: object) -> Change:
    """Put web1 and so many servers like it into one group, each with its host."""
    first, *others = ({} if host is None else {"host": host} for host in hosts)
    change: Change = {"serverGroups": [PAIR | more], GROUP: "pair", **QUOTA}
    change |= {f"servers[0].{key}": value for key, value in first.items()}
    return change | {
        f"servers[{i}]": SERVER | {"name": f"more{i}", "serverGroup": "pair"} | host
        for i, host in enumerate(others, 2)
    }


CASES: tuple[Case, ...] = (
    ("metadata as a list", {META: ["role"]}, META, "a list is not a mapping of texts; write it"),
    ("a number in metadata", {META: {"tier": 1}}, META, "tier: 1 is not a text; put it in quotes"),
    ("a truth in metadata", {META: {"blue": True}}, META, "blue: true is not a text; put it in"),
    ("a slash in a key", {META: {"a/b": ""}}, META, "'a/b' is not a key: 1 to 255 letters"),
    ("too long a value", {META: {"a": "x" * 256}}, META, "a: 256 characters are more than Nova's"),
    ("a value with an emoji", {META: {"a": "\U0001f600"}}, META, "a: holds U+1F600; the database"),
    ("keys that are one", {META: {"Role": "", "role": ""}}, META, "'role' is for OpenStack's data"),
    ("too many keys", {META: {f"k{i}": "" for i in range(129)}}, META, "has 129 keys; Nova takes"),
    ("a comma in a tag", {TAGS: ["a,b"]}, f"{TAGS}[0]", "'a,b' is not a tag: 1 to 60 characters"),
    ("too long a tag", {TAGS: ["x" * 61]}, f"{TAGS}[0]", "is not a tag: 1 to 60 characters"),
    ("a tag twice", {TAGS: ["a", "b", "a"]}, f"{TAGS}[2]", "'a' is there twice; leave one out"),
    ("tags that are one", {TAGS: ["a", "A"]}, f"{TAGS}[1]", "'A' is for OpenStack's database the"),
    ("too many tags", {TAGS: [f"t{i}" for i in range(51)]}, TAGS, "has 51 entries; Nova takes at"),
    (
        "no drive without DHCP",
        {DRIVE: False, "networks[0].dhcp": False},
        DRIVE,
        "false, but 'front' has no DHCP: without a drive the server gets no address and no key",
    ),
    ("a host that is no compute", {"servers[0].host": "compute3"}, "servers[0].host", "computes"),
    ("no such group", {GROUP: "pair"}, GROUP, "'pair' is not among the serverGroups; there is no"),
    (
        "a group of another project",
        group(None, project="db"),
        GROUP,
        "'pair' belongs to project 'db', not to 'web'; make one of that project",
    ),
    (
        "a group of nobody",
        {"serverGroups": [PAIR | {"project": "app"}]},
        "serverGroups[0].project",
        "'app' is not among the projects",
    ),
    (
        "two groups of a name",
        {"serverGroups": [PAIR, PAIR]},
        "serverGroups[1].name",
        "'pair' is the name of serverGroups[0] too",
    ),
    (
        "no such policy",
        {"serverGroups": [PAIR | {"policy": "apart"}]},
        POLICY,
        "'apart' is not 'affinity', 'anti-affinity', 'soft-affinity' or 'soft-anti-affinity'",
    ),
    (
        "a number that says nothing",
        {"serverGroups": [PAIR | {"policy": "affinity", "maxPerHost": 2}]},
        "serverGroups[0].maxPerHost",
        "is for anti-affinity alone; leave it out",
    ),
    (
        "more servers apart than computes",
        group(None, None, None),
        POLICY,
        "anti-affinity has at most 1 of its servers on a compute, which 2 computes cannot do for 3"
        " servers: web1, more2, more3; add computes, take servers out, or take soft-anti-affinity",
    ),
    (
        "more servers apart than computes take",
        group(*[None] * 5, maxPerHost=2),
        POLICY,
        "at most 2 of its servers on a compute, which 2 computes cannot do for 5 servers",
    ),
    (
        "servers apart on one host",
        group("compute", "compute"),
        POLICY,
        "at most 1 of its servers on a compute, but more are to be there: web1 on compute, more2 on"
        " compute; take other hosts, no hosts, or soft-anti-affinity",
    ),
    (
        "servers together on two hosts",
        group("compute", "compute2", policy="affinity"),
        POLICY,
        "affinity has its servers on one compute, but they are to be apart: web1 on compute, more2",
    ),
    (
        "a server on a compute that takes none",
        {"servers[0].host": "compute", "computes[0].drain": True},
        "servers[0].host",
        "'compute' takes no servers, as its drain is true; take another, or none",
    ),
    (
        "servers apart on computes that take none",
        group(None, None) | {"computes[0].drain": True},
        POLICY,
        "anti-affinity has at most 1 of its servers on a compute, which 1 compute cannot do for 2",
    ),
    (
        "no compute that takes servers",
        {"computes[0].drain": True, "computes[1]": GONE},
        "computes[0].drain",
        "is true for each compute, and servers need one to run on; drain fewer at a time",
    ),
    (
        "a controller that is drained",
        {"controller.drain": True},
        "controller.drain",
        "is no known key",
    ),
    (
        "another word for it",
        {"computes[0].maintenance": True},
        "computes[0].maintenance",
        "to move its servers away: `drain: true`",
    ),
    ("Terraform's key", {"servers[0].schedulerHints": {}}, "servers[0].schedulerHints", "`serverG"),
)

ALLOWED: tuple[Allowed, ...] = (
    ("metadata up to its limits", {META: {"k" * 255: "x" * 255, "a-b_c:d.e f": ""}}),
    ("128 keys", {META: {f"k{i}": "" for i in range(128)}}),
    ("tags up to their limits", {TAGS: [*(f"t{i}" for i in range(49)), "x" * 60]}),
    ("a compute that is drained", {"computes[0].drain": True, "servers[0].host": "compute2"}),
    ("a drive where there is DHCP", {DRIVE: True}),
    ("a drive where there is none", {DRIVE: True, "networks[0].dhcp": False}),
    ("as many servers apart as computes", group(None, None)),
    ("as many as the computes take", group(*[None] * 4, maxPerHost=2)),
    ("two of a host where that may be", group("compute", "compute", maxPerHost=2)),
    ("servers apart on two hosts", group("compute", "compute2")),
    ("servers together on one host", group("compute", "compute", None, policy="affinity")),
    ("more than computes where it is soft", group(*["compute"] * 3, policy="soft-anti-affinity")),
    ("a host of each where it is soft", group("compute", "compute2", policy="soft-affinity")),
)


@each(CASES)
def test_what_cannot_be_placed_or_written_is_refused(case: Case, tmp_path: Path) -> None:
    check_refused(case, tmp_path)


@each(ALLOWED)
def test_what_is_just_within_a_limit_is_taken(case: Allowed, tmp_path: Path) -> None:
    check_taken(case, tmp_path)
