"""A project's own network."""

import pulumi
import pulumi_openstack as openstack

from ..settings import NetworkSettings, ProviderSettings
from .access import Cloud
from .project import Project
from .subnet import guarded, subnets


class ProjectNetwork(pulumi.ComponentResource):
    """A project's own network with its subnets, made by the admin for the project.

    It is in a tunnel between the nodes, on `wire`: Neutron chooses one for it. The router at its
    gateway, where there is one, is a `Router`. Pulumi's `protect` in `opts` keeps both network and
    subnet; `guard` is asked before one of them is deleted or replaced.
    """

    def __init__(
        self,
        name: str,
        settings: NetworkSettings,
        wire: ProviderSettings,
        cloud: Cloud,
        project: Project,
        opts: pulumi.ResourceOptions | None = None,
        guard: pulumi.ResourceHook | None = None,
    ) -> None:
        super().__init__("iaas:cloud:ProjectNetwork", name, None, opts)
        self.settings = settings
        child = guarded(self, cloud, guard)
        network = openstack.networking.Network(
            f"{name}-network",
            name=settings.name,
            shared=False,
            external=False,
            tenant_id=project.id,
            admin_state_up=True,
            # In full: to leave it out would keep the old one.
            mtu=settings.mtu or settings.largest(wire.mtu),
            opts=pulumi.ResourceOptions.merge(
                child,
                # As the provider network's: a replaced network gives its router's address free.
                pulumi.ResourceOptions(delete_before_replace=True),
            ),
        )
        self.id = network.id
        self.subnet_id, self.subnet6_id = subnets(name, settings, network, project.id, child)
        self.register_outputs({"id": self.id, "subnetId": self.subnet_id})
