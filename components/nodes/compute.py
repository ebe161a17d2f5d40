"""A compute: a node that runs servers."""

import pulumi

from ..settings import ComputeSettings
from ..steps import COMPUTE
from .controller import Controller
from .node import Node, NodeDefaults


class Compute(Node):
    """A node that runs servers for a controller. See `Node` for what it owns.

    Removing one from a program takes it out of Nova, Placement, Neutron and OVN; with servers on it
    that fails. The machine may be dead then. Where the controller goes, too, it is asked nothing.
    """

    def __init__(
        self,
        name: str,
        node: ComputeSettings,
        controller: Controller,
        defaults: NodeDefaults,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        self.settings = node
        tunnels = defaults.provider.tunnels
        openrc = {
            "HOST_IP": str(controller.settings.host),
            "HOST_NAME": controller.settings.name,
            "HOST_IP_NODE": str(node.host),
            "HOST_NAME_NODE": node.name,
            "NODES": controller.nodes,
            "RUNS_SERVERS": "true",
            "API_NETWORKS": "",
            "HOST_TUNNEL_IP": str(tunnels.end(controller.settings.host).ip) if tunnels else "",
        }
        super().__init__(
            "Compute", name, node, defaults, openrc, COMPUTE, opts, cleaned_later=[controller]
        )
        others = {f"controller:{name}": step for name, step in controller.steps.items()}
        self.steps = self._run(COMPUTE, others)
        controller.leave(node, self)
        self.register_outputs({"host": str(node.host)})
