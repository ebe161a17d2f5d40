"""The stack's state as the last run left it, read before anything is registered.

The Pulumi CLI reads it from the backend; no node and no cloud is called. With it a preview can
refuse what the cloud would refuse halfway (`refusals`), rename in place (`changes`), and know what
failed (`failures`).
"""

import json
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from ipaddress import IPv4Address
from typing import Any

import pulumi

from .before import (
    FlavorBefore,
    FloatingBefore,
    NetworkBefore,
    NicBefore,
    RouterBefore,
    ServerBefore,
    SnapshotBefore,
)

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
SNAPSHOT = "iaas:cloud:Snapshot"
SUBNET = "openstack:networking/subnet:Subnet"


@dataclass(frozen=True)
class Resource:
    """One resource of the state. What is secret in its inputs and outputs stays encrypted."""

    type: str
    name: str
    urn: str
    id: str
    parent: str
    """The name of the component that it belongs to."""
    provider: str
    """The name of the provider that made it."""
    inputs: Mapping[str, Any]
    outputs: Mapping[str, Any]
    reasons: tuple[str, ...]
    """Why its creation or its last change failed; empty if it succeeded."""
    made: bool
    """Whether its creation succeeded."""
    trigger: object = None
    """Its replacement trigger."""


class State:
    """The state of the running program's stack."""

    def __init__(self, exported: Mapping[str, Any]) -> None:
        """Take what `pulumi stack export` prints."""
        deployment = exported.get("deployment") or {}
        self.resources = tuple(
            _resource(raw) for raw in deployment.get("resources") or () if not raw.get("delete")
        )

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
        subnets = {r.parent: r.inputs for r in self.of(SUBNET)}
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
        """The ids of images and the SHA-256 of their contents, by name."""
        return {str(r.inputs["name"]): (r.id, r.trigger) for r in self.of(IMAGE)}

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
        fixed = (port.inputs.get("fixedIps") or [{}])[0].get("ipAddress")
        return NicBefore(
            _server(port)[1],
            self._networks.get(str(port.inputs.get("networkId")), ""),
            frozenset(map(IPv4Address, [fixed] if fixed else port.outputs["allFixedIps"])),
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

    def _owner(self, resource: Resource) -> str:
        """Return the project whose user created it."""
        component = resource.provider.removesuffix("-provider")
        return self.projects.get(component, component.removeprefix("project-"))

    @cached_property
    def region(self) -> str | None:
        """The region that the cloud's admin logs in to; None before there is one."""
        return next((str(p.inputs["region"]) for p in self.of(PROVIDER)), None)

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


def exported() -> dict[str, Any]:
    """Return what `pulumi stack export` prints for the running program's stack (RunError)."""
    stack = pulumi.get_stack()
    organization = pulumi.get_organization()
    if organization != "organization":  # what a backend without organizations says
        stack = f"{organization}/{pulumi.get_project()}/{stack}"
    words = ["pulumi", "stack", "export", "--stack", stack]
    try:
        done = subprocess.run(words, capture_output=True, text=True, check=True)
    except FileNotFoundError:
        raise pulumi.RunError("`pulumi` is not on the PATH of the program: put it there") from None
    except subprocess.CalledProcessError as error:
        said = str(error.stderr).strip()
        raise pulumi.RunError(
            f"cannot read the stack's state: `{' '.join(words)}` failed: {said}"
        ) from None
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def was_made(raw: Mapping[str, Any]) -> bool:
    """Return whether the creation of a resource of `pulumi stack export` succeeded.

    Pulumi updates `modified` after a failure, too. After a failed creation it is still `created`.
    Nothing else in a state says it; https://github.com/pulumi/pulumi/pull/12082 added the times.
    """
    return not raw.get("initErrors") or raw.get("created") != raw.get("modified")


def _server(port: Resource) -> tuple[str, str]:
    """Return a port's server, and the network that Pulumi knows it by; "" for the first one."""
    name, _, network = str(port.inputs["name"]).partition("/")
    return name, network


def _segment(network: Resource) -> Mapping[str, Any]:
    """Return the segment of a network; empty for a project's own."""
    segments: list[Mapping[str, Any]] = network.inputs.get("segments") or [{}]
    return segments[0]


def _size(flavor: Resource) -> tuple[int, int, int]:
    values = [int(flavor.inputs.get(key) or 0) for key in ("vcpus", "ram", "disk")]
    return values[0], values[1], values[2]


def _resource(raw: Mapping[str, Any]) -> Resource:
    return Resource(
        type=raw["type"],
        name=_name(raw["urn"]),
        urn=raw["urn"],
        id=raw.get("id", ""),
        parent=_name(raw.get("parent", "")),
        provider=_name(raw.get("provider", "")),
        inputs=raw.get("inputs") or {},
        outputs=raw.get("outputs") or {},
        reasons=tuple(raw.get("initErrors") or ()),
        made=was_made(raw),
        trigger=raw.get("replacementTrigger"),
    )


def _name(urn: str) -> str:
    """Return the name in a URN, or in a provider's URN::ID."""
    parts = urn.split("::")
    return parts[3] if len(parts) > 3 else ""  # noqa: PLR2004  # stack, project, type, name
