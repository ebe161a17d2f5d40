"""How the status reaches nodes: as `pulumi up` does, a few at a time, none for longer than 10 s."""

import json
import os
import time
from pathlib import Path

import pytest

from tests.unit.readings import PASSWORD, Json, names, node, reading, stack
from tools import ssh
from tools.ssh import cause, command, known
from tools.stack import Stack
from tools.status import nodes
from tools.status.nodes import PYTHON, ahead

FAKE = """#!/bin/sh
# A ssh that answers from files: it notes its words, its environment and the nodes that it knows.
cd "$(dirname "$0")"
for word; do
  case $word in *@*) host=${word#*@} ;; UserKnownHostsFile=*) known=${word#*=} ;; esac
done
echo "$*" >>words
env >environment
eval "cat $known" >known 2>/dev/null
mkdir busy.$$; ls -d busy.* | wc -l >>counts; sleep 0.1; rmdir busy.$$
cat >"script.$host"
[ -e "error.$host" ] && { cat "error.$host" >&2; exit "$(cat "status.$host")"; }
[ -e "hangs.$host" ] && exec sleep 60
cat "reading.$host"
"""


@pytest.fixture
def there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with what nodes answer, by address; `ssh` reads it."""
    ssh = tmp_path / "ssh"
    ssh.write_text(FAKE)
    ssh.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    for name in ("controller", *names(3)):
        kind = "controller" if name == "controller" else "compute"
        given = reading(name, "controller" if kind == "controller" else "compute")
        address = node(None, name, "compute").host
        (tmp_path / f"reading.{address}").write_text(json.dumps({**given, "now": time.time()}))
    return tmp_path


def fail(folder: Path, host: str, said: str, status: int = 255) -> None:
    """Let a node give no reading."""
    (folder / f"error.{host}").write_text(said)
    (folder / f"status.{host}").write_text(str(status))


def test_all_nodes_are_asked_and_one_that_is_dead_hides_no_other(there: Path) -> None:
    fail(there, "10.0.0.21", "ssh: connect to host 10.0.0.21 port 22: Connection timed out")
    found = nodes.ask_all(stack(computes=3))
    assert [(n.name, n.kind, n.reading is not None) for n in found] == [
        ("controller", "controller", True),
        ("c1", "compute", True),
        ("c2", "compute", False),
        ("c3", "compute", True),
    ]
    assert found[2].unreached
    assert found[2].unreached.cause == "silent"
    assert (there / "script.10.0.0.20").read_bytes() == nodes.SCRIPT.read_bytes()


def test_a_node_that_hangs_is_given_up(there: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (there / "hangs.10.0.0.20").touch()
    monkeypatch.setattr(nodes, "SECONDS", 2)
    found = nodes.ask_all(stack(computes=2))
    assert found[1].unreached
    assert (found[1].unreached.cause, found[1].unreached.said) == ("slow", "no answer within 2 s")
    assert found[2].reading


def test_a_hundred_nodes_are_not_asked_at_once(
    there: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ssh, "AT_ONCE", 3)
    nodes.ask_all(stack(computes=12))
    assert len((there / "words").read_text().splitlines()) == 13
    assert max(map(int, (there / "counts").read_text().split())) <= 3


def test_ssh_knows_the_settings_host_keys_and_none_of_our_secrets(
    there: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE", "the passphrase")
    asked = stack(computes=1)
    nodes.ask_all(asked)
    assert (there / "known").read_text() == known((asked.controller, *asked.computes))
    everything = "".join(p.read_text() for p in there.iterdir() if p.is_file() and p.name != "ssh")
    assert "the passphrase" not in everything and PASSWORD not in everything


def options(asked: Stack) -> str:
    """Return the command that asks the controller, as a line."""
    return " ".join(command(asked.controller, asked.ssh, "/tmp/known", PYTHON))  # noqa: S108


@pytest.mark.parametrize(
    ("how", "has", "has_not"),
    [
        (
            {},
            (
                "ssh -F none ",
                " -p 22 ",
                "StrictHostKeyChecking=yes",
                'UserKnownHostsFile="/tmp/known"',
                "HostKeyAlias=controller",
                "IdentityFile=none",
                "root@10.0.0.10 python3 -I -B -",
            ),
            ("sudo", " -i "),
        ),
        (
            {"user": "admin", "port": 2222, "privateKeyFile": "/keys/100%"},
            (
                " -p 2222 ",
                "IdentitiesOnly=yes",
                "-i /keys/100%%",
                "admin@10.0.0.10 sudo -n python3 -I -B -",
            ),
            ("IdentityFile=none",),
        ),
    ],
)
def test_nodes_are_reached_as_pulumi_up_reaches_them(
    how: Json, has: tuple[str, ...], has_not: tuple[str, ...]
) -> None:
    line = options(stack(**how))
    assert all(text in line for text in has), line
    assert not any(text in line for text in has_not), line


def test_a_host_key_is_taken_unchecked_only_where_the_settings_say_so() -> None:
    asked = stack()
    loose = asked.controller.model_copy(update={"host_key": None, "check_host_key": False})
    line = " ".join(command(loose, asked.ssh, "/tmp/known", PYTHON))  # noqa: S108
    assert "StrictHostKeyChecking=no" in line and "UserKnownHostsFile=/dev/null" in line
    assert known([loose]) == ""


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("ssh: connect to host h port 22: Connection timed out", "silent"),
        ("ssh: connect to host h port 22: No route to host", "silent"),
        ("ssh: connect to host h port 22: Connection refused", "refused"),
        ("No ED25519 host key is known for c1\nHost key verification failed.", "host key"),
        ('Load key "/k": bad permissions\nroot@h: Permission denied (publickey).', "key file"),
        ("Warning: Identity file k not accessible: No such file.\nPermission denied", "key file"),
        ("root@h: Permission denied (publickey).", "login"),
        ("sudo: a password is required", "sudo"),
        ("timeout: failed to run command 'python3': No such file or directory", "no Python"),
        ("Connection closed by 10.0.0.1 port 22", "closed"),
        ("", "closed"),
    ],
)
def test_why_a_node_gave_no_reading_is_known_by_what_was_said(said: str, expected: str) -> None:
    name, line = cause(said)
    assert name == expected
    assert line and "\n" not in line


def test_an_answer_that_is_no_reading_is_said_without_showing_it(there: Path) -> None:
    (there / "reading.10.0.0.20").write_text('{"name": "what is this"}')
    found = nodes.ask_all(stack(computes=1))[1]
    assert found.unreached
    assert found.unreached.cause == "unreadable"
    assert "what is this" not in found.unreached.said


@pytest.mark.parametrize(
    ("now", "expected"), [(5, -5), (10, 0), (12, 0), (15, 0), (20, 5)], ids=str
)
def test_a_clock_is_off_only_by_what_the_way_does_not_explain(now: float, expected: float) -> None:
    assert ahead(now, sent=10, answered=15) == expected
