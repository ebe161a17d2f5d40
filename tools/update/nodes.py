"""What is done on a node, by ssh."""

import json
import re
import shlex
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from components import steps
from components.settings import NodeSettings

from .. import as_admin
from ..ssh import Answer, Ssh
from ..stack import Stack
from ..status import nodes as status
from ..status.seen import Kind
from ..status.units import NEEDED, UPDATED
from .plan import RELOADED, Old

Tell = Callable[[str], object]
"""Takes a line for people who wait."""

HERE = Path(__file__).parent
BASH = "bash -s"
LISTS, PACKAGES, RESTART, BOOT = 1200, 3600, 600, 900
"""Seconds for apt's lists and for packages, with the wait for another run of apt; for services to
restart; and for a node to be back after a reboot."""
PAUSE = 3.0
"""Seconds between two questions to a node that reboots."""
BOOTED = "systemctl show -P UserspaceTimestamp"
"""What differs after a reboot, in a container, too."""
READY = "systemctl is-system-running --wait"
DONE = "== done"
WAITS = re.compile(r"\] (waiting|another run|\d+ packages)")
"""What is worth a line while apt has not ended."""
VERSIONS = re.compile(r"\S+ \S+ -> \S+")
CHANGED = re.compile(r"\[ *\d+ s\] [\w-]+: done, (\d+) changed")


class Stopped(Exception):  # noqa: N818  # it is what a user reads
    """Where an update has stopped, why, and what to do."""


@dataclass(frozen=True)
class Hands:
    """Does what is asked for on the nodes of a stack (Stopped: it does not work)."""

    way: Ssh
    stack: Stack

    def lists(self, node: NodeSettings, out: Tell) -> str:
        """Get the lists of packages; return why not, "" if it did."""

        def hear(line: str) -> None:
            if WAITS.search(line):
                out(f"{node.name}: {line}")

        answer = self.way.follow(node, BASH, _update("lists"), LISTS, hear)
        if DONE in _lines(answer):
            return ""
        return f"{node.name}: the lists of packages can't be got:\n{_end(answer)}"

    def packages(self, node: NodeSettings, names: Sequence[str], tell: Tell) -> None:
        """Update packages, if any, and end what was cut off; tell each with its versions.

        The node counts as unproven from here on.
        """

        def hear(line: str) -> None:
            if VERSIONS.fullmatch(line) or WAITS.search(line):
                tell(line)

        answer = self.way.follow(node, BASH, _update("packages", names), PACKAGES, hear)
        if DONE not in _lines(answer):
            log = "its log is /var/log/iaas/update.log there"
            raise Stopped(f"{node.name}: its packages are not updated; {log}:\n{_end(answer)}")

    def old(self, node: NodeSettings, kind: Kind) -> Old:
        """Return what runs old files."""
        script = (HERE / "old.py").read_bytes()
        answer = self.way.run(node, f"{status.PYTHON} {' '.join(NEEDED[kind])}", script, 60)
        try:
            found = json.loads(answer.text)
            return Old(found["units"], tuple(found["others"]), found["servers"], found["unproven"])
        except (ValueError, KeyError):
            why = answer.said or "its answer is not as expected"
            raise Stopped(f"{node.name}: what runs old files can't be read: {why}") from None

    def restart(self, node: NodeSettings, groups: Sequence[Sequence[str]], old: Old) -> str:
        """Restart services, one group after the other; return what hindered that."""
        lines = [f"systemctl reload {u}" for u in RELOADED if u in old.units]
        lines += [f"systemctl restart {' '.join(group)}" for group in groups]
        answer = self.way.run(node, BASH, "\n".join(["set +e", *lines]).encode(), RESTART)
        return answer.said

    def reboot(self, node: NodeSettings) -> int:
        """Reboot a node; return after how many seconds it is back."""
        before = self.way.run(node, BOOTED, b"", 10)
        if before.cause:
            raise Stopped(f"{node.name}: does not answer before its reboot: {before.said}")
        begin = time.monotonic()
        # It may end the connection before it has answered.
        self.way.run(node, "systemctl reboot", b"", 30)
        while True:
            time.sleep(PAUSE)
            now = self.way.run(node, BOOTED, b"", 10)
            if now.text.strip() and now.text != before.text:
                break
            if time.monotonic() - begin > BOOT:
                raise Stopped(
                    f"{node.name}: is not back {BOOT // 60} minutes after its reboot"
                    f" ({now.said or 'it has not rebooted'}): look at its console"
                )
        # A service that fails is the steps' to mend.
        self.way.run(node, READY, b"", 300)
        return round(time.monotonic() - begin)

    def prove(self, node: NodeSettings, kind: Kind) -> str:
        """Run the steps of a node again; return what they say, in a sentence."""
        table = steps_of(kind, self.stack)
        rows = [f"{step.name} {step.minutes} /usr/local/bin/{step.script}" for step in table]
        text = f"STEPS={shlex.quote(chr(10).join(rows))}\n{(HERE / 'prove.sh').read_text()}"
        seconds = 60 * sum(step.minutes for step in table)
        answer = self.way.follow(node, BASH, text.encode(), seconds, lambda _: None)
        lines = _lines(answer)
        if DONE not in lines:
            step = next((x[3:] for x in reversed(lines) if x.startswith("== ")), "")
            raise Stopped(
                f"{node.name}: does not come back{f': step {step} fails' if step else ''}:\n"
                f"{_end(answer)}"
            )
        changed = sum(int(found[1]) for line in lines if (found := CHANGED.match(line)))
        repaired = f", and have put {changed} right" if changed else ""
        return f"its {len(table)} steps prove that it works{repaired}"

    def drain(self, compute: str, tell: Tell) -> None:
        """Move the servers of a compute away, and keep new ones from it."""
        answer = self._compute("drain", compute, tell)
        if answer.cause:
            # Nothing on it was changed.
            self.release(compute, tell)
            do = "make room or move them by hand, or update it without DRAIN"
            raise Stopped(f"{compute}: is not drained, and takes servers again; {do}")

    def release(self, compute: str, tell: Tell) -> None:
        """Let servers come to a compute again."""
        answer = self._compute("release", compute, tell)
        if answer.cause:
            raise Stopped(f"{compute}: takes no servers yet: {answer.said}")

    def _compute(self, command: str, compute: str, tell: Tell) -> Answer:
        words = f"{command} {compute} --reason {shlex.quote(UPDATED)}"
        return as_admin.run(
            self.way, self.stack.controller, steps.DRAIN, words, tell, steps.SNAPSHOTS
        )


def steps_of(kind: Kind, stack: Stack) -> tuple[steps.Step, ...]:
    """The steps of a kind of node."""
    if kind == "compute":
        return steps.COMPUTE
    both = steps.BOTH if stack.runs_servers else ()
    dashboard = (steps.DASHBOARD,) if stack.dashboard else ()
    return (*steps.CONTROLLER, *both, *dashboard, steps.DISCOVER)


def _update(what: str, names: Sequence[str] = ()) -> bytes:
    script = (HERE / "update.sh").read_text()
    return f"WHAT={what} PACKAGES={shlex.quote(' '.join(names))}\n{script}".encode()


def _lines(answer: Answer) -> list[str]:
    return answer.text.decode(errors="replace").splitlines()


def _end(answer: Answer) -> str:
    """The last of what a node said, or why it said nothing."""
    said = [line for line in _lines(answer) if not line.startswith("== ")][-14:]
    if answer.said and not any(answer.said in line for line in said):
        said.append(answer.said)
    return "\n".join(f"  {line}" for line in said)
