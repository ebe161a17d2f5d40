"""An OpenStack cloud on bare nodes, and what is in it: one graph from the stack's settings."""

import pulumi

from components import scale
from components.cloud import (
    Cloud,
    Flavor,
    Image,
    Project,
    ProviderNetwork,
    Server,
    refuse_other_logins,
)
from components.guard import Guard
from components.nodes import Compute, Controller, Hosts, NodeDefaults
from components.passwords import Passwords
from components.settings import from_pulumi

scale.prepare()
refuse_other_logins()
settings = from_pulumi()
passwords = Passwords(settings.secret.get_secret_value())
defaults = NodeDefaults(passwords, settings.ssh, settings.provider, settings.region)
guard = Guard(settings.allow_deletion, settings.servers)

controller = Controller(
    settings.controller.name,
    settings.controller,
    settings.computes,
    defaults,
    guard=guard.controller,
)
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
projects = {p.name: Project(f"project-{p.name}", p, cloud) for p in settings.projects}
images = {
    i.name: Image(f"image-{i.name}", i, cloud, guard=guard.image(i.name)) for i in settings.images
}
networks = {
    n.name: ProviderNetwork(
        f"network-{n.name}",
        n,
        settings.provider.physical_name,
        cloud,
        projects[n.project] if n.project else None,
        pulumi.ResourceOptions(protect=n.name in settings.rules.protected_networks),
        guard.network(n.name),
    )
    for n in settings.networks
}
flavors = {f.name: Flavor(f"flavor-{f.name}", f, cloud, projects) for f in settings.flavors}
servers = {
    s.name: Server(
        f"server-{s.name}",
        s,
        projects[s.project],
        images[s.image],
        flavors[s.flavor],
        networks[s.network],
        hosts=[hosts],
        guard=guard.server,
    )
    for s in settings.servers
}

pulumi.export("authUrl", controller.auth_url)
pulumi.export("region", controller.region)
pulumi.export("servers", {name: server.summary for name, server in servers.items()})
