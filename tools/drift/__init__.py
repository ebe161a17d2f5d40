"""What differs on the nodes of a stack from what its last `up` made of them.

Each node is asked once, all at the same time: are the files there that `up` has put, and what
would its steps change? The steps say that themselves, called with `compare`
(components/steps/lib/step.sh), so they find what they would repair, and no more: what they do not
own is not drift. Nothing is changed, on nodes or in the cloud.
"""

import hashlib
import shlex
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from pull_requests.project import Beside

from ..reach import Answer, Node, Put, ask, nodes

SCRIPT = Path(__file__).with_name("compare.sh")
SECONDS = 60
"""After these a step that compares is ended. It takes one or two."""
TOGETHER = 180
"""After these a node has failed to answer."""
FILES = "files"
ABLE = "readonly MODE="
"""What a node's step.sh has since its steps can compare."""
OLD = "its steps are of a version that can't compare: run `pulumi up` first"


@dataclass(frozen=True)
class Found:
    """What a node says: differences by step, and by step why it could not be compared.

    `unknown` is why the node said nothing at all.
    """

    node: Node
    differences: dict[str, list[str]]
    failed: dict[str, list[str]]
    unknown: str = ""

    @property
    def differs(self) -> bool:
        """Whether a person is needed: it differs, or nobody knows whether it does."""
        return bool(self.differences or self.failed or self.unknown)

    def repairs(self) -> Iterator[str]:
        """Yield the URNs of the files and the steps that differ."""
        files = {line.split(" ", 1)[0] for line in self.differences.get(FILES, ())}
        for put in self.node.puts:
            if put.path in files or (put.minutes and _step(self.node, put) in self.differences):
                yield put.urn


def compare(nodes: Sequence[Node]) -> list[Found]:
    """Ask the nodes, and return what each says."""
    able = [node for node in nodes if any(ABLE in put.content for put in node.puts)]
    said = dict(ask(able, {node.name: script(node) for node in able}, TOGETHER))
    return [read(node, said.get(node, Answer("", OLD))) for node in nodes]


def script(node: Node) -> str:
    """Return what a node runs: compare.sh with its tables."""
    files = (
        f"{hashlib.sha256(put.content.encode()).hexdigest()} {put.mode:o} {put.path}"
        for put in node.puts
    )
    steps = (f"{_step(node, put)} {SECONDS} {put.path}" for put in node.puts if put.minutes)
    tables = (("FILES", "\n".join(files)), ("STEPS", "\n".join(steps)))
    set_tables = "".join(f"{name}={shlex.quote(table)}\n" for name, table in tables)
    return set_tables + SCRIPT.read_text(encoding="utf-8")


def _step(node: Node, put: Put) -> str:
    """Return a step's name, without that of its component; "" for a file."""
    return put.step.removeprefix(f"{node.name}-")


def read(node: Node, answer: Answer) -> Found:
    """Return what a node's answer says."""
    if not answer.said:
        return Found(node, {}, {}, answer.failed or "it said nothing")
    found = Found(node, {}, {}, answer.failed)
    of = FILES
    for line in answer.said.splitlines():
        if line.startswith("== "):
            of = line[3:]
        elif line.startswith("!! "):
            found.failed.setdefault(of, []).append(line[3:])
        else:
            found.differences.setdefault(of, []).append(line)
    return found


def report(found: Iterable[Found]) -> str:
    """Return it as text: a line for each node, and below it what differs."""
    lines: list[str] = []
    for one in found:
        if not one.differs:
            lines.append(f"{one.node.name}: nothing differs")
            continue
        lines.append(f"{one.node.name}:" + (f" not compared: {one.unknown}" if one.unknown else ""))
        for step in dict.fromkeys((*one.differences, *one.failed)):
            lines.append(f"  {step}:")
            lines += (f"    {line}" for line in one.differences.get(step, ()))
            lines += (f"    not compared: {line}" for line in one.failed.get(step, ())[:1])
            lines += (f"      {line}" for line in one.failed.get(step, ())[1:])
    return "\n".join(lines)


def told(stack: str) -> str:
    """Return what differs on the nodes of a stack, "" if nothing does (JobError)."""
    return report(one for one in compare(nodes(stack)) if one.differs)


NODES = Beside("Nodes", told)
"""What `make drift` compares beside the cloud."""
