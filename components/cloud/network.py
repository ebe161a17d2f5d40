"""A VLAN of the provider network."""

import pulumi
import pulumi_openstack as openstack

from ..settings import NetworkSettings
from .access import Cloud
from .project import Project


class ProviderNetwork(pulumi.ComponentResource):
    """A VLAN of the provider network with one subnet, made by the admin.

    For all projects, or for one that then owns it. Addresses come by DHCP. The router, where
    there is one, is the site's own. Pulumi's `protect` in `opts` keeps both network and subnet;
    `guard` is asked before one of them is deleted or replaced.
    """

    def __init__(
        self,
        name: str,
        settings: NetworkSettings,
        physical_name: str,
        cloud: Cloud,
        project: Project | None = None,
        opts: pulumi.ResourceOptions | None = None,
        guard: pulumi.ResourceHook | None = None,
    ) -> None:
        super().__init__("iaas:cloud:ProviderNetwork", name, None, opts)
        self.settings = settings
        hooks = pulumi.ResourceHookBinding(before_delete=[guard]) if guard is not None else None
        child = pulumi.ResourceOptions(parent=self, provider=cloud.admin, hooks=hooks)
        owner = project.id if project is not None else None
        network = openstack.networking.Network(
            f"{name}-network",
            name=settings.name,
            shared=settings.shared,
            tenant_id=owner,
            admin_state_up=True,
            segments=[
                openstack.networking.NetworkSegmentArgs(
                    network_type="vlan",
                    physical_network=physical_name,
                    segmentation_id=settings.segment,
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
        # In full where the settings have none: to leave it out would keep the old one.
        pools = [
            openstack.networking.SubnetAllocationPoolArgs(start=str(start), end=str(end))
            for start, end in settings.pools
        ]
        subnet = openstack.networking.Subnet(
            f"{name}-subnet",
            name=settings.name,
            network_id=network.id,
            tenant_id=owner,
            cidr=str(settings.cidr),
            ip_version=4,
            gateway_ip=str(settings.gateway) if settings.gateway is not None else None,
            no_gateway=True if settings.gateway is None else None,
            allocation_pools=pools,
            dns_nameservers=[str(address) for address in settings.dns],
            enable_dhcp=True,
            opts=child,
        )
        self.id = network.id
        self.subnet_id = subnet.id
        self.register_outputs(
            {"id": self.id, "subnetId": self.subnet_id, "segment": settings.segment}
        )
