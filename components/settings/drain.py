"""Computes that servers move away from."""

from collections.abc import Iterator

from .draft import Draft
from .messages import Place, Problem, show
from .nodes import ComputeSettings, ControllerItself
from .servers import ServerSettings


def taking(draft: Draft) -> int:
    """Return how many computes take servers."""
    there = [*draft.of(ComputeSettings), *draft.of(ControllerItself)]
    return sum(1 for _, compute in there if not vars(compute).get("drain"))


def somewhere_to_go(draft: Draft) -> Iterator[Problem]:
    """Find computes of which none is left that takes servers."""
    if draft.names("servers") and not taking(draft):
        for place, _ in draft.of(ComputeSettings):
            what = "is true for each compute, and servers need one to run on; drain fewer at a time"
            yield Problem((*place, "drain"), what)


def host(draft: Draft, place: Place, server: ServerSettings) -> Iterator[Problem]:
    """Find a server that is to be made on a compute which takes none."""
    compute = draft.find(ComputeSettings, server.host)
    if compute is not None and compute.drain:
        what = f"{show(server.host)} takes no servers, as its drain is true; take another, or none"
        yield Problem((*place, "host"), what)
