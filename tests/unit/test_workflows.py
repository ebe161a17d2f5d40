"""The forges' workflows: what each job calls, what it may, and who is left out."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / ".github/workflows"
WORKFLOWS: dict[str, dict[object, Any]] = {
    file.stem: yaml.safe_load(file.read_text()) for file in sorted(FOLDER.glob("*.yml"))
}
GITLAB: dict[str, Any] = yaml.safe_load((ROOT / ".gitlab-ci.yml").read_text())
TARGETS = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))

STACKS = "${{ fromJSON(vars.IAAS_STACKS || '[]') }}"
OWN = (
    "vars.IAAS_STACKS != '' && github.event.pull_request.head.repo.full_name == github.repository"
    " && github.base_ref == 'main'"
)
MAIN = "vars.IAAS_STACKS != '' && github.ref == 'refs/heads/main'"
STACK = "${{ matrix.stack }}"
READ = {"contents": "read"}
SECRETS = {"PULUMI_CONFIG_PASSPHRASE", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"}

# Each job of GitHub's: what its token may, its secrets, its environment, and when it runs.
JOBS: dict[tuple[str, str], tuple[dict[str, str], set[str], str | None, str]] = {
    ("pull-request", "check"): (READ, set(), None, ""),
    ("pull-request", "preview"): (READ, SECRETS, f"{STACK}-preview", OWN),
    ("pull-request", "comment"): (
        {**READ, "pull-requests": "write"},
        set(),
        None,
        "${{ !cancelled() && needs.preview.result != 'skipped' }}",
    ),
    ("apply", "apply"): ({**READ, "pull-requests": "read"}, SECRETS, STACK, MAIN),
    ("drift", "drift"): ({**READ, "issues": "write"}, SECRETS, f"{STACK}-drift", MAIN),
}
# What each job makes before its target: nothing of others may run where a secret is.
BEFORE: dict[str, str] = {
    "preview": "make tools",
    "comment": "make venv",
    "apply": "make tools",
    "drift": "make tools",
}
EVENTS: dict[str, set[str]] = {
    "pull-request": {"pull_request"},
    "apply": {"push", "workflow_dispatch"},
    "drift": {"schedule", "workflow_dispatch"},
}

FROM_PROJECT = (
    '$STACK && $CI_PIPELINE_SOURCE == "merge_request_event"'
    " && $CI_MERGE_REQUEST_SOURCE_PROJECT_ID == $CI_MERGE_REQUEST_PROJECT_ID"
    " && $CI_MERGE_REQUEST_TARGET_BRANCH_NAME == $CI_DEFAULT_BRANCH"
)
ON_MAIN = "$STACK && $CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH && $CI_PIPELINE_SOURCE "
# Each job of GitLab's: when it runs, and the environment that its variables are of.
GITLAB_JOBS: dict[str, tuple[str, str | None]] = {
    "check": ('$CI_PIPELINE_SOURCE == "merge_request_event"', None),
    "tools": (FROM_PROJECT, None),
    "comment-tools": (FROM_PROJECT, None),
    "main-tools": (f"{ON_MAIN}=~ /^(push|web|schedule)$/", None),
    "preview": (FROM_PROJECT, "$STACK-preview"),
    "comment": (FROM_PROJECT, "$STACK-comment"),
    "apply": (f"{ON_MAIN}=~ /^(push|web)$/", "$STACK"),
    "drift": (f'{ON_MAIN}== "schedule"', "$STACK-drift"),
}
# The jobs of GitLab's that only make what another one runs with: their make targets.
GITLAB_TOOLS = {"tools": "tools", "comment-tools": "venv", "main-tools": "tools"}
OF_MAIN = [
    'git fetch --quiet --depth 1 origin "$CI_MERGE_REQUEST_DIFF_BASE_SHA"',
    "git checkout --quiet --detach FETCH_HEAD",
]


def job(key: tuple[str, str]) -> dict[str, Any]:
    found: dict[str, Any] = WORKFLOWS[key[0]]["jobs"][key[1]]
    return found


def test_the_tables_have_all_jobs() -> None:
    assert set(JOBS) == {(name, key) for name, flow in WORKFLOWS.items() for key in flow["jobs"]}
    others = {"variables", "workflow", "stages", "default"}
    assert set(GITLAB_JOBS) == set(GITLAB) - others


@pytest.mark.parametrize("name", WORKFLOWS)
def test_a_workflow_runs_for_its_events_and_may_nothing_by_itself(name: str) -> None:
    assert set(WORKFLOWS[name][True]) == EVENTS[name]  # YAML reads `on` as true
    assert WORKFLOWS[name]["permissions"] == {}
    assert "env" not in WORKFLOWS[name]


@pytest.mark.parametrize("key", JOBS)
def test_a_job_has_no_more_permissions_and_secrets_than_it_needs(key: tuple[str, str]) -> None:
    permissions, secrets, environment, condition = JOBS[key]
    found = job(key)
    assert found["permissions"] == permissions
    assert found.get("environment") == environment
    assert found.get("if", "") == condition
    assert found["timeout-minutes"] > 0
    assert set(re.findall(r"secrets\.(\w+)", yaml.safe_dump(found))) == secrets
    assert ("github.token" in yaml.safe_dump(found)) == (permissions != READ)


@pytest.mark.parametrize("key", JOBS)
def test_a_job_calls_its_make_target_and_no_text_of_others(key: tuple[str, str]) -> None:
    lines = [step["run"] for step in job(key)["steps"] if "run" in step]
    before = [BEFORE[key[1]]] if key[1] in BEFORE else []
    assert lines == [*before, f"make {key[1]}"]
    assert {line.removeprefix("make ") for line in lines} <= TARGETS


@pytest.mark.parametrize("key", JOBS)
def test_a_job_installs_before_it_has_a_secret(key: tuple[str, str]) -> None:
    *before, last = job(key)["steps"] if key[1] != "preview" else job(key)["steps"][:-1]
    assert not re.findall(r"secrets\.|github\.token", yaml.safe_dump(before))
    assert not [step for step in before if "env" in step]
    assert "env" not in job(key)
    assert last["run"] == f"make {key[1]}"


def test_requirements_are_pinned_by_hash_and_run_nothing_while_they_are_installed() -> None:
    command = (ROOT / "tools/venv").read_text()
    assert "--require-hashes --only-binary :all:" in command
    for name in ("requirements.txt", "requirements-dev.txt"):
        for pinned in re.findall(r"^[\w.-]+==.*(?:\n    .*)*", (ROOT / name).read_text(), re.M):
            first, *hashes = pinned.splitlines()
            assert re.fullmatch(r"[\w.-]+==[\w.]+ \\", first)
            assert hashes
            assert all(re.fullmatch(r"    --hash=sha256:[0-9a-f]{64}( \\)?", h) for h in hashes)


@pytest.mark.parametrize("key", JOBS)
def test_an_action_is_one_commit_and_keeps_no_token_behind(key: tuple[str, str]) -> None:
    text = (FOLDER / f"{key[0]}.yml").read_text()
    for step in job(key)["steps"]:
        if "uses" in step:
            line = re.escape(step["uses"])
            assert re.search(rf"uses: {line} # v\d+\.\d+\.\d+$", text, re.MULTILINE)
            assert re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40}", step["uses"])
        if step.get("uses", "").startswith("actions/checkout@"):
            assert step["with"]["persist-credentials"] is False


def test_what_may_write_comments_runs_the_code_of_main() -> None:
    steps = job(("pull-request", "comment"))["steps"]
    assert steps[0]["with"]["ref"] == "${{ github.event.pull_request.base.sha }}"
    assert job(("pull-request", "preview"))["if"].endswith("&& github.base_ref == 'main'")
    (download,) = (s for s in steps if s.get("uses", "").startswith("actions/download-artifact@"))
    assert download["with"]["path"] == "${{ runner.temp }}/preview", "not among the code"


def test_only_code_of_main_gets_gitlabs_token() -> None:
    assert GITLAB["comment-tools"]["before_script"] == OF_MAIN
    there = "test -e .venv/requirements.sha256"
    assert GITLAB["comment"]["before_script"] == [there, OF_MAIN]
    assert GITLAB["comment"]["needs"] == ["comment-tools", {"job": "preview", "artifacts": False}]


def test_a_job_of_gitlabs_with_a_secret_installs_nothing() -> None:
    made = {"preview": ["tools"], "apply": ["main-tools"], "drift": ["main-tools"]}
    assert {name: GITLAB[name]["needs"] for name in made} == made
    for name, (_, environment) in GITLAB_JOBS.items():
        assert (environment is None) == (name in ("check", *GITLAB_TOOLS))
    for name, target in GITLAB_TOOLS.items():
        paths = [".venv/", ".engine/"] if target == "tools" else [".venv/"]
        assert GITLAB[name]["artifacts"]["paths"] == paths


def test_only_one_run_at_a_time_changes_a_stack_and_none_is_dropped() -> None:
    for key in (("apply", "apply"), ("drift", "drift")):
        assert job(key)["concurrency"] == {
            "group": f"iaas-{STACK}",
            "cancel-in-progress": False,
            "queue": "max",
        }
    for name in ("apply", "drift"):
        assert GITLAB[name]["resource_group"] == "iaas-$STACK"
        assert not GITLAB[name].get("interruptible")


def test_the_stacks_are_named_in_one_place() -> None:
    for key in JOBS:
        if key[1] != "check":
            assert job(key)["strategy"]["matrix"] == {"stack": STACKS}


def test_pulumi_is_the_one_that_is_tested_here() -> None:
    (step,) = (
        step
        for step in job(("pull-request", "preview"))["steps"]
        if step.get("uses", "").startswith("pulumi/actions@")
    )
    assert set(step["with"]) == {"pulumi-version"}  # no command: it installs, and no more
    pinned = (ROOT / "engine/pulumi/go.mod").read_text()
    assert f"github.com/pulumi/pulumi/pkg/v3 v{step['with']['pulumi-version']}" in pinned


@pytest.mark.parametrize("name", GITLAB_JOBS)
def test_a_job_of_gitlab_runs_when_it_may_and_calls_one_make_target(name: str) -> None:
    condition, environment = GITLAB_JOBS[name]
    found = GITLAB[name]
    (rule,) = found["rules"]
    assert rule["if"] == condition
    assert found.get("environment", {}).get("name") == environment
    target = GITLAB_TOOLS.get(name, name)
    assert found["script"] == [f"make {target}"]
    assert target in TARGETS
    assert found["stage"] in GITLAB["stages"]
    # Only apply is a deployment, and only it and drift need the runner that reaches the nodes.
    assert (found.get("environment", {}).get("action", "start") == "access") == (
        name not in ("check", "apply", *GITLAB_TOOLS)
    )
    assert (found.get("tags") == ["iaas"]) == (name in ("apply", "drift", "main-tools"))
