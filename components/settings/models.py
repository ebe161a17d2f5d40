"""The settings as typed models.

Written camelCase in the stack's config and snake_case in a Python program. Each model checks
what it can by itself; what needs other entries or a file is in `checks`.
"""

import contextlib
from collections.abc import Iterator
from functools import cached_property
from ipaddress import IPv4Address
from pathlib import Path
from typing import Annotated, Literal, NamedTuple, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, model_validator
from pydantic.alias_generators import to_camel

from components.settings import disk_images, files, keys, userdata
from components.settings.fields import (
    PORT,
    Address,
    Count,
    Description,
    DiskFormat,
    DnsServers,
    File,
    FlavorName,
    HostKey,
    Hostname,
    Interface,
    Many,
    Name,
    Network,
    NodeAddress,
    Password,
    Port,
    ProjectName,
    PublicKey,
    Secret,
    ServerName,
    Sha256,
    Size,
    TenantNetwork,
    Url,
    User,
    UserData,
    Vlan,
    Word,
)


class Rule(NamedTuple):
    """What is wrong in one entry: the field (as the config calls it) and why."""

    key: str
    message: str


class Base(BaseModel):
    """Frozen, strict (no "100" for 100), no unknown keys."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        strict=True,
        alias_generator=to_camel,
        validate_by_name=True,
        validate_by_alias=True,
        hide_input_in_errors=True,
    )

    _hidden: frozenset[str] = frozenset()

    def hide(self, field: str) -> None:
        """Note that a field of this entry is stored encrypted."""
        self._hidden |= {field}

    def hides(self, field: str) -> bool:
        """Tell whether a field is stored encrypted: then it is secret for Pulumi, too."""
        return field in self._hidden

    def broken_rules(self) -> Iterator[Rule]:
        """Yield what is wrong between the fields of this one entry."""
        yield from ()

    @model_validator(mode="after")
    def _obey(self, info: ValidationInfo) -> Self:
        # `load` collects the rules itself, so that a broken one hides no other problem.
        if not (info.context and info.context.get("rules") == "later"):
            broken = [f"{rule.key}: {rule.message}" for rule in self.broken_rules()]
            if broken:
                raise ValueError("; ".join(broken))
        return self


class SshSettings(Base):
    """How the nodes are reached."""

    user: User = Field("root", description="root, or a user with sudo that asks no password")
    port: Port = Field(22, description="TCP port of the nodes' ssh service")
    private_key_file: File | None = Field(
        None, description="file of a private key without passphrase; none: the ssh agent's keys"
    )


class NodeSettings(Base):
    """One machine of the cloud, bare Debian 13."""

    name: Hostname = Field(description="the node's host name")
    host: NodeAddress = Field(description="the node's management address (IPv4)")
    host_key: HostKey | None = Field(
        None, description="the node's ssh host key: one line such as 'ssh-ed25519 AAAA…'"
    )
    check_host_key: bool = Field(
        True, description="false: any host key is taken, so anyone in between can pose as the node"
    )
    interface_name: Interface | None = Field(
        None, description="the node's own provider NIC, where it differs from the provider's"
    )

    def broken_rules(self) -> Iterator[Rule]:
        """Ask for exactly one of a host key and the word that none is checked."""
        if self.check_host_key and self.host_key is None:
            yield Rule(
                "hostKey",
                "is missing; take the node's /etc/ssh/ssh_host_ed25519_key.pub, or what"
                " `ssh-keyscan -t ed25519 HOST` says on a network that you trust (without the"
                " HOST before it), or set checkHostKey: false",
            )
        if not self.check_host_key and self.host_key is not None:
            yield Rule(
                "checkHostKey", "is false although there is a hostKey; leave one of them out"
            )


class ProviderSettings(Base):
    """The physical network that carries the servers' VLANs."""

    physical_name: Word = Field("provider", description="Neutron's name for it (Physical_NAME)")
    minvlan: Vlan = Field(100, description="first VLAN that the cloud may use")
    maxvlan: Vlan = Field(201, description="last VLAN that the cloud may use")
    interface_name: Interface = Field("ens33", description="the nodes' provider NIC")

    def broken_rules(self) -> Iterator[Rule]:
        """Refuse a range that is upside down."""
        if self.minvlan > self.maxvlan:
            yield Rule("minvlan", f"{self.minvlan} is above maxvlan {self.maxvlan}; swap them")


