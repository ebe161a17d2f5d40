"""Things of a cloud as entries of settings, or why they are none.

An entry has just the keys that differ from the settings' defaults. Whatever the model cannot say,
or the next `up` would change, is a reason. What is wrong with an entry itself the loader says.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from ipaddress import IPv4Address, IPv4Network
from typing import Any, NamedTuple

from components.settings import Settings
from components.settings.networks import GENEVE
from components.settings.pools import whole
from components.settings.projects import OPENSTACKS_QUOTA
from components.steps.lib.snapshots import NAME as SNAPSHOT

from ..interrupted import Json
from .inventory import Inventory

CALLED = {"adoptedServers": "server"}
"""What people call an entry, where that is not the section's name without its s."""
CONTENT = "content"
"""In an image's entry until its content is in a file: the id of that."""


class Entry(NamedTuple):
    """An entry of a list of settings."""

    section: str
    values: dict[str, Any]

    def __str__(self) -> str:
        """Return it as people call it."""
        return f"{CALLED.get(self.section, self.section.removesuffix('s'))} {self.values['name']}"


class Alone(NamedTuple):
    """A thing that is left alone."""

    what: str
    why: str


Found = Entry | Alone
Reasons = Sequence[tuple[bool, str]]


def _first(reasons: Reasons) -> str | None:
    return next((why for holds, why in reasons if holds), None)


def _plain(item: Json) -> Reasons:
    """Return the reasons that all things share."""
    return (
        (bool(item.get("description")), "it has a description, which the settings have none for"),
        (bool(item.get("tags")), "it has tags, which `up` would take away"),
    )


def projects(there: Inventory, settings: Settings) -> Iterator[Found]:
    """Projects; a project's user, role and quotas are made by `up`."""
    for item in there.projects:
        if item["name"] in ("admin", "service", *(p.name for p in settings.projects)):
            continue
        quota = there.ask("compute", f"/os-quota-sets/{item['id']}")["quota_set"]
        limits = {key: quota[key] for key, _ in OPENSTACKS_QUOTA}
        why = _first(
            (
                (item["domain_id"] != "default", "it is in another domain than Default"),
                (not item["enabled"], "it is disabled, and a project of the settings is not"),
                (min(limits.values()) < 1, f"its quota has no limit, or 0: {limits}"),
            )
        )
        values = {"name": item["name"]}
        values |= {"description": item["description"]} if item.get("description") else {}
        values |= {"quota": limits} if limits != dict(OPENSTACKS_QUOTA) else {}
        yield Alone(f"project {item['name']}", why) if why else Entry("projects", values)


def networks(there: Inventory, settings: Settings) -> Iterator[Found]:
    """VLANs, the untagged network, and projects' own networks."""
    named = {network.name for network in settings.networks}
    for item in there.networks:
        if item["name"] in named or item["name"].startswith("HA network "):
            continue
        subnets = [s for s in there.subnets if s["network_id"] == item["id"]]
        why = _not_a_network(there, settings, item) or _not_a_subnet(there, item, subnets)
        if why:
            yield Alone(f"network {item['name']}", why)
        else:
            yield Entry("networks", _network(there, settings, item, subnets[0]))


def _not_a_network(there: Inventory, settings: Settings, item: Json) -> str | None:
    kind, wire = item["provider:network_type"], item["provider:physical_network"]
    own = kind == "geneve"
    admins = item["project_id"] == there.admin
    name = settings.provider.physical_name
    return _first(
        (
            *_plain(item),
            (kind not in ("vlan", "flat", "geneve"), f"its type is {kind}"),
            (not own and wire != name, f"it is on {wire}, and the settings' network is {name}"),
            (not item["admin_state_up"], "it is down, and `up` would bring it up"),
            (item["shared"] and not admins, f"it is shared, and of project {there.owner(item)}"),
            (not item["shared"] and admins, "it is for no project: neither shared nor a project's"),
            (own and item["router:external"], "it is external, and on no wire"),
        )
    )


