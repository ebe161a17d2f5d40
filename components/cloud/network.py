"""A VLAN of the provider network, or its untagged network."""

import pulumi
import pulumi_openstack as openstack

from ..settings import NetworkSettings, ProviderSettings
from .access import Cloud
from .project import Project
from .subnet import guarded, subnets


class ProviderNetwork(pulumi.ComponentResource):
    """A VLAN of the provider network, or its untagged network, with its subnets.

    Made by the admin, for all projects, or for one that then owns it; if it is external, routers
    may join it. The router at its gateway, where there is one, is the site's own.
    Pulumi's `protect` in `opts` keeps both network and subnet; `guard` is asked before one of them
    is deleted or replaced.
    """

    def __init__(
        self,
        name: str,
        settings: NetworkSettings,
        wire: ProviderSettings,
        cloud: Cloud,
        project: Project | None = None,
        opts: pulumi.ResourceOptions | None = None,
        guard: pulumi.ResourceHook | None = None,
    ) -> None:
        super().__init__("iaas:cloud:ProviderNetwork", name, None, opts)
        self.settings = settings
        child = guarded(self, cloud, guard)
        owner = project.id if project is not None else None
        network = openstack.networking.Network(
            f"{name}-network",
            name=settings.name,
            shared=settings.shared,
            external=settings.external,
            tenant_id=owner,
            admin_state_up=True,
            # In full: to leave it out would keep the old one.
            mtu=settings.mtu or settings.largest(wire.mtu),
            segments=[
                openstack.networking.NetworkSegmentArgs(
                    network_type="flat" if settings.flat else "vlan",
                    physical_network=wire.physical_name,
                    segmentation_id=settings.segment or 0,
                )
            ],
            opts=pulumi.ResourceOptions.merge(
                child,
                pulumi.ResourceOptions(
                    # Neutron refuses a change of the segment, and two networks on one.
                    replace_on_changes=["segments"],
                    # It keeps the owner of a network that becomes one for all.
                    replacement_trigger="shared" if settings.shared else "owned",
                    delete_before_replace=True,
                ),
            ),
        )
        self.id = network.id
        self.subnet_id, self.subnet6_id = subnets(name, settings, network, owner, child)
        self.register_outputs(
            {"id": self.id, "subnetId": self.subnet_id, "segment": settings.segment}
        )