class QuotaSettings(Base):
    """What the servers of a project may use together."""

    instances: Count = Field(description="servers")
    cores: Count = Field(description="virtual CPUs")
    ram: Count = Field(description="memory (MiB)")


OPENSTACKS_QUOTA = QuotaSettings(instances=10, cores=20, ram=51200)
"""What Nova 2025.1 gives a project of which nothing is said."""


class ProjectSettings(Base):
    """A tenant."""

    name: ProjectName = Field(description="the project's name")
    description: Description = Field("", description="a text for people")
    quota: QuotaSettings | None = Field(None, description="limits; none: OpenStack's own")

    @property
    def limits(self) -> QuotaSettings:
        """The quota that holds: the project's own, or else OpenStack's."""
        return self.quota or OPENSTACKS_QUOTA


class ImageSettings(Base):
    """A disk image that servers start from."""

    name: Name = Field(description="the image's name")
    file: File | None = Field(None, description="the image's file; either this or url")
    url: Url | None = Field(None, description="where the image is fetched from; needs sha256")
    sha256: Sha256 | None = Field(
        None, description="SHA-256 of the image's content (64 hexadecimal digits)"
    )
    disk_format: DiskFormat = Field("qcow2", description="qcow2, raw, vmdk, vdi, vhdx or iso")
    min_disk: Size = Field(0, description="least disk of a server (GiB)")
    min_ram: Size = Field(0, description="least memory of a server (MiB)")
    replace_servers: bool = Field(
        False, description="its servers are replaced when its content changes"
    )

    def broken_rules(self) -> Iterator[Rule]:
        """Ask for one source and a known content."""
        if (self.file is None) == (self.url is None):
            yield Rule("file", "give exactly one of file and url")
        if self.url is not None and self.sha256 is None:
            yield Rule("sha256", "is missing; an image from a url needs it (`sha256sum FILE`)")

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the content, as given or else read from the file once (OSError)."""
        return self.sha256 or files.sha256(self.file or Path())

    @cached_property
    def disk_size(self) -> int:
        """Size of the disk in the file (bytes); 0: not known, or the file is wrong."""
        with contextlib.suppress(OSError, disk_images.ImageError):
            return disk_images.inspect(self.file, self.disk_format) if self.file else 0
        return 0


class PoolSettings(Base):
    """The addresses that Neutron gives out by itself."""

    start: Address = Field(description="first address")
    end: Address = Field(description="last address")


class NetworkSettings(Base):
    """A VLAN of the provider network, with its one subnet."""

    name: Name = Field(description="the network's name")
    segment: Vlan = Field(description="VLAN, minvlan..maxvlan")
    cidr: TenantNetwork = Field(description="the subnet such as 10.101.0.0/24")
    gateway: Address | None = Field(None, description="the router on this VLAN, where there is one")
    pool: PoolSettings | None = Field(
        None, description="addresses given out; none: all of the subnet's"
    )
    dns: DnsServers = Field((), description="DNS servers, at most 5")
    shared: bool = Field(False, description="true: for the servers of all projects")
    project: Name | None = Field(None, description="the one project whose servers may use it")

    def broken_rules(self) -> Iterator[Rule]:
        """Ask for one audience, and for gateway, pool and DNS servers that can be."""
        if self.shared == (self.project is not None):
            yield Rule("shared", "give exactly one of `shared: true` and `project`")
        if self.gateway is not None:
            yield from self.unusable("gateway", self.gateway)
        if self.pool is not None:
            yield from self._pool(self.pool)
        for i, server in enumerate(self.dns):
            if server in self.cidr:
                yield from self.unusable(f"dns[{i}]", server)

    def _pool(self, pool: PoolSettings) -> Iterator[Rule]:
        start, end = pool.start, pool.end
        yield from self.unusable("pool.start", start)
        yield from self.unusable("pool.end", end)
        if start > end:
            yield Rule("pool", f"starts at {start}, behind its end {end}; swap them")
        if self.gateway is not None and start <= self.gateway <= end:
            yield Rule("pool", f"{start} to {end} holds the gateway {self.gateway}; leave it out")

    @property
    def pools(self) -> tuple[tuple[IPv4Address, IPv4Address], ...]:
        """First and last address of what Neutron gives out; without a pool all but the gateway."""
        if self.pool is not None:
            return ((self.pool.start, self.pool.end),)
        first, last = self.cidr[1], self.cidr[-2]
        if self.gateway is None:
            return ((first, last),)
        halves = ((first, self.gateway - 1), (self.gateway + 1, last))
        return tuple((start, end) for start, end in halves if start <= end)

    def unusable(self, key: str, address: IPv4Address) -> Iterator[Rule]:
        """Say why no machine on this network can have the address, if so."""
        first, last = self.cidr[1], self.cidr[-2]
        if not first <= address <= last:
            yield Rule(key, f"{address} is no machine's address in {self.cidr}: {first} to {last}")


class FlavorSettings(Base):
    """A size of servers."""

    name: FlavorName = Field(description="the flavor's name")
    vcpus: Count = Field(description="virtual CPUs")
    ram: Count = Field(description="memory (MiB)")
    disk: Size = Field(description="disk (GiB)")
    public: bool = Field(True, description="false: only for the projects listed")
    projects: Annotated[tuple[Name, ...], Many] = Field(
        (), description="who may use a flavor that is not public"
    )

    def broken_rules(self) -> Iterator[Rule]:
        """Allow a list of users only where not all may use it."""
        if self.public and self.projects:
            yield Rule("projects", "needs `public: false`; a public flavor is for all projects")
        if len(set(self.projects)) < len(self.projects):
            yield Rule("projects", "names a project twice; leave one out")


class IngressSettings(Base):
    """What may reach a server from outside."""

    protocol: Literal["tcp", "udp", "icmp"] = Field(description="tcp, udp or icmp")
    port: Port | None = Field(None, description="port, for tcp and udp")
    cidr: Network = Field(description="from where, such as 0.0.0.0/0 for everywhere")

    def broken_rules(self) -> Iterator[Rule]:
        """Ask for a port where the protocol has ports."""
        if self.protocol == "icmp" and self.port is not None:
            yield Rule("port", "icmp has no ports; leave it out")
        if self.protocol != "icmp" and self.port is None:
            yield Rule("port", f"is missing; {self.protocol} needs one of {PORT[0]}..{PORT[1]}")


class ServerSettings(Base):
    """A virtual machine of a project."""

    name: ServerName = Field(description="the server's name, also inside it")
    project: Name = Field(description="the project that it belongs to")
    image: Name = Field(description="the image that it starts from")
    flavor: Name = Field(description="its size")
    network: Name = Field(description="the network that it is on")
    address: Address | None = Field(None, description="its fixed address; none: Neutron's choice")
    public_key: PublicKey | None = Field(
        None, description="the ssh key that logs in: one line such as 'ssh-ed25519 AAAA…'"
    )
    public_key_file: File | None = Field(None, description="the file of that key instead")
    ingress: Annotated[tuple[IngressSettings, ...], Many] = Field(
        (), description="what may reach it; none: nothing"
    )
    user_data: UserData | None = Field(
        None, description="cloud-init's user data (at most 49149 bytes)"
    )
    user_data_file: File | None = Field(None, description="the file of that user data instead")

    def broken_rules(self) -> Iterator[Rule]:
        """Ask for one key, one source of user data, and each opening once."""
        if (self.public_key is None) == (self.public_key_file is None):
            yield Rule("publicKey", "give exactly one of publicKey and publicKeyFile")
        if self.user_data is not None and self.user_data_file is not None:
            yield Rule("userDataFile", "is there although there is userData; leave one of them out")
        for i, opening in enumerate(self.ingress):
            if opening in self.ingress[:i]:
                yield Rule(f"ingress[{i}]", "is there twice; leave one out")

    @cached_property
    def key(self) -> str:
        """The public key's one line, without newline (OSError, ValueError: no such key)."""
        return self.public_key or keys.public_key(keys.text(self.public_key_file or Path()))

    @cached_property
    def user_data_text(self) -> str | None:
        """The user data, wherever it stands (OSError, ValueError: it can't be read)."""
        return userdata.read(self.user_data_file) if self.user_data_file else self.user_data


