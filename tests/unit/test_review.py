"""The jobs of both forges, against an HTTP server that speaks their APIs; Pulumi is a script."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from pull_requests.__main__ import main
from pull_requests.forges import api
from pull_requests.mark import Mark, digest, marked, marked_comment
from tests.unit.forges import SHA, TOKEN, Entry, Forge, forge
from tests.unit.previews import image, read, shown

ROOT = Path(__file__).parents[2]
STACK = "prod"
NOTHING = shown()
CHANGE = shown(*image("guest", "raw"))
OTHER = shown(*image("guest", "other"))
FAILED = shown(diagnostics=[{"severity": "error", "message": "error: wrong settings"}])

Run = Callable[..., tuple[int, str]]


@pytest.fixture(params=["github", "gitlab"])
def at(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Forge]:
    """A forge, and a job of it in a folder of its own."""
    monkeypatch.chdir(tmp_path)
    # Where the project's words are named.
    Path("pyproject.toml").symlink_to(ROOT / "pyproject.toml")
    for name in ("GITHUB_ACTIONS", "GITLAB_CI", "GITHUB_STEP_SUMMARY", "DIGEST"):
        monkeypatch.delenv(name, raising=False)
    with forge(request.param) as found:
        for name, value in found.environment(tmp_path).items():
            monkeypatch.setenv(name, value)
        monkeypatch.setenv("STACK", STACK)
        yield found


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], tmp_path: Path) -> Run:
    """Run a job where Pulumi's preview says this; return the status and what was printed."""
    pulumi = tmp_path / "pulumi"

    def job(name: str, preview: dict[str, Any] = NOTHING) -> tuple[int, str]:
        status = 1 if preview is FAILED else 0
        (tmp_path / "shown.json").write_text(json.dumps(preview))
        pulumi.write_text(
            f'#!/bin/sh\necho "$*" >>{tmp_path}/ran\n'
            f'[ "$1" = up ] || {{ cat {tmp_path}/shown.json; exit {status}; }}\n'
        )
        pulumi.chmod(0o755)
        monkeypatch.setenv("PULUMI", str(pulumi))
        monkeypatch.setattr(sys, "argv", ["pull_requests", name])
        done = main()
        captured = capfd.readouterr()
        said = captured.out + captured.err
        assert TOKEN not in said
        return done, said

    return job


def ran(folder: Path) -> list[str]:
    """Return the commands of Pulumi's that were run, each by its first word."""
    file = folder / "ran"
    return [line.split()[0] for line in file.read_text().splitlines()] if file.exists() else []


def page(preview: dict[str, Any], stack: str = STACK) -> str:
    return marked_comment(read(preview), stack)


def text(of: str = STACK) -> str:
    return page(CHANGE, of)


# The comment on the pull request.


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


# The merge.


def test_what_was_reviewed_is_carried_out(at: Forge, run: Run, tmp_path: Path) -> None:
    at.merge()
    at.comments = [Entry(1, "ship it", "somebody"), Entry(2, "yes", "somebody"), Entry(3, text())]
    status, said = run("apply", CHANGE)
    assert status == 0
    assert "prod: the preview is the reviewed one (request 7)" in said
    preview, up = (tmp_path / "ran").read_text().splitlines()
    saved, plan = preview.split("--save-plan=")[1], up.split("--plan=")[1]
    assert up.startswith("up --stack prod --yes --skip-preview --non-interactive ")
    assert saved == plan
    assert not Path(plan).parent.exists()


