"""Servers, the virtual machines of projects."""

from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Annotated, ClassVar

from pydantic import Field

from . import files, keys, userdata
from .advice import FLOATING, NO_VOLUMES, PORT_SECURITY
from .base import Base, Instead, Rule
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
from .messages import Place, Problem, show
from .networks import NetworkSettings
from .openings import EgressSettings, IngressSettings, repeated

GIB = 2**30
SERVERS_KEY = "each server has a key pair of its own: `publicKey` or `publicKeyFile`"


class ServerSettings(Base):
    """A virtual machine of a project."""

    name: ServerName = Field(description="the server's name, also inside it")
    project: Name = Field(description="the project that it belongs to, by name")
    image: Name = Field(description="the image that it starts from, by name")
    flavor: Name = Field(description="its size, a flavor's name")
    network: Name = Field(description="the network that it is on, by name")
    address: Address | None = Field(None, description="its fixed address; none: Neutron's choice")
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

    def broken_rules(self) -> Iterator[Rule]:
        """Require one key, at most one source of user data, and each opening once."""
        if (self.public_key is None) == (self.public_key_file is None):
            yield Rule("publicKey", "give exactly one of publicKey and publicKeyFile")
        if self.user_data is not None and self.user_data_file is not None:
            yield Rule("userDataFile", "is given together with userData; leave one of them out")
        yield from repeated("ingress", self.ingress)
        yield from repeated("egress", self.egress or ())
        for i, name in enumerate(self.security_groups):
            if name in self.security_groups[:i]:
                yield Rule(f"securityGroups[{i}]", f"{show(name)} is there twice; leave one out")

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
        "metadata meta properties tags": "servers have none; leave it out",
        "configDrive": "a server has one where its network has no DHCP; leave it out",
        "securityGroup securityGroupIds groups": "its groups are `securityGroups`, by name",
        "portSecurity portSecurityEnabled": PORT_SECURITY,
        "mac macAddress": "Neutron chooses it; leave it out",
        "networks nics ports networkId networkName interfaces": "a server is on one network, named"
        " by `network`",
        "flavorId flavorName flavorRef size": "the flavor is named by `flavor`",
        "imageId imageName imageRef": "the image is named by `image`",
        "tenant tenantId projectId": "the project is named by `project`",
        "ip ipAddress fixedIp fixedIps fixedIpV4 addresses": "its fixed address is `address`",
        "floatingIps floatingAddress publicIp publicAddress elasticIp": FLOATING,
        "volume volumes blockDevice blockDevices disk": NO_VOLUMES,
        "availabilityZone zone host": "Nova chooses the compute; leave it out",
        "count": "one entry for each server",
        "hostname": "it is `name`",
    }


def somewhere_to_run(draft: Draft) -> Iterator[Problem]:
    """Find servers in a cloud without a compute."""
    if draft.names("servers") and not draft.names("computes") and "computes" not in draft.unread:
        yield Problem(("computes",), "there is none, and servers need one to run on; add one")


def address(draft: Draft, place: Place, server: ServerSettings) -> Iterator[Problem]:
    """Find a fixed address that the server can't have on its network."""
    network = draft.find(NetworkSettings, server.network)
    if server.address is None or network is None:
        return
    for rule in network.unusable("address", server.address):
        yield Problem((*place, rule.key), rule.message)
    if server.address == network.gateway:
        what = f"{server.address} is the gateway of {show(network.name)}; take another"
        yield Problem((*place, "address"), what)


def network_user(draft: Draft, place: Place, server: ServerSettings) -> Iterator[Problem]:
    """Find a server whose project may not use its network."""
    network = draft.find(NetworkSettings, server.network)
    if network and network.project not in (None, server.project):
        what = f"{show(network.name)} belongs to project {show(network.project)}"
        yield Problem((*place, "network"), f"{what}, not to {show(server.project)}")


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
