"""Servers, the virtual machines of projects."""

from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Annotated, ClassVar

from pydantic import Field

from . import files, keys, labels, userdata
from .advice import FLOATING, NO_VOLUMES, PORT_SECURITY
from .base import Base, Given, Helps, Instead, Rule
from .draft import Draft
from .fields import (
    Address,
    File,
    FloatingAddress,
    Many,
    Name,
    PublicKey,
    ServerName,
    UserData,
)
from .flavors import FlavorSettings
from .images import ImageSettings
from .labels import Metadata, Tag
from .messages import STACK, Place, Problem, show
from .nics import NicSettings
from .openings import EgressSettings, IngressSettings, repeated

GIB = 2**30
SERVERS_KEY = "each server has a key pair of its own: `publicKey` or `publicKeyFile`"


def _by_name(given: Given) -> str | None:
    if isinstance(given.value, str):
        return f"{show(given.value)} is no NIC; a list of them is [{{network: {given.value}}}]"
    return None


class ServerSettings(Base):
    """A virtual machine of a project."""

    name: ServerName = Field(description="the server's name, also inside it")
    project: Name = Field(description="the project that it belongs to, by name")
    image: Name = Field(description="the image that it starts from, by name")
    flavor: Name = Field(description="its size, a flavor's name")
    network: Name | None = Field(
        None, description="the network of its one NIC, by name; this or networks"
    )
    address: Address | None = Field(
        None, description="that NIC's fixed address; none: Neutron's choice"
    )
    networks: Annotated[tuple[NicSettings, ...], Many] = Field(
        (), description="its NICs instead, the first one first, each on another network"
    )
    floating_ip: FloatingAddress | None = Field(
        None,
        description="an address of the external network of its network's router, by which that"
        " reaches it; none: it has none",
    )
    public_key: PublicKey | None = Field(
        None, description="the ssh key that logs in, a security key's too; this or publicKeyFile"
    )
    public_key_file: File | None = Field(None, description="the file of that key instead")
    ingress: Annotated[tuple[IngressSettings, ...], Many] = Field(
        (), description="what may reach it; none: nothing"
    )
    egress: Annotated[tuple[EgressSettings, ...], Many] | None = Field(
        None, description="all that it may reach, besides DHCP and metadata; none: everything"
    )
    security_groups: Annotated[tuple[Name, ...], Many] = Field(
        (), description="groups of its project, which open it for more"
    )
    user_data: UserData | None = Field(
        None, description="cloud-init's user data; secret in all that Pulumi shows"
    )
    user_data_file: File | None = Field(None, description="the file of that user data instead")
    config_drive: bool | None = Field(
        None,
        description="true: a drive in it has its key, user data and metadata; none: where its first"
        " network has no DHCP",
    )
    metadata: Metadata | None = Field(
        None, description="what it may ask of itself, and tools of it; none: nothing"
    )
    tags: Annotated[tuple[Tag, ...], Many] = Field(
        (), description="words by which tools find it; at most 50"
    )
    server_group: Name | None = Field(
        None,
        description="the group of serverGroups that it is placed with, by name; none: it is"
        " placed alone",
    )
    host: Name | None = Field(
        None,
        description="the compute that it is made on, by name; none: Nova's choice; not in tenants'"
        " stacks",
    )

    def broken_rules(self) -> Iterator[Rule]:
        """Require NICs, one key, at most one source of user data, and each opening once."""
        yield from self._nics()
        if (self.public_key is None) == (self.public_key_file is None):
            yield Rule("publicKey", "give exactly one of publicKey and publicKeyFile")
        if self.user_data is not None and self.user_data_file is not None:
            yield Rule("userDataFile", "is given together with userData; leave one of them out")
        yield from repeated("ingress", self.ingress)
        yield from repeated("egress", self.egress or ())
        for i, name in enumerate(self.security_groups):
            if name in self.security_groups[:i]:
                yield Rule(f"securityGroups[{i}]", f"{show(name)} is there twice; leave one out")
        yield from labels.broken_tags(self.tags)

    def _nics(self) -> Iterator[Rule]:
        if (self.network is None) == (not self.networks):
            yield Rule("network", "give exactly one of network and networks")
        if self.networks and self.address is not None:
            yield Rule("address", "is for one `network`; each of `networks` has its own")
        for i, nic in enumerate(self.networks):
            if nic.network in (earlier.network for earlier in self.networks[:i]):
                what = f"{show(nic.network)} has another NIC of it; a server has one on a network"
                yield Rule(f"networks[{i}].network", what)
            for j, name in enumerate(nic.security_groups):
                if name in self.security_groups:
                    what = f"{show(name)} is among its securityGroups, for all NICs; leave one out"
                    yield Rule(f"networks[{i}].securityGroups[{j}]", what)

    @property
    def nics(self) -> tuple[NicSettings, ...]:
        """Its NICs, also where they are given by the short form; what is broken stays unread."""
        if self.networks or vars(self).get("network") is None:
            return self.networks
        given = {key: vars(self)[key] for key in ("network", "address") if key in vars(self)}
        nic = NicSettings.model_construct(**given)
        if "address" not in given:
            del vars(nic)["address"]
        return (nic,)

    @property
    def all_groups(self) -> frozenset[str]:
        """The shared groups of any of its NICs."""
        own = {name for nic in self.nics for name in nic.security_groups}
        return frozenset({*self.security_groups, *own})

    @property
    def floating_name(self) -> str | None:
        """What its floating address is known by: the address, or the server where none is given."""
        given = None if self.floating_ip is None else str(self.floating_ip)
        return self.name if self.floating_ip is True else given

    @cached_property
    def key(self) -> str:
        """The public key's one line, without newline (OSError, ValueError: no such key)."""
        return self.public_key or keys.public_key(keys.text(self.public_key_file or Path()))

    @cached_property
    def user_data_text(self) -> str | None:
        """The user data, from the config or the file (OSError, ValueError: it can't be read)."""
        return userdata.read(self.user_data_file) if self.user_data_file else self.user_data

    instead: ClassVar[Instead] = {
        "adminPass adminPassword password passwords rootPassword": "servers have no password;"
        " `publicKey` logs in",
        "keyPair keyPairs keyName key sshKey sshKeys": SERVERS_KEY,
        "meta properties": "they are `metadata`, a mapping of texts",
        "securityGroup securityGroupIds groups": "its groups are `securityGroups`, by name",
        "portSecurity portSecurityEnabled": PORT_SECURITY,
        "mac macAddress": "Neutron chooses it; leave it out",
        "nics ports networkId networkName networkIds interfaces": "its network is `network`, and"
        " several are `networks`",
        "allowedAddresses allowedAddressPairs addressPairs": "they are a key of `networks`",
        "flavorId flavorName flavorRef size": "the flavor is named by `flavor`",
        "imageId imageName imageRef": "the image is named by `image`",
        "tenant tenantId projectId": "the project is named by `project`",
        "ip ipAddress fixedIp fixedIps fixedIpV4 addresses": "its fixed address is `address`",
        "floatingIps floatingAddress publicIp publicAddress elasticIp": FLOATING,
        "volume volumes blockDevice blockDevices disk": NO_VOLUMES,
        "availabilityZone zone hypervisorHostname node": "the compute that it is made on is `host`",
        "schedulerHints affinity antiAffinity": f"its group of `{STACK}serverGroups` is"
        " `serverGroup`",
        "count": "one entry for each server",
        "hostname": "it is `name`",
    }
    helps: ClassVar[Helps] = {"networks": _by_name}


