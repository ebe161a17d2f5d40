"""What goes wrong in a job, on both forges: a forge's errors, and variables that are wrong."""

from pathlib import Path

import pytest

from pull_requests.forges import api
from tests.unit.forges import Forge
from tests.unit.jobs import CHANGE, Run, ran, text


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
