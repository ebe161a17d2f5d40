"""The computes together, as Nova knows them."""

from collections.abc import Sequence

import pulumi

from ..steps import DISCOVER
from .compute import Compute
from .controller import Controller
from .node import Part


class Hosts(Part):
    """The computes in Nova's cell, when all of them are up: what servers wait for.

    `computes` are all of the controller's. From one with `drain` all servers move away, and none
    comes to it, until that is taken out.
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
        steps = [compute.steps[name] for compute in computes for name in names]
        awaited = pulumi.ResourceOptions(depends_on=steps)
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
