"""What is encrypted in a stack's file is nowhere in clear: not in output, plan or state."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from pull_requests.cli import OPTIONS, parse_preview
from pull_requests.page import comment
from pull_requests.preview import name
from tests.engine.conftest import Stack, fill, made
from tests.engine.shown import operations
from tests.unit.configs import changed
from tests.unit.examples import good_config, public_key
from wording import WORDS

MARK, OTHER = "marker-of-the-tests", "other-of-the-tests"
# What is encrypted: where, and how its text is made of a mark.
ENCRYPTED: Mapping[str, str] = {
    "iaas:projects[0].description": "what {} does",
    "iaas:images[1].url": "https://example.org/{}.qcow2",
    "iaas:servers[0].userData": "#cloud-config\n# {}\n",
    "iaas:servers[1].publicKey": public_key() + " {}",
}
NAMED = ["project-web-project", "server-web1-server", "server-db1-key", "server-db1-server"]
"""What has these texts, but for the url: that is in no resource."""


def encrypt(stack: Stack, mark: str) -> None:
    """Encrypt each of the table in the stack's file, by the command of docs/secrets.md."""
    for path, text in ENCRYPTED.items():
        stack.pulumi("config", "set", "--secret", "--path", path, text=text.format(mark))


def shown(stack: Stack) -> dict[str, str]:
    """Return all output and files of a preview of the stack, by their origin."""
    plan = stack.folder / "shown.plan"
    preview = stack.run("preview", *OPTIONS, f"--save-plan={plan}")
    return {
        "JSON": preview.stdout + preview.stderr,
        "comment": comment(parse_preview(preview, WORDS)),
        "plan": plan.read_text(),
        "diff": stack.pulumi("preview", "--diff", "--debug"),
        "state": stack.pulumi("stack", "export"),
    }


def state(stack: Stack) -> dict[str, Any]:
    """Return the resources of a stack's state by name, with secrets in clear."""
    exported = json.loads(stack.pulumi("stack", "export", "--show-secrets"))
    return {name(r["urn"]): r for r in exported["deployment"]["resources"]}


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory, files: Path) -> Stack:
    """A stack with an empty state, and all in its file encrypted that may be."""
    config = changed(good_config(files), {"servers[0].userData": "x"}, files)
    stack = made(tmp_path_factory.mktemp("sealed"), config)
    encrypt(stack, MARK)
    assert MARK not in stack.file.read_text()
    return stack


@pytest.fixture(scope="module")
def first(empty: Stack) -> dict[str, str]:
    """The output on an empty state."""
    return shown(empty)


@pytest.fixture(scope="module")
def sealed(empty: Stack, first: dict[str, str]) -> Stack:
    """The same stack, in whose state everything is there already."""
    assert first
    fill(empty)
    assert MARK in json.dumps(state(empty)), "encrypted, it is there"
    return empty


def test_what_is_encrypted_is_nowhere_in_clear(first: dict[str, str], sealed: Stack) -> None:
    encrypt(sealed, MARK)
    kept = shown(sealed)
    encrypt(sealed, OTHER)
    later = shown(sealed)
    for texts in (first, kept, later):
        assert [name for name, text in texts.items() if MARK in text or OTHER in text] == []
    assert [name for name in NAMED if f"`{name}` " not in later["comment"]] == []
    assert later["comment"].count(": [secret]") == len(NAMED) - 1
    lost = "project web: server web1 is replaced, its disk is lost, because user data has changed"
    assert lost in later["comment"]
    assert "project web: description has changed" in later["comment"]


def in_clear(value: Any, secret: Any) -> Any:  # noqa: ANN401  # any JSON
    """Return a value of a state with what is secret in it in clear, as `secret` has it."""
    if isinstance(value, dict) and "ciphertext" in value:
        return json.loads(secret["plaintext"])
    if isinstance(value, dict):
        return {key: in_clear(item, secret[key]) for key, item in value.items()}
    return value


def test_what_was_kept_in_clear_becomes_secret_without_a_change(sealed: Stack) -> None:
    encrypt(sealed, MARK)
    exported = json.loads(sealed.pulumi("stack", "export"))
    secrets = state(sealed)
    for resource in exported["deployment"]["resources"]:
        if (found := name(resource["urn"])) in NAMED:
            resource.update(in_clear(resource, secrets[found]))
    sealed.pulumi("stack", "import", text=json.dumps(exported))
    assert MARK in sealed.pulumi("stack", "export"), "as it was kept before"
    preview = json.loads(sealed.pulumi("preview", "--json", "--expect-no-changes"))
    assert operations(preview) == {}
    encrypt(sealed, OTHER)
    text = comment(parse_preview(sealed.run("preview", *OPTIONS), WORDS))
    assert "user data has changed" in text
    assert [mark for mark in (MARK, OTHER) if mark in text] == []
    encrypt(sealed, MARK)
    sealed.pulumi("up", "--yes", "--skip-preview")
    assert MARK not in sealed.pulumi("stack", "export")


@pytest.mark.parametrize("path", ["iaas:servers[0].name", "iaas:networks[0].cidr", "iaas:region"])
def test_what_could_not_be_secret_is_refused(sealed: Stack, path: str) -> None:
    before = sealed.file.read_text()
    sealed.pulumi("config", "set", "--secret", "--path", path, text=MARK)
    done = sealed.run("preview")
    sealed.file.write_text(before)
    assert done.returncode != 0
    assert f"{path}: is encrypted, but names, addresses and sizes" in done.stdout + done.stderr
    assert MARK not in done.stdout + done.stderr
