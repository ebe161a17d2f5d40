"""The comment on a preview of any Pulumi program, and how a project's own words are found."""

import re
import sys
from pathlib import Path
from typing import Any

import pytest

from pull_requests.cli import run_preview
from pull_requests.errors import JobError
from pull_requests.page import comment
from pull_requests.preview import UNKNOWN, read
from pull_requests.words import PLAIN, Part, Words, find
from tests.unit.previews import shown, step, urn
from wording import WORDS

BUCKET = "aws:s3/bucket:Bucket"
QUEUE = "aws:sqs/queue:Queue"
FUNCTION = "aws:lambda/function:Function"
RANDOM = "random:index/randomId:RandomId"
SITE = "shop:web:Site"
PROVIDER = "pulumi:providers:aws"
CLUSTER = "aws:eks/cluster:Cluster"

# A program with none of this project's resources: as Pulumi's JSON tells it, and as a comment does.
STEPS: list[dict[str, Any]] = [
    step("create", SITE, "blog", None, {}),
    step("create", BUCKET, "assets", None, {"acl": "private"}, parent=urn(SITE, "blog")),
    step("create", PROVIDER, "default_7_0_0", None, {"region": "eu-west-1", "version": "7.0.0"}),
    step(
        "update",
        PROVIDER,
        "main",
        {"region": "eu-west-1", "version": "6.9.0"},
        {"region": "eu-west-2", "version": "7.0.0"},
    ),
    step("update", CLUSTER, "apps", {"version": "1.30"}, {"version": "1.31"}),
    step(
        "update",
        FUNCTION,
        "resize",
        {"memorySize": 128, "roleId": "a1", "port": "80", "code": "x = 1\n"},
        {"memorySize": 256, "roleId": UNKNOWN, "port": "81", "code": "x = 2\n"},
        propertyDependencies={
            "roleId": [urn("aws:iam/role:Role", "worker")],
            "port": [urn(RANDOM, "port")],
        },
    ),
    step("create-replacement", QUEUE, "jobs", {"fifoQueue": False}, {"fifoQueue": True}),
    step("replace", QUEUE, "jobs", {"fifoQueue": False}, {"fifoQueue": True}),
    step("delete-replaced", QUEUE, "jobs", {"fifoQueue": False}, {"fifoQueue": True}),
    step("delete", RANDOM, "suffix", {"byteLength": 4}, None),
    step("import", BUCKET, "logs", None, {"acl": "private"}),
    step("same", BUCKET, "kept", {"acl": "private"}, {"acl": "private"}),
]
COMMENT = """\
### Preview of `prod`

Resources: 3 created, 3 changed, 1 replaced, 1 deleted, 1 import, 1 stay as they are.

⚠ **Replaced or deleted**

- ⚠ **`aws:sqs:Queue jobs is replaced, because fifoQueue false -> true`**
- ⚠ **`random:index:RandomId suffix is deleted`**

**Created or changed**

- `aws:eks:Cluster apps: version 1.30 -> 1.31`
- `aws:lambda:Function resize: code has changed, memorySize 128 -> 256, port 80 -> 81,\
 roleId worker -> the new worker`
- `aws:s3:Bucket assets: + new`
- `aws:s3:Bucket logs: import acl none -> private`
- `pulumi:providers:aws main: region eu-west-1 -> eu-west-2`
- `shop:web:Site blog: + new`
"""


def test_any_program_has_a_plain_comment() -> None:
    text = comment(read(shown(*STEPS)))
    summary, _, diff = text.partition("\n<details>")
    assert summary == COMMENT
    assert "- version: 1.30\n+ version: 1.31" in diff
    assert "7.0.0" not in diff, "the plugin's version is no property of what it makes"


def test_a_project_has_its_own_words_for_what_it_knows() -> None:
    words = Words(
        tell=lambda _, resource: [Part("queue", resource.op)] if resource.type == QUEUE else None,
        sections=("Queues", "Others"),
        nothing="All is well.",
        skipped_warnings=("of the queue",),
    )
    said = [{"severity": "warning", "message": f"warning: {w}"} for w in ("of the queue", "of me")]
    assert comment(read(shown(diagnostics=said), words)) == (
        "### Preview of `prod`\n\nAll is well.\n\n**Warnings**\n\n- `of me`\n"
    )
    text = comment(read(shown(*STEPS), words))
    assert "**Others**\n\n- `aws:eks:Cluster apps" in text
    assert "- `queue: replace`" in text


def test_no_words_of_a_project_are_needed(tmp_path: Path) -> None:
    assert find(tmp_path / "pyproject.toml") is PLAIN
    (tmp_path / "pyproject.toml").write_text("[tool.other]\n")
    assert find(tmp_path / "pyproject.toml") is PLAIN


def test_a_project_names_its_words_in_pyproject() -> None:
    assert find(Path(__file__).parents[2] / "pyproject.toml") is WORDS


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("[tool", "pyproject.toml: "),
        ("[tool.pull-requests]\nwords = 'wording'", "'wording': write MODULE:NAME"),
        ("[tool.pull-requests]\nwords = 'no.such:WORDS'", "'no.such:WORDS': No module named 'no'"),
        ("[tool.pull-requests]\nwords = 'wording:NONE'", "has no attribute 'NONE'"),
        ("[tool.pull-requests]\nwords = 'wording:LOST'", "is no pull_requests.words.Words"),
    ],
)
def test_words_that_are_not_there_are_named(
    content: str, expected: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PULUMI", sys.executable)
    Path("pyproject.toml").write_text(content)
    with pytest.raises(JobError) as error:
        run_preview("prod")
    assert expected in str(error.value)


def test_the_package_knows_no_project() -> None:
    own = r"^\s*(from|import) (bench|components|tests|tools|wording)\b"
    for file in (Path(__file__).parents[2] / "pull_requests").rglob("*.py"):
        assert not re.search(rf"{own}|iaas|openstack", file.read_text(), re.M | re.I), file
