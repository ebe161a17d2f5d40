"""An OpenStack cloud on bare nodes, and what is in it: one graph from the stack's settings."""

from collections.abc import Mapping
from urllib.parse import quote

import pulumi

from components import scale, state
from components.changes import Change, aliases
from components.cloud import (
    AdoptedServer,
    Cloud,
    CloudParts,
    Flavor,
    FloatingIp,
    Image,
    Project,
    ProjectNetwork,
    ProviderNetwork,
    Restore,
    Router,
    SecurityGroup,
    Server,
    ServerGroup,
    ServerHooks,
    Snapshot,
    export_for_tenants,
    read_parts,
    refuse_other_logins,
)
from components.failures import finish_what_failed
from components.guard import Guard
from components.nodes import Compute, Controller, Hosts, NodeDefaults
from components.origins import origin
from components.passwords import Passwords
from components.refusals import refuse, refuse_to_leave
from components.refusals.nics import warn_of_gateways
from components.refusals.snapshots import warn_of_restores
from components.settings import Settings, from_pulumi, reached


def the_cloud(settings: Settings, guard: Guard, passwords: Passwords, change: Change) -> CloudParts:
    """Declare the nodes, and in their cloud all but the servers."""
    defaults = NodeDefaults.of(settings, passwords)
    controller = Controller.of(settings, defaults, guard=guard.controller)
    computes = [Compute(node.name, node, controller, defaults) for node in settings.other_computes]
    hosts = Hosts("hosts", controller, computes)

    cloud = Cloud(
        "cloud",
        controller.auth_url,
        controller.region,
        passwords,
        controller.member_role_id,
        ready=controller.ready,
        ca=controller.ca,
    )
    # Where a server says on which compute it is made, its project's user needs another role.
    placing = {server.project for server in settings.servers if server.host}
    placer = controller.role_id("placer") if placing else None
    projects = {
        p.name: Project(
            f"project-{p.name}",
            p,
            cloud,
            aliases("project", change.renamed_projects, p.name),
            placer if p.name in placing else None,
        )
        for p in settings.projects
    }
    images = {
        i.name: Image(f"image-{i.name}", i, cloud, guard=guard.image(i.name))
        for i in settings.images
    }
    networks, routers = the_networks(settings, cloud, projects, guard, change)
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

    if settings.adopted_servers:
        hooks = ServerHooks("adopted")
    for s in settings.adopted_servers:
        flavor = flavors[s.flavor] if s.flavor is not None else None
        AdoptedServer(s, projects[s.project], flavor, guard.server, hooks, hosts.ready)

    parts = CloudParts(projects, images, networks, routers, flavors, hosts.ready, controller)
    pulumi.export("authUrl", controller.auth_url)
    pulumi.export("region", controller.region)
    pulumi.export("ca", controller.ca)
    if settings.tenant_stacks:
        export_for_tenants(parts, passwords)
    return parts


def the_networks(
    settings: Settings,
    cloud: Cloud,
    projects: Mapping[str, Project],
    guard: Guard,
    change: Change,
) -> tuple[Mapping[str, ProviderNetwork | ProjectNetwork], Mapping[str, Router]]:
    """Declare the networks, and the routers that join them."""

    def options(name: str) -> pulumi.ResourceOptions:
        protect = pulumi.ResourceOptions(protect=name in settings.rules.protected_networks)
        return pulumi.ResourceOptions.merge(
            aliases("network", change.renamed_networks, name), protect
        )

    vlans = {
        n.name: ProviderNetwork(
            f"network-{n.name}",
            n,
            settings.provider,
            cloud,
            projects[n.project] if n.project else None,
            options(n.name),
            guard.network(n.name),
        )
        for n in settings.networks
        if not n.own
    }
    own = {
        n.name: ProjectNetwork(
            f"network-{n.name}",
            n,
            settings.provider,
            cloud,
            projects[n.project],
            options(n.name),
            guard.network(n.name),
        )
        for n in settings.networks
        if n.own and n.project
    }
    routers = {
        r.name: Router(
            f"router-{r.name}",
            r,
            cloud,
            projects[r.project],
            vlans[r.external] if r.external else None,
            [own[name] for name in r.networks],
            aliases("router", change.renamed_routers, r.name),
            change.renamed_networks,
        )
        for r in settings.routers
    }
    return {**vlans, **own}, routers