def nics(place: Place, server: ServerSettings) -> Iterator[tuple[Place, NicSettings]]:
    """Yield a server's NICs with the places of their keys."""
    for i, nic in enumerate(server.nics):
        yield (*place, "networks", i) if server.networks else place, nic


def somewhere_to_run(draft: Draft) -> Iterator[Problem]:
    """Find servers in a cloud without a compute."""
    if draft.names("servers") and not draft.names("computes") and "computes" not in draft.unread:
        yield Problem(("computes",), "there is none, and servers need one to run on; add one")


def flavor_user(draft: Draft, place: Place, server: ServerSettings) -> Iterator[Problem]:
    """Find a server whose project may not use its flavor."""
    flavor = draft.find(FlavorSettings, server.flavor)
    if flavor and not flavor.public and server.project not in flavor.projects:
        what = f"{show(flavor.name)} is not public and does not list {show(server.project)}"
        yield Problem((*place, "flavor"), what)


def _least_disk(image: ImageSettings) -> int:
    """GiB that a server from the image needs; at least 1.

    Nova lets only administrators start servers whose flavor has no disk.
    """
    return max(1, image.min_disk, -(-image.disk_size // GIB))


def flavor_size(draft: Draft, place: Place, server: ServerSettings) -> Iterator[Problem]:
    """Find a server whose flavor is too small for its image."""
    image = draft.find(ImageSettings, server.image)
    flavor = draft.find(FlavorSettings, server.flavor)
    if image is None or flavor is None:
        return
    ram, disk = image.min_ram, _least_disk(image)
    if flavor.ram < ram or flavor.disk < disk:
        fit = [f.name for _, f in draft.of(FlavorSettings) if f.ram >= ram and f.disk >= disk]
        yield Problem(
            (*place, "flavor"),
            f"{show(flavor.name)} ({flavor.ram} MiB, {flavor.disk} GiB disk) is too small for"
            f" image {show(image.name)}, which needs {ram} MiB and {disk} GiB;"
            f" {'take ' + ' or '.join(fit) if fit else 'no flavor is large enough'}",
        )


def public_key(_: Draft, place: Place, server: ServerSettings) -> Iterator[Problem]:
    """Find a public key's file that is missing or holds no key."""
    where = (*place, "publicKeyFile")
    yield from files.problems(
        where, server.public_key_file, lambda path: keys.public_key(keys.text(path))
    )


def user_data(_: Draft, place: Place, server: ServerSettings) -> Iterator[Problem]:
    """Find a file of user data that is missing, or that cloud-init would not read."""
    yield from files.problems((*place, "userDataFile"), server.user_data_file, userdata.read)
