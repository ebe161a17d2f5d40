"""What is in the cloud: projects, images, networks, routers, flavors, groups, servers.

Each is a component.

Each takes its settings and the components that it refers to. Names, counts and the inputs of
providers come from settings alone, so a preview is complete before there is a cloud.
"""

from .access import Cloud, refuse_other_logins
from .adopted_server import AdoptedServer
from .flavor import Flavor
from .floating_ip import FloatingIp
from .image import Image
from .network import ProviderNetwork
from .parts import CloudParts, export_for_tenants, read_parts
from .project import Project
from .project_network import ProjectNetwork
from .router import Router
from .security_group import SecurityGroup
from .server import Server
from .server_group import ServerGroup
from .server_hooks import ServerHooks
from .snapshot import Restore, Snapshot

__all__ = [
    "AdoptedServer",
    "Cloud",
    "CloudParts",
    "Flavor",
    "FloatingIp",
    "Image",
    "Project",
    "ProjectNetwork",
    "ProviderNetwork",
    "Restore",
    "Router",
    "SecurityGroup",
    "Server",
    "ServerGroup",
    "ServerHooks",
    "Snapshot",
    "export_for_tenants",
    "read_parts",
    "refuse_other_logins",
]
