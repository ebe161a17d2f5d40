"""What a run was making as it was cut off: it may be in the cloud, and the state does not know it.

Pulumi notes what it begins to make. Is it cut off, the note stays in the state for ever, and the
next `up` would make it once more. So `tools.resume` looks for each in the cloud, by what the note
says, as the user that was making it.
"""

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from keystoneauth1.adapter import Adapter

Json = Mapping[str, Any]
Connect = Callable[[str, str], Adapter]
"""Returns the adapter of a project's user, or the admin, for a type of service."""

PATIENCE = 600
"""Seconds that a server may take until Nova has built it, or failed."""


@dataclass(frozen=True)
class Kind:
    """How things of a type are found: `{NAME}` is the input of that name, in a path or an id."""

    service: str
    path: str
    items: str
    """The list's place in the answer."""
    same: Mapping[str, str]
    """Fields of an item that must be as the input of this name says, where that is given."""
    id: str = "{id}"
    """Pulumi's id of it, of the item's fields and the inputs."""
    whole: str = ""
    """Its status when it is made to the end; in any other it is made anew. "": it always is."""
    exact: bool = False
    """Whether a field of `same` must be empty where its input is not given."""


_NAME = {"name": "name"}
KINDS: Mapping[str, Kind] = {
    "identity/project:Project": Kind("identity", "/projects", "projects", _NAME),
    "identity/user:User": Kind("identity", "/users", "users", _NAME),
    "images/image:Image": Kind("image", "/v2/images", "images", _NAME, whole="active"),
    "compute/flavor:Flavor": Kind(
        "compute", "/flavors/detail?is_public=None", "flavors", _NAME
    ),
    "compute/flavorAccess:FlavorAccess": Kind(
        "compute",
        "/flavors/{flavorId}/os-flavor-access",
        "flavor_access",
        {"tenant_id": "tenantId"},
        "{flavor_id}/{tenant_id}",
    ),
    "compute/serverGroup:ServerGroup": Kind(
        "compute", "/os-server-groups", "server_groups", _NAME
    ),
    "compute/keypair:Keypair": Kind("compute", "/os-keypairs", "keypairs", _NAME, "{name}"),
    "compute/instance:Instance": Kind(
        "compute", "/servers/detail", "servers", _NAME, whole="ACTIVE"
    ),
    "compute/interfaceAttach:InterfaceAttach": Kind(
        "compute",
        "/servers/{instanceId}/os-interface",
        "interfaceAttachments",
        {"port_id": "portId"},
        "{instanceId}/{port_id}",
    ),
    "networking/network:Network": Kind("network", "/v2.0/networks", "networks", _NAME),
    "networking/subnet:Subnet": Kind(
        "network", "/v2.0/subnets", "subnets", {**_NAME, "network_id": "networkId", "cidr": "cidr"}
    ),
    "networking/subnetRoute:SubnetRoute": Kind(
        "network",
        "/v2.0/subnets/{subnetId}",
        "subnet.host_routes",
        {"destination": "destinationCidr", "nexthop": "nextHop"},
        "{subnetId}-route-{destination}-{nexthop}",
    ),
    "networking/port:Port": Kind(
        "network", "/v2.0/ports", "ports", {**_NAME, "network_id": "networkId"}
    ),
    "networking/router:Router": Kind("network", "/v2.0/routers", "routers", _NAME),
    "networking/routerInterface:RouterInterface": Kind(
        "network", "/v2.0/ports?device_id={routerId}&fixed_ips=subnet_id%3D{subnetId}", "ports", {}
    ),
    "networking/floatingIp:FloatingIp": Kind(
        "network",
        "/v2.0/floatingips",
        "floatingips",
        {"port_id": "portId", "floating_ip_address": "address"},
    ),
    "networking/secGroup:SecGroup": Kind(
        "network", "/v2.0/security-groups", "security_groups", _NAME
    ),
    "networking/secGroupRule:SecGroupRule": Kind(
        "network",
        "/v2.0/security-group-rules?security_group_id={securityGroupId}",
        "security_group_rules",
        {
            "direction": "direction",
            "ethertype": "ethertype",
            "protocol": "protocol",
            "port_range_min": "portRangeMin",
            "port_range_max": "portRangeMax",
            "remote_ip_prefix": "remoteIpPrefix",
            "remote_group_id": "remoteGroupId",
        },
        exact=True,
    ),
}  # fmt: skip
"""What is made twice, or refused the second time. All else is the same if it is made again."""