def _not_a_subnet(there: Inventory, network: Json, subnets: Sequence[Json]) -> str | None:
    if len(subnets) != 1:
        return f"it has {len(subnets) or 'no'} subnets, and one of IPv4 is written"
    (item,) = subnets
    name = network["name"]
    same = item["project_id"] == network["project_id"]
    return _first(
        (
            (item["ip_version"] != IPv4Network(0).version, "its subnet is of IPv6"),
            (
                item["name"] != name,
                f"its subnet is called {item['name'] or 'nothing'}, and a subnet has its network's"
                f" name: `openstack subnet set --name {name} {item['id']}`",
            ),
            (not same, f"its subnet is of project {there.owner(item)}"),
            (bool(item.get("service_types")), "its subnet is for certain services"),
            *((holds, f"of its subnet: {why}") for holds, why in _plain(item)),
        )
    )


def _network(there: Inventory, settings: Settings, item: Json, subnet: Json) -> dict[str, Any]:
    kind = item["provider:network_type"]
    cidr, gateway = IPv4Network(subnet["cidr"]), subnet["gateway_ip"]
    pools = sorted(subnet["allocation_pools"], key=lambda pool: int(IPv4Address(pool["start"])))
    usual = whole(cidr[1], cidr[-2], IPv4Address(gateway) if gateway else None)
    wire = settings.provider.mtu - (GENEVE if kind == "geneve" else 0)
    routes = [{"to": r["destination"], "via": r["nexthop"]} for r in subnet["host_routes"]]
    pairs = [{"start": pool["start"], "end": pool["end"]} for pool in pools]
    given: Mapping[str, tuple[object, bool]] = {
        "name": (item["name"], True),
        "segment": (item["provider:segmentation_id"], kind == "vlan"),
        "flat": (True, kind == "flat"),
        "cidr": (subnet["cidr"], True),
        "gateway": (gateway, bool(gateway)),
        "dhcp": (False, not subnet["enable_dhcp"]),
        "pool": (pairs[0] if pairs else None, len(pairs) == 1 and _differ(pairs, usual)),
        "pools": (pairs, len(pairs) > 1 and _differ(pairs, usual)),
        "dns": (list(subnet["dns_nameservers"]), bool(subnet["dns_nameservers"])),
        "routes": (routes, bool(routes)),
        "mtu": (item["mtu"], item["mtu"] != wire),
        "shared": (True, item["shared"]),
        "project": (there.owner(item), not item["shared"]),
        "external": (True, item["router:external"]),
    }
    return {key: value for key, (value, differs) in given.items() if differs}


def _differ(pairs: Sequence[Json], usual: Sequence[Any]) -> bool:
    return pairs != [{"start": str(pool.start), "end": str(pool.end)} for pool in usual]


def routers(there: Inventory, settings: Settings) -> Iterator[Found]:
    """Routers of projects, with an interface at the gateway of each network."""
    networks = {network["id"]: str(network["name"]) for network in there.networks}
    subnets = {subnet["id"]: subnet for subnet in there.subnets}
    named = {router.name for router in settings.routers}
    for item in there.routers:
        if item["name"] in named:
            continue
        gate = item.get("external_gateway_info") or {}
        ports = [p for p in there.ports if p["device_id"] == item["id"]]
        inner = [p for p in ports if "interface" in str(p.get("device_owner"))]
        fixed = [(subnets[f["subnet_id"]], f["ip_address"]) for p in inner for f in p["fixed_ips"]]
        odd = [networks[s["network_id"]] for s, address in fixed if s["gateway_ip"] != address]
        why = _first(
            (
                *_plain(item),
                (bool(item.get("routes")), "it has routes of its own"),
                (not item["admin_state_up"], "it is down, and `up` would bring it up"),
                (bool(odd), f"its address is not the gateway of {', '.join(odd)}"),
            )
        )
        values: dict[str, Any] = {"name": item["name"], "project": there.owner(item)}
        if gate:
            values["external"] = networks[gate["network_id"]]
        if gate and not gate.get("enable_snat", True):
            values["snat"] = False
        values["networks"] = sorted(networks[subnet["network_id"]] for subnet, _ in fixed)
        yield Alone(f"router {item['name']}", why) if why else Entry("routers", values)


