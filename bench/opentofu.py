"""The tenants of a cloud as OpenTofu's configuration, made of the same settings.

It has a counterpart for each OpenStack resource that the program registers, with the same inputs,
providers and order. It has none for the nodes, and for three things of Pulumi's own: components,
hooks, and `replacement_trigger`. The member role's id, the answer of a node's step, is a text.
"""

from collections import Counter
from collections.abc import Mapping

from components.cloud.access import DOMAIN
from components.cloud.image import DOWNLOADS
from components.cloud.project import UNLIMITED
from components.passwords import Passwords
from components.settings import (
    FlavorSettings,
    ImageSettings,
    NetworkSettings,
    NicSettings,
    ProjectSettings,
    RouterSettings,
    ServerSettings,
    Settings,
    reached,
)

KINDS: Mapping[str, str] = {
    "openstack_compute_flavor_access_v2": "openstack:compute/flavorAccess:FlavorAccess",
    "openstack_compute_flavor_v2": "openstack:compute/flavor:Flavor",
    "openstack_compute_instance_v2": "openstack:compute/instance:Instance",
    "openstack_compute_interface_attach_v2": "openstack:compute/interfaceAttach:InterfaceAttach",
    "openstack_compute_keypair_v2": "openstack:compute/keypair:Keypair",
    "openstack_compute_quotaset_v2": "openstack:compute/quotaSetV2:QuotaSetV2",
    "openstack_identity_project_v3": "openstack:identity/project:Project",
    "openstack_identity_role_assignment_v3": "openstack:identity/roleAssignment:RoleAssignment",
    "openstack_identity_user_v3": "openstack:identity/user:User",
    "openstack_images_image_v2": "openstack:images/image:Image",
    "openstack_networking_floatingip_v2": "openstack:networking/floatingIp:FloatingIp",
    "openstack_networking_network_v2": "openstack:networking/network:Network",
    "openstack_networking_port_v2": "openstack:networking/port:Port",
    "openstack_networking_quota_v2": "openstack:networking/quotaV2:QuotaV2",
    "openstack_networking_router_interface_v2": (
        "openstack:networking/routerInterface:RouterInterface"
    ),
    "openstack_networking_router_v2": "openstack:networking/router:Router",
    "openstack_networking_secgroup_rule_v2": "openstack:networking/secGroupRule:SecGroupRule",
    "openstack_networking_secgroup_v2": "openstack:networking/secGroup:SecGroup",
    "openstack_networking_subnet_v2": "openstack:networking/subnet:Subnet",
}
"""OpenTofu's type of a resource, and Pulumi's of its counterpart."""

ROLE = "id of the member role"
ADMIN = "openstack.admin"

Body = dict[str, object]


