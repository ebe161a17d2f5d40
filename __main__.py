"""An OpenStack cloud on bare nodes, and what is in it: one graph from the stack's settings."""

import pulumi

from components import scale, state
from components.changes import Change, aliases
from components.cloud import (
    Cloud,
    CloudParts,
    Flavor,
    Image,
    Project,
    ProviderNetwork,
    SecurityGroup,
    Server,
    export_for_tenants,
    read_parts,
    refuse_other_logins,
)
from components.failures import finish_what_failed
from components.guard import Guard
from components.nodes import Compute, Controller, Hosts, NodeDefaults
from components.passwords import Passwords
from components.refusals import refuse
from components.settings import Settings, from_pulumi


def the_cloud(settings: Settings, guard: Guard, passwords: Passwords, change: Change) -> CloudParts:
    """Declare the nodes, and in their cloud all but the servers."""
    defaults = NodeDefaults(passwords, settings.ssh, settings.provider, settings.region)
    first = settings.controller
    controller = Controller(first.name, first, settings.computes, defaults, guard=guard.controller)
    computes = [Compute(node.name, node, controller, defaults) for node in settings.computes]
    hosts = Hosts("hosts", controller, computes)

    cloud = Cloud(
        "cloud",
        controller.auth_url,
        controller.region,
        passwords,
        controller.member_role_id,
        ready=[controller],
    )
    projects = {
        p.name: Project(
            f"project-{p.name}", p, cloud, aliases("project", change.renamed_projects, p.name)
        )
        for p in settings.projects
    }
    images = {
        i.name: Image(f"image-{i.name}", i, cloud, guard=guard.image(i.name))
        for i in settings.images
    }
    networks = {
        n.name: ProviderNetwork(
            f"network-{n.name}",
            n,
            settings.provider.physical_name,
            cloud,
            projects[n.project] if n.project else None,
            pulumi.ResourceOptions.merge(
                aliases("network", change.renamed_networks, n.name),
                pulumi.ResourceOptions(protect=n.name in settings.rules.protected_networks),
            ),
            guard.network(n.name),
        )
        for n in settings.networks
    }
    flavors = {
        f.name: Flavor(
            f"flavor-{f.name}",
            f,
            cloud,
            projects,
            aliases("flavor", change.renamed_flavors, f.name),
            change.flavor_id(f),
            change.renamed_projects,
        )
        for f in settings.flavors
    }

    parts = CloudParts(projects, images, networks, flavors, [hosts.discover])
    pulumi.export("authUrl", controller.auth_url)
    pulumi.export("region", controller.region)
    if settings.tenant_stacks:
        export_for_tenants(parts, passwords)
    return parts


def the_servers(settings: Settings, parts: CloudParts, guard: Guard, change: Change) -> None:
    """Declare the servers, and the security groups that they share."""
    groups = {
        g.name: SecurityGroup(
            f"group-{g.name}",
            g,
            parts.projects[g.project],
            aliases("group", change.renamed_groups, g.name),
        )
        for g in settings.security_groups
    }
    for group in groups.values():
        group.open(groups.values(), change.renamed_groups)
    servers = {
        s.name: Server(
            f"server-{s.name}",
            s,
            parts.projects[s.project],
            parts.images[s.image],
            parts.flavors[s.flavor],
            parts.networks[s.network],
            groups,
            hosts=parts.hosts,
            guard=guard.server,
            keep_size=change.keeps_size(s.name),
            keep_image=change.keeps_image(s),
            renamed_groups=change.renamed_groups,
        )
        for s in settings.servers
    }
    pulumi.export("servers", {name: server.summary for name, server in servers.items()})


scale.prepare()
refuse_other_logins()
settings, tenant = from_pulumi()
passwords = Passwords(settings.secret.get_secret_value())
before = state.read()
finish_what_failed(before)
change = Change(settings, before, passwords.fingerprint())
refuse(change)
guard = Guard(settings.allow_deletion, settings.servers)
parts = read_parts(tenant, settings) if tenant else the_cloud(settings, guard, passwords, change)
if tenant or not settings.tenant_stacks:
    the_servers(settings, parts, guard, change)
