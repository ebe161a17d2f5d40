"""Arguments of the components for any language: keys of the settings, as plain values.

Written by `make settings` from the models in components/settings: change those.
"""
# ruff: noqa: E501

from typing import NotRequired, TypedDict


class SshArgs(TypedDict):
    """How the nodes are reached."""

    user: NotRequired[str]
    """root, or a user with sudo that asks no password"""
    port: NotRequired[int]
    """TCP port of the nodes' ssh service"""
    privateKeyFile: NotRequired[str]
    """file of a private key without passphrase; none: the ssh agent's keys"""


class NodeArgs(TypedDict):
    """One machine of the cloud, bare Debian 13."""

    name: str
    """the node's host name"""
    host: str
    """the node's management address (IPv4)"""
    hostKey: NotRequired[str]
    """the node's ssh host key: one line such as 'ssh-ed25519 AAAA…'"""
    checkHostKey: NotRequired[bool]
    """false, instead of hostKey: any host key is taken, so anyone in between can pose as the node"""
    interfaceName: NotRequired[str]
    """the node's own provider NIC; none: the one of provider.interfaceName"""


class ComputeArgs(TypedDict):
    """A node that runs servers."""

    name: str
    """the node's host name"""
    host: str
    """the node's management address (IPv4)"""
    hostKey: NotRequired[str]
    """the node's ssh host key: one line such as 'ssh-ed25519 AAAA…'"""
    checkHostKey: NotRequired[bool]
    """false, instead of hostKey: any host key is taken, so anyone in between can pose as the node"""
    interfaceName: NotRequired[str]
    """the node's own provider NIC; none: the one of provider.interfaceName"""
    drain: NotRequired[bool]
    """true: all servers move to other computes, and no new one comes, until it is taken out"""


class TlsArgs(TypedDict):
    """Encryption between the nodes, and of the cloud's APIs."""

    enabled: NotRequired[bool]
    """false: the APIs, the queue, OVN's databases, live moves and consoles speak in clear"""
    ca: NotRequired[int]
    """generation of the cloud's own certificate authority; one more: another signs all nodes' certificates, and this one is still trusted; two more: no longer"""
    publicName: NotRequired[str]
    """the controller's name for the cloud's users, which then stands in the catalogue; none: its address"""
    certificateFile: NotRequired[str]
    """the certificate of `publicName`, and then those that signed it, up to the root (PEM); a root that this machine's system trusts may be left out; none: the cloud's own authority signs one"""
    keyFile: NotRequired[str]
    """the private key of that certificate, without a passphrase (PEM)"""


class ApiArgs(TypedDict):
    """The controller's APIs, and the consoles of servers."""

    allowFrom: NotRequired[list[str]]
    """the networks that they are open to, besides the nodes; none: all. The machine that runs Pulumi must be in one"""
    loginsPerMinute: NotRequired[int]
    """logins a minute that Keystone takes from one address; more are answered with 429. Each tenant is a login of a run"""
    audit: NotRequired[bool]
    """true: Keystone and Nova log who asked for which change (CADF), in their own logs"""


class BackupArgs(TypedDict):
    """Backups of the controller."""

    every: NotRequired[int]
    """hours from one backup to the next; none: only those made by hand"""
    keep: NotRequired[int]
    """backups that are kept; after a new one the oldest is deleted"""
    folder: NotRequired[str]
    """where they are, on `host` or else on the controller"""
    host: NotRequired[str]
    """a machine that has them, by ssh (IPv4); none: the controller, which loses them with its disk"""
    hostKey: NotRequired[str]
    """that machine's ssh host key: one line such as 'ssh-ed25519 AAAA…'"""
    user: NotRequired[str]
    """its user, who owns the folder"""
    port: NotRequired[int]
    """TCP port of its ssh service"""


class TunnelArgs(TypedDict):
    """The network between the nodes that carries the packets of projects' own networks."""

    cidr: str
    """addresses of the nodes in it: each has the last part of its management address, so 192.168.100.20 is 10.99.0.20 in 10.99.0.0/24"""
    segment: NotRequired[int]
    """its VLAN on the provider network, outside minvlan..maxvlan; none: untagged"""


class ProviderArgs(TypedDict):
    """The physical network that carries the servers' VLANs."""

    physicalName: NotRequired[str]
    """Neutron's name for the physical network (Physical_NAME)"""
    minvlan: NotRequired[int]
    """first VLAN that the cloud may use"""
    maxvlan: NotRequired[int]
    """last VLAN that the cloud may use"""
    interfaceName: NotRequired[str]
    """the nodes' provider NIC"""
    mtu: NotRequired[int]
    """its largest packet (bytes), which provider NICs and switches must carry"""
    tunnels: NotRequired[TunnelArgs]
    """how projects' own networks reach from node to node; none: there are none"""
    selfService: NotRequired[bool]
    """true: a project's members may make networks of its own by the API, in `tunnels`, as many as Neutron's quota lets them"""


class NodesArgs(TypedDict):
    """What makes nodes."""

    region: NotRequired[str]
    """the region's name in the catalogue"""
    ssh: NotRequired[SshArgs]
    """how the nodes are reached"""
    controller: NodeArgs
    """the node of the services: name, host, hostKey"""
    computes: NotRequired[list[ComputeArgs]]
    """the nodes that run servers"""
    tls: NotRequired[TlsArgs]
    """encryption of what services say"""
    api: NotRequired[ApiArgs]
    """who reaches the APIs"""
    dashboard: NotRequired[bool]
    """true: Horizon, the cloud in a browser, at https://CONTROLLER"""
    backup: NotRequired[BackupArgs]
    """backups of the controller"""
    provider: NotRequired[ProviderArgs]
    """the network of the servers' VLANs"""
    onRemoval: NotRequired[str]
    """a node that is taken out or destroyed: keep: it stays as it is; clean: what `up` has installed on it goes; this needs an `up` before"""