REFUSED: dict[str, tuple[list[Entry], bool, str]] = {
    "another preview": ([Entry(3, page(OTHER))], True, f"{digest(read(OTHER))} (request 7)"),
    "a failed preview": ([Entry(3, page(FAILED))], True, "none (request 7)"),
    "no preview": ([], True, "none (request 7 has no preview of prod)"),
    "of another stack": ([Entry(3, text("dev"))], True, "request 7 has no preview of prod"),
    "somebody else's": ([Entry(3, text(), "me")], True, "request 7 has no preview of prod"),
    "a push": ([Entry(3, text())], False, "none (no pull request was merged as this commit)"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_was_not_reviewed_is_shown_and_not_carried_out(
    case: str, at: Forge, run: Run, tmp_path: Path
) -> None:
    at.comments, merged, expected = REFUSED[case]
    if merged:
        at.merge()
    status, said = run("apply", CHANGE)
    assert status == 1
    assert ran(tmp_path) == ["preview"]
    assert f"reviewed: {expected}" in said or expected in said
    assert f"DIGEST={digest(read(CHANGE))}" in said
    assert "- `image guest: + new (raw)`" in said
    assert (tmp_path / "preview.md").read_text() == text()


def test_somebody_may_say_what_was_reviewed(
    at: Forge, run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for given, commands in ((OTHER, ["preview"]), (CHANGE, ["preview", "preview", "up"])):
        monkeypatch.setenv("DIGEST", digest(read(given)))
        assert bool(run("apply", CHANGE)[0]) == (given is OTHER)
        assert ran(tmp_path) == commands
    assert at.asked == []


def test_nothing_to_do_asks_nobody_and_lets_the_state_follow(
    at: Forge, run: Run, tmp_path: Path
) -> None:
    assert run("apply", NOTHING) == (0, "prod: nothing to do in the cloud\n")
    assert ran(tmp_path) == ["preview", "up"]
    assert at.asked == []


def test_a_preview_that_fails_is_shown_and_ends_the_job(
    at: Forge, run: Run, tmp_path: Path
) -> None:
    status, said = run("apply", FAILED)
    assert status == 1
    assert "wrong settings" in said
    assert ran(tmp_path) == ["preview"]
    assert at.asked == []


def test_a_run_with_a_page_of_its_own_has_the_preview_there(
    at: Forge, run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "summary"))
    assert "image guest" not in run("apply", CHANGE)[1]
    assert (tmp_path / "summary").read_text() == text()


Merge = tuple[str, dict[str, str | None], bool]
# How the merge was made, and whether it is request 7 that made this commit.
MERGES: tuple[Merge, ...] = (
    ("merge commit", {}, True),
    ("not merged", {"state": "closed", "merged_at": None}, False),
    ("another commit's", {"merge_commit_sha": "4" * 40}, False),
)
# GitHub calls all of them merge_commit_sha.
OF_GITLAB: tuple[Merge, ...] = (
    ("squashed", {"merge_commit_sha": "4" * 40, "squash_commit_sha": SHA}, True),
    ("fast-forward", {"merge_commit_sha": None, "sha": SHA}, True),
)


def test_the_request_is_the_one_that_was_merged_as_this_commit(at: Forge, run: Run) -> None:
    at.comments = [Entry(3, text())]
    for how, said, expected in MERGES + (OF_GITLAB if at.kind == "gitlab" else ()):
        at.merge()
        at.merges[0] |= said
        assert (run("apply", CHANGE)[0] == 0) == expected, how


IN_BACKGROUND = ("sh", "-c", 'trap "" INT && exec "$@"', "background")
"""Begins a command as a shell does one in its background: it ignores ^C."""


@pytest.mark.parametrize("by", [(), IN_BACKGROUND])
def test_an_up_that_is_cut_off_ends_in_order(by: tuple[str, ...], tmp_path: Path) -> None:
    log, pulumi = tmp_path / "log", tmp_path / "pulumi"
    (tmp_path / "shown.json").write_text(json.dumps(CHANGE))
    pulumi.write_text(
        f"""#!/bin/sh
[ "$1" = up ] || exec cat {tmp_path}/shown.json
trap 'echo interrupted >>{log}; exit 3' INT
echo "$*" >>{log}
while :; do sleep 0.01; done
"""
    )
    pulumi.chmod(0o755)
    with subprocess.Popen(
        [*by, sys.executable, "-m", "pull_requests", "apply"],
        cwd=tmp_path,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "PULUMI": str(pulumi)}
        | {"STACK": STACK, "DIGEST": digest(read(CHANGE))},
        stdout=subprocess.DEVNULL,
    ) as job:
        try:
            while not log.exists():
                assert job.poll() is None
                time.sleep(0.01)
            job.terminate()
            assert job.wait(10) == 3
        finally:
            job.kill()
    up, last = log.read_text().splitlines()
    assert last == "interrupted"
    assert not Path(up.split("--plan=")[1]).parent.exists()


# Drift.


def test_drift_is_one_issue_for_as_long_as_it_is_there(at: Forge, run: Run, tmp_path: Path) -> None:
    others = [
        Entry(1, str(Mark("drift", STACK, "0" * 64)), author="somebody"),
        Entry(2, str(Mark("drift", "dev", "0" * 64))),
        Entry(3, "Something else"),
    ]
    at.issues = [*others]
    assert run("drift", CHANGE) == (0, "prod: drift; opened an issue\n")
    issue = at.issues[3]
    assert issue.title == "Drift of prod"
    assert marked(issue.body) == Mark("drift", STACK, digest(read(CHANGE)))
    assert "- `image guest: + new (raw)`" in issue.body

    assert run("drift", OTHER) == (0, f"prod: drift; edited issue {issue.id}\n")
    assert marked(issue.body) == Mark("drift", STACK, digest(read(OTHER)))
    assert len(at.issues) == 4

    assert run("drift", NOTHING) == (0, f"prod: no drift; closed issue {issue.id}\n")
    assert not issue.open
    assert run("drift", NOTHING) == (0, "prod: no drift\n")
    assert at.issues[:3] == others
    asked = (tmp_path / "ran").read_text().splitlines()
    assert all(line.endswith("--refresh") for line in asked)


def test_a_cloud_that_does_not_answer_is_no_drift_and_no_end_of_it(at: Forge, run: Run) -> None:
    issue = Entry(4, str(Mark("drift", STACK, "0" * 64)))
    at.issues = [issue]
    status, said = run("drift", FAILED)
    assert status == 1
    assert "wrong settings" in said
    assert "drift is unknown" in said
    assert issue.open
    assert at.asked == []


# What goes wrong.


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (401, "the token is wrong, or no longer valid"),
        (403, "the token may not do this: a GitHub job lacks a permission"),
        (404, "it is not there, or the token may not see it"),
        (301, "301"),
        (500, '500: {"message": "as the test says"}'),
    ],
)
def test_an_error_says_what_was_asked_and_what_to_do(
    status: int, expected: str, at: Forge, run: Run, tmp_path: Path
) -> None:
    at.leave(tmp_path, text())
    at.status = status
    done, said = run("comment")
    assert done == 1
    assert f"comment: GET {at.address}" in said
    assert expected in said


