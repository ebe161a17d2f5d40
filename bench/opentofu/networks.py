"""Networks with their subnets, and routers."""

from components.settings import NetworkSettings, ProviderSettings, RouterSettings

from .resources import ADMIN, Resources, project_id, reference


def network_id(network: str) -> str:
    """Return a reference to a network's id."""
    return reference(f"openstack_networking_network_v2.{network}")


def subnet_id(network: str) -> str:
    """Return a reference to the id of a network's subnet."""
    return reference(f"openstack_networking_subnet_v2.{network}")


def network(made: Resources, settings: NetworkSettings, wire: ProviderSettings) -> None:
    """Declare a network with its subnet."""
    owner = project_id(settings.project) if settings.project is not None else None
    segment = {
        "network_type": "flat" if settings.flat else "vlan",
        "physical_network": wire.physical_name,
        "segmentation_id": settings.segment or 0,
    }
    made.add(
        "openstack_networking_network_v2",
        settings.name,
        ADMIN,
        {
            "name": settings.name,
            "shared": settings.shared,
            "external": settings.external,
            "tenant_id": owner,
            "admin_state_up": True,
            "mtu": settings.mtu or settings.largest(wire.mtu),
            "segments": None if settings.own else [segment],
        },
    )
    made.add(
        "openstack_networking_subnet_v2",
        settings.name,
        ADMIN,
        {
            "name": settings.name,
            "network_id": network_id(settings.name),
            "tenant_id": owner,
            "cidr": str(settings.cidr),
            "ip_version": 4,
            "gateway_ip": str(settings.gateway) if settings.gateway is not None else None,
            "no_gateway": True if settings.gateway is None else None,
            "allocation_pool": [
                {"start": str(pool.start), "end": str(pool.end)} for pool in settings.assigned
            ],
            "dns_nameservers": [str(address) for address in settings.dns],
            "enable_dhcp": settings.dhcp,
        },
    )


def router(made: Resources, settings: RouterSettings) -> None:
    """Declare a router, and its interface on each of its networks."""
    external = network_id(settings.external) if settings.external is not None else None
    own = made.add(
        "openstack_networking_router_v2",
        settings.name,
        ADMIN,
        {
            "name": settings.name,
            "tenant_id": project_id(settings.project),
            "admin_state_up": True,
            "external_network_id": external,
            "enable_snat": True if external else None,
        },
    )
    for name in settings.networks:
        made.add(
            "openstack_networking_router_interface_v2",
            name,
            ADMIN,
            {"router_id": reference(own), "subnet_id": subnet_id(name)},
        )
