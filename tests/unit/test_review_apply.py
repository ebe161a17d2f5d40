"""A merge, on both forges: what was reviewed is applied, and nothing else."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from pull_requests.mark import digest
from tests.unit.forges import SHA, Entry, Forge
from tests.unit.jobs import CHANGE, FAILED, NOTHING, OTHER, ROOT, STACK, Run, page, ran, text
from tests.unit.previews import read


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


def test_nothing_to_do_needs_no_review_and_updates_the_state(
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
