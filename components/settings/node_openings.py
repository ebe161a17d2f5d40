"""What nodes' firewalls let in besides the cloud's own: for monitoring, backups and the like."""

from collections.abc import Iterator
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from .advice import nearest
from .base import Base, Instead, Rule
from .draft import Draft
from .fields import AnyNetwork, Many, Name
from .messages import Place, Problem, show
from .protocols import Ports


class NodeOpeningSettings(Base):
    """Ports of nodes that are open to a network."""

    protocol: Literal["tcp", "udp"] = Field("tcp", description="what comes in")
    ports: Annotated[tuple[Ports, ...], Many] = Field(
        description="its ports and ranges, such as [9100, 9200-9210]"
    )
    cidr: AnyNetwork = Field(description="the network that it comes from")
    nodes: Annotated[tuple[Name, ...], Many] = Field(
        (), description="the nodes, by name; none: all of them"
    )

    @property
    def word(self) -> str:
        """How openrc.sh has it: one word, the same for the same opening."""
        ports = ",".join(str(ports) for ports in sorted(self.ports))
        return f"{self.protocol}/{ports}/{self.cidr.with_prefixlen.replace('/', '_')}"

    def broken_rules(self) -> Iterator[Rule]:
        """Require a port, and no port twice: nft takes no such set."""
        if not self.ports:
            yield Rule("ports", "is empty; give one, such as [9100]")
        for i, one in enumerate(self.ports):
            for other in self.ports[:i]:
                if one.overlaps(other):
                    yield Rule(f"ports[{i}]", f"{one} overlaps {other}; leave one out")

    instead: ClassVar[Instead] = {
        "port": "they are `ports`, a list",
        "from source sources network remoteIpPrefix": "where it comes from is `cidr`",
        "hosts node on": "the nodes are `nodes`, a list of names",
    }


def nodes(draft: Draft, place: Place, opening: NodeOpeningSettings) -> Iterator[Problem]:
    """Find nodes that are not there."""
    there = draft.names("controller", "computes").values()
    if None in there or "computes" in draft.unread:
        return
    names = [name for name in there if name is not None]
    for i, name in enumerate(opening.nodes):
        if name not in names:
            what = f"{show(name)} is neither the controller nor a compute; {nearest(name, names)}"
            yield Problem((*place, "nodes", i), what)