def test_a_wrong_token_is_refused_and_not_shown(
    at: Forge, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    at.leave(tmp_path, text())
    for name in ("GITHUB_TOKEN", "REVIEW_TOKEN"):
        monkeypatch.setenv(name, "another-token")
    done, said = run("comment")
    assert done == 1
    assert "401" in said
    assert "another-token" not in said


def test_a_forge_that_is_away_for_a_moment_is_asked_again(
    at: Forge, run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(api, "WAIT", 0)
    at.leave(tmp_path, text())
    at.status = 503
    assert run("comment")[0] == 1
    assert len(at.asked) == 4
    assert all(asked.startswith("GET ") for asked in at.asked)


@pytest.mark.parametrize(
    ("variable", "value", "expected"),
    [
        ("STACK", "", "STACK is not set"),
        ("STACK", "$(id)", "STACK='$(id)' is not a stack's name"),
        ("DIGEST", "abc", "DIGEST is not 64 hexadecimal digits"),
    ],
)
def test_wrong_variables_are_refused_before_pulumi_runs(
    variable: str,
    value: str,
    expected: str,
    at: Forge,
    run: Run,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    monkeypatch.setenv(variable, value)
    status, said = run("apply", CHANGE)
    assert status == 1
    assert expected in said
    assert ran(tmp_path) == []
    assert at.asked == []


def test_each_variable_of_the_forge_is_asked_for_by_name(
    at: Forge, run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    at.leave(tmp_path, text())
    for name in at.environment(tmp_path):
        if name in ("GITHUB_SHA", "CI_COMMIT_SHA"):
            continue  # of the merge
        with monkeypatch.context() as patch:
            patch.delenv(name)
            status, said = run("comment")
        assert status == 1
        assert name in said
