"""The whole config of a stack, and all checks between its entries."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from . import (
    backup,
    capacity,
    drain,
    duplicates,
    external,
    floating,
    images,
    networks,
    node_openings,
    nodes,
    overlaps,
    routers,
    rules,
    security_groups,
    server_groups,
    server_networks,
    servers,
    snapshots,
    tls,
)
from .adopted_servers import AdoptedServerSettings
from .advice import FLOATING, NO_VOLUMES
from .api import ApiSettings
from .backup import BackupSettings
from .base import Base, Helps, Instead
from .deletion import DeletionSettings
from .draft import Check, each
from .fields import File, Many, Secret, Word
from .flavors import FlavorSettings
from .images import ImageSettings
from .networks import NetworkSettings
from .node_openings import NodeOpeningSettings
from .nodes import (
    Compute,
    ComputeSettings,
    NodeSettings,
    ProviderSettings,
    SshSettings,
    no_compute,
)
from .projects import ProjectSettings
from .references import references
from .routers import RouterSettings
from .rules import RulesSettings
from .security_groups import SecurityGroupSettings
from .server_groups import ServerGroupSettings
from .servers import ServerSettings
from .sizes import SizeSettings
from .snapshots import SnapshotSettings
from .tls import TlsSettings


class Settings(Base):
    """All of the stack's config."""

    region: Word = Field("RegionOne", description="the region's name in the catalogue")
    ssh: SshSettings = Field(SshSettings(), description="how the nodes are reached")
    controller: NodeSettings = Field(description="the node of the services: name, host, hostKey")
    computes: Annotated[tuple[Compute, ...], Many] = Field(
        (), description="the nodes that run servers"
    )
    node_openings: Annotated[tuple[NodeOpeningSettings, ...], Many] = Field(
        (), description="ports of nodes that are open to others, such as for monitoring"
    )
    tls: TlsSettings = Field(TlsSettings(), description="encryption of what services say")
    api: ApiSettings = Field(ApiSettings(), description="who reaches the APIs")
    sizes: SizeSettings = Field(
        SizeSettings(), description="what the controller's services are sized for"
    )
    dashboard: bool = Field(
        False, description="true: Horizon, the cloud in a browser, at https://CONTROLLER"
    )
    backup: BackupSettings = Field(BackupSettings(), description="backups of the controller")
    provider: ProviderSettings = Field(
        ProviderSettings(), description="the network of the servers' VLANs"
    )
    on_removal: Literal["keep", "clean"] = Field(
        "keep",
        description="a node that is taken out or destroyed: keep: it stays as it is; clean: what"
        " `up` has installed on it goes; this needs an `up` before",
    )
    secret: Secret = Field(
        description="what every password is derived from: make one with `openssl rand -hex 32`,"
        " set it with `pulumi config set --secret secret …`"
    )
    tenants: File | None = Field(
        None,
        description="the folder of tenants' files; none: all tenants are in the stack's config",
    )
    tenant_stacks: bool = Field(
        False, description="true: the servers of each tenant are in a stack of its own"
    )
    projects: Annotated[tuple[ProjectSettings, ...], Many] = Field((), description="tenants")
    images: Annotated[tuple[ImageSettings, ...], Many] = Field((), description="disk images")
    networks: Annotated[tuple[NetworkSettings, ...], Many] = Field(
        (), description="VLANs, and projects' own networks"
    )
    routers: Annotated[tuple[RouterSettings, ...], Many] = Field(
        (), description="routers of projects"
    )
    flavors: Annotated[tuple[FlavorSettings, ...], Many] = Field((), description="sizes")
    security_groups: Annotated[tuple[SecurityGroupSettings, ...], Many] = Field(
        (), description="openings that servers of a project share"
    )
    server_groups: Annotated[tuple[ServerGroupSettings, ...], Many] = Field(
        (), description="servers of a project that are placed together, or apart"
    )
    servers: Annotated[tuple[ServerSettings, ...], Many] = Field((), description="servers")
    adopted_servers: Annotated[tuple[AdoptedServerSettings, ...], Many] = Field(
        (), description="servers that were made by hand; `make adopt` takes them in"
    )
    snapshots: Annotated[tuple[SnapshotSettings, ...], Many] = Field(
        (), description="servers' disks at one moment, to go back to"
    )
    rules: RulesSettings = Field(
        RulesSettings(), description="what the team requires of all of the above"
    )
    allow_deletion: DeletionSettings = Field(
        DeletionSettings(), description="what this change may delete although it is in use"
    )

    @property
    def other_computes(self) -> tuple[ComputeSettings, ...]:
        """The computes that are machines of their own."""
        return tuple(compute for compute in self.computes if not isinstance(compute, str))

    @property
    def with_ipv6(self) -> frozenset[str]:
        """Projects with servers that have IPv6."""
        networks = {network.name for network in self.networks if network.ipv6 is not None}
        return frozenset(s.project for s in self.servers if networks & {n.network for n in s.nics})

    instead: ClassVar[Instead] = {
        "password passwords adminPass adminPassword rabbitPass dbPass": "every password is derived"
        " from `secret`",
        "nodes hosts": "there is one `controller`, and a list of `computes`",
        "instances vms": "they are `servers`",
        "onDestroy uninstall purge cleanNodes": "it is `onRemoval`: keep or clean",
        "vlans subnets": "a VLAN with its subnet is one of `networks`",
        "securityGroupRules": "each of `securityGroups` and `servers` has its `ingress` and"
        " `egress`",
        "keyPairs keys": "each of `servers` has its own `publicKey` or `publicKeyFile`",
        "users": "each of `projects` has a user of the same name",
        "volumes": NO_VOLUMES,
        "horizon ui webUi": "it is `dashboard`: true or false",
        "backups": "the controller's are `backup`; a server's disk is one of `snapshots`",
        "floatingIps floatingIp": FLOATING,
        "routerInterfaces": "each of `routers` names its `networks`",
    }
    helps: ClassVar[Helps] = {"computes": no_compute}


