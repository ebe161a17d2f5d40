"""What a rule finds: one thing that may be wrong, with a value where the rule has a limit."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from .seen import NodeSeen, Reading, Seen

Words = dict[str, str]


@dataclass(frozen=True)
class Hit:
    """One thing that may be wrong on a node, or with the whole cloud (`where` is empty).

    words: for the rule's sentence and commands. about: what of the node; the first rule of the
    table that says something of it is the one that speaks.
    """

    where: str
    words: Words = field(default_factory=dict)
    value: float = 0
    about: str = ""


Find = Callable[[Seen], Iterator[Hit]]


def readings(seen: Seen) -> Iterator[tuple[NodeSeen, Reading]]:
    """Yield the nodes that gave a reading."""
    yield from ((node, node.reading) for node in seen.nodes if node.reading)
