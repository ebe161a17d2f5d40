"""The comment on a preview: its words and its form."""

import json
import re
import subprocess
from typing import Any

import pytest

from tools.comment.__main__ import understood
from tools.comment.page import NOTHING, code, comment, fence
from tools.comment.preview import SECRET, UNKNOWN, natural, read
from tools.comment.words import MARK, because, summary

PROJECT = "iaas:cloud:Project"
IMAGE = "iaas:cloud:Image"
SERVER = "iaas:cloud:Server"
COMPUTE = "iaas:nodes:Compute"
COMMAND = "command:remote:Command"


def urn(kind: str, name: str) -> str:
    return f"urn:pulumi:prod::iaas::{kind}::{name}"


def step(
    op: str,
    kind: str,
    name: str,
    old: dict[str, Any] | None = None,
    new: dict[str, Any] | None = None,
    **state: Any,  # noqa: ANN401  # any JSON
) -> dict[str, Any]:
    """Return a step of a preview; states that are not given are not there."""
    made = {
        key: {"type": kind, "inputs": inputs, **state}
        for key, inputs in (("oldState", old), ("newState", new))
        if inputs is not None
    }
    return {"op": op, "urn": urn(kind, name), **made}


def component(op: str, kind: str, name: str) -> dict[str, Any]:
    return step(op, kind, name, *({"create": (None, {}), "delete": ({}, None)}.get(op, ({}, {}))))


def shown(*steps: dict[str, Any], **more: object) -> dict[str, Any]:
    return {"steps": [component("same", "pulumi:pulumi:Stack", "iaas-prod"), *steps], **more}


def image(name: str, content: str) -> list[dict[str, Any]]:
    """Return the steps that make an image with this text in it."""
    parent = urn(IMAGE, f"image-{name}")
    kind = "openstack:images/image:Image"
    new = {"diskFormat": "raw", "properties": {"note": content}}
    return [
        component("create", IMAGE, f"image-{name}"),
        step("create", kind, f"image-{name}-image", None, new, parent=parent),
    ]


def test_nothing_to_do_is_one_line() -> None:
    text = comment(read(shown(component("same", PROJECT, "project-web"))))
    assert text == f"### Preview of `prod`\n\n{NOTHING}\n"


def test_the_order_of_the_steps_does_not_matter() -> None:
    steps = [*image("a", "raw"), *image("b", "raw"), *image("c10", "raw"), *image("c9", "raw")]
    assert comment(read(shown(*steps))) == comment(read(shown(*reversed(steps))))
    assert [line.split(":")[0] for line in summary(read(shown(*steps))).cloud] == [
        "image a",
        "image b",
        "image c9",
        "image c10",
    ]


def test_numbers_in_names_are_in_order() -> None:
    names = ["compute10", "compute", "compute2", "7b"]
    assert sorted(names, key=natural) == ["compute", "compute2", "compute10", "7b"]


def test_a_long_comment_leaves_out_whole_resources_and_no_line_above() -> None:
    steps = [s for i in range(50) for s in image(f"i{i}", "x" * 500)]
    whole = comment(read(shown(*steps)), limit=1_000_000)
    head, _, _ = whole.partition("\n<details>")
    for limit in (100, len(head) + 3_000, 20_000):
        text = comment(read(shown(*steps)), limit=limit)
        assert text.startswith(head)
        kept = text.count("```diff")
        assert text.count("```") == 2 * kept
        assert f"\n{50 - kept} resources left out" in text
        assert text.endswith("</details>\n")
        assert len(text.encode()) <= limit or kept == 0
    assert "left out" not in whole


def test_a_summary_that_no_comment_holds_says_what_is_missing() -> None:
    text = comment(read(shown(*(s for i in range(3_000) for s in image(f"i{i}", "raw")))))
    said = re.search(r"\*\*(\d+) lines left out: there are too many\.\*\*", text)
    assert said is not None
    assert int(said[1]) + text.count("\n- `image ") == 3_000
    assert len(text.encode()) < 65_536


def test_a_diff_too_long_makes_room_for_shorter_ones() -> None:
    steps = [*image("a", "x" * 9_000), *image("b", "raw")]
    text = comment(read(shown(*steps)), limit=6_000)
    assert "`image-b-image` created" in text
    assert "`image-a-image` created" not in text
    assert "\n1 resource left out" in text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a `b` c", "``a `b` c``"),
        ("`", "`` ` ``"),
        ("a ``` b", "````a ``` b````"),
        ("<b>@team #1 **x**\n</details>", "`<b>@team #1 **x** </details>`"),
    ],
)
def test_a_name_is_never_markup(text: str, expected: str) -> None:
    assert code(text) == expected


def test_no_text_ends_the_block_that_it_is_in() -> None:
    assert fence(["````", "</details>"], "diff") == ["`````diff", "````", "</details>", "`````"]
    text = comment(read(shown(*image("`a`", "```\n</details>\n"))))
    assert "- ``image `a`: + new" in text
    assert "\n````diff\n" in text


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
    (line,) = summary(read(shown(component("same", SERVER, "server-web1"), instance))).projects
    assert line.startswith("project web: + server web1 (")


def test_two_resources_of_one_name_are_kept_apart() -> None:
    steps = [
        component("create", SERVER, "server-web1"),
        component("create", SERVER, "server-web1-server"),
        step(
            "create",
            "openstack:compute/instance:Instance",
            "server-web1-server",
            None,
            {"name": "web1"},
            parent=urn(SERVER, "server-web1"),
        ),
    ]
    assert len(read(shown(*steps)).changed) == 3


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
    assert summary(read(shown(*steps))).nodes == [
        "compute: a, b run again, because minvlan 100 -> 150"
    ]


def test_all_errors_are_the_comment() -> None:
    said = [
        {"severity": "error", "message": "error: two\n"},
        {"severity": "error", "message": "error: one:\n  detail\n"},
        {"severity": "error", "message": "error: an unhandled error occurred: program exited with"},
    ]
    text = comment(read(shown(*image("a", "raw"), diagnostics=said)))
    assert text == (
        "### Preview of `prod`\n\n⚠ **The preview failed; nothing was changed.**\n\n"
        "```\none:\n  detail\n```\n```\ntwo\n```\n"
    )


@pytest.mark.parametrize("out", ["", "no JSON", json.dumps(shown())])
def test_a_preview_that_could_not_begin_is_no_empty_one(out: str) -> None:
    done = subprocess.CompletedProcess(["pulumi"], 255, out, "error: no stack named 'prod' found\n")
    assert "no stack named 'prod' found" in comment(understood(done))


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
