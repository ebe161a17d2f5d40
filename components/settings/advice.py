"""What would be right: for a key that is not known, and for a value that is not what it must be.

Advice is right or absent. People bring keys from Terraform, Nova and Neutron; for those that have
no twin of nearly the same name here, a table says what there is instead.
"""

import difflib
import re
from collections.abc import Callable, Iterable, Mapping
from ipaddress import IPv4Address
from typing import NamedTuple

from components.settings.files import show
from components.settings.models import (
    Base,
    FlavorSettings,
    ImageSettings,
    IngressSettings,
    NetworkSettings,
    NodeSettings,
    ProjectSettings,
    ProviderSettings,
    QuotaSettings,
    ServerSettings,
    Settings,
    SshSettings,
    TenantSettings,
)

LIKENESS = 0.75
"""How much of two words is the same, at least, where one is offered for the other."""
LISTED = 12
"""Known words that a message lists."""

OPPOSITES = (
    ("in", "e"),
    ("in", "out"),
    ("min", "max"),
    ("start", "end"),
    ("public", "private"),
    *(("", no) for no in ("no", "un", "dis", "ex", "skip", "ignore")),
)
"""Beginnings by which nearly the same word says the contrary."""

OPENINGS = "one entry for each port, as `port`; ranges are not possible"
GROUP = "each server has a group of its own, and `ingress` says what may reach it"
SERVERS_KEY = "each server has a key pair of its own: `publicKey` or `publicKeyFile`"
NO_VOLUMES = "there are no volumes; a server's disk is its flavor's"
NO_PASSWORD = "nodes are reached by an ssh key, not by a password"  # noqa: S105
NO_FLOATING = "there are no floating IPs; a server has an address of its network"
PORT_SECURITY = "port security is always on; leave it out"
IPV4 = "there is IPv4 alone; leave it out"
SERVERS_ALONE = "a quota is of servers alone: `instances`, `cores` and `ram`"

