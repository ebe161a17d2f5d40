"""Reaches nodes over ssh with `pulumi up`'s user, port, key and host keys.

The user's own ssh settings have no part in it. With `ssh.privateKeyFile` that key alone is used,
without it the ssh agent's.
"""

import os
import shlex
import signal
import subprocess
import tempfile
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TypeVar

from components.settings import NodeSettings, SshSettings

AT_ONCE = 25
"""So many nodes are asked at a time: a hundred that are all dead take 40 seconds."""
CONNECT = 5
"""Seconds in which a node must answer at all."""
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
"""Why a node gave no answer, and the words of ssh or of the node that tell it. The first fits."""
CLOSED, SLOW, FAILED = "closed", "slow", "failed"

TIMED_OUT = 124
"""The status of a command that `timeout` has ended."""
UNREACHED = 255
"""The status of ssh when it does not reach the node, or is cut off from it."""
T = TypeVar("T")


@dataclass(frozen=True)
class Answer:
    """What a node answers. `cause` is one of CAUSES, CLOSED, SLOW or FAILED; empty: it did all."""

    text: bytes
    cause: str = ""
    said: str = ""


def login(node: NodeSettings, ssh: SshSettings) -> list[str]:
    """Return how a person logs in to a node, as the words of a command."""
    key = ["-i", str(ssh.private_key_file)] if ssh.private_key_file else []
    port = ["-p", str(ssh.port)] if ssh.port != SshSettings().port else []
    return ["ssh", *key, *port, f"{ssh.user}@{node.host}"]


def sudo(ssh: SshSettings) -> str:
    """Return what a command of root begins with."""
    return "" if ssh.user == "root" else "sudo -n "


def at(node: NodeSettings, ssh: SshSettings, line: str) -> str:
    """Return the command with which a person runs a line of shell on a node, as root."""
    words = login(node, ssh)
    compound = set(line) & set(";&|<>()'\"$")
    if ssh.user != "root":
        line = f"sudo bash -c {shlex.quote(line)}" if compound else f"sudo {line}"
    return f"{shlex.join(words)} {shlex.quote(line) if compound else line}"


def command(node: NodeSettings, ssh: SshSettings, known_hosts: str, line: str) -> list[str]:
    """Return the command that runs a line on a node as root, and may not ask anything."""
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
    return ["ssh", "-F", "none", "-T", "-p", str(ssh.port), *words, target, sudo(ssh) + line]


def environment() -> dict[str, str]:
    """Return what ssh gets of the environment."""
    return {name: os.environ[name] for name in OURS if name in os.environ}


def cause(said: str) -> tuple[str, str]:
    """Return the cause of what ssh or the node says, and the line that tells it."""
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    for name, signs in CAUSES:
        for line in lines:
            if any(sign in line for sign in signs):
                return name, line[:200].rstrip(".")
    return CLOSED, lines[-1][:200].rstrip(".") if lines else "the connection ended"


def known(nodes: Iterable[NodeSettings]) -> str:
    """Return the known_hosts of these nodes: each under its name, whatever its port."""
    return "".join(f"{node.name} {node.host_key}\n" for node in nodes if node.host_key)


@dataclass(frozen=True)
class Ssh:
    """The way to nodes, as long as `reach` is open."""

    ssh: SshSettings
    known_hosts: str

    def run(self, node: NodeSettings, interpreter: str, script: bytes, seconds: int) -> Answer:
        """Run a script of stdin as root, for at most so many seconds."""
        words = self._words(node, interpreter, seconds)
        try:
            done = subprocess.run(
                words,
                input=script,
                capture_output=True,
                timeout=seconds,
                check=False,
                env=environment(),
            )
        except subprocess.TimeoutExpired:
            return Answer(b"", SLOW, f"no answer within {seconds} s")
        if done.returncode == TIMED_OUT:
            return Answer(done.stdout, SLOW, f"no answer within {seconds - 1} s")
        if done.returncode:
            return Answer(done.stdout, *cause(done.stderr.decode(errors="replace")))
        return Answer(done.stdout)

    def follow(
        self,
        node: NodeSettings,
        interpreter: str,
        script: bytes,
        seconds: int,
        hear: Callable[[str], object],
    ) -> Answer:
        """Run a script as `run` does, and hand on each line at once, those of stderr, too."""
        lines: list[str] = []
        pipe = subprocess.PIPE
        words = self._words(node, interpreter, seconds)
        with subprocess.Popen(
            words, stdin=pipe, stdout=pipe, stderr=subprocess.STDOUT, env=environment()
        ) as process:
            end = threading.Timer(seconds, process.kill)
            end.start()
            assert process.stdin  # noqa: S101  # it is a pipe
            assert process.stdout  # noqa: S101
            try:
                with suppress(BrokenPipeError):
                    process.stdin.write(script)
                    process.stdin.close()
                for raw in process.stdout:
                    lines.append(raw.decode(errors="replace").rstrip("\r\n"))
                    hear(lines[-1])
            finally:
                end.cancel()
        text = "\n".join(lines)
        if process.returncode in (TIMED_OUT, -signal.SIGKILL):
            return Answer(text.encode(), SLOW, f"not done within {seconds - 1} s")
        if process.returncode == UNREACHED:
            return Answer(text.encode(), *cause(text))
        if process.returncode:
            last = next((line.strip() for line in reversed(lines) if line.strip()), "no reason")
            return Answer(text.encode(), FAILED, last[:200])
        return Answer(text.encode())

    def _words(self, node: NodeSettings, interpreter: str, seconds: int) -> list[str]:
        line = f"timeout {seconds - 1} {interpreter}"
        return command(node, self.ssh, self.known_hosts, line)

    def start(
        self, node: NodeSettings, line: str, stdin: int, stdout: int | None = None
    ) -> subprocess.Popen[bytes]:
        """Start a line of shell as root, for as long as it takes; a person sees its errors.

        stdin and stdout are as subprocess has them: PIPE, a file, none: this program's own.
        """
        words = command(node, self.ssh, self.known_hosts, line)
        return subprocess.Popen(words, stdin=stdin, stdout=stdout, env=environment())


@contextmanager
def reach(nodes: Sequence[NodeSettings], ssh: SshSettings) -> Iterator[Ssh]:
    """Open the way to nodes."""
    with tempfile.NamedTemporaryFile("w", encoding="utf-8", prefix="iaas-known-hosts-") as file:
        file.write(known(nodes))
        file.flush()
        yield Ssh(ssh, file.name)


def each(
    nodes: Sequence[NodeSettings], ssh: SshSettings, ask: Callable[[Ssh, NodeSettings], T]
) -> list[T]:
    """Return what is found on each node, in their order; so many are asked at a time."""
    with reach(nodes, ssh) as way, ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(lambda node: ask(way, node), nodes))