def the_servers(settings: Settings, parts: CloudParts, guard: Guard, change: Change) -> None:
    """Declare the servers, the groups that they share, and their floating addresses."""
    groups = {
        g.name: SecurityGroup(
            f"group-{g.name}",
            g,
            parts.projects[g.project],
            aliases("group", change.renamed_groups, g.name),
        )
        for g in settings.security_groups
    }
    with_ipv6 = settings.with_ipv6
    for group in groups.values():
        group.open(groups.values(), change.renamed_groups, group.settings.project in with_ipv6)
    server_groups = {
        g.name: ServerGroup(
            f"servergroup-{g.name}",
            g,
            parts.projects[g.project],
            aliases("servergroup", change.renamed_server_groups, g.name),
        )
        for g in settings.server_groups
    }
    snapshots = the_snapshots(settings, parts, change)
    hooks = ServerHooks("servers")
    servers = {
        s.name: Server(
            f"server-{s.name}",
            s,
            parts.projects[s.project],
            parts.images[s.image] if s.image is not None else snapshots[s.from_snapshot or ""],
            parts.flavors[s.flavor],
            parts.networks,
            groups,
            hosts=parts.hosts,
            opts=pulumi.ResourceOptions(
                depends_on=[snapshots[name] for name in change.new_snapshots.get(s.name, ())]
            ),
            guard=guard.server,
            keep_size=change.keeps_size(s.name),
            origin=origin(
                change, s, parts.images[s.image].id if s.image and not parts.controller else None
            ),
            renamed_groups=change.renamed_groups,
            renamed_networks=change.renamed_networks,
            ipv6=s.project in with_ipv6,
            server_group=server_groups[s.server_group] if s.server_group else None,
            hooks=hooks,
        )
        for s in settings.servers
    }
    snapshots |= the_snapshots(settings, parts, change, servers)
    the_restores(settings, parts, servers, snapshots, change)
    routers = {
        name: parts.routers[r.name]
        for r in settings.routers
        if r.external is not None
        for name in r.networks
    }
    floating = {
        s.name: FloatingIp(
            f"floating-{s.floating_name}",
            s,
            parts.projects[s.project],
            servers[s.name],
            network,
            routers[network],
            aliases("floating", change.renamed_floating, s.floating_name),
        )
        for s in settings.servers
        if s.floating_name and (network := reached(s, settings.routers))
    }
    addresses = {name: {"floatingIp": address.address} for name, address in floating.items()}
    pulumi.export("servers", {n: {**s.summary, **addresses.get(n, {})} for n, s in servers.items()})


def the_snapshots(
    settings: Settings,
    parts: CloudParts,
    change: Change,
    servers: Mapping[str, Server] | None = None,
) -> dict[str, Snapshot]:
    """Declare the snapshots that come before the servers are changed, or else of new servers."""
    found: dict[str, Snapshot] = {}
    for s in settings.snapshots:
        owner = change.owner(s)
        if parts.controller and owner and change.comes_first(s) == (servers is None):
            there = change.before.servers.get(s.server)
            found[s.name] = Snapshot(
                f"snapshot-{s.name}",
                s,
                parts.projects[owner],
                servers[s.server].id if servers is not None else there.id if there else "",
                parts.controller,
                parts.hosts,
            )
    return found


def the_restores(
    settings: Settings,
    parts: CloudParts,
    servers: Mapping[str, Server],
    snapshots: Mapping[str, Snapshot],
    change: Change,
) -> None:
    """Declare which servers are brought back to a snapshot."""
    for s in settings.servers:
        if s.restore is not None and parts.controller:
            Restore(
                f"restore-{s.name}/{quote(s.restore, safe='')}",
                s.name,
                snapshots[s.restore],
                change.before.snapshots[s.restore].taken,
                parts.projects[s.project],
                servers[s.name].id,
                parts.controller,
                [servers[s.name]],
            )


scale.prepare()
refuse_other_logins()
settings, tenant = from_pulumi()
passwords = Passwords(settings.secret.get_secret_value())
before = state.read()
finish_what_failed(before)
change = Change(settings, before, passwords.fingerprint())
refuse(change)
refuse_to_leave(change, passwords)
warn_of_gateways(change)
warn_of_restores(change)
guard = Guard(settings.allow_deletion, settings.servers)
parts = read_parts(tenant, settings) if tenant else the_cloud(settings, guard, passwords, change)
if tenant or not settings.tenant_stacks:
    the_servers(settings, parts, guard, change)