BROUGHT: Mapping[type[Base], Mapping[str, str]] = {
    Settings: {
        "password passwords adminPass adminPassword rabbitPass dbPass": "every password is derived"
        " from `secret`",
        "nodes hosts": "there is one `controller`, and a list of `computes`",
        "instances vms": "they are `servers`",
        "vlans subnets": "a VLAN with its subnet is one of `networks`",
        "securityGroups securityGroupRules": "each of `servers` has its own `ingress`",
        "keyPairs keys": "each of `servers` has its own `publicKey` or `publicKeyFile`",
        "users": "each of `projects` has a user of the same name",
        "volumes": NO_VOLUMES,
        "floatingIps": NO_FLOATING,
        "routers": "there are no routers; a network's `gateway` is the site's own",
    },
    SshSettings: {
        "password pass passphrase": f"{NO_PASSWORD}: `privateKeyFile`, or the ssh agent's",
        "privateKey key keyFile identityFile": "it is `privateKeyFile`, a path",
        "host": "each node has its own, as `iaas:controller.host`",
    },
    NodeSettings: {
        "port sshPort": "the port is the same on all nodes: `iaas:ssh.port`",
        "user sshUser": "the user is the same on all nodes: `iaas:ssh.user`",
        "password adminPass": NO_PASSWORD,
        "privateKey privateKeyFile key": "the key is the same on all nodes:"
        " `iaas:ssh.privateKeyFile`",
        "ip ipAddress address managementIp": "its management address is `host`",
        "nic interface providerInterface": "its provider NIC is `interfaceName`",
    },
    ProviderSettings: {
        "interface nic bridgeInterface": "the nodes' provider NIC is `interfaceName`",
        "network physicalNetwork name": "Neutron's name for it is `physicalName`",
        "vlans vlanRange vlanRanges networkVlanRanges": "they are `minvlan` to `maxvlan`",
        "bridge bridgeMappings": "the bridge is always br-provider; leave it out",
    },
    ProjectSettings: {
        "password user users": "its user has the project's name, and a password derived from"
        " `iaas:secret`",
        "domain domainId": "all projects are in one domain; leave it out",
        "instances cores ram": "it belongs into `quota`",
    },
    QuotaSettings: {
        "volumes gigabytes snapshots backups disk": NO_VOLUMES + "; leave it out",
        "ports networks subnets routers floatingIps": SERVERS_ALONE,
        "securityGroups securityGroupRules keyPairs metadataItems serverGroups": SERVERS_ALONE,
        "servers": "it is `instances`",
        "vcpus cpus": "it is `cores`",
        "memory memoryMb": "it is `ram` (MiB)",
    },
    ImageSettings: {
        "path localFile localFilePath source": "its content is at `file`, a path, or at `url`",
        "imageSourceUrl sourceUrl": "it is `url`",
        "checksum hash md5 sha512": "it is `sha256`",
        "containerFormat": "it is always bare; leave it out",
        "visibility public shared": "all projects may use each image; leave it out",
        "properties metadata tags": "there are none of your own; leave it out",
    },
    NetworkSettings: {
        "vlan vlanId vid segmentationId segments": "its VLAN is `segment`",
        "physicalName physicalNetwork": "all networks are on the one of"
        " `iaas:provider.physicalName`; leave it out",
        "networkType providerNetworkType": "all networks are VLANs; leave it out",
        "subnet subnets prefix ipRange": "its one subnet is `cidr`",
        "noGateway disableGateway gatewayNone": "leave `gateway` out where there is no router",
        "gatewayIp router": "the site's router is `gateway`",
        "enableDhcp dhcp disableDhcp noDhcp": "addresses always come by DHCP; leave it out",
        "dnsNameservers dnsServers nameservers": "they are `dns`",
        "allocationPool allocationPools pools": "there is one `pool`: {start, end}",
        "external routerExternal": "there are no routers; the site's own is `gateway`",
        "ipVersion ipv6 ipv6AddressMode": IPV4,
        "portSecurity portSecurityEnabled": PORT_SECURITY,
        "tenant tenantId projectId owner": "whose it is says `project`",
        "projects": "it is for one `project`, or `shared: true` for all",
    },
    FlavorSettings: {
        "cpu cpus cores": "it is `vcpus`",
        "mem memory memoryMb": "it is `ram` (MiB)",
        "rootGb size diskGb": "it is `disk` (GiB)",
        "swap ephemeral": "a flavor has one `disk`; leave it out",
        "private": "it is `public: false`",
        "id flavorId": "Nova chooses it; leave it out",
        "extraSpecs": "there are none; leave it out",
    },
    ServerSettings: {
        "egress": "there is no egress: a server may reach everything",
        "adminPass adminPassword password passwords rootPassword": "servers have no password;"
        " `publicKey` logs in",
        "keyPair keyPairs keyName key sshKey sshKeys": SERVERS_KEY,
        "metadata meta properties tags": "servers have none; leave it out",
        "configDrive": "there is none, as cloud-init asks the metadata service; leave it out",
        "securityGroup securityGroups securityGroupIds": GROUP,
        "portSecurity portSecurityEnabled": PORT_SECURITY,
        "mac macAddress": "Neutron chooses it; leave it out",
        "networks nics ports networkId networkName interfaces": "a server is on one network, named"
        " by `network`",
        "flavorId flavorName flavorRef size": "the flavor is named by `flavor`",
        "imageId imageName imageRef": "the image is named by `image`",
        "tenant tenantId projectId": "the project is named by `project`",
        "ip ipAddress fixedIp fixedIps fixedIpV4 addresses": "its fixed address is `address`",
        "floatingIp floatingIps": NO_FLOATING,
        "volume volumes blockDevice blockDevices disk": NO_VOLUMES,
        "availabilityZone zone host": "Nova chooses the compute; leave it out",
        "count": "one entry for each server",
        "hostname": "it is `name`",
    },
    IngressSettings: {
        "ports portMin portMax portRange portRangeMin portRangeMax fromPort toPort": OPENINGS,
        "type code icmpType icmpCode": "icmp is open with all its types; leave it out",
        "remoteGroup remoteGroupId remoteSecurityGroup": "a group cannot be named; `cidr` says from"
        " where",
        "remoteIpPrefix remoteIp remote source from cidrs cidrBlocks": "from where says `cidr`, one"
        " entry for each",
        "direction": "all entries are for what comes in; leave it out",
        "ethertype ipVersion": IPV4,
    },
    TenantSettings: {
        "name description quota": "it belongs into `project`",
        "flavors images": "they are the stack's: `iaas:flavors`, `iaas:images`",
    },
}
"""Keys that people bring along, by the model that they are given to, and what helps."""


