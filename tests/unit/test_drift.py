"""What is said of nodes that differ from what the last `up` made of them."""

import hashlib
import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tools.drift import OLD, compare, read, report, script
from tools.reach import SECRET, Answer, Login, Node, Put, ask, of_state

URN = "urn:pulumi:dev::iaas::iaas:nodes:Controller$command:remote:Command::"
LIBRARY = "/usr/local/lib/iaas/step.sh"
PRE_HOST = "/usr/local/bin/iaas-pre-host.sh"
PUT = "install -D -m {} /dev/stdin {}"
FILE = Put(f"{URN}c1-step.sh", LIBRARY, 0o644, "readonly MODE=\n")
STEP = Put(f"{URN}c1-pre-host", PRE_HOST, 0o755, "#!\n", 40)


def command(name: str, create: str, stdin: str, **connection: object) -> dict[str, Any]:
    """Return a command of an exported state."""
    return {
        "urn": URN + name,
        "type": "command:remote:Command",
        "parent": f"urn:pulumi:dev::iaas::iaas:nodes:Controller::{name[:2]}",
        "inputs": {
            "create": create,
            "stdin": stdin,
            "connection": {"host": "127.0.0.1", "port": 22, "user": "root", **connection},
        },
    }


def secret(value: str) -> dict[str, str]:
    """Return a secret as `pulumi stack export --show-secrets` has it."""
    return {SECRET: "1b47061264138c4ac30d75fd1eb44270", "plaintext": json.dumps(value)}


def node(*puts: Put, name: str = "c1", port: int = 22) -> Node:
    """Return a node on this machine."""
    return Node(name, Login("127.0.0.1", port, "root", None, None), puts)


def test_a_nodes_login_files_and_steps_are_those_of_the_state() -> None:
    other = {"host": "127.0.0.2", "user": "me", "hostKey": "ssh-ed25519 AAAA"}
    key = secret("a private key")
    resources = [
        command("c1-check", "timeout 3m bash -s", "a check"),
        command("c1-step.sh", PUT.format("0644", LIBRARY), "readonly MODE=\n"),
        command("c1-pre-host", f"{PUT.format('0755', PRE_HOST)} && timeout 40m {PRE_HOST}", "#!\n"),
        command("c2-x", f"sudo -n {PUT.format('0600', '/x')}", "", **other, privateKey=key),
        command("c1-x", PUT.format("0600", "/gone"), "") | {"delete": True},
        {"urn": "urn:x", "type": "pulumi:pulumi:Stack"},
    ]
    found = of_state({"deployment": {"resources": resources}})
    assert found[0] == node(FILE, STEP)
    login = Login("127.0.0.2", 22, "me", "ssh-ed25519 AAAA", "a private key")
    assert found[1] == Node("c2", login, (Put(f"{URN}c2-x", "/x", 0o600, ""),))
    assert "a private key" not in repr(found[1])


def test_a_stack_without_a_state_has_no_nodes() -> None:
    assert of_state({"deployment": None}) == []


@pytest.mark.parametrize(
    ("answer", "said", "repairs"),
    [
        (Answer("== files\n== pre-host\n"), "c1: nothing differs", ""),
        (
            Answer("== files\n== pre-host\n/etc/hosts differs\n  - a\n  + b\nx does not run\n"),
            "c1:\n  pre-host:\n    /etc/hosts differs\n      - a\n      + b\n    x does not run",
            "c1-pre-host",
        ),
        (
            Answer(f"== files\n{LIBRARY} is not there\n!! no steps\n"),
            f"c1:\n  files:\n    {LIBRARY} is not there\n    not compared: no steps",
            "c1-step.sh",
        ),
        (
            Answer(f"== files\n{PRE_HOST} is not as 'up' has written it\n"),
            f"c1:\n  files:\n    {PRE_HOST} is not as 'up' has written it",
            "c1-pre-host",
        ),
        (
            Answer("== files\n== pre-host\n!! pre-host failed\n!! its log\n"),
            "c1:\n  pre-host:\n    not compared: pre-host failed\n      its log",
            "",
        ),
        (Answer("", "not reached: refused"), "c1: not compared: not reached: refused", ""),
        (
            Answer("== files\n== pre-host\n", "no answer within 190 s"),
            "c1: not compared: no answer within 190 s",
            "",
        ),
    ],
)
def test_the_report_says_what_differs_and_a_repair_runs_that_alone(
    answer: Answer, said: str, repairs: str
) -> None:
    found = read(node(FILE, STEP), answer)
    assert report([found]) == said
    assert [urn.rsplit("::", 1)[-1] for urn in found.repairs()] == repairs.split()
    assert found.differs == (said != "c1: nothing differs")


def test_a_node_whose_steps_cannot_compare_is_not_asked() -> None:
    """Old steps would take `compare` for nothing, and change the node."""
    old = node(Put(FILE.urn, LIBRARY, 0o644, "step() {\n"), STEP)
    assert report(compare([old])) == f"c1: not compared: {OLD}"


def test_a_node_that_is_not_reached_does_not_hide_the_others() -> None:
    asked = [node(FILE, name="c1", port=1), node(FILE, name="c2", port=1)]
    answers = dict(ask(asked, {"c1": "true", "c2": "true"}, 5))
    for one in asked:
        assert answers[one].failed.startswith("not reached: ")
        assert "refused" in answers[one].failed


@pytest.fixture
def there(tmp_path: Path) -> Node:
    """A node whose files are in a folder of this test; its step says what differs, and fails."""
    library, step = tmp_path / "library", tmp_path / "step"
    library.write_text("of the library\n")
    library.chmod(0o644)
    step.write_text('#!/bin/sh\necho "$1: it differs"\necho why >&2\nexit 3\n')
    step.chmod(0o755)
    return node(
        Put(f"{URN}c1-library", str(library), 0o644, library.read_text()),
        Put(f"{URN}c1-one", str(step), 0o755, step.read_text(), 1),
    )


def run(asked: Node) -> str:
    """Return what this machine says as that node, whose files belong to whoever runs this."""
    mine = script(asked).replace("root:root", "$(id -un):$(id -gn)")
    return subprocess.run(
        ["bash", "-s"], input=mine, capture_output=True, text=True, check=True
    ).stdout


def test_a_node_runs_its_steps_to_compare_and_says_why_one_failed(there: Node) -> None:
    assert run(there) == "== files\n== one\ncompare: it differs\n!! why\n!! status 3\n"


@pytest.mark.parametrize(
    ("edit", "said"),
    [
        (lambda file: file.write_text("by hand\n"), "is not as 'up' has written it"),
        (lambda file: file.unlink(), "is not there"),
        (lambda file: file.chmod(0o666), "is of {owner} 666, not of {owner} 644"),
    ],
    ids=["another text", "gone", "another mode"],
)
def test_steps_do_not_run_where_what_they_are_made_of_differs(
    there: Node, edit: Callable[[Path], object], said: str
) -> None:
    library = Path(there.puts[0].path)
    owner = f"{library.owner()}:{library.group()}"
    edit(library)
    told = run(there)
    assert told.splitlines()[:2] == ["== files", f"{library} {said.format(owner=owner)}"]
    assert "== one" not in told


def test_what_a_node_is_asked_has_no_text_of_its_files(there: Node) -> None:
    """Passwords are among them: a node gets only their sum."""
    text = script(there)
    assert "of the library" not in text
    assert hashlib.sha256(b"of the library\n").hexdigest() in text
