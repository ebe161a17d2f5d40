"""What is true after a change, as the cloud's API or a node tells it, never as the state has it."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol

Json = dict[str, Any]


class Cloud(Protocol):
    """A cloud that is asked, and what was in it before the change."""

    before: dict[tuple[str, str], str]
    """The ids before the change, by kind and name."""

    def get(self, service: str, path: str) -> Json:
        """Return what a service's API answers to the admin."""

    def on(self, node: str, command: str) -> str:
        """Return what a command prints on a node."""

    def lets(self, project: str, service: str, path: str, body: Json) -> bool:
        """Return whether a service lets a project's user make something; it is deleted again."""


class Thing(NamedTuple):
    """Where a kind of thing is listed: the service, the path and the list's key."""

    service: str
    path: str
    key: str
    label: str = "name"
    """What it is known by."""


THINGS: Mapping[str, Thing] = {
    "project": Thing("identity", "/projects?name={}", "projects"),
    "user": Thing("identity", "/users?name={}", "users"),
    "image": Thing("image", "/v2/images?name={}", "images"),
    "network": Thing("network", "/v2.0/networks?name={}", "networks"),
    "subnet": Thing("network", "/v2.0/subnets?ip_version=4&name={}", "subnets"),
    "router": Thing("network", "/v2.0/routers?name={}", "routers"),
    "floating": Thing(
        *("network", "/v2.0/floatingips?floating_ip_address={}"),
        *("floatingips", "floating_ip_address"),
    ),
    "port": Thing("network", "/v2.0/ports?name={}", "ports"),
    "group": Thing("network", "/v2.0/security-groups?name={}", "security_groups"),
    "flavor": Thing("compute", "/flavors/detail?is_public=None", "flavors"),
    "server group": Thing("compute", "/os-server-groups?all_projects=True", "server_groups"),
    "server": Thing("compute", "/servers/detail?all_tenants=1&name=^{}$", "servers"),
}


GATEWAY = "network:router_gateway"
"""What owns a router's port on its external network."""


def named(cloud: Cloud, kind: str, name: str) -> list[Json]:
    """Return the things of this kind and name."""
    service, path, key, label = THINGS[kind]
    listed: list[Json] = cloud.get(service, path.format(name))[key]
    return [item for item in listed if item[label] == name]


def identity(cloud: Cloud, kind: str, name: str) -> str:
    """Return the id of the one thing of this name; "" where there is none, or more than one."""
    found = named(cloud, kind, name)
    return str(found[0]["id"]) if len(found) == 1 else ""


class Fact(Protocol):
    """Something that holds or not."""

    def wrong(self, cloud: Cloud) -> Iterator[str]:
        """Yield what is not so, in words."""


@dataclass(frozen=True)
class Ref:
    """In a value: the id of a thing by its name."""

    kind: str
    name: str


@dataclass(frozen=True)
class Is:
    """There is one thing of this name, with these values by OpenStack's own names.

    A path such as `flavor.vcpus` goes into a mapping. A value may be a test of what is found.
    """

    kind: str
    name: str
    values: Mapping[str, object | Callable[[Any], bool]] = field(default_factory=dict)

    def wrong(self, cloud: Cloud) -> Iterator[str]:
        """Compare each value."""
        found = named(cloud, self.kind, self.name)
        if len(found) != 1:
            yield f"there are {len(found)} {self.kind}s {self.name}, not one"
            return
        for path, wanted in self.values.items():
            value = _at(found[0], path)
            expected = (
                identity(cloud, wanted.kind, wanted.name) if isinstance(wanted, Ref) else wanted
            )
            if not (expected(value) if callable(expected) else _same(value, expected)):
                yield f"{self.kind} {self.name}: {path} is {value!r}, not {expected!r}"


@dataclass(frozen=True)
class Subnet6:
    """A network has one subnet of IPv6 with these values; None: it has none."""

    network: str
    values: Mapping[str, object] | None

    def wrong(self, cloud: Cloud) -> Iterator[str]:
        """Compare each value."""
        path = "/v2.0/subnets?network_id={}&ip_version=6"
        found = cloud.get("network", path.format(identity(cloud, "network", self.network)))
        subnets: list[Json] = found["subnets"]
        if len(subnets) != (self.values is not None):
            yield f"network {self.network} has {len(subnets)} subnets of IPv6"
            return
        for key, wanted in (self.values or {}).items():
            if (value := subnets[0][key]) != wanted:
                yield f"IPv6 of {self.network}: {key} is {value!r}, not {wanted!r}"


@dataclass(frozen=True)
class Gone:
    """There is nothing of this name."""

    kind: str
    name: str

    def wrong(self, cloud: Cloud) -> Iterator[str]:
        """Look for it."""
        if named(cloud, self.kind, self.name):
            yield f"{self.kind} {self.name} is still there"


