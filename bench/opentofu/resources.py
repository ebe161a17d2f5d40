"""Resources of a `.tf.json`, and the logins that make them."""

from collections import Counter
from collections.abc import Mapping

from components.cloud.access import DOMAIN

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

ADMIN = "openstack.admin"

Body = dict[str, object]


class Resources:
    """What a `.tf.json` declares. Names must be identifiers for OpenTofu as well."""

    def __init__(self, auth_url: str, region: str, ca: str) -> None:
        self.auth_url = auth_url
        self.region = region
        self.ca = ca
        self.providers: list[Body] = []
        self.bodies: dict[str, dict[str, Body]] = {kind: {} for kind in KINDS}

    @property
    def content(self) -> Body:
        """What is written as JSON."""
        source = {"source": "terraform-provider-openstack/openstack"}
        return {
            "terraform": {"required_providers": {"openstack": source}},
            "provider": {"openstack": self.providers},
            "resource": {kind: bodies for kind, bodies in self.bodies.items() if bodies},
        }

    def peers(self) -> Counter[str]:
        """Return how many resources there are of each type, by Pulumi's name for it."""
        return Counter({KINDS[kind]: len(b) for kind, b in self.bodies.items() if b})

    def add(self, kind: str, name: str, provider: str, body: Body) -> str:
        """Add a resource and return its address."""
        self.bodies[kind][name] = {"provider": provider, **body}
        return f"{kind}.{name}"

    def log_in(self, alias: str, project: str, password: str) -> None:
        """Add the provider of a project's user, or of the admin."""
        self.providers.append(
            {
                "alias": alias,
                "auth_url": self.auth_url,
                "region": self.region,
                "user_name": project,
                "password": password,
                "tenant_name": project,
                "user_domain_name": DOMAIN,
                "project_domain_name": DOMAIN,
                "endpoint_type": "public",
                "delayed_auth": True,
                "insecure": False,
                "cacert_file": self.ca,
            }
        )


def alias(project: str) -> str:
    """Return the alias of a project's provider; the admin's is `admin`."""
    return f"project_{project}"


def reference(address: str, attribute: str = "id") -> str:
    """Return a reference to an attribute of another resource."""
    return f"${{{address}.{attribute}}}"


def project_id(project: str) -> str:
    """Return a reference to a project's id."""
    return reference(f"openstack_identity_project_v3.{project}")
