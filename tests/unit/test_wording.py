"""What the comment on a preview says of nodes, projects, networks and servers."""

import pytest

from components.state import COMMAND
from pull_requests.page import comment
from pull_requests.preview import SECRET, UNKNOWN
from pull_requests.summary import summary
from tests.unit.previews import (
    COMPUTE,
    PROJECT,
    SERVER,
    component,
    image,
    read,
    shown,
    step,
    urn,
)
from wording import WORDS
from wording.nodes import MARK, because


def test_nothing_to_do_is_one_line() -> None:
    text = comment(read(shown(component("same", PROJECT, "project-web"))))
    assert text == f"### Preview of `prod`\n\n{WORDS.nothing}\n"


def test_the_order_of_the_steps_does_not_matter() -> None:
    steps = [*image("a", "raw"), *image("b", "raw"), *image("c10", "raw"), *image("c9", "raw")]
    assert comment(read(shown(*steps))) == comment(read(shown(*reversed(steps))))
    assert [line.split(":")[0] for line in summary(read(shown(*steps))).sections["Cloud"]] == [
        "image a",
        "image b",
        "image c9",
        "image c10",
    ]


def test_a_secret_is_named_and_not_shown() -> None:
    user = step(
        "update",
        "openstack:identity/user:User",
        "project-web-user",
        {"name": "web", "password": SECRET},
        {"name": "web", "password": SECRET},
        parent=urn(PROJECT, "project-web"),
    )
    user["detailedDiff"] = {"password": {"kind": "update"}}
    text = comment(read(shown(component("same", PROJECT, "project-web"), user)))
    assert "- `project web: user password has changed`" in text
    assert "! password: [secret]" in text


def test_what_is_lost_comes_first() -> None:
    parent = urn(SERVER, "server-web1")
    steps = [
        component("delete", PROJECT, "project-a"),
        component("same", SERVER, "server-web1"),
        step(
            "replace",
            "openstack:compute/instance:Instance",
            "server-web1-server",
            {"userData": "a"},
            {"userData": "b"},
            parent=parent,
            provider=urn("pulumi:providers:openstack", "project-web-provider") + "::id",
        ),
        *image("b", "raw"),
    ]
    text = comment(read(shown(*steps)))
    lines = [line for line in text.splitlines() if line.startswith(("- ⚠", "- `"))]
    assert lines == [
        "- ⚠ **`project web: server web1 is replaced, its disk is lost,"
        " because user data has changed`**",
        "- ⚠ **`project a is deleted`**",
        "- `image b: + new (raw)`",
    ]


def test_a_server_that_was_never_made_is_new() -> None:
    instance = step(
        "create",
        "openstack:compute/instance:Instance",
        "server-web1-server",
        None,
        {"name": "web1"},
        parent=urn(SERVER, "server-web1"),
        provider=urn("pulumi:providers:openstack", "project-web-provider") + f"::{UNKNOWN}",
    )
    (line,) = summary(read(shown(component("same", SERVER, "server-web1"), instance))).sections[
        "Projects"
    ]
    assert line.startswith("project web: + server web1 (")


def test_an_id_is_shown_as_the_name_of_what_it_is_of() -> None:
    network = urn("openstack:networking/network:Network", "network-front-network")
    port = step(
        "update",
        "openstack:networking/port:Port",
        "server-web1-port",
        {"networkId": "5f2c", "fixedIps": [{"subnetId": "9a", "ipAddress": "10.0.0.1"}]},
        {"networkId": UNKNOWN, "fixedIps": [{"subnetId": UNKNOWN, "ipAddress": "10.0.0.1"}]},
        propertyDependencies={"networkId": [network], "fixedIps": []},
    )
    (found,) = read(shown(port)).changed
    assert [tuple(change) for change in found.changes] == [
        ("fixedIps[0].subnetId", "9a", "known after up"),
        ("networkId", "network-front-network", "the new network-front-network"),
    ]


SCRIPT = f"run\n{MARK}\n#   minvlan=100\n#   NAMES=a b\n#   passwords.sh 11\n#   library 22\n"

# A step's text before, what is put in another place, and the reasons.
REASONS = (
    ("=100", "=150", ["minvlan 100 -> 150"]),
    ("=a b", "=a b c", ["NAMES + c"]),
    ("=a b", "=b", ["NAMES - a"]),
    ("=a b", "=b a", ["NAMES a b -> b a"]),
    ("#   minvlan=100\n", "", ["minvlan 100 -> none"]),
    ("run", "walk", ["the script has changed"]),
    ("library 22", "library 33", ["the library has changed"]),
    ("passwords.sh 11", "passwords.sh 12", ["the passwords have changed"]),
)


@pytest.mark.parametrize(("old", "new", "expected"), REASONS)
def test_a_step_says_why_it_runs_again(old: str, new: str, expected: list[str]) -> None:
    assert because(SCRIPT, SCRIPT.replace(old, new)) == expected


def test_a_file_says_which_setting_changes() -> None:
    assert because("export A='x y'\nexport B=1\n", "export A='x z'\nexport B=1\n") == ["A - y + z"]
    assert because("one\n", "two\n") == ["its text has changed"]


def test_steps_of_one_reason_are_told_together() -> None:
    create = "install /dev/stdin /x && /x"
    steps = [component("same", COMPUTE, "compute")] + [
        step(
            "update",
            COMMAND,
            f"compute-{name}",
            {"create": create, "stdin": SCRIPT},
            {"create": create, "stdin": SCRIPT.replace("=100", "=150")},
            parent=urn(COMPUTE, "compute"),
        )
        for name in ("b", "a")
    ]
    assert summary(read(shown(*steps))).sections["Nodes"] == [
        "compute: a, b run again, because minvlan 100 -> 150"
    ]


def test_what_was_in_clear_before_it_is_secret_is_not_shown() -> None:
    change = step(
        "update",
        "openstack:identity/project:Project",
        "project-web-project",
        {"name": "web", "description": "marker-of-the-tests"},
        {"name": "shop", "description": SECRET},
        parent=urn(PROJECT, "project-web"),
    )
    text = comment(read(shown(component("same", PROJECT, "project-web"), change)))
    assert "marker-of-the-tests" not in text
    assert "name web -> shop" in text
    assert "description" not in text, "it is the same, as far as is known"