@dataclass(frozen=True)
class Same:
    """It is the same as before the change, also under another name."""

    kind: str
    name: str
    was: str = ""
    """Its name before the change, where that was another."""

    def wrong(self, cloud: Cloud) -> Iterator[str]:
        """Compare ids."""
        if identity(cloud, self.kind, self.name) != cloud.before.get(
            (self.kind, self.was or self.name)
        ):
            yield f"{self.kind} {self.name} is another one than before the change"


@dataclass(frozen=True)
class Replaced:
    """There is one of this name, and it is not the one from before the change."""

    kind: str
    name: str

    def wrong(self, cloud: Cloud) -> Iterator[str]:
        """Compare ids."""
        found = identity(cloud, self.kind, self.name)
        if not found or found == cloud.before.get((self.kind, self.name)):
            yield f"{self.kind} {self.name} is {'not there' if not found else 'not replaced'}"


@dataclass(frozen=True)
class Quota:
    """The limits of a project's servers; OpenStack's own by default (ram in MiB)."""

    project: str
    instances: int = 10
    cores: int = 20
    ram: int = 51200

    def wrong(self, cloud: Cloud) -> Iterator[str]:
        """Compare the quota set."""
        path = f"/os-quota-sets/{identity(cloud, 'project', self.project)}"
        found = cloud.get("compute", path)["quota_set"]
        for key in ("instances", "cores", "ram"):
            if found[key] != getattr(self, key):
                yield f"quota {key} of {self.project} is {found[key]}, not {getattr(self, key)}"


@dataclass(frozen=True)
class Access:
    """The projects that may use a flavor which is not public."""

    flavor: str
    projects: tuple[str, ...]

    def wrong(self, cloud: Cloud) -> Iterator[str]:
        """Compare the flavor's access list."""
        path = f"/flavors/{identity(cloud, 'flavor', self.flavor)}/os-flavor-access"
        found = sorted(entry["tenant_id"] for entry in cloud.get("compute", path)["flavor_access"])
        if found != sorted(identity(cloud, "project", project) for project in self.projects):
            yield f"flavor {self.flavor} is not for {', '.join(self.projects)} alone"


@dataclass(frozen=True)
class Opens:
    """What may reach a server, all of it: protocol, port (None for icmp), from where."""

    server: str
    openings: tuple[tuple[str, int | None, str], ...]

    def wrong(self, cloud: Cloud) -> Iterator[str]:
        """Compare the rules of its security group."""
        group = identity(cloud, "group", self.server)
        path = f"/v2.0/security-group-rules?security_group_id={group}&direction=ingress"
        rules = cloud.get("network", path)["security_group_rules"]
        found = {(r["protocol"], r["port_range_min"], r["remote_ip_prefix"]) for r in rules}
        if found != set(self.openings):
            yield f"{self.server} is open to {sorted(found, key=str)}"


class Passes(NamedTuple):
    """What one rule lets through, by Neutron's own names and values."""

    protocol: str | None
    port_range_min: int | None
    port_range_max: int | None
    remote_ip_prefix: str | None
    group: str | None = None
    """The name of the remote group."""


@dataclass(frozen=True)
class Lets:
    """What a group lets in (ingress) or out (egress), all of it."""

    group: str
    direction: str
    passing: tuple[Passes, ...]

    def wrong(self, cloud: Cloud) -> Iterator[str]:
        """Compare its rules of this direction."""
        group = identity(cloud, "group", self.group)
        path = "/v2.0/security-group-rules?security_group_id={}&direction={}"
        listed = cloud.get("network", path.format(group, self.direction))["security_group_rules"]
        keys = (*Passes._fields[:-1], "remote_group_id")
        found = {tuple(rule[key] for key in keys) for rule in listed}
        wanted = {
            (*passes[:-1], identity(cloud, "group", passes.group) if passes.group else None)
            for passes in self.passing
        }
        if found != wanted:
            rules = sorted(found, key=str)
            yield f"group {self.group}: {self.direction} is {rules}, not {sorted(wanted, key=str)}"


@dataclass(frozen=True)
class InGroups:
    """The port of a server's NIC has the server's own group and these, and no other."""

    server: str
    groups: tuple[str, ...] = ()
    network: str = ""
    """That of a later NIC; empty: the first one."""

    def wrong(self, cloud: Cloud) -> Iterator[str]:
        """Compare the groups of its port."""
        name = "/".join(filter(None, (self.server, self.network)))
        (port,) = named(cloud, "port", name)
        wanted = {identity(cloud, "group", name) for name in (self.server, *self.groups)}
        if set(port["security_groups"]) != wanted:
            yield f"port {name} has groups {port['security_groups']}, not {sorted(wanted)}"