class FlavorLimitSettings(Base):
    """How large a flavor may be."""

    vcpus: Count | None = Field(None, description="virtual CPUs; none: any number")
    ram: Count | None = Field(None, description="memory (MiB); none: any size")
    disk: Size | None = Field(None, description="disk (GiB); none: any size")


class RulesSettings(Base):
    """What a team demands of its own settings; by default nothing. Enforced in `rules`."""

    open_ports: Annotated[tuple[Port, ...], Many] | None = Field(
        None, description="TCP and UDP ports that may be open to everywhere; none: all of them"
    )
    open_icmp: bool = Field(True, description="false: icmp is not open to everywhere")
    max_public_flavor: FlavorLimitSettings = Field(
        FlavorLimitSettings(), description="the largest public flavor: vcpus, ram, disk"
    )
    image_checksums: bool = Field(False, description="true: each image has its sha256")
    project_quota: bool = Field(False, description="true: each project has its quota")
    protected_networks: Annotated[tuple[Name, ...], Many] = Field(
        (), description="networks that are neither deleted nor replaced"
    )


class DeletionSettings(Base):
    """What a change may delete or replace although it is in use. Enforced in `components.guard`."""

    controller: bool = Field(
        False, description="true: the controller, and with it all that is in its cloud"
    )
    networks: Annotated[tuple[Name, ...], Many] = Field((), description="networks with servers")
    images: Annotated[tuple[Name, ...], Many] = Field(
        (), description="images that servers were made from"
    )
    computes: Annotated[tuple[Name, ...], Many] = Field(
        (), description="computes, whose servers were removed before"
    )


