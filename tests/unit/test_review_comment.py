"""The comment on a pull request, on both forges: one for each stack, kept up to date."""

from pathlib import Path

import pytest

from pull_requests.mark import Mark
from tests.unit.forges import Entry, Forge
from tests.unit.jobs import FAILED, OTHER, STACK, Run, page, text


def test_the_first_preview_is_a_new_comment(at: Forge, run: Run, tmp_path: Path) -> None:
    at.leave(tmp_path, text())
    assert run("comment") == (0, "request 7: commented\n")
    assert [entry.body for entry in at.comments] == [text()]


def test_the_next_preview_takes_its_place_on_any_page(at: Forge, run: Run, tmp_path: Path) -> None:
    others = [
        Entry(1, text(), author="somebody"),
        Entry(2, text("dev")),
        Entry(3, f"I quote:\n{text()}"),
        Entry(4, str(Mark("drift", STACK, "0" * 64))),
    ]
    at.comments = [*others, Entry(5, text())]
    at.leave(tmp_path, page(OTHER))
    assert run("comment") == (0, "request 7: edited comment 5\n")
    assert at.comments == [*others, Entry(5, page(OTHER))]


def test_a_preview_that_failed_takes_its_place_too(at: Forge, run: Run, tmp_path: Path) -> None:
    at.comments = [Entry(5, text())]
    at.leave(tmp_path, page(FAILED))
    assert run("comment")[0] == 0
    assert at.comments[0].body.startswith("<!-- pulumi preview of prod: failed -->\n### Preview")


FIRST = "run `python -m pull_requests preview --stack prod` first"


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (None, f"preview.md is not there: {FIRST}"),
        ("### Preview of `prod`\n", f"preview.md is no preview: {FIRST}"),
        (text("dev"), f"preview.md is of dev: {FIRST}"),
    ],
)
def test_only_a_preview_of_the_stack_is_posted(
    content: str | None, expected: str, at: Forge, run: Run, tmp_path: Path
) -> None:
    if content is not None:
        at.leave(tmp_path, content)
    status, said = run("comment")
    assert status == 1
    assert expected in said
    assert not [what for what in at.asked if not what.startswith(("GET /pipelines", "GET /jobs"))]
