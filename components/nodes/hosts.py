"""The computes together, as Nova knows them."""

import asyncio
from collections.abc import Iterable, Sequence

import pulumi

from ..steps import DISCOVER
from .compute import Compute
from .controller import Controller
from .node import Part


class Hosts(Part):
    """The computes in Nova's cell, when the steps of all of them have ended: what servers wait for.

    `computes` are all of the controller's but itself. One whose steps have failed keeps the servers
    from none of the others, where Pulumi goes on after an error (`--continue-on-error`). From one
    with `drain` all servers move away, and none comes to it, until that is taken out.
    """

    discover: pulumi.Resource
    """The step that adds them to the cell. This component waits for the computes, so that a
    server has one dependency and not thousands."""
    ready: list[pulumi.Resource]
    """That step, and the end of each move."""

    def __init__(
        self,
        name: str,
        controller: Controller,
        computes: Sequence[Compute],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        names = [step.removeprefix("computes:") for step in DISCOVER.waits_for]
        nodes = [compute.steps for compute in computes]
        if controller.as_compute:
            nodes.append(controller.as_compute)
        steps = [node[name] for node in nodes for name in names]
        awaited = pulumi.ResourceOptions(depends_on=asyncio.ensure_future(_ended(steps)))
        super().__init__("Hosts", name, pulumi.ResourceOptions.merge(opts, awaited))
        self.discover = controller.discover(self)
        self.ready = [
            self.discover,
            *(
                controller.drain(compute, compute.settings.name, self, self.discover)
                for compute in computes
                if compute.settings.drain
            ),
        ]
        self.register_outputs({})


async def _ended(steps: Iterable[pulumi.Resource]) -> list[pulumi.Resource]:
    """Wait until steps have ended, well or not, and name none of them.

    What depends on a step that failed is never made: Pulumi has no other word for "after". So the
    graph has no edge from a server to a compute. A compute that is cleaned as it goes waits for its
    servers nevertheless: Pulumi deletes what lies deeper in the graph first, and `iaas-clean.sh`
    begins nothing while servers are there.
    """
    await asyncio.gather(*(step.urn.future() for step in steps))
    return []