def flavors(there: Inventory, settings: Settings) -> Iterator[Found]:
    """Sizes of servers, with the projects that may use them."""
    named = {flavor.name for flavor in settings.flavors}
    for item in there.flavors:
        if item["name"] in named:
            continue
        number, public = item["id"], item["os-flavor-access:is_public"]
        specs = there.ask("compute", f"/flavors/{number}/os-extra_specs")["extra_specs"]
        swap, more = item.get("swap") or 0, item.get("OS-FLV-EXT-DATA:ephemeral")
        why = _first(
            (
                (bool(specs), f"it has extra specs: {', '.join(sorted(specs))}"),
                (bool(swap), f"it has {swap} MiB of swap"),
                (bool(more), f"it has a second disk of {more} GiB"),
                (item.get("rxtx_factor", 1.0) != 1.0, "it limits the network"),
                (bool(item.get("OS-FLV-DISABLED:disabled")), "it is disabled"),
            )
        )
        values = {"name": item["name"], **{key: item[key] for key in ("vcpus", "ram", "disk")}}
        if not public:
            given = there.ask("compute", f"/flavors/{number}/os-flavor-access")["flavor_access"]
            owners = sorted(there.owner({"project_id": one["tenant_id"]}) for one in given)
            values |= {"public": False} | ({"projects": owners} if owners else {})
        yield Alone(f"flavor {item['name']}", why) if why else Entry("flavors", values)


def images(there: Inventory, settings: Settings) -> Iterator[Found]:
    """Images for all projects; their content comes to a file, as `keep` says."""
    named = {image.name for image in settings.images}
    for item in there.images:
        if item["name"] in named or SNAPSHOT in item:
            continue
        limits = {"minDisk": item["min_disk"], "minRam": item["min_ram"]}
        why = _first(
            (
                (item["visibility"] != "public", f"it is {item['visibility']}, and not public"),
                (item["owner"] != there.admin, f"it is of project {there.owner(item)}"),
                (item["status"] != "active", f"its status is {item['status']}"),
                (item["container_format"] != "bare", f"it is in a {item['container_format']}"),
                (item["protected"], "it is protected, which `up` would take away"),
                (bool(item.get("os_hidden")), "it is hidden, which `up` would take away"),
                (bool(item["tags"]), "it has tags, which `up` would take away"),
            )
        )
        values = {"name": item["name"], "diskFormat": item["disk_format"]}
        values |= {key: value for key, value in limits.items() if value}
        if why:
            yield Alone(f"image {item['name']}", why)
        else:
            yield Entry("images", {**values, CONTENT: item["id"]})


def servers(there: Inventory, settings: Settings) -> Iterator[Found]:
    """Servers as those that were made by hand, with just what the settings may change of them."""
    own = {(server.project, server.name) for server in settings.servers}
    adopted = {server.id for server in settings.adopted_servers}
    flavors = {flavor["id"]: str(flavor["name"]) for flavor in there.flavors}
    for item in there.servers:
        owner, name, size = there.owner(item), item["name"], item["flavor"].get("id")
        if (owner, name) in own or item["id"] in adopted:
            continue
        values = {"id": item["id"], "name": name, "project": owner}
        values |= {"flavor": flavors[size]} if size in flavors else {}
        if item["status"] in ("ACTIVE", "SHUTOFF"):
            yield Entry("adoptedServers", values)
        else:
            yield Alone(f"server {name} of project {owner}", f"its status is {item['status']}")


def the_rest(there: Inventory, settings: Settings) -> Iterator[Found]:
    """Yield why the groups that servers are in are never written."""
    groups = {server.name for server in settings.servers}
    groups |= {group.name for group in settings.security_groups}
    for item in there.groups:
        if item["name"] not in ("default", *groups):
            why = "its rules would have to be openings: write it by hand"
            yield Alone(f"security group {item['name']} of project {there.owner(item)}", why)

    known = {group.name for group in settings.server_groups}
    for item in there.server_groups:
        if item["name"] not in known:
            why = "its servers stay in it, and the settings say nothing of that"
            yield Alone(f"server group {item['name']}", why)


TABLE: Sequence[Callable[[Inventory, Settings], Iterator[Found]]] = (
    *(projects, networks, routers, images, flavors, servers, the_rest),
)
"""In the order in which entries refer to others."""
