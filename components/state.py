"""The stack's state as the last run left it, read before anything is registered.

The Pulumi CLI reads it from the backend; no node and no cloud is called. With it a preview can
refuse what the cloud would refuse halfway (`refusals`), rename in place (`changes`), and know what
failed (`failures`).
"""

import json
from collections.abc import Iterator, Mapping
from functools import cached_property
from ipaddress import IPv4Address, IPv6Address
from typing import Any

from .before import (
    FlavorBefore,
    FloatingBefore,
    Ipv6Before,
    NetworkBefore,
    NicBefore,
    RouterBefore,
    ServerBefore,
    ServerGroupBefore,
    SnapshotBefore,
)
from .exported import Resource, exported, interrupted, resources

V6 = 6
COMMAND = "command:remote:Command"
FLAVOR = "openstack:compute/flavor:Flavor"
FLOATING = "openstack:networking/floatingIp:FloatingIp"
GROUP = "openstack:networking/secGroup:SecGroup"
IMAGE = "openstack:images/image:Image"
INSTANCE = "openstack:compute/instance:Instance"
INTERFACE = "openstack:networking/routerInterface:RouterInterface"
NETWORK = "openstack:networking/network:Network"
PORT = "openstack:networking/port:Port"
PROJECT = "openstack:identity/project:Project"
PROVIDER = "pulumi:providers:openstack"
RESTORE = "iaas:cloud:Restore"
ROUTER = "openstack:networking/router:Router"
SERVER_GROUP = "openstack:compute/serverGroup:ServerGroup"
SNAPSHOT = "iaas:cloud:Snapshot"
SUBNET = "openstack:networking/subnet:Subnet"


