"""The one subnet of a network."""

import pulumi
import pulumi_openstack as openstack

from ..settings import NetworkSettings


def subnet(
    name: str,
    settings: NetworkSettings,
    network: openstack.networking.Network,
    owner: pulumi.Input[str] | None,
    opts: pulumi.ResourceOptions,
) -> openstack.networking.Subnet:
    """Declare the subnet of a network."""
    # In full where the settings have none: to leave it out would keep the old one.
    pools = [
        openstack.networking.SubnetAllocationPoolArgs(start=str(pool.start), end=str(pool.end))
        for pool in settings.assigned
    ]
    return openstack.networking.Subnet(
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
        enable_dhcp=settings.dhcp,
        opts=opts,
    )