@dataclass
class Interrupted:
    """What was found in the cloud of what a run was making."""

    adopted: dict[str, str] = field(default_factory=dict)
    """The id of each thing that is in the state from now on, by its name there."""
    whole: list[str] = field(default_factory=list)
    """The URNs of those that were made to the end."""
    unclear: list[str] = field(default_factory=list)
    """What a person must look at: one or more in the cloud may be it, and it is not sure."""


def resolve(state: dict[str, Any], connect: Connect) -> Interrupted:
    """Take the notes out of an exported state, and what they have made in (ClientException)."""
    found = Interrupted()
    deployment = state["deployment"]
    resources = deployment["resources"]
    urns = {raw["urn"] for raw in resources}
    known = {(raw["type"], raw.get("id")) for raw in resources}
    left = []
    for note in deployment.get("pending_operations") or ():
        raw = note["resource"]
        kind = KINDS.get(raw["type"].removeprefix("openstack:"))
        if note["type"] != "creating" or kind is None:
            continue
        name = raw["urn"].rsplit("::", 1)[-1]
        api = connect(_user(raw, resources), kind.service)
        there = {
            id_: item
            for id_, item in matching(kind, raw["inputs"], api)
            if (raw["type"], id_) not in known
        }
        # In a replacement the state has the old one, which must not go for what may be half made.
        if len(there) > 1 or (there and raw["urn"] in urns):
            left.append(note)
            found.unclear.append(f"{name}: in the cloud, and not in the state: {' '.join(there)}")
            continue
        for id_, item in there.items():
            whole = _is_whole(kind, id_, item, api)
            resources.append(_adopted(raw, id_, whole=whole))
            found.adopted[name] = id_
            if whole:
                found.whole.append(raw["urn"])
    deployment["pending_operations"] = left
    return found


def _user(raw: Json, resources: list[Json]) -> str:
    """Return the name of the user that was making it."""
    urn = raw["provider"].rpartition("::")[0]
    provider = next(one for one in resources if one["urn"] == urn)
    return str(provider["inputs"]["userName"])


def matching(kind: Kind, inputs: Json, api: Adapter) -> Iterator[tuple[str, Json]]:
    """Yield what in the cloud is as the inputs say, each with its id."""
    owner = inputs.get("tenantId") or api.get_project_id()
    for entry in listed(kind.path.format_map(inputs), kind.items, api):
        item = entry.get("keypair", entry)  # Nova's list of keys has each in a shell
        if kind.same and item.get("project_id", item.get("owner", owner)) != owner:
            continue  # the admin sees what all projects have
        if all(
            _text(item.get(field)) == _text(inputs.get(name))
            for field, name in kind.same.items()
            if kind.exact or name in inputs
        ):
            yield kind.id.format_map({**inputs, **item}), item


def _text(value: object) -> str:
    """Return a value as both sides have it: a number may be a text, and 0 nothing."""
    return str(value) if value else ""


@cache
def listed(path: str, items: str, api: Adapter) -> tuple[Json, ...]:
    """Return what a path lists, asked once; Glance and Nova give a part, and where the next is."""
    found: list[Json] = []
    while path:
        answer: Any = api.get(path).json()
        links = answer.get(f"{items}_links") or ()
        path = answer.get("next") or next((a["href"] for a in links if a["rel"] == "next"), "")
        for part in items.split("."):
            answer = answer[part]
        found += answer
    return tuple(found)


def _is_whole(kind: Kind, id_: str, item: Json, api: Adapter) -> bool:
    """Return whether it was made to the end; a server is waited for."""
    until = time.monotonic() + PATIENCE
    while item.get("status") == "BUILD" and time.monotonic() < until:
        time.sleep(2)
        item = api.get(f"/servers/{id_}").json()["server"]
    return not kind.whole or item["status"] == kind.whole


def _adopted(raw: Json, id_: str, *, whole: bool) -> dict[str, Any]:
    """Return it as a resource of the state; what is not whole counts as failed in its creation."""
    now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    made = {**raw, "id": id_, "created": now, "modified": now}
    if not whole:
        made["initErrors"] = ["the run that was making it was cut off"]
    return made
