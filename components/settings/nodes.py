"""The nodes, how they are reached, and the provider network."""

from collections.abc import Iterator
from ipaddress import IPv4Address, IPv4Interface
from typing import Annotated, ClassVar, Final, Literal

from pydantic import Discriminator, Field, Tag

from . import files, keys
from .base import TAGGED, Base, Given, Instead, Rule
from .draft import Draft
from .fields import (
    File,
    HostKey,
    Hostname,
    Interface,
    NodeAddress,
    Port,
    TenantNetwork,
    User,
    Vlan,
    WireMtu,
    Word,
)
from .messages import STACK, Place, Problem, show

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


class ComputeSettings(NodeSettings):
    """A node that runs servers."""

    drain: bool = Field(
        False,
        description="true: all servers move to other computes, and no new one comes, until it is"
        " taken out",
    )

    instead: ClassVar[Instead] = {
        **NodeSettings.instead,
        "maintenance disabled cordon evacuate": "to move its servers away: `drain: true`",
    }


ITSELF: Final = "controller"
"""Among the computes: the controller itself, which runs servers, too."""


class ControllerItself(Base):
    """What the checks see of the word `controller` among the computes."""

    name: Hostname = Field(description="the controller's name")


def _a_word_or_a_machine(value: object) -> str:
    return f"{TAGGED}word" if isinstance(value, str) else f"{TAGGED}machine"


Compute = Annotated[
    Annotated[ComputeSettings, Tag(f"{TAGGED}machine")]
    | Annotated[
        Literal["controller"],
        Field(description="the controller itself runs servers, too"),
        Tag(f"{TAGGED}word"),
    ],
    Discriminator(_a_word_or_a_machine),
]
"""An entry of the computes: a machine, or the word `controller`."""


def no_compute(given: Given) -> str | None:
    """Say what else than a word is one of the computes."""
    if isinstance(given.value, str) and given.value != ITSELF:
        what = f"{show(given.value)} is no compute; a machine is {{name, host, hostKey}}"
        return f"{what}, and `{ITSELF}` is the controller itself"
    return None


class TunnelSettings(Base):
    """The network between the nodes that carries the packets of projects' own networks."""

    cidr: TenantNetwork = Field(
        description="addresses of the nodes in it: each has the last part of its management"
        " address, so 192.168.100.20 is 10.99.0.20 in 10.99.0.0/24"
    )
    segment: Vlan | None = Field(
        None,
        description="its VLAN on the provider network, outside minvlan..maxvlan; none: untagged",
    )

    def end(self, node: IPv4Address) -> IPv4Interface:
        """Return the address in it of the node with this management address."""
        part = int(node) & int(self.cidr.hostmask)
        return IPv4Interface((int(self.cidr.network_address) | part, self.cidr.prefixlen))

    instead: ClassVar[Instead] = {
        "vlan vlanId": "its VLAN is `segment`",
        "addresses address": "each node's address follows from `cidr` and its management address",
        "interface interfaceName nic": "it is on the provider NIC",
        "type encapType": "it is always Geneve; leave it out",
    }


class ProviderSettings(Base):
    """The physical network that carries the servers' VLANs."""

    physical_name: Word = Field(
        "provider", description="Neutron's name for the physical network (Physical_NAME)"
    )
    minvlan: Vlan = Field(100, description="first VLAN that the cloud may use")
    maxvlan: Vlan = Field(201, description="last VLAN that the cloud may use")
    interface_name: Interface = Field("ens33", description="the nodes' provider NIC")
    mtu: WireMtu = Field(
        1500,
        description="its largest packet (bytes), which provider NICs and switches must carry",
    )
    tunnels: TunnelSettings | None = Field(
        None, description="how projects' own networks reach from node to node; none: there are none"
    )
    self_service: bool = Field(
        False,
        description="true: a project's members may make networks of its own by the API, in"
        " `tunnels`, as many as Neutron's quota lets them",
    )

    def broken_rules(self) -> Iterator[Rule]:
        """Refuse a range whose start is above its end, and what `tunnels` do not fit."""
        if self.minvlan > self.maxvlan:
            yield Rule("minvlan", f"{self.minvlan} is above maxvlan {self.maxvlan}; swap them")
        segment = self.tunnels.segment if self.tunnels else None
        if segment is not None and self.minvlan <= segment <= self.maxvlan:
            what = f"{segment} lies in {self.minvlan}..{self.maxvlan}, the VLANs of networks"
            yield Rule("tunnels.segment", f"{what}; take one outside, or leave it out")
        if self.self_service and self.tunnels is None:
            what = "is true, but the networks that members make need the tunnels between the nodes"
            yield Rule("selfService", f"{what}; give `tunnels`, or leave it out")

    instead: ClassVar[Instead] = {
        "interface nic bridgeInterface": "the nodes' provider NIC is `interfaceName`",
        "network physicalNetwork name": "Neutron's name for it is `physicalName`",
        "vlans vlanRange vlanRanges networkVlanRanges": "they are `minvlan` to `maxvlan`",
        "globalPhysnetMtu physicalNetworkMtus pathMtu jumbo": "its largest packet is `mtu`",
        "tunnel overlay geneve vxlan": "it is `tunnels`: {cidr, segment}",
        "selfServiceNetworks tenantNetworks projectNetworks": "it is `selfService`: true or false",
        "bridge bridgeMappings": "the bridge is always br-provider; leave it out",
    }


def private_key(_: Draft, place: Place, ssh: SshSettings) -> Iterator[Problem]:
    """Find a private key's file that is missing or holds no key."""
    where = (*place, "privateKeyFile")
    yield from files.problems(
        where, ssh.private_key_file, lambda p: keys.check_private_key(keys.text(p))
    )


def itself_once(draft: Draft) -> Iterator[Problem]:
    """Find the word `controller` that stands among the computes again."""
    for place, _ in [*draft.of(ControllerItself)][1:]:
        yield Problem(place, f"`{ITSELF}` is there already; leave one out")


def tunnel_ends(draft: Draft) -> Iterator[Problem]:
    """Find nodes that cannot have their address in the tunnels' network."""
    for place, tunnels in draft.values(ProviderSettings, "tunnels"):
        if isinstance(tunnels, TunnelSettings):
            yield from _tunnel_ends(draft, (*place, "cidr"), tunnels)


def _tunnel_ends(draft: Draft, place: Place, tunnels: TunnelSettings) -> Iterator[Problem]:
    cidr = tunnels.cidr
    first: dict[IPv4Interface, Place] = {}
    for node, host in draft.values(NodeSettings, "host"):
        if not isinstance(host, IPv4Address):
            continue
        where = draft.at(node[:-1], place)
        if host in cidr:
            yield Problem(place, f"{cidr} holds {host} of {where}; take another")
            return
        end = tunnels.end(host)
        if end.ip in (cidr.network_address, cidr.broadcast_address):
            what = f"{where} with {host} would be {end.ip}, which is no machine's address in {cidr}"
            yield Problem(place, f"{what}; take a larger network")
        elif (other := first.setdefault(end, node)) != node:
            what = f"{where} and {draft.at(other[:-1], place)} would both be {end.ip} in {cidr}"
            yield Problem(place, f"{what}; take a larger network")