class Settings(Base):
    """All of the stack's config."""

    region: Word = Field("RegionOne", description="the region's name in the catalogue")
    ssh: SshSettings = Field(SshSettings(), description="how the nodes are reached")
    controller: NodeSettings = Field(description="the node of the services: name, host, hostKey")
    computes: Annotated[tuple[NodeSettings, ...], Many] = Field(
        (), description="the nodes that run servers"
    )
    provider: ProviderSettings = Field(
        ProviderSettings(), description="the network of the servers' VLANs"
    )
    secret: Secret = Field(
        description="what every password is derived from: make one with `openssl rand -hex 32`,"
        " set it with `pulumi config set --secret secret …`"
    )
    tenants: File | None = Field(
        None, description="a folder of tenants' files; none: all tenants are in the stack's config"
    )
    tenant_stacks: bool = Field(
        False, description="true: the servers of each tenant are in a stack of its own"
    )
    projects: Annotated[tuple[ProjectSettings, ...], Many] = Field((), description="tenants")
    images: Annotated[tuple[ImageSettings, ...], Many] = Field((), description="disk images")
    networks: Annotated[tuple[NetworkSettings, ...], Many] = Field((), description="VLANs")
    flavors: Annotated[tuple[FlavorSettings, ...], Many] = Field((), description="sizes")
    servers: Annotated[tuple[ServerSettings, ...], Many] = Field((), description="servers")
    rules: RulesSettings = Field(
        RulesSettings(), description="what the team demands of all of the above"
    )
    allow_deletion: DeletionSettings = Field(
        DeletionSettings(), description="what this change may delete although it is in use"
    )


class TenantStackSettings(Base):
    """The config of a stack that has one tenant's servers alone."""

    cloud: Word = Field(description="the stack of the cloud, whose file says all else")
    tenant: ProjectName = Field(description="the project whose servers these are")
    password: Password = Field(
        description="the password of the project's user: the README says how to get it,"
        " set it with `pulumi config set --secret password …`"
    )


class TenantSettings(Base):
    """A tenant's file: its project, and what is of this project alone."""

    project: ProjectSettings = Field(
        description="the project; it has the file's name where it has none of its own"
    )
    networks: Annotated[tuple[NetworkSettings, ...], Many] = Field(
        (), description="VLANs for the project's servers alone"
    )
    servers: Annotated[tuple[ServerSettings, ...], Many] = Field(
        (), description="the project's servers"
    )
