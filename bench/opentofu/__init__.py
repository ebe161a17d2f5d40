"""The tenants of a cloud as OpenTofu's configuration, made of the same settings.

It has a counterpart for each OpenStack resource that the program registers, with the same inputs,
providers and order. It has none for the nodes, and for three things of Pulumi's own: components,
hooks, and `replacement_trigger`. The member role's id, the answer of a node's step, is a text.
"""

from components.certificates import trusted
from components.nodes import auth_url
from components.passwords import Passwords
from components.settings import Settings

from . import groups, networks, projects, servers
from .resources import KINDS, Resources

__all__ = ["KINDS", "Resources", "configuration"]


def configuration(settings: Settings) -> Resources:
    """Return what OpenTofu declares for these settings."""
    passwords = Passwords(settings.secret.get_secret_value())
    made = Resources(
        auth_url(settings.controller.host, settings.tls),
        settings.region,
        trusted(passwords, settings.tls),
    )
    made.log_in("admin", "admin", passwords.plain("ADMIN_PASS"))
    for project in settings.projects:
        projects.project(made, project, passwords.plain(f"project {project.name}"))
    for image in settings.images:
        projects.image(made, image)
    for network in settings.networks:
        networks.network(made, network, settings.provider)
    for router in settings.routers:
        networks.router(made, router)
    for flavor in settings.flavors:
        projects.flavor(made, flavor)
    shared = {group.name: groups.group(made, group) for group in settings.security_groups}
    for server in settings.servers:
        servers.server(made, server, shared)
        servers.floating(made, server, settings.routers)
    return made
