"""The nodes, how they are reached, and the provider network."""

from collections.abc import Iterator
from typing import ClassVar

from pydantic import Field

from . import files, keys
from .base import Base, Instead, Rule
from .draft import Draft
from .fields import (
    File,
    HostKey,
    Hostname,
    Interface,
    NodeAddress,
    Port,
    User,
    Vlan,
    Word,
)
from .messages import STACK, Place, Problem

NO_PASSWORD = "nodes are reached by an ssh key, not by a password"  # noqa: S105


class SshSettings(Base):
    """How the nodes are reached."""

    user: User = Field("root", description="root, or a user with sudo that asks no password")
    port: Port = Field(22, description="TCP port of the nodes' ssh service")
    private_key_file: File | None = Field(
        None, description="file of a private key without passphrase; none: the ssh agent's keys"
    )

    instead: ClassVar[Instead] = {
        "password pass passphrase": f"{NO_PASSWORD}: `privateKeyFile`, or the ssh agent's",
        "privateKey key keyFile identityFile": "it is `privateKeyFile`, a path",
        "host": f"each node has its own, as `{STACK}controller.host`",
    }


class NodeSettings(Base):
    """One machine of the cloud, bare Debian 13."""

    name: Hostname = Field(description="the node's host name")
    host: NodeAddress = Field(description="the node's management address (IPv4)")
    host_key: HostKey | None = Field(
        None, description="the node's ssh host key: one line such as 'ssh-ed25519 AAAA…'"
    )
    check_host_key: bool = Field(
        True,
        description="false, instead of hostKey: any host key is taken, so anyone in between can"
        " pose as the node",
    )
    interface_name: Interface | None = Field(
        None,
        description="the node's own provider NIC; none: the one of provider.interfaceName",
    )

    def broken_rules(self) -> Iterator[Rule]:
        """Require either a host key or `checkHostKey: false`."""
        if self.check_host_key and self.host_key is None:
            yield Rule(
                "hostKey",
                "is missing; take the node's /etc/ssh/ssh_host_ed25519_key.pub, or what"
                " `ssh-keyscan -t ed25519 HOST` prints on a network that you trust (without the"
                " HOST before it), or set checkHostKey: false",
            )
        if not self.check_host_key and self.host_key is not None:
            yield Rule("checkHostKey", "is false, but a hostKey is given; leave one of them out")

    instead: ClassVar[Instead] = {
        "port sshPort": f"the port is the same on all nodes: `{STACK}ssh.port`",
        "user sshUser": f"the user is the same on all nodes: `{STACK}ssh.user`",
        "password adminPass": NO_PASSWORD,
        "privateKey privateKeyFile key": "the key is the same on all nodes:"
        f" `{STACK}ssh.privateKeyFile`",
        "ip ipAddress address managementIp": "its management address is `host`",
        "nic interface providerInterface": "its provider NIC is `interfaceName`",
    }


class ProviderSettings(Base):
    """The physical network that carries the servers' VLANs."""

    physical_name: Word = Field(
        "provider", description="Neutron's name for the physical network (Physical_NAME)"
    )
    minvlan: Vlan = Field(100, description="first VLAN that the cloud may use")
    maxvlan: Vlan = Field(201, description="last VLAN that the cloud may use")
    interface_name: Interface = Field("ens33", description="the nodes' provider NIC")

    def broken_rules(self) -> Iterator[Rule]:
        """Refuse a range whose start is above its end."""
        if self.minvlan > self.maxvlan:
            yield Rule("minvlan", f"{self.minvlan} is above maxvlan {self.maxvlan}; swap them")

    instead: ClassVar[Instead] = {
        "interface nic bridgeInterface": "the nodes' provider NIC is `interfaceName`",
        "network physicalNetwork name": "Neutron's name for it is `physicalName`",
        "vlans vlanRange vlanRanges networkVlanRanges": "they are `minvlan` to `maxvlan`",
        "bridge bridgeMappings": "the bridge is always br-provider; leave it out",
    }


def private_key(_: Draft, place: Place, ssh: SshSettings) -> Iterator[Problem]:
    """Find a private key's file that is missing or holds no key."""
    where = (*place, "privateKeyFile")
    yield from files.problems(
        where, ssh.private_key_file, lambda p: keys.check_private_key(keys.text(p))
    )
