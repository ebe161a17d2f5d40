"""What is said of nodes that differ from what the last `up` made of them."""

import hashlib
import json
import subprocess
from collections.abc import Callable
from ipaddress import IPv4Address
from pathlib import Path
from typing import Any

import pytest

from components.settings import NodeSettings, SshSettings
from tools.drift import OLD, compare, heard, report, script
from tools.drift.state import SECRET, Put, of_state
from tools.ssh import Answer
from tools.stack import Stack

URN = "urn:pulumi:dev::iaas::iaas:nodes:Controller$command:remote:Command::"
LIBRARY = "/usr/local/lib/iaas/step.sh"
PRE_HOST = "/usr/local/bin/iaas-pre-host.sh"
PUT = "install -D -m {} /dev/stdin {}"
HOST = "127.0.0.1"
FILE = Put(f"{URN}c1-step.sh", "c1", HOST, LIBRARY, 0o644, "readonly MODE=\n")
STEP = Put(f"{URN}c1-pre-host", "c1", HOST, PRE_HOST, 0o755, "#!\n", is_step=True)


def command(name: str, create: str, stdin: object, **connection: object) -> dict[str, Any]:
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


def node(name: str = "c1", host: str = HOST) -> NodeSettings:
    """Return a node on this machine."""
    made = NodeSettings(name=name, host=IPv4Address("10.0.0.1"), check_host_key=False)
    # An address that the settings would refuse.
    return made.model_copy(update={"host": IPv4Address(host)})


def stack(*computes: NodeSettings, port: int = 1) -> Stack:
    """Return a stack whose controller is c1; nothing listens on its ssh port."""
    return Stack("", node(), computes, SshSettings(port=port), "RegionOne", "a password")


def test_the_files_and_steps_of_nodes_are_those_of_the_state() -> None:
    other = {"host": secret("127.0.0.2"), "user": "me"}
    resources = [
        command("c1-check", "timeout 3m bash -s", "a check"),
        command("c1-step.sh", PUT.format("0644", LIBRARY), "readonly MODE=\n"),
        command("c1-pre-host", f"{PUT.format('0755', PRE_HOST)} && timeout 40m {PRE_HOST}", "#!\n"),
        command("c2-x", f"sudo -n {PUT.format('0600', '/x')}", secret("a text"), **other),
        command("c1-x", PUT.format("0600", "/gone"), "") | {"delete": True},
        {"urn": "urn:x", "type": "pulumi:pulumi:Stack"},
    ]
    found = list(of_state({"deployment": {"resources": resources}}))
    assert found == [FILE, STEP, Put(f"{URN}c2-x", "c2", "127.0.0.2", "/x", 0o600, "a text")]
    assert [put.name for put in found] == ["step.sh", "pre-host", "x"]
    assert "a text" not in repr(found)


def test_a_stack_without_a_state_has_nothing_on_nodes() -> None:
    assert list(of_state({"deployment": None})) == []


@pytest.mark.parametrize(
    ("text", "failed", "said", "repairs"),
    [
        ("== files\n== pre-host\n", "", "c1: nothing differs", ""),
        (
            "== files\n== pre-host\n/etc/hosts differs\n  - a\n  + b\nx does not run\n",
            "",
            "c1:\n  pre-host:\n    /etc/hosts differs\n      - a\n      + b\n    x does not run",
            "c1-pre-host",
        ),
        (
            f"== files\n{LIBRARY} is not there\n!! no steps\n",
            "",
            f"c1:\n  files:\n    {LIBRARY} is not there\n    not compared: no steps",
            "c1-step.sh c1-pre-host",
        ),
        (
            f"== files\n{PRE_HOST} is not as 'up' has written it\n",
            "",
            f"c1:\n  files:\n    {PRE_HOST} is not as 'up' has written it",
            "c1-pre-host",
        ),
        (
            "== files\n== pre-host\n!! pre-host failed\n!! its log\n",
            "",
            "c1:\n  pre-host:\n    not compared: pre-host failed\n      its log",
            "",
        ),
        ("", "Connection refused", "c1: not compared: Connection refused", ""),
        ("== files\n== pre-host\n", "no answer", "c1: not compared: no answer", ""),
    ],
)
def test_the_report_says_what_differs_and_a_repair_runs_that_alone(
    text: str, failed: str, said: str, repairs: str
) -> None:
    found = heard(node(), (FILE, STEP), Answer(text.encode(), "closed" if failed else "", failed))
    assert report([found]) == said
    assert [urn.rsplit("::", 1)[-1] for urn in found.repairs()] == repairs.split()
    assert found.differs == (said != "c1: nothing differs")


def test_a_node_whose_steps_cannot_compare_is_not_asked() -> None:
    """Old steps would take `compare` for nothing, and change the node."""
    old = Put(FILE.urn, "c1", HOST, LIBRARY, 0o644, "step() {\n")
    assert report(compare(stack(), [old, STEP])) == f"c1: not compared: {OLD}"


def test_a_node_that_is_not_made_yet_is_no_drift() -> None:
    assert compare(stack(), []) == []


def test_a_node_that_is_not_reached_does_not_hide_the_others() -> None:
    other = node("c2", "127.0.0.2")
    found = compare(
        stack(other), [FILE, Put("x", "c2", "127.0.0.2", "/x", 0o600, "readonly MODE=")]
    )
    assert [one.node for one in found] == ["c1", "c2"]
    for one in found:
        assert "Connection refused" in one.unknown


@pytest.fixture
def there(tmp_path: Path) -> tuple[Put, Put]:
    """A node whose files are in a folder of this test; its step says what differs, and fails."""
    library, step = tmp_path / "library", tmp_path / "step"
    library.write_text("of the library\n")
    library.chmod(0o644)
    step.write_text('#!/bin/sh\necho "$1: it differs"\necho why >&2\nexit 3\n')
    step.chmod(0o755)
    return (
        Put(f"{URN}c1-library", "c1", HOST, str(library), 0o644, library.read_text()),
        Put(f"{URN}c1-one", "c1", HOST, str(step), 0o755, step.read_text(), is_step=True),
    )


def run(asked: tuple[Put, Put]) -> str:
    """Return what this machine says as that node, whose files belong to whoever runs this."""
    mine = script(asked).replace("root:root", "$(id -un):$(id -gn)")
    return subprocess.run(
        ["bash", "-s"], input=mine, capture_output=True, text=True, check=True
    ).stdout


def test_a_node_runs_its_steps_to_compare_and_says_why_one_failed(there: tuple[Put, Put]) -> None:
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
    there: tuple[Put, Put], edit: Callable[[Path], object], said: str
) -> None:
    library = Path(there[0].path)
    owner = f"{library.owner()}:{library.group()}"
    edit(library)
    told = run(there)
    assert told.splitlines()[:2] == ["== files", f"{library} {said.format(owner=owner)}"]
    assert "== one" not in told


def test_what_a_node_is_asked_has_no_text_of_its_files(there: tuple[Put, Put]) -> None:
    """Passwords are among them: a node gets only their sum."""
    text = script(there)
    assert "of the library" not in text
    assert hashlib.sha256(b"of the library\n").hexdigest() in text
