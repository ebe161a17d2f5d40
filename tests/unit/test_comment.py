"""The comment on a preview: its form, and what it shows of any resource."""

import json
import re
import subprocess

import pytest

from pull_requests.cli import parse_preview
from pull_requests.page import code, comment, fence
from pull_requests.preview import natural
from tests.unit.previews import SERVER, component, image, read, shown, step, urn


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


@pytest.mark.parametrize(("now", "seen"), [("net-1", []), ("net-2", ["networkId"])])
def test_a_resource_of_another_name_is_still_the_same_one(now: str, seen: list[str]) -> None:
    port = step(
        "update", "openstack:networking/port:Port", "p", {"networkId": "net-1"}, {"networkId": now}
    )
    for state, network in (("oldState", "front"), ("newState", "back")):
        port[state]["propertyDependencies"] = {"networkId": [urn("a:b:Network", network)]}
    (resource,) = read(shown(port)).changed
    assert [change.path for change in resource.changes] == seen


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
    assert "no stack named 'prod' found" in comment(parse_preview(done))
