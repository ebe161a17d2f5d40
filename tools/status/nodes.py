"""Asks the nodes for their readings, over ssh with `pulumi up`'s user, port, key and host keys."""

import os
import shlex
import subprocess
import tempfile
import time
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from pydantic import ValidationError

from components.settings import NodeSettings, SshSettings

from .seen import Kind, NodeSeen, Reading, Unreached
from .stack import Stack

SECONDS = 10
"""The longest that a node may take."""
AT_ONCE = 25
"""So many nodes are asked at a time: a hundred that are all dead take 40 seconds."""
CONNECT = 5
"""Seconds in which a node must answer at all."""
READ = "timeout 9 python3 -I -B -"
"""Runs the script of stdin, and writes no file beside the modules that it imports."""
SCRIPT = Path(__file__).with_name("reading.py")
OURS = ("PATH", "HOME", "SSH_AUTH_SOCK")
"""What ssh needs of the environment, which may have secrets."""


CAUSES: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("host key", ("Host key verification failed", "REMOTE HOST IDENTIFICATION HAS CHANGED")),
    # Before `login`: ssh goes on without the key, and is refused.
    ("key file", ("bad permissions", "Load key ", "Identity file ")),
    ("login", ("Permission denied", "Too many authentication failures")),
    ("refused", ("Connection refused",)),
    ("silent", ("Connection timed out", "No route to host", "Network is unreachable")),
    ("sudo", ("sudo: ",)),
    ("no Python", ("failed to run command", "python3: command not found")),
)
"""Why a node gave no reading, and the words of ssh or of the node that tell it. The first fits."""
CLOSED, SLOW, UNREADABLE = "closed", "slow", "unreadable"


def login(node: NodeSettings, ssh: SshSettings) -> list[str]:
    """Return how a person logs in to a node, as the words of a command."""
    key = ["-i", str(ssh.private_key_file)] if ssh.private_key_file else []
    port = ["-p", str(ssh.port)] if ssh.port != SshSettings().port else []
    return ["ssh", *key, *port, f"{ssh.user}@{node.host}"]


def sudo(ssh: SshSettings) -> str:
    """Return what a command of root begins with."""
    return "" if ssh.user == "root" else "sudo -n "


def command(node: NodeSettings, ssh: SshSettings, known_hosts: str) -> list[str]:
    """Return the command that asks a node: the user's own ssh settings have no part in it."""
    key = ssh.private_key_file
    checked = node.host_key is not None
    options = {
        "BatchMode": "yes",
        "ConnectTimeout": str(CONNECT),
        "ServerAliveInterval": "3",
        "StrictHostKeyChecking": "yes" if checked else "no",
        "UserKnownHostsFile": f'"{known_hosts}"' if checked else "/dev/null",
        "GlobalKnownHostsFile": "/dev/null",
        "HostKeyAlias": node.name,
        "UpdateHostKeys": "no",
        # With a key file, that key alone; without one, the agent's alone.
        "IdentitiesOnly": "yes" if key else "no",
        "LogLevel": "ERROR",
    }
    words = [word for name, value in options.items() for word in ("-o", f"{name}={value}")]
    words += ["-i", str(key).replace("%", "%%")] if key else ["-o", "IdentityFile=none"]
    target = f"{ssh.user}@{node.host}"
    return ["ssh", "-F", "none", "-T", "-p", str(ssh.port), *words, target, sudo(ssh) + READ]


def cause(said: str) -> tuple[str, str]:
    """Return the cause of what ssh or the node says, and the line that tells it."""
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    for name, signs in CAUSES:
        for line in lines:
            if any(sign in line for sign in signs):
                return name, line[:200].rstrip(".")
    return CLOSED, lines[-1][:200].rstrip(".") if lines else "the connection ended"


def ahead(now: float, sent: float, answered: float) -> float:
    """Return how far a clock is at least ahead, if it said `now` between these times."""
    return now - answered if now > answered else min(0.0, now - sent)


def ask(node: NodeSettings, kind: Kind, ssh: SshSettings, known_hosts: str) -> NodeSeen:
    """Return what a node says, or why it does not."""

    def unreached(why: str, said: str) -> NodeSeen:
        seen = NodeSeen(name=node.name, kind=kind, host=str(node.host))
        return seen.model_copy(update={"unreached": Unreached(cause=why, said=said)})

    environment = {name: os.environ[name] for name in OURS if name in os.environ}
    sent = time.time()
    try:
        with SCRIPT.open("rb") as script:
            done = subprocess.run(
                command(node, ssh, known_hosts),
                stdin=script, capture_output=True, timeout=SECONDS, check=False, env=environment,
            )  # fmt: skip
    except subprocess.TimeoutExpired:
        return unreached(SLOW, f"no reading within {SECONDS} s")
    answered = time.time()
    errors = done.stderr.decode(errors="replace")
    if done.returncode == 124:  # noqa: PLR2004  # that of `timeout`
        return unreached(SLOW, "no reading within 9 s")
    if done.returncode:
        return unreached(*cause(errors))
    try:
        reading = Reading.model_validate_json(done.stdout)
    except ValidationError as error:
        return unreached(UNREADABLE, f"{error.error_count()} parts of its answer are not readable")
    return NodeSeen(
        name=node.name,
        kind=kind,
        host=str(node.host),
        reading=reading,
        ahead=ahead(reading.now, sent, answered),
    )


def known(nodes: Iterable[NodeSettings]) -> str:
    """Return the known_hosts of these nodes: each under its name, whatever its port."""
    return "".join(f"{node.name} {node.host_key}\n" for node in nodes if node.host_key)


def ask_all(stack: Stack) -> tuple[NodeSeen, ...]:
    """Return what all nodes say, the controller first, then by name."""
    computes = sorted(stack.computes, key=lambda node: node.name)
    kinds: Sequence[tuple[NodeSettings, Kind]] = [
        (stack.controller, "controller"),
        *((node, "compute") for node in computes),
    ]
    with (
        tempfile.NamedTemporaryFile("w", encoding="utf-8", prefix="iaas-known-hosts-") as file,
        ThreadPoolExecutor(AT_ONCE) as pool,
    ):
        file.write(known(node for node, _ in kinds))
        file.flush()
        return tuple(pool.map(lambda one: ask(one[0], one[1], stack.ssh, file.name), kinds))


def at(node: NodeSettings, ssh: SshSettings, line: str, *, terminal: bool = False) -> str:
    """Return the command with which a person runs a line of shell on a node, as root."""
    words = login(node, ssh)
    if terminal:
        words.insert(1, "-t")
    compound = set(line) & set(";&|<>()'\"$")
    if ssh.user != "root":
        line = f"sudo bash -c {shlex.quote(line)}" if compound else f"sudo {line}"
    return f"{shlex.join(words)} {shlex.quote(line) if compound else line}"