def _bare(key: str) -> str:
    return re.sub(r"[_-]", "", key).casefold()


HELP = {
    model: {_bare(key): what for keys, what in table.items() for key in keys.split()}
    for model, table in BROUGHT.items()
}


def _contrary(word: str, known: str) -> bool:
    """Whether the words begin as opposites do."""
    return any(
        one.startswith(first) and other.startswith(second) and not one.startswith(second)
        for first, second in OPPOSITES
        for one, other in ((word, known), (known, word))
    )


def nearest(word: str, known: Iterable[str]) -> str:
    """Say which known word was meant, or else which there are."""
    words = {known_word.casefold(): known_word for known_word in known}
    given = word.casefold()
    swapped = [known_word for known_word in words if sorted(known_word) == sorted(given)]
    close = swapped or difflib.get_close_matches(given, words, n=1, cutoff=LIKENESS)
    if close and not _contrary(given, close[0]):
        return f"did you mean {words[close[0]]}?"
    listed = ", ".join(list(words.values())[:LISTED])
    more = len(words) - LISTED
    return (
        f"there is {listed}{f' and {more} more' if more > 0 else ''}" if words else "there is none"
    )


def of_key(model: type[Base], key: str, known: Iterable[str]) -> str:
    """Say what there is instead of a key that is not known."""
    return HELP.get(model, {}).get(_bare(key)) or nearest(key, known)


class Given(NamedTuple):
    """A value that its model refuses."""

    model: type[Base]
    key: str
    value: object
    beside: Mapping[str, object]
    """All that its entry has."""


NOTHING = ("", "none", "null", "nil", "no", "false", "~", "-")
ALL = ("any", "all", "*", "-1")
EVERYWHERE = ("any", "all", "*", "0.0.0.0", "everywhere")  # noqa: S104


def _port(given: Given) -> str | None:
    text = show(given.value) if isinstance(given.value, list) else str(given.value).strip()
    if given.beside.get("protocol") == "icmp":
        return "icmp has no ports; leave it out"
    if text.casefold() in (*ALL, *NOTHING):
        return f"{show(given.value)} is no port, and every port is not possible; {OPENINGS}"
    if isinstance(given.value, list) or re.fullmatch(r"\d+\s*[-:,]\s*\d+.*", text):
        return f"{show(given.value)} is not a whole number; {OPENINGS}"
    return None


def _protocol(given: Given) -> str | None:
    if isinstance(given.value, list) or str(given.value).casefold() in ALL:
        return f"{show(given.value)} is not 'tcp', 'udp' or 'icmp'; one entry for each of them"
    return None


def _from_where(given: Given) -> str | None:
    if isinstance(given.value, list):
        return "a list is not an IPv4 network; one entry for each"
    if str(given.value).casefold() in EVERYWHERE:
        return f"{show(given.value)} is not an IPv4 network; 0.0.0.0/0 is everywhere"
    return _length(given, "/32")


def _subnet(given: Given) -> str | None:
    return _length(given, "/24")


def _length(given: Given, such_as: str) -> str | None:
    try:
        address = IPv4Address(given.value) if isinstance(given.value, str) else None
    except ValueError:
        return None
    if address is None:
        return None
    what = f"{show(given.value)} is not an IPv4 network, as it has no length"
    return f"{what}; did you mean {address}{such_as}?"


VALUES: Mapping[tuple[type[Base], str], Callable[[Given], str | None]] = {
    (IngressSettings, "port"): _port,
    (IngressSettings, "protocol"): _protocol,
    (IngressSettings, "cidr"): _from_where,
    (NetworkSettings, "cidr"): _subnet,
}


def of_value(given: Given, optional: bool) -> str | None:
    """Say what helps with a refused value, if the reason does not; optional: it may be none."""
    special = VALUES.get((given.model, given.key))
    if special and (found := special(given)):
        return found
    if optional and str(given.value).casefold() in NOTHING:
        return f"{show(given.value)} is no value; leave {given.key} out where there is none"
    return None
