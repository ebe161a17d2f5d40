"""Drift, on both forges: one issue for as long as it is there."""

from pathlib import Path
from typing import Any

import pytest

import tools.drift
from pull_requests.mark import Mark, digest, marked
from pull_requests.project import Beside
from tests.unit.forges import Entry, Forge
from tests.unit.jobs import CHANGE, FAILED, NOTHING, OTHER, STACK, Run
from tests.unit.previews import read


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


def test_what_differs_on_nodes_alone_is_drift_too(
    at: Forge, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tools.drift, "NODES", Beside("Nodes", lambda stack: f"{stack}: c1 differs"))
    assert run("drift", NOTHING) == (0, "prod: drift; opened an issue\n")
    assert "\n**Nodes**\n\n```\nprod: c1 differs\n```\n" in at.issues[0].body
    monkeypatch.setattr(tools.drift, "NODES", Beside("Nodes", lambda _: ""))
    assert run("drift", NOTHING) == (0, f"prod: no drift; closed issue {at.issues[0].id}\n")


@pytest.mark.parametrize(
    ("preview", "nodes", "status"),
    [(NOTHING, "", 0), (CHANGE, "", 1), (NOTHING, "c1 differs", 1), (CHANGE, "c1 differs", 1)],
)
def test_by_hand_drift_is_printed(
    preview: dict[str, Any],
    nodes: str,
    status: int,
    at: Forge,
    run: Run,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("GITHUB_ACTIONS", "GITLAB_CI"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(tools.drift, "NODES", Beside("Nodes", lambda _: nodes))
    done, said = run("drift", preview)
    assert done == status
    assert said.startswith("### Preview of `prod`")
    assert ("**Nodes**" in said) == bool(nodes)
    assert at.asked == []


def test_a_cloud_that_does_not_answer_is_no_drift_and_no_end_of_it(at: Forge, run: Run) -> None:
    issue = Entry(4, str(Mark("drift", STACK, "0" * 64)))
    at.issues = [issue]
    status, said = run("drift", FAILED)
    assert status == 1
    assert "wrong settings" in said
    assert "drift is unknown" in said
    assert issue.open
    assert at.asked == []
