"""A dead compute's servers are made anew on other computes: `python -m tools.evacuate`.

NODE is its name. Its servers keep their ids and addresses; what was written on their disks is
lost. It is refused as long as the compute answers to ssh or ping, or Nova hears from it; then it
shows the servers, and asks for the compute's name: nobody but a person can know that it is off.
YES=NAME is that answer, where nobody can be asked.

When the compute lives again, BACK=1 starts its nova-compute anew, which removes what is left of
these servers there, and lets it take servers again.

STACK and PULUMI are variables of the environment, too, as make gives them. Exit status 1: it is
refused, or a server is still there; 2: a wrong call, or no stack.
"""

import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from components import steps
from components.settings import NodeSettings

from . import as_admin
from .config import NoConfig, entries
from .ssh import Answer, Ssh, reach
from .stack import NoStack, Stack, read

OFF = ("silent",)
"""Causes for which ssh does not reach a node that is off: in all others something answers."""
PING = ("ping", "-n", "-c", "3", "-i", "0.5", "-W", "2")
RESTART = "systemctl restart nova-compute"
Ask = Callable[[str], str]


class Refused(Exception):  # noqa: N818  # it is what a user reads
    """Why nothing is done, and what to do."""


@dataclass(frozen=True)
class Evacuation:
    """What is done with one compute of a stack."""

    way: Ssh
    stack: Stack
    node: NodeSettings

    def rebuild(self, yes: str, ask: Ask) -> None:
        """Make its servers anew elsewhere, if a person says that it is off (Refused)."""
        if sign := self.lives():
            raise Refused(
                f"{self.node.name} is not off: {sign}. To empty a compute that lives, set `drain:"
                " true` at it. If it hangs, switch it off first: a server that runs twice has the"
                " same addresses twice"
            )
        self.command("show")
        name = self.node.name
        question = (
            f"{name} does not answer. Only you can know that it is off, and not cut off from here:"
            " look at it, or at its power switch.\nIts servers start anew on other computes, and"
            f" lose what was written on their disks. If it is off, type its name ({name}): "
        )
        answer = yes or ask(question)
        if answer.strip() != name:
            raise Refused(f"nothing was changed, as the answer is not {name}")
        self.command("rebuild")
        print(
            f"when {name} lives again: make evacuate NODE={name} BACK=1",
            "it removes what is left of these servers there, before it takes new ones",
            sep="\n",
        )

    def back(self) -> None:
        """Let it take servers again, when it lives (Refused)."""
        done = self.way.run(self.node, RESTART, b"", 180)
        if done.cause:
            raise Refused(
                f"{self.node.name}: nova-compute does not start there: {done.said}."
                " `make repair` brings the node back, `pulumi up` one that was reinstalled"
            )
        self.command("back")

    def lives(self) -> str:
        """Return by what sign the node lives, "" if by none."""
        answer = self.way.run(self.node, "true", b"", 15)
        if not answer.cause:
            return "it answers to ssh"
        if answer.cause not in OFF:
            return f"something answers to ssh ({answer.said})"
        try:
            words = [*PING, str(self.node.host)]
            if subprocess.run(words, capture_output=True, check=False, timeout=30).returncode == 0:
                return "it answers to ping"
        except (OSError, subprocess.TimeoutExpired) as error:
            return f"whether it answers to ping is not known ({error})"
        return ""

    def command(self, command: str) -> Answer:
        """Run a command of evacuate.py on the controller (Refused: it fails)."""
        answer = as_admin.run(
            self.way,
            self.stack.controller,
            steps.EVACUATE,
            f"{command} {self.node.name}",
            out,
            steps.DRAIN,
            steps.SNAPSHOTS,
        )
        if answer.cause:
            raise Refused(f"`{command}` of {self.node.name} has failed: {answer.said}")
        return answer


def out(line: str) -> None:
    """Print a line at once."""
    print(line, flush=True)


def compute(stack: Stack, name: str) -> NodeSettings:
    """Return a compute (NoStack: there is none of this name)."""
    there = {node.name: node for node in stack.computes}
    if stack.runs_servers and name == stack.controller.name:
        raise NoStack(
            f"{name} is the controller: while it is dead, nothing moves servers; make"
            " restore-controller brings a lost one back"
        )
    if name not in there:
        raise NoStack(f"give NODE=NAME, one of the computes: {', '.join(there) or 'there is none'}")
    return there[name]


def run(stack: Stack, words: Mapping[str, str], ask: Ask) -> None:
    """Do what the environment asks for (Refused, NoStack)."""
    node = compute(stack, words.get("NODE", ""))
    with reach(stack.nodes, stack.ssh) as way:
        evacuation = Evacuation(way, stack, node)
        if words.get("BACK", "") not in ("", "0"):
            evacuation.back()
        else:
            evacuation.rebuild(words.get("YES", ""), ask)


def asked(question: str) -> str:
    """Return what a person answers (Refused: there is nobody)."""
    if not sys.stdin.isatty():
        raise Refused("nobody can be asked whether it is off: give YES=NAME")
    return input(question)


def main() -> int:
    """Run the command of the command line."""
    if len(sys.argv) != 1:
        print(__doc__, file=sys.stderr)
        return 2
    try:
        name = os.environ.get("STACK", "")
        run(read(*entries(name), name), os.environ, asked)
    except (NoConfig, NoStack) as error:
        print(error, file=sys.stderr)
        return 2
    except (Refused, EOFError, KeyboardInterrupt) as error:
        print(error or "nothing was changed", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
