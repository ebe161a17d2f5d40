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

from components.settings import NodeSettings
from pull_requests.errors import JobError
from pull_requests.project import Beside

from ..config import NoConfig, entries, value
from ..ssh import Answer, Ssh, each
from ..stack import NoStack, Stack, read
from ..state import NoState
from .state import Put, puts

SCRIPT = Path(__file__).with_name("compare.sh")
SECONDS = 60
"""After these a step that compares is ended. It takes one or two."""
TOGETHER = 120
"""After these a node has failed to answer."""
FILES = "files"
ABLE = "readonly MODE="
"""What a node's step.sh has since its steps can compare."""
OLD = "its steps are of a version that can't compare: run `pulumi up` first"


@dataclass(frozen=True)
class Found:
    """What a node says: differences by step, and by step why it could not be compared.

    `unknown` is why the node said nothing, or not all.
    """

    node: str
    puts: tuple[Put, ...]
    differences: dict[str, list[str]]
    failed: dict[str, list[str]]
    unknown: str = ""

    @property
    def differs(self) -> bool:
        """Whether a person is needed: it differs, or nobody knows whether it does."""
        return bool(self.differences or self.failed or self.unknown)

    def repairs(self) -> Iterator[str]:
        """Yield the URNs of the files and the steps that differ.

        Where a file differs these are all steps, as they could not be compared.
        """
        files = {line.split(" ", 1)[0] for line in self.differences.get(FILES, ())}
        for put in self.puts:
            if put.path in files or (put.is_step and (files or put.name in self.differences)):
                yield put.urn


def found(stack: str) -> list[Found]:
    """Ask the nodes of a stack, "" for the selected one (NoConfig, NoStack, NoState).

    A tenant's stack has none.
    """
    config, namespace = entries(stack)
    return (
        []
        if value(config, namespace, "cloud")
        else compare(read(config, namespace, stack), puts(stack))
    )


def compare(stack: Stack, there: Sequence[Put]) -> list[Found]:
    """Ask the nodes of a stack what differs from what was put there.

    One that is not made yet is no drift: a preview says it.
    """
    of = {
        node.name: puts
        for node in stack.nodes
        if (puts := tuple(put for put in there if put.host == str(node.host)))
    }
    nodes = [node for node in stack.nodes if node.name in of]

    def ask(way: Ssh, node: NodeSettings) -> Found:
        puts = of[node.name]
        if not any(ABLE in put.content for put in puts):
            return Found(node.name, puts, {}, {}, OLD)
        return heard(node, puts, way.run(node, "bash -s", script(puts).encode(), TOGETHER))

    return each(nodes, stack.ssh, ask)


def script(there: Iterable[Put]) -> str:
    """Return what a node runs: compare.sh with its tables."""
    files, steps = [], []
    for put in there:
        digest = hashlib.sha256(put.content.encode()).hexdigest()
        files.append(f"{digest} {put.mode:o} {put.path}")
        if put.is_step:
            steps.append(f"{put.name} {SECONDS} {put.path}")
    tables = (("FILES", files), ("STEPS", steps))
    set_tables = "".join(f"{name}={shlex.quote(chr(10).join(table))}\n" for name, table in tables)
    return set_tables + SCRIPT.read_text(encoding="utf-8")


def heard(node: NodeSettings, there: tuple[Put, ...], answer: Answer) -> Found:
    """Return what a node's answer says."""
    one = Found(node.name, there, {}, {}, answer.said)
    of = FILES
    for line in answer.text.decode(errors="replace").splitlines():
        if line.startswith("== "):
            of = line[3:]
        elif line.startswith("!! "):
            one.failed.setdefault(of, []).append(line[3:])
        else:
            one.differences.setdefault(of, []).append(line)
    return one


def report(nodes: Iterable[Found]) -> str:
    """Return it as text: a line for each node, and below it what differs."""
    lines: list[str] = []
    for one in nodes:
        if not one.differs:
            lines.append(f"{one.node}: nothing differs")
            continue
        lines.append(f"{one.node}:" + (f" not compared: {one.unknown}" if one.unknown else ""))
        for step in dict.fromkeys((*one.differences, *one.failed)):
            lines.append(f"  {step}:")
            lines += (f"    {line}" for line in one.differences.get(step, ()))
            lines += (f"    not compared: {line}" for line in one.failed.get(step, ())[:1])
            lines += (f"      {line}" for line in one.failed.get(step, ())[1:])
    return "\n".join(lines)


def told(stack: str) -> str:
    """Return what differs on the nodes of a stack, "" if nothing does (JobError)."""
    try:
        return report(one for one in found(stack) if one.differs)
    except (NoConfig, NoStack, NoState) as error:
        raise JobError(str(error)) from None


NODES = Beside("Nodes", told)
"""What `make drift` compares beside the cloud."""