class State:
    """The state of the running program's stack."""

    def __init__(self, exported: Mapping[str, Any]) -> None:
        """Take what `pulumi stack export` prints."""
        self.resources = resources(exported)
        self.interrupted = interrupted(exported)

    def of(self, kind: str) -> Iterator[Resource]:
        """Yield the resources of one type."""
        return (resource for resource in self.resources if resource.type == kind)

    @cached_property
    def projects(self) -> Mapping[str, str]:
        """Names of projects by the names of their components."""
        return {r.parent: str(r.inputs["name"]) for r in self.of(PROJECT)}

    @cached_property
    def networks(self) -> Mapping[str, NetworkBefore]:
        """Networks by name."""
        subnets = {r.parent: r.inputs for r in self.of(SUBNET) if not _of_ipv6(r)}
        second = {
            r.parent: Ipv6Before(
                str(r.inputs.get("cidr")),
                str(r.inputs.get("ipv6AddressMode")),
                r.inputs.get("gatewayIp"),
            )
            for r in self.of(SUBNET)
            if _of_ipv6(r)
        }
        return {
            str(r.inputs["name"]): NetworkBefore(
                str(r.inputs["name"]),
                int(_segment(r).get("segmentationId") or 0) or None,
                str(subnets.get(r.parent, {}).get("cidr", "")),
                self._owners.get(str(r.inputs.get("tenantId"))),
                bool(r.inputs.get("external")),
                subnets.get(r.parent, {}).get("gatewayIp"),
                bool(r.inputs.get("shared")),
                _segment(r).get("physicalNetwork"),
                bool(subnets.get(r.parent, {}).get("enableDhcp", True)),
                second.get(r.parent),
            )
            for r in self.of(NETWORK)
        }

    @cached_property
    def routers(self) -> Mapping[str, RouterBefore]:
        """Routers by name."""
        subnets = {r.id: str(r.inputs["name"]) for r in self.of(SUBNET)}
        there: dict[str, set[str]] = {}
        for r in self.of(INTERFACE):
            there.setdefault(str(r.inputs.get("routerId")), set()).add(
                subnets.get(str(r.inputs.get("subnetId")), "")
            )
        return {
            str(r.inputs["name"]): RouterBefore(
                str(r.inputs["name"]),
                self._owners.get(str(r.inputs.get("tenantId")), ""),
                self._networks.get(str(r.inputs.get("externalNetworkId"))),
                frozenset(there.get(r.id, ())),
                frozenset(
                    IPv4Address(fixed["ipAddress"])
                    for fixed in r.outputs.get("externalFixedIps") or ()
                ),
                r.inputs.get("enableSnat") is not False,
            )
            for r in self.of(ROUTER)
        }

    @cached_property
    def floating(self) -> Mapping[str, FloatingBefore]:
        """Floating addresses by what they are known by."""
        ports = {r.id: r for r in self.of(PORT)}
        found: dict[str, FloatingBefore] = {}
        for r in self.of(FLOATING):
            name = r.parent.removeprefix("floating-")
            port = ports.get(str(r.inputs.get("portId")))
            found[name] = FloatingBefore(
                name,
                str(r.inputs.get("address") or r.outputs.get("address")),
                _server(port)[0] if port else "",
                self._networks.get(str(port.inputs.get("networkId")), "") if port else "",
                self._owners.get(str(r.inputs.get("tenantId")), ""),
            )
        return found

    @cached_property
    def _owners(self) -> Mapping[str, str]:
        """Names of projects by id."""
        return {r.id: str(r.inputs["name"]) for r in self.of(PROJECT)}

    @cached_property
    def _networks(self) -> Mapping[str, str]:
        """Names of networks by id."""
        return {r.id: str(r.inputs["name"]) for r in self.of(NETWORK)}

    @cached_property
    def images(self) -> Mapping[str, tuple[str, object]]:
        """The ids of images and the SHA-256 of their contents, by name; "" of one that failed."""
        return {str(r.inputs["name"]): (r.id, r.trigger if r.made else "") for r in self.of(IMAGE)}

    @cached_property
    def flavors(self) -> Mapping[str, FlavorBefore]:
        """Flavors by name."""
        return {
            str(r.inputs["name"]): FlavorBefore(str(r.inputs["name"]), r.id, _size(r))
            for r in self.of(FLAVOR)
        }

    @cached_property
    def servers(self) -> Mapping[str, ServerBefore]:
        """Servers by name, also those of which only ports were created."""
        flavors = {r.id: str(r.inputs["name"]) for r in self.of(FLAVOR)}
        groups = {r.id: _group_name(r) for r in self.of(SERVER_GROUP)}
        instances = {r.parent: r for r in self.of(INSTANCE)}
        ports: dict[str, list[Resource]] = {}
        for port in self.of(PORT):
            ports.setdefault(_server(port)[0], []).append(port)
        found: dict[str, ServerBefore] = {}
        for name, own in ports.items():
            instance = instances.get(own[0].parent)
            found[name] = ServerBefore(
                name,
                self._owner(instance or own[0]),
                tuple(sorted(map(self._nic, own), key=lambda nic: nic.place)),
                flavors.get(str(instance.inputs.get("flavorId")), "") if instance else "",
                instance is None or bool(instance.outputs.get("flavorId")),
                str(instance.inputs.get("imageId")) if instance else "",
                str(instance.outputs.get("imageName") or "") if instance else "",
                instance.trigger if instance else None,
                instance.id if instance else "",
                instance is None or bool(instance.inputs.get("configDrive")),
                instance is not None and instance.made,
                groups.get(_hinted(instance)) if instance else None,
                instance.inputs.get("hypervisorHostname") or None if instance else None,
            )
        return found

    @cached_property
    def snapshots(self) -> Mapping[str, SnapshotBefore]:
        """Snapshots by name, those that were taken."""
        components = {r.name: r.inputs for r in self.of(SNAPSHOT)}
        found: dict[str, SnapshotBefore] = {}
        for command in self.of(COMMAND):
            if command.parent in components:
                of = components[command.parent]
                name = command.parent.removeprefix("snapshot-")
                said = json.loads(command.outputs.get("stdout") or "{}")
                found[name] = SnapshotBefore(
                    *(name, str(of["server"]), str(of["project"])),
                    *(said.get("id", ""), said.get("taken", "")),
                )
        return found

    @cached_property
    def restores(self) -> frozenset[tuple[str, str]]:
        """Servers that were brought back, each with its snapshot."""
        components = {r.name: r.inputs for r in self.of(RESTORE)}
        return frozenset(
            (str(of["server"]), str(of["snapshot"]))
            for command in self.of(COMMAND)
            if (of := components.get(command.parent))
        )

    def nics(self) -> Iterator[tuple[ServerBefore, NicBefore]]:
        """Yield each NIC of each server."""
        return ((server, nic) for server in self.servers.values() for nic in server.nics)

    def _nic(self, port: Resource) -> NicBefore:
        fixed, *fixed6 = port.inputs.get("fixedIps") or [{}]
        chosen = [str(address) for address in port.outputs.get("allFixedIps") or ()]
        own = [fixed["ipAddress"]] if "ipAddress" in fixed else chosen
        own6 = [one["ipAddress"] for one in fixed6 if "ipAddress" in one] or chosen
        return NicBefore(
            _server(port)[1],
            self._networks.get(str(port.inputs.get("networkId")), ""),
            frozenset(IPv4Address(address) for address in own if ":" not in address),
            frozenset(IPv6Address(address) for address in own6 if fixed6 and ":" in address),
        )

    @cached_property
    def groups(self) -> Mapping[str, tuple[str, frozenset[str]]]:
        """Shared security groups by name: the project, and the servers that have the group."""
        ports = [(_server(r)[0], r.inputs.get("securityGroupIds", ())) for r in self.of(PORT)]
        return {
            str(group.inputs["name"]): (
                self._owner(group),
                frozenset(name for name, ids in ports if group.id in ids),
            )
            for group in self.of(GROUP)
            if group.parent.startswith("group-")
        }

    @cached_property
    def server_groups(self) -> Mapping[str, ServerGroupBefore]:
        """Server groups by the name that the settings gave them."""
        return {
            _group_name(r): ServerGroupBefore(
                _group_name(r),
                self._owner(r),
                str(r.inputs["policies"]),
                int((r.inputs.get("rules") or {}).get("maxServerPerHost") or 1),
            )
            for r in self.of(SERVER_GROUP)
        }

    def _owner(self, resource: Resource) -> str:
        """Return the project whose user created it."""
        component = resource.provider.removesuffix("-provider")
        return self.projects.get(component, component.removeprefix("project-"))

    @cached_property
    def region(self) -> str | None:
        """The region that the cloud's admin logs in to; None before there is one."""
        return next((str(p.inputs["region"]) for p in self.of(PROVIDER)), None)

    @property
    def cloud(self) -> tuple[str, str]:
        """Where its Keystone answers, and the certificates that it is known by; empty without it.

        The settings may say already what only this run changes.
        """
        for provider in self.of(PROVIDER):
            if provider.inputs["userName"] == "admin":
                return str(provider.inputs["authUrl"]), str(provider.inputs.get("cacertFile") or "")
        return "", ""

    def nodes(self, kind: str) -> Mapping[str, str]:
        """Return the management addresses of the Controller, or of each Compute, by name."""
        parents = {r.name for r in self.of(f"iaas:nodes:{kind}")}
        addresses: dict[str, str] = {}
        for command in self.of(COMMAND):
            if command.parent in parents and command.name == f"{command.parent}-openrc.sh":
                for line in str(command.inputs.get("stdin")).splitlines():
                    name, _, value = line.removeprefix("export ").partition("=")
                    if name == "INTERFACE_IP":
                        addresses[command.parent] = value.strip("'")
        return addresses

    @cached_property
    def controller_runs_servers(self) -> bool:
        """Whether the controller was one of the computes."""
        controllers = {r.name for r in self.of("iaas:nodes:Controller")}
        return any(
            command.parent in controllers and command.name == f"{command.parent}-nova-compute"
            for command in self.of(COMMAND)
        )

    @cached_property
    def cleaned(self) -> frozenset[str]:
        """Nodes that are cleaned when they go."""
        return frozenset(
            command.parent
            for command in self.of(COMMAND)
            if command.name == f"{command.parent}-clean" and command.inputs.get("delete")
        )

    @cached_property
    def has_nova(self) -> bool:
        """Whether the controller's Nova has been there: without it no compute has joined."""
        return any(command.name.endswith("-nova-controller") for command in self.of(COMMAND))

    @cached_property
    def secret(self) -> str | None:
        """The fingerprint of the secret that the steps last ran with (`Passwords.fingerprint`)."""
        mark = "#   passwords.sh "
        for command in self.of(COMMAND):
            for line in str(command.inputs.get("stdin")).splitlines():
                if line.startswith(mark):
                    return line.removeprefix(mark)
        return None


def read() -> State:
    """Return the state of the running program's stack (RunError: the CLI cannot read it)."""
    return State(exported())


def _server(port: Resource) -> tuple[str, str]:
    """Return a port's server, and the network that Pulumi knows it by; "" for the first one."""
    name, _, network = str(port.inputs["name"]).partition("/")
    return name, network


def _of_ipv6(subnet: Resource) -> bool:
    return int(subnet.inputs.get("ipVersion") or 4) == V6


def _group_name(group: Resource) -> str:
    """Return what the settings call a server group."""
    return group.parent.removeprefix("servergroup-")


def _hinted(instance: Resource) -> str:
    """Return the id of the server group that a server was made in; "" without one."""
    hints: list[Mapping[str, Any]] = instance.inputs.get("schedulerHints") or [{}]
    return str(hints[0].get("group") or "")


def _segment(network: Resource) -> Mapping[str, Any]:
    """Return the segment of a network; empty for a project's own."""
    segments: list[Mapping[str, Any]] = network.inputs.get("segments") or [{}]
    return segments[0]


def _size(flavor: Resource) -> tuple[int, int, int]:
    values = [int(flavor.inputs.get(key) or 0) for key in ("vcpus", "ram", "disk")]
    return values[0], values[1], values[2]