CHECKS: tuple[Check, ...] = (
    references,
    servers.somewhere_to_run,
    drain.somewhere_to_go,
    each(SshSettings, nodes.private_key),
    nodes.itself_once,
    nodes.tunnel_ends,
    each(NodeOpeningSettings, node_openings.nodes),
    each(BackupSettings, backup.elsewhere),
    each(TlsSettings, tls.own_certificate),
    each(ImageSettings, images.image_file),
    each(ImageSettings, images.image_url),
    each(NetworkSettings, networks.segment),
    each(NetworkSettings, networks.tunnels),
    each(NetworkSettings, networks.flat),
    each(NetworkSettings, networks.mtu),
    each(NetworkSettings, overlaps.overlap),
    each(NetworkSettings, overlaps.overlap6),
    each(NetworkSettings, routers.announced),
    each(RouterSettings, routers.external),
    each(RouterSettings, routers.networks),
    each(ServerSettings, server_networks.of_each_nic(server_networks.address)),
    each(ServerSettings, server_networks.of_each_nic(server_networks.address6)),
    each(ServerSettings, server_networks.of_each_nic(server_networks.user)),
    each(ServerSettings, server_networks.overlap),
    server_networks.allowed_addresses,
    each(ServerSettings, floating.way),
    each(ServerSettings, servers.flavor_user),
    each(ServerSettings, servers.flavor_size),
    each(ServerSettings, servers.public_key),
    each(ServerSettings, servers.user_data),
    each(ServerSettings, security_groups.same_project),
    each(ServerSettings, security_groups.peers),
    each(SecurityGroupSettings, security_groups.peers),
    each(ServerSettings, server_networks.config_drive),
    each(ServerSettings, drain.host),
    each(ServerSettings, server_groups.same_project),
    server_groups.possible,
    each(ServerSettings, snapshots.own),
    each(ServerSettings, snapshots.same_project),
    each(SnapshotSettings, snapshots.of_the_file),
    duplicates.names,
    duplicates.values,
    external.addresses,
    capacity.quotas,
    capacity.addresses,
    capacity.networks,
    rules.enforced(ServerSettings, rules.open_ports),
    rules.enforced(ServerSettings, rules.open_icmp),
    rules.enforced(ServerSettings, rules.port_security),
    rules.enforced(SecurityGroupSettings, rules.open_ports),
    rules.enforced(SecurityGroupSettings, rules.open_icmp),
    rules.enforced(FlavorSettings, rules.max_public_flavor),
    rules.enforced(ImageSettings, rules.image_checksums),
    rules.enforced(ProjectSettings, rules.project_quota),
)
"""Checks that need more than one entry, or a file: each finds problems in the whole config."""
