"""Asks the nodes for their readings."""

import time
from pathlib import Path

from pydantic import ValidationError

from components.settings import NodeSettings

from .. import ssh
from ..stack import Stack
from .seen import Kind, NodeSeen, Reading, Unreached

SECONDS = 10
"""The longest that a node may take."""
PYTHON = "python3 -I -B -"
"""Runs the script of stdin, and writes no file beside the modules that it imports."""
SCRIPT = Path(__file__).with_name("reading.py")
UNREADABLE = "unreadable"


def ahead(now: float, sent: float, answered: float) -> float:
    """Return how far a clock is at least ahead, if it said `now` between these times."""
    return now - answered if now > answered else min(0.0, now - sent)


def ask(way: ssh.Ssh, node: NodeSettings, kind: Kind) -> NodeSeen:
    """Return what a node says, or why it does not."""
    seen = NodeSeen(name=node.name, kind=kind, host=str(node.host))
    sent = time.time()
    answer = way.run(node, PYTHON, SCRIPT.read_bytes(), SECONDS)
    answered = time.time()
    if answer.cause:
        gone = Unreached(cause=answer.cause, said=answer.said)
        return seen.model_copy(update={"unreached": gone})
    try:
        reading = Reading.model_validate_json(answer.text)
    except ValidationError as error:
        said = f"{error.error_count()} parts of its answer are not readable"
        return seen.model_copy(update={"unreached": Unreached(cause=UNREADABLE, said=said)})
    away = ahead(reading.now, sent, answered)
    return seen.model_copy(update={"reading": reading, "ahead": away})


def kinds(stack: Stack) -> list[tuple[NodeSettings, Kind]]:
    """Return all nodes with their kinds, the controller first, then by name."""
    first: Kind = "controller and compute" if stack.runs_servers else "controller"
    computes = sorted(stack.computes, key=lambda node: node.name)
    return [(stack.controller, first), *((node, "compute") for node in computes)]


def ask_all(stack: Stack) -> tuple[NodeSeen, ...]:
    """Return what all nodes say, the controller first, then by name."""
    there = kinds(stack)
    of = {node.name: kind for node, kind in there}
    nodes = [node for node, _ in there]
    return tuple(ssh.each(nodes, stack.ssh, lambda way, node: ask(way, node, of[node.name])))
