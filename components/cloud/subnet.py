"""The subnets of a network, the second one where it has IPv6, and their routes."""

import pulumi
import pulumi_openstack as openstack

from ..settings import NetworkSettings
from .access import Cloud


def guarded(
    network: pulumi.Resource, cloud: Cloud, guard: pulumi.ResourceHook | None
) -> pulumi.ResourceOptions:
    """Return the options of a network's children that `guard` is asked for."""
    hooks = pulumi.ResourceHookBinding(before_delete=[guard]) if guard is not None else None
    return pulumi.ResourceOptions(parent=network, provider=cloud.admin, hooks=hooks)


def subnets(
    name: str,
    settings: NetworkSettings,
    network: openstack.networking.Network,
    owner: pulumi.Input[str] | None,
    opts: pulumi.ResourceOptions,
) -> tuple[pulumi.Output[str], pulumi.Output[str] | None]:
    """Declare the subnets of a network and their routes, and return the subnets' ids.

    The second is None without IPv6. `opts` are those of the network's guarded children.
    """
    first = _subnet(name, settings, network, owner, opts)
    # Without the guard, as no server is lost with its IPv6, nor with a route.
    unguarded = pulumi.ResourceOptions(parent=opts.parent, provider=opts.provider)
    second = _subnet6(name, settings, network, owner, unguarded)
    _routes(name, settings, first, unguarded)
    return first.id, second.id if second is not None else None


def _subnet(
    name: str,
    settings: NetworkSettings,
    network: openstack.networking.Network,
    owner: pulumi.Input[str] | None,
    opts: pulumi.ResourceOptions,
) -> openstack.networking.Subnet:
    """Declare the subnet of IPv4."""
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


def _subnet6(
    name: str,
    settings: NetworkSettings,
    network: openstack.networking.Network,
    owner: pulumi.Input[str] | None,
    opts: pulumi.ResourceOptions,
) -> openstack.networking.Subnet | None:
    """Declare the subnet of IPv6; None without."""
    ipv6 = settings.ipv6
    if ipv6 is None:
        return None
    pools = [
        openstack.networking.SubnetAllocationPoolArgs(start=str(start), end=str(end))
        for start, end in ([ipv6.pool] if ipv6.pool else [])
    ]
    return openstack.networking.Subnet(
        f"{name}-subnet6",
        name=settings.name,
        network_id=network.id,
        tenant_id=owner,
        cidr=str(ipv6.cidr),
        ip_version=6,
        ipv6_address_mode=ipv6.mode,
        # Elsewhere the site's router sends the advertisements.
        ipv6_ra_mode=ipv6.mode if settings.own else None,
        gateway_ip=str(ipv6.gateway) if ipv6.gateway is not None else None,
        no_gateway=True if ipv6.gateway is None else None,
        allocation_pools=pools or None,
        # In full where the settings have none: to leave it out would keep the old one.
        dns_nameservers=[str(address) for address in ipv6.dns],
        enable_dhcp=True,
        opts=pulumi.ResourceOptions.merge(
            opts,
            # Neutron has no two subnets of a network with the same addresses, as another mode has.
            pulumi.ResourceOptions(delete_before_replace=True),
        ),
    )


def _routes(
    name: str,
    settings: NetworkSettings,
    to: openstack.networking.Subnet,
    opts: pulumi.ResourceOptions,
) -> None:
    """Declare the routes of a subnet; each is known by where it leads to."""
    for route in settings.routes:
        openstack.networking.SubnetRoute(
            f"{name}-{str(route.to).replace('/', '-')}-route",
            subnet_id=to.id,
            destination_cidr=str(route.to),
            next_hop=str(route.via),
            opts=pulumi.ResourceOptions.merge(
                opts,
                # A protected network may lose a route. Servers would take both of two to one place.
                pulumi.ResourceOptions(protect=False, delete_before_replace=True),
            ),
        )
