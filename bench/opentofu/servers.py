"""Servers with their NICs, and their floating addresses."""

from collections.abc import Mapping, Sequence

from components.cloud.server import NEEDED
from components.settings import NicSettings, RouterSettings, ServerSettings, reached

from .groups import group_id, opened
from .networks import network_id, subnet_id
from .projects import ready
from .resources import ADMIN, Resources, alias, project_id, reference

Rules = Mapping[str, Sequence[str]]
"""The addresses of the rules of each group that servers share."""


def server(made: Resources, settings: ServerSettings, shared: Rules) -> None:
    """Declare a server with its group, key pair and ports."""
    name, tenant = settings.name, f"openstack.{alias(settings.project)}"
    limited = settings.egress is not None
    let_out = [traffic for opening in settings.egress or () for traffic in opening.traffic]
    rules = opened(
        made,
        name,
        settings.project,
        {
            "description": f"What may reach {name}",
            "delete_default_rules": True if limited else None,
        },
        settings.ingress,
        [*let_out, *(NEEDED if limited else ())],
    )
    key = made.add(
        "openstack_compute_keypair_v2",
        name,
        tenant,
        {"name": name, "public_key": settings.key, "depends_on": ready(settings.project)},
    )
    ports = [_port(made, settings, nic, [*rules], shared) for nic in settings.nics]
    access = f"{settings.flavor}_{settings.project}"
    accesses = made.bodies["openstack_compute_flavor_access_v2"]
    instance = made.add(
        "openstack_compute_instance_v2",
        name,
        tenant,
        {
            "name": name,
            "image_id": reference(f"openstack_images_image_v2.{settings.image}"),
            "flavor_id": reference(f"openstack_compute_flavor_v2.{settings.flavor}"),
            "key_pair": reference(key, "name"),
            "network": [{"port": reference(ports[0])}],
            "user_data": settings.user_data_text,
            "depends_on": [
                *ports[1:],
                *([f"openstack_compute_flavor_access_v2.{access}"] * (access in accesses)),
            ],
            "lifecycle": {"ignore_changes": ["image_id"]},
        },
    )
    earlier: list[str] = []
    for nic, port in zip(settings.nics[1:], ports[1:], strict=True):
        plugged = made.add(
            "openstack_compute_interface_attach_v2",
            _name(settings, nic),
            tenant,
            {
                "instance_id": reference(instance),
                "port_id": reference(port),
                "depends_on": earlier,
            },
        )
        earlier = [plugged]


def _port(
    made: Resources, server: ServerSettings, nic: NicSettings, rules: Sequence[str], shared: Rules
) -> str:
    groups = sorted({*server.security_groups, *nic.security_groups})
    address = str(nic.address) if nic.address is not None else None
    return made.add(
        "openstack_networking_port_v2",
        _name(server, nic),
        ADMIN,
        {
            "name": server.name if nic == server.nics[0] else f"{server.name}/{nic.network}",
            "network_id": network_id(nic.network),
            "tenant_id": project_id(server.project),
            "admin_state_up": True,
            "fixed_ip": [{"subnet_id": subnet_id(nic.network), "ip_address": address}],
            "security_group_ids": [group_id(name) for name in (server.name, *groups)],
            "port_security_enabled": True,
            "depends_on": [*rules, *(rule for name in groups for rule in shared[name])],
        },
    )


def floating(made: Resources, settings: ServerSettings, routers: Sequence[RouterSettings]) -> None:
    """Declare a server's floating address, where it has one."""
    if settings.floating_ip is None:
        return
    network = reached(settings, routers)
    nic = next(nic for nic in settings.nics if nic.network == network)
    port = f"openstack_networking_port_v2.{_name(settings, nic)}"
    made.add(
        "openstack_networking_floatingip_v2",
        settings.name,
        ADMIN,
        {
            "address": None if settings.floating_ip is True else str(settings.floating_ip),
            "pool": next(router.external for router in routers if network in router.networks),
            "tenant_id": project_id(settings.project),
            "port_id": reference(port),
            "fixed_ip": str(nic.address or reference(port, "all_fixed_ips[0]")),
            "depends_on": [f"openstack_networking_router_interface_v2.{network}"],
            "lifecycle": {"ignore_changes": ["pool"]},
        },
    )


def _name(server: ServerSettings, nic: NicSettings) -> str:
    """Return what a NIC is called; the first has the name of its server."""
    return server.name if nic == server.nics[0] else f"{server.name}_{nic.network}"
