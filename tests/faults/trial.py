"""Brings faults about on the lab that is up, and says what was not as their rows promise."""

import os
import re
import signal
import subprocess
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Any

from pull_requests.cli import OPTIONS, parse_preview
from tests.changes.base import ROOT, settings_of
from tests.changes.lab import FOLDER, resume, run, words, write
from tests.faults.fault import HERE, Fault
from tests.unit.configs import changed
from wording import WORDS

UP = ("up", "--yes", "--skip-preview", "--non-interactive")
PATIENCE = 300
"""Seconds in which a node answers again."""
LONGEST = 600
"""Seconds in which a run ends: a resource that is made for longer waits for what does not come."""
FAILED = re.compile(r"^ {2}(?:\S+ ){1,2}\((\S+)\):$", re.MULTILINE)


def usual() -> dict[str, Any]:
    """Return the lab's own settings."""
    return settings_of(ROOT / "Pulumi.dev.yaml")


def proven(fault: Fault) -> list[str]:
    """Return what was not as the row promises; the lab has its own settings before and after."""
    return list(_problems(fault))


def _problems(fault: Fault) -> Iterator[str]:
    before = _servers()
    write(changed(usual(), dict(fault.change), FOLDER))
    try:
        ended, said = _under(fault)
    finally:
        _script(fault.node, fault.end)
    yield from _judged(fault, ended, said)
    if fault.kills:
        done = run("pulumi", "cancel", "--yes")
        if done.returncode:
            yield f"`pulumi cancel` fails: {done.stdout}{done.stderr}"
        resume()
    again = run("pulumi", *UP)
    if again.returncode:
        yield f"the next up fails: {again.stdout}{again.stderr}"
    left = parse_preview(run("pulumi", "preview", *OPTIONS), WORDS)
    if left.changed or left.errors:
        names = [f"{resource.op} {resource.name}" for resource in left.changed]
        yield f"the preview after it is not without changes: {[*left.errors, *names]}"
    write(usual())
    back = run("pulumi", *UP)
    if back.returncode:
        yield f"the way back fails: {back.stdout}{back.stderr}"
    after = _servers()
    if after != before:
        yield f"servers were lost or restarted: {before} then {after}"


def _under(fault: Fault) -> tuple[int, str]:
    """Run `up` with the fault; return its status and what it prints."""
    _script(fault.node, fault.before if fault.at else fault.begin)
    lines: list[str] = []
    begun = not fault.at
    with subprocess.Popen(
        words("pulumi", *UP),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    ) as process:
        assert process.stdout is not None
        too_long = threading.Timer(LONGEST, process.terminate)
        too_long.start()
        for line in process.stdout:
            lines.append(line)
            if not begun and re.search(fault.at, line):
                begun = True
                _script(fault.node, fault.begin)
                if fault.kills:
                    _kill(process.pid)
        too_long.cancel()
    said = "".join(lines)
    return process.returncode, said if begun else f"the run never printed {fault.at}: {said}"


def _kill(session: int) -> None:
    """Kill all processes of a session: plugins have groups of their own."""
    listed = ["ps", "-o", "pid=", "--sid", str(session)]
    done = subprocess.run(listed, capture_output=True, text=True, check=True)
    for pid in done.stdout.split():
        with suppress(ProcessLookupError):
            os.kill(int(pid), signal.SIGKILL)


def _judged(fault: Fault, ended: int, said: str) -> Iterator[str]:
    """Yield what of a run is not as the row says."""
    diagnostics = said.partition("\nDiagnostics:\n")[2].partition("\nOutputs:\n")[0]
    failed = set(_with_errors(diagnostics))
    if failed != set(fault.fails) or bool(ended) != bool(
        fault.fails or fault.kills or fault.broken
    ):
        yield f"status {ended}, fails {sorted(failed)}, not {sorted(fault.fails)}:"
        yield diagnostics or said
    if not re.search(fault.says, diagnostics if fault.fails else said, re.DOTALL):
        yield f"it does not say {fault.says!r}:\n{diagnostics or said}"


def _with_errors(diagnostics: str) -> Iterator[str]:
    """Yield the names of the resources with errors, without the stack's own."""
    _, *found = FAILED.split(diagnostics)
    for name, text in zip(found[::2], found[1::2], strict=True):
        if re.search(r"^ *error:", text, re.MULTILINE) and not name.startswith("iaas-"):
            yield name


def _script(node: str, script: str) -> None:
    """Run a script on a node, or here; it must succeed."""
    if not script:
        return
    if node == HERE:
        done = subprocess.run(
            ["bash", "-c", script], cwd=ROOT, capture_output=True, text=True, check=False
        )
    else:
        _awaited(node)
        done = run("ssh", node, "bash -s", stdin=f"set -eu\n{script}")
    assert not done.returncode, f"{node}: {script}\n{done.stdout}{done.stderr}"


def _awaited(node: str) -> None:
    """Wait until a node takes logins."""
    until = time.monotonic() + PATIENCE
    while run("ssh", node, "true").returncode:
        assert time.monotonic() < until, f"{node} does not come back"
        time.sleep(1)


def _servers() -> Sequence[str]:
    """Return the domains of all computes, each with its process: a restarted one has another."""
    list_all = (
        "for file in /run/libvirt/qemu/instance-*.pid; do echo $(basename $file) $(<$file); done"
    )
    nodes = [node["name"] for node in usual()["computes"]]
    return [
        f"{node} {line}"
        for node in nodes
        for line in run("ssh", node, f"bash -c '{list_all}'").stdout.splitlines()
    ]
