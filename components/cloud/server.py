"""A server of a project."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

import pulumi
import pulumi_openstack as openstack

from ..settings import ImageSettings, ServerSettings, Traffic
from ..settings.ipv6 import SLAAC
from ..settings.protocols import V6
from .access import hidden
from .flavor import Flavor
from .image import Image
from .nic import Network, Nics
from .parts import ExistingFlavor, ExistingImage, ExistingProject
from .project import Project
from .rules import rules, traffic
from .security_group import SecurityGroup
from .server_group import ServerGroup
from .server_hooks import ServerHooks
from .snapshot import Snapshot

NEEDED = (
    Traffic("udp", 67, 67, "255.255.255.255/32", None),
    Traffic("tcp", 80, 80, "169.254.169.254/32", None),
)
"""What a server may reach in any case: DHCP, and the metadata that its key comes from."""
DHCPV6 = Traffic("udp", 547, 547, "ff02::1:2/128", None, V6)
"""The same on networks with DHCPv6. OVN lets neighbors and routers find each other by itself."""


class Server(pulumi.ComponentResource):
    """A server of a project, made by the project's own user, with ports of its own.

    It owns the server, its ports, its security group and its key pair. The ports are made by the
    admin for the project, or in a tenant's stack by the project's own user.

    A server that Nova cannot build fails the run with Nova's reason; the next run replaces it.
    `groups` are the project's shared ones, by name. `hosts` must be done before a server can be
    placed. `guard` is called before the server is deleted or replaced. `keep_size`: ignore
    another flavor in this run. `origin`: what replaces the server when that changes
    (`components/origins.py`); none: its image's name and, with `replaceServers`, its image's id.
    `renamed_groups`, `renamed_networks`: old names by new ones. `ipv6`: servers of the project have
    IPv6. `hooks` are those of all servers of a program; none: it has its own.
    """

    def __init__(
        self,
        name: str,
        settings: ServerSettings,
        project: Project | ExistingProject,
        image: Image | ExistingImage | Snapshot,
        flavor: Flavor | ExistingFlavor,
        networks: Mapping[str, Network],
        groups: Mapping[str, SecurityGroup] = MappingProxyType({}),
        hosts: Sequence[pulumi.Resource] = (),
        opts: pulumi.ResourceOptions | None = None,
        guard: pulumi.ResourceHook | None = None,
        keep_size: bool = False,
        origin: pulumi.Input[list[object]] | None = None,
        renamed_groups: Mapping[str, str] = MappingProxyType({}),
        renamed_networks: Mapping[str, str] = MappingProxyType({}),
        ipv6: bool = False,
        server_group: ServerGroup | None = None,
        hooks: ServerHooks | None = None,
    ) -> None:
        own_network = networks[settings.nics[0].network].settings
        vlan = {} if own_network.segment is None else {"segment": own_network.segment}
        named = _named(settings) | {"network": own_network.name, **vlan}
        super().__init__("iaas:cloud:Server", name, named, opts)
        tenant = pulumi.ResourceOptions(parent=self, provider=project.provider)
        # In another project all are replaced: Nova and Neutron cannot change their owner.
        owned = pulumi.ResourceOptions.merge(
            tenant, pulumi.ResourceOptions(replacement_trigger=project.id)
        )
        # Neutron's default rules let everything out, and only a new group is without them.
        limited = settings.egress is not None
        prefix = f"{name}-limited." if limited else f"{name}-"
        group = openstack.networking.SecGroup(
            f"{prefix}group",
            name=settings.name,
            description=f"What may reach {settings.name}",
            delete_default_rules=True if limited else None,
            opts=owned,
        )
        needed = list(NEEDED if limited else ())
        own_ipv6 = [networks[nic.network].settings.ipv6 for nic in settings.nics]
        if limited and any(one is not None and one.mode != SLAAC for one in own_ipv6):
            needed.append(DHCPV6)
        let_out = [*traffic(settings.egress or ()), *needed]
        ids = {name: group.id for name, group in groups.items()}
        opening = rules(prefix, group, settings.ingress, let_out, ids, renamed_groups, tenant, ipv6)
        key = openstack.compute.Keypair(
            f"{name}-key",
            name=settings.name,
            public_key=hidden(settings, "public_key", settings.key),
            opts=owned,
        )
        nics = Nics(
            name, settings, project, networks, group, opening, groups, renamed_networks, self
        )
        user_data = None
        if settings.user_data_text is not None:
            user_data = pulumi.Output.secret(settings.user_data_text)
        own = project.settings.name
        access = [flavor.access[own]] if own in flavor.access else []
        of = image.settings
        follows = origin is None and isinstance(of, ImageSettings) and of.replace_servers
        # What a server was made with stays, where the settings don't say otherwise of itself. A
        # resize may have moved it since, which a refresh reads.
        ignored = ["hypervisorHostname"] if settings.host is not None else []
        ignored += ["configDrive"] if settings.config_drive is None else []
        ignored += [] if follows else ["imageId"]
        ignored += ["flavorId"] if keep_size else []
        earlier = server_group.before_next if server_group is not None else ()
        drive = settings.config_drive or not own_network.dhcp
        server = openstack.compute.Instance(
            f"{name}-server",
            name=settings.name,
            image_id=image.id,
            flavor_id=flavor.id,
            key_pair=key.name,
            # A refresh shows just those that are given here, so the others are no drift.
            networks=[openstack.compute.InstanceNetworkArgs(port=nics.first.port.id)],
            user_data=user_data,
            # Without DHCP nothing leads to the metadata service, so key, user data and the
            # address itself come from a drive. Never false, which the provider takes for a change.
            config_drive=True if drive else None,
            metadata=settings.metadata or None,
            tags=sorted(settings.tags) or None,
            scheduler_hints=None
            if server_group is None
            else [openstack.compute.InstanceSchedulerHintArgs(group=server_group.id)],
            # Unlike a zone's "nova:HOST", this leaves the scheduler its filters.
            hypervisor_hostname=settings.host,
            opts=pulumi.ResourceOptions(
                parent=self,
                provider=project.provider,
                # The ports, so that they are deleted after it.
                depends_on=[*access, *hosts, *earlier, *nics.ports],
                # Two servers cannot hold one port.
                delete_before_replace=True,
                # Only new servers start from a new image of the same name, unless the settings
                # say `replaceServers`. Pulumi ignores this where it replaces the server, so a
                # replaced one starts from the new image.
                ignore_changes=ignored,
                replace_on_changes=["imageId"] if follows else None,
                replacement_trigger=origin if origin is not None else [of.name],
                # The provider keeps the text of user data there, too. No report found.
                additional_secret_outputs=["__meta"] if user_data is not None else None,
                hooks=(hooks or ServerHooks(name)).of(
                    f"{name}-server", settings.name, project, self, guard
                ),
            ),
        )
        nics.plug_in(server)
        if server_group is not None:
            server_group.add(server)
        self.id = server.id
        self.nics = nics.all
        self.summary: dict[str, object] = {
            "project": settings.project,
            "network": own_network.name,
            **vlan,
            "address": nics.first.address,
        }
        if len(self.nics) > 1:
            self.summary["addresses"] = {n: nic.address for n, nic in self.nics.items()}
        of_ipv6 = {n: nic.address6 for n, nic in self.nics.items() if nic.address6 is not None}
        if of_ipv6:
            self.summary["addresses6"] = of_ipv6
        self.register_outputs({"id": self.id, **self.summary})


def _named(settings: ServerSettings) -> dict[str, object]:
    """Return names for a preview to show, where the resources themselves have ids."""
    source = settings.image or f"snapshot {settings.from_snapshot}"
    named: dict[str, object] = {"flavor": settings.flavor, "image": source}
    if settings.security_groups:
        named["securityGroups"] = ", ".join(sorted(settings.security_groups))
    of_nics = {
        nic.network: ", ".join(sorted(nic.security_groups))
        for nic in settings.nics
        if nic.security_groups
    }
    if settings.server_group is not None:
        named["serverGroup"] = settings.server_group
    return named | ({"nicGroups": of_nics} if of_nics else {})