class Configuration:
    """What a `.tf.json` says. Names in the settings must be identifiers for OpenTofu as well."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.passwords = Passwords(settings.secret.get_secret_value())
        self.providers: list[Body] = []
        self.resources: dict[str, dict[str, Body]] = {kind: {} for kind in KINDS}
        self._provider("admin", "admin", "ADMIN_PASS")
        for project in settings.projects:
            self._project(project)
        for image in settings.images:
            self._image(image)
        for network in settings.networks:
            self._network(network)
        for router in settings.routers:
            self._router(router)
        for flavor in settings.flavors:
            self._flavor(flavor)
        for server in settings.servers:
            self._server(server)
            self._floating(server)

    @property
    def content(self) -> Body:
        """What is written as JSON."""
        source = {"source": "terraform-provider-openstack/openstack"}
        return {
            "terraform": {"required_providers": {"openstack": source}},
            "provider": {"openstack": self.providers},
            "resource": {kind: bodies for kind, bodies in self.resources.items() if bodies},
        }

    def peers(self) -> Counter[str]:
        """Return how many resources there are of each type, by Pulumi's name for it."""
        return Counter({KINDS[kind]: len(b) for kind, b in self.resources.items() if b})

    def _add(self, kind: str, name: str, provider: str, body: Body) -> str:
        """Add a resource and return its address."""
        self.resources[kind][name] = {"provider": provider, **body}
        return f"{kind}.{name}"

    def _provider(self, alias: str, project: str, password: str) -> None:
        self.providers.append(
            {
                "alias": alias,
                "auth_url": f"http://{self.settings.controller.host}:5000/v3",
                "region": self.settings.region,
                "user_name": project,
                "password": self.passwords.plain(password),
                "tenant_name": project,
                "user_domain_name": DOMAIN,
                "project_domain_name": DOMAIN,
                "endpoint_type": "public",
                "delayed_auth": True,
                "insecure": False,
            }
        )

    def _project(self, settings: ProjectSettings) -> None:
        name, quota, password = settings.name, settings.limits, f"project {settings.name}"
        self._provider(_alias(name), name, password)
        project = self._add(
            "openstack_identity_project_v3",
            name,
            ADMIN,
            {"name": name, "description": settings.description},
        )
        self._add(
            "openstack_compute_quotaset_v2",
            name,
            ADMIN,
            {
                "project_id": _reference(project),
                "instances": quota.instances,
                "cores": quota.cores,
                "ram": quota.ram,
                "key_pairs": UNLIMITED,
                "server_groups": UNLIMITED,
                "server_group_members": UNLIMITED,
            },
        )
        self._add(
            "openstack_networking_quota_v2",
            name,
            ADMIN,
            {
                "project_id": _reference(project),
                "floatingip": UNLIMITED,
                "port": UNLIMITED,
                "router": UNLIMITED,
                "security_group": UNLIMITED,
                "security_group_rule": UNLIMITED,
            },
        )
        user = self._add(
            "openstack_identity_user_v3",
            name,
            ADMIN,
            {
                "name": name,
                "password": self.passwords.plain(password),
                "default_project_id": _reference(project),
            },
        )
        self._add(
            "openstack_identity_role_assignment_v3",
            name,
            ADMIN,
            {"project_id": _reference(project), "user_id": _reference(user), "role_id": ROLE},
        )

    def _image(self, settings: ImageSettings) -> None:
        self._add(
            "openstack_images_image_v2",
            settings.name,
            ADMIN,
            {
                "name": settings.name,
                "local_file_path": str(settings.file or DOWNLOADS / settings.digest),
                "container_format": "bare",
                "disk_format": settings.disk_format,
                "min_disk_gb": settings.min_disk,
                "min_ram_mb": settings.min_ram,
                "visibility": "public",
                "lifecycle": {"create_before_destroy": True},
            },
        )

    def _network(self, settings: NetworkSettings) -> None:
        owner = None
        if settings.project is not None:
            owner = _reference(f"openstack_identity_project_v3.{settings.project}")
        segment = {
            "network_type": "flat" if settings.flat else "vlan",
            "physical_network": self.settings.provider.physical_name,
            "segmentation_id": settings.segment or 0,
        }
        segments = None if settings.own else [segment]
        network = self._add(
            "openstack_networking_network_v2",
            settings.name,
            ADMIN,
            {
                "name": settings.name,
                "shared": settings.shared,
                "external": settings.external,
                "tenant_id": owner,
                "admin_state_up": True,
                "mtu": settings.mtu or settings.largest(self.settings.provider.mtu),
                "segments": segments,
            },
        )
        pools = [{"start": str(pool.start), "end": str(pool.end)} for pool in settings.assigned]
        self._add(
            "openstack_networking_subnet_v2",
            settings.name,
            ADMIN,
            {
                "name": settings.name,
                "network_id": _reference(network),
                "tenant_id": owner,
                "cidr": str(settings.cidr),
                "ip_version": 4,
                "gateway_ip": str(settings.gateway) if settings.gateway is not None else None,
                "no_gateway": True if settings.gateway is None else None,
                "allocation_pool": pools,
                "dns_nameservers": [str(address) for address in settings.dns],
                "enable_dhcp": settings.dhcp,
            },
        )

    def _router(self, settings: RouterSettings) -> None:
        external = None
        if settings.external is not None:
            external = _reference(f"openstack_networking_network_v2.{settings.external}")
        router = self._add(
            "openstack_networking_router_v2",
            settings.name,
            ADMIN,
            {
                "name": settings.name,
                "tenant_id": _reference(f"openstack_identity_project_v3.{settings.project}"),
                "admin_state_up": True,
                "external_network_id": external,
                "enable_snat": True if external else None,
            },
        )
        for network in settings.networks:
            self._add(
                "openstack_networking_router_interface_v2",
                network,
                ADMIN,
                {
                    "router_id": _reference(router),
                    "subnet_id": _reference(f"openstack_networking_subnet_v2.{network}"),
                },
            )

    def _floating(self, settings: ServerSettings) -> None:
        if settings.floating_ip is None:
            return
        network = reached(settings, self.settings.routers) or ""
        nic = next(nic for nic in settings.nics if nic.network == network)
        first = nic == settings.nics[0]
        port = f"openstack_networking_port_v2.{settings.name if first else _nic(settings, nic)}"
        routers = {name: router for router in self.settings.routers for name in router.networks}
        fixed = str(nic.address or _reference(port, "all_fixed_ips[0]"))
        self._add(
            "openstack_networking_floatingip_v2",
            settings.name,
            ADMIN,
            {
                "address": None if settings.floating_ip is True else str(settings.floating_ip),
                "pool": routers[network].external,
                "tenant_id": _reference(f"openstack_identity_project_v3.{settings.project}"),
                "port_id": _reference(port),
                "fixed_ip": fixed,
                "depends_on": [f"openstack_networking_router_interface_v2.{network}"],
                "lifecycle": {"ignore_changes": ["pool"]},
            },
        )

    def _flavor(self, settings: FlavorSettings) -> None:
        flavor = self._add(
            "openstack_compute_flavor_v2",
            settings.name,
            ADMIN,
            {
                "name": settings.name,
                "vcpus": settings.vcpus,
                "ram": settings.ram,
                "disk": settings.disk,
                "is_public": settings.public,
            },
        )
        for project in settings.projects:
            self._add(
                "openstack_compute_flavor_access_v2",
                f"{settings.name}_{project}",
                ADMIN,
                {
                    "flavor_id": _reference(flavor),
                    "tenant_id": _reference(f"openstack_identity_project_v3.{project}"),
                },
            )

    def _server(self, settings: ServerSettings) -> None:
        name, tenant = settings.name, f"openstack.{_alias(settings.project)}"
        # A provider waits for nothing here, so what it makes first waits instead.
        ready = [
            f"{kind}.{settings.project}"
            for kind in (
                "openstack_compute_quotaset_v2",
                "openstack_networking_quota_v2",
                "openstack_identity_role_assignment_v3",
            )
        ]
        group = self._add(
            "openstack_networking_secgroup_v2",
            name,
            tenant,
            {"name": name, "description": f"What may reach {name}", "depends_on": ready},
        )
        rules = [
            self._add(
                "openstack_networking_secgroup_rule_v2",
                f"{name}_{i}",
                tenant,
                {
                    "direction": "ingress",
                    "ethertype": "IPv4",
                    "protocol": traffic.protocol,
                    "port_range_min": traffic.low,
                    "port_range_max": traffic.high,
                    "remote_ip_prefix": traffic.cidr,
                    "security_group_id": _reference(group),
                },
            )
            for i, traffic in enumerate(t for ingress in settings.ingress for t in ingress.traffic)
        ]
        key = self._add(
            "openstack_compute_keypair_v2",
            name,
            tenant,
            {"name": name, "public_key": settings.key, "depends_on": ready},
        )
        ports = [
            self._port(settings, nic, group, first=i == 0) for i, nic in enumerate(settings.nics)
        ]
        access = f"{settings.flavor}_{settings.project}"
        accesses = self.resources["openstack_compute_flavor_access_v2"]
        server = self._add(
            "openstack_compute_instance_v2",
            name,
            tenant,
            {
                "name": name,
                "image_id": _reference(f"openstack_images_image_v2.{settings.image}"),
                "flavor_id": _reference(f"openstack_compute_flavor_v2.{settings.flavor}"),
                "key_pair": _reference(key, "name"),
                "network": [{"port": _reference(ports[0])}],
                "user_data": settings.user_data_text,
                "depends_on": [
                    *rules,
                    *ports[1:],
                    *([f"openstack_compute_flavor_access_v2.{access}"] * (access in accesses)),
                ],
                "lifecycle": {"ignore_changes": ["image_id"]},
            },
        )
        earlier: list[str] = []
        for nic, port in zip(settings.nics[1:], ports[1:], strict=True):
            plugged = self._add(
                "openstack_compute_interface_attach_v2",
                _nic(settings, nic),
                tenant,
                {
                    "instance_id": _reference(server),
                    "port_id": _reference(port),
                    "depends_on": earlier,
                },
            )
            earlier = [plugged]

    def _port(self, server: ServerSettings, nic: NicSettings, group: str, first: bool) -> str:
        address = str(nic.address) if nic.address is not None else None
        subnet = _reference(f"openstack_networking_subnet_v2.{nic.network}")
        return self._add(
            "openstack_networking_port_v2",
            server.name if first else _nic(server, nic),
            ADMIN,
            {
                "name": server.name if first else f"{server.name}/{nic.network}",
                "network_id": _reference(f"openstack_networking_network_v2.{nic.network}"),
                "tenant_id": _reference(f"openstack_identity_project_v3.{server.project}"),
                "admin_state_up": True,
                "fixed_ip": [{"subnet_id": subnet, "ip_address": address}],
                "security_group_ids": [_reference(group)],
                "port_security_enabled": True,
            },
        )


def _alias(project: str) -> str:
    """The provider of a project; the admin's is `admin`."""
    return f"project_{project}"


def _nic(server: ServerSettings, nic: NicSettings) -> str:
    """What belongs to a NIC after the first."""
    return f"{server.name}_{nic.network}"


def _reference(address: str, attribute: str = "id") -> str:
    """Return a reference to an attribute of another resource."""
    return f"${{{address}.{attribute}}}"
