"""Reaches the nodes of a stack over ssh, as its last `up` did.

How a node is reached, and what `up` has put on it, stand in the stack's state. The ssh client is
the system's, without its user's own configuration, and it takes the node's key of the settings
alone. A private key of the settings goes to an agent of this run by stdin, and is never in a file
or an argument.
"""

import json
import os
import re
import subprocess
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pull_requests.cli import pulumi
from pull_requests.errors import JobError
from pull_requests.preview import natural

COMMAND, CONTROLLER = "command:remote:Command", "iaas:nodes:Controller"
AT_ONCE = 16
"""Nodes that are asked at the same time."""
PATIENCE = 10
"""Seconds for a connection."""
SECRET = "4dabf18193072939515e22adb298388d"  # noqa: S105  # how Pulumi marks one in a state
UNREACHABLE = 255  # ssh's own status, when it is not the remote command's

_PUT = re.compile(
    r"(?:sudo -n )?install -D -m (?P<mode>\d+) /dev/stdin (?P<path>\S+)"
    r"(?: && (?:sudo -n )?timeout (?P<minutes>\d+)m (?P=path))?"
)


@dataclass(frozen=True)
class Login:
    """How a node is reached. A node without `host_key` is not checked, as the settings say."""

    host: str
    port: int
    user: str
    host_key: str | None
    key: str | None = field(repr=False)


@dataclass(frozen=True)
class Put:
    """A file that `up` has put on a node; a step is run, for at most so many minutes."""

    urn: str
    path: str
    mode: int
    content: str = field(repr=False)
    minutes: int = 0

    @property
    def step(self) -> str:
        """The name of its step on its node; "" for a file that is none."""
        return _name(self.urn) if self.minutes else ""


@dataclass(frozen=True)
class Node:
    """A node of the state: its name, its login, and what `up` has put there, in its order."""

    name: str
    login: Login
    puts: tuple[Put, ...]


@dataclass(frozen=True)
class Answer:
    """What a node said; `failed` is why it said nothing, or not all."""

    said: str
    failed: str = ""


def nodes(stack: str) -> list[Node]:
    """Return the nodes of a stack's last `up`, "" for the selected stack (JobError)."""
    chosen = ["--stack", stack] if stack else []
    command = [pulumi(), "stack", "export", "--show-secrets", *chosen]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise JobError(f"`{' '.join(command)}` failed: {done.stderr.strip()}")
    return of_state(json.loads(done.stdout))


def of_state(state: Mapping[str, Any]) -> list[Node]:
    """Return the nodes of an exported state, the controller first, by what `up` has put there."""
    parents: dict[Login, str] = {}
    puts: dict[Login, list[Put]] = {}
    for resource in (state.get("deployment") or {}).get("resources") or ():
        if resource["type"] != COMMAND or resource.get("delete"):
            continue
        inputs = {key: _plain(value) for key, value in resource["inputs"].items()}
        found = _PUT.fullmatch(inputs["create"])
        if found is None:
            continue
        to = {key: _plain(value) for key, value in inputs["connection"].items()}
        login = Login(
            to["host"], int(to["port"]), to["user"], to.get("hostKey"), to.get("privateKey")
        )
        parents.setdefault(login, resource["parent"])
        puts.setdefault(login, []).append(
            Put(
                resource["urn"],
                found["path"],
                int(found["mode"], 8),
                inputs["stdin"],
                int(found["minutes"] or 0),
            )
        )
    logins = sorted(puts, key=lambda login: natural(_name(parents[login])))
    logins.sort(key=lambda login: CONTROLLER not in parents[login])
    return [Node(_name(parents[login]), login, tuple(puts[login])) for login in logins]


def _name(urn: str) -> str:
    return urn.rsplit("::", 1)[-1]


def _plain(value: Any) -> Any:  # noqa: ANN401  # any JSON
    """Return the value of a secret that was exported in clear, and others as they are."""
    if isinstance(value, dict) and SECRET in value:
        return json.loads(value["plaintext"])
    return value


def ask(
    asked: Sequence[Node], scripts: Mapping[str, str], seconds: int
) -> Iterator[tuple[Node, Answer]]:
    """Run on each node its script, as root and by stdin, all at once; yield the answers in order.

    scripts: bash, by the node's name; seconds: after these a node has failed.
    """
    with _agent({node.login.key for node in asked if node.login.key}) as environment:

        def one(node: Node) -> tuple[Node, Answer]:
            return node, _run(node.login, scripts[node.name], seconds, environment)

        with ThreadPoolExecutor(AT_ONCE) as pool:
            yield from pool.map(one, asked)


def _run(login: Login, script: str, seconds: int, environment: Mapping[str, str]) -> Answer:
    with tempfile.NamedTemporaryFile("w", prefix="known-hosts-") as known:
        check = ["-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null"]
        if login.host_key:
            known.write(f"[{login.host}]:{login.port} {login.host_key}\n")
            known.write(f"{login.host} {login.host_key}\n")
            known.flush()
            check = ["-o", "StrictHostKeyChecking=yes", "-o", f"UserKnownHostsFile={known.name}"]
        options = ("BatchMode=yes", f"ConnectTimeout={PATIENCE}", "LogLevel=ERROR")
        command = [
            *("ssh", "-F", "none", *(word for option in options for word in ("-o", option))),
            *(*check, "-p", str(login.port), f"{login.user}@{login.host}"),
            f"{'' if login.user == 'root' else 'sudo -n '}timeout {seconds} bash -s",
        ]
        try:
            done = subprocess.run(
                command,
                input=script,
                capture_output=True,
                text=True,
                check=False,
                timeout=seconds + PATIENCE,
                env=environment,
            )
        except subprocess.TimeoutExpired:
            return Answer("", f"no answer within {seconds + PATIENCE} s")
    if done.returncode == UNREACHABLE:
        return Answer("", f"not reached: {done.stderr.strip()}")
    failed = done.stderr.strip() or f"status {done.returncode}" if done.returncode else ""
    return Answer(done.stdout, failed)


@contextmanager
def _agent(keys: Iterable[str]) -> Iterator[dict[str, str]]:
    """Run an ssh agent with these keys; without a key of the settings the user's own is asked."""
    environment = dict(os.environ)
    found = sorted(keys)
    if not found:
        yield environment
        return
    with tempfile.TemporaryDirectory(prefix="agent-") as folder:
        environment["SSH_AUTH_SOCK"] = f"{folder}/socket"
        agent = ["ssh-agent", "-D", "-a", environment["SSH_AUTH_SOCK"]]
        with subprocess.Popen(agent, stdout=subprocess.PIPE, text=True) as running:
            try:
                next(iter(running.stdout or ()))  # it listens when it has said where
                for key in found:
                    subprocess.run(
                        ["ssh-add", "-q", "-"], input=key, text=True, check=True, env=environment
                    )
                yield environment
            finally:
                running.terminate()
        Path(environment["SSH_AUTH_SOCK"]).unlink(missing_ok=True)