@dataclass(frozen=True)
class HasNics:
    """The NICs that Nova says a server has, all of them: each one's network and address."""

    server: str
    nics: Mapping[str, str]

    def wrong(self, cloud: Cloud) -> Iterator[str]:
        """Compare the server's interfaces."""
        path = f"/servers/{identity(cloud, 'server', self.server)}/os-interface"
        found = {
            (nic["net_id"], fixed["ip_address"])
            for nic in cloud.get("compute", path)["interfaceAttachments"]
            for fixed in nic["fixed_ips"]
        }
        wanted = {(identity(cloud, "network", n), address) for n, address in self.nics.items()}
        if found != wanted:
            yield f"server {self.server} has NICs {sorted(found)}, not {sorted(wanted)}"


@dataclass(frozen=True)
class Joins:
    """The networks that a router is on, all of them, with its address on each."""

    router: str
    networks: Mapping[str, str]

    def wrong(self, cloud: Cloud) -> Iterator[str]:
        """Compare the router's ports, without the one on its external network."""
        path = f"/v2.0/ports?device_id={identity(cloud, 'router', self.router)}"
        found = {
            (port["network_id"], fixed["ip_address"])
            for port in cloud.get("network", path)["ports"]
            if port["device_owner"] != GATEWAY
            for fixed in port["fixed_ips"]
        }
        wanted = {(identity(cloud, "network", n), address) for n, address in self.networks.items()}
        if found != wanted:
            yield f"router {self.router} is on {sorted(found)}, not on {sorted(wanted)}"


@dataclass(frozen=True)
class Floats:
    """A server has one floating address, whichever."""

    server: str

    def wrong(self, cloud: Cloud) -> Iterator[str]:
        """Count those of its port."""
        path = f"/v2.0/floatingips?port_id={identity(cloud, 'port', self.server)}"
        if (found := len(cloud.get("network", path)["floatingips"])) != 1:
            yield f"server {self.server} has {found} floating addresses, not one"


@dataclass(frozen=True)
class Grouped:
    """There is one server group of this name, with this policy and these servers, all of them."""

    group: str
    policy: str
    servers: tuple[str, ...] = ()

    def wrong(self, cloud: Cloud) -> Iterator[str]:
        """Compare its policy and members."""
        found = named(cloud, "server group", self.group)
        if len(found) != 1:
            yield f"there are {len(found)} server groups {self.group}, not one"
            return
        wanted = {identity(cloud, "server", name) for name in self.servers}
        if found[0]["policy"] != self.policy:
            yield f"server group {self.group} is {found[0]['policy']}, not {self.policy}"
        if set(found[0]["members"]) != wanted:
            yield f"server group {self.group} has {found[0]['members']}, not {sorted(wanted)}"


@dataclass(frozen=True)
class Holds:
    """A compute takes new servers, or does not; then it has none, too."""

    compute: str
    takes: bool

    def wrong(self, cloud: Cloud) -> Iterator[str]:
        """Ask Nova for its service and its servers."""
        path = f"/os-services?binary=nova-compute&host={self.compute}"
        status = cloud.get("compute", path)["services"][0]["status"]
        if status != ("enabled" if self.takes else "disabled"):
            yield f"{self.compute} is {status}"
        listed = cloud.get("compute", f"/servers?all_tenants=1&host={self.compute}")["servers"]
        if listed and not self.takes:
            yield f"{self.compute} has {', '.join(server['name'] for server in listed)}"


@dataclass(frozen=True)
class Left:
    """Neither Nova, Placement nor Neutron has a compute."""

    compute: str

    def wrong(self, cloud: Cloud) -> Iterator[str]:
        """Ask each of them."""
        for service, path, key in (
            ("compute", f"/os-services?host={self.compute}", "services"),
            ("placement", f"/resource_providers?name={self.compute}", "resource_providers"),
            ("network", f"/v2.0/agents?host={self.compute}", "agents"),
        ):
            if cloud.get(service, path)[key]:
                yield f"{service} still has {self.compute}"


@dataclass(frozen=True)
class MakesNetworks:
    """The user of a project may make networks by the API, or may not."""

    project: str
    may: bool

    def wrong(self, cloud: Cloud) -> Iterator[str]:
        """Try it."""
        body = {"network": {"name": f"{self.project}-trial"}}
        if cloud.lets(self.project, "network", "/v2.0/networks", body) != self.may:
            yield f"the user of {self.project} may {'not ' * self.may}make networks"


@dataclass(frozen=True)
class On:
    """The output of a command on a node has this text, or does not have it."""

    node: str
    command: str
    text: str
    absent: bool = False

    def wrong(self, cloud: Cloud) -> Iterator[str]:
        """Run the command."""
        said = cloud.on(self.node, self.command)
        if (self.text in said) == self.absent:
            yield f"{self.node}: {self.command}: {said.strip()!r}"


def _at(thing: Json, path: str) -> object:
    value: Any = thing
    for part in path.split("."):
        if isinstance(value, list):
            value = value[int(part)] if int(part) < len(value) else None
        else:
            value = value.get(part) if isinstance(value, dict) else None
    return value


def _same(value: object, wanted: object) -> bool:
    """Compare; a tuple is a list of the API."""
    return value == (list(wanted) if isinstance(wanted, tuple) else wanted)
