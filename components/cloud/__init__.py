"""What is in the cloud: projects, images, networks, flavors, security groups and servers.

Each is a component.

Each takes its settings and the components that it refers to. Names, counts and the inputs of
providers come from settings alone, so a preview is complete before there is a cloud.
"""

from .access import Cloud, refuse_other_logins
from .flavor import Flavor
from .image import Image
from .network import ProviderNetwork
from .parts import CloudParts, export_for_tenants, read_parts
from .project import Project
from .security_group import SecurityGroup
from .server import Server

__all__ = [
    "Cloud",
    "CloudParts",
    "Flavor",
    "Image",
    "Project",
    "ProviderNetwork",
    "SecurityGroup",
    "Server",
    "export_for_tenants",
    "read_parts",
    "refuse_other_logins",
]
