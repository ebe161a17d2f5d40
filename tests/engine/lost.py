"""The cloud that a state is of, as its APIs show it: what is left when the state is lost."""

import hashlib
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_OID, uuid5

from components.passwords import Passwords
from tests.engine.openstack import PASSWORDS
from tests.unit.examples import SECRET
from tools.interrupted import KINDS

Json = dict[str, Any]
ACCESS = "compute/flavorAccess:FlavorAccess"
ADMIN = "project-admin"
FLOATING = "networking/floatingIp:FloatingIp"
KEY = "compute/keypair:Keypair"
ROUTE = "networking/subnetRoute:SubnetRoute"
SERVER = "compute/instance:Instance"
MADE_UP = re.compile(r"^id of (.+)$")
CONTENT = "what the image other has"
TIMES = {"created": "2026-01-01T00:00:00Z", "updated": "2026-01-01T00:00:00Z"}


def numbered(value: Any) -> Any:  # noqa: ANN401  # any JSON
    """Return a value with ids as OpenStack has them, instead of those that tests make up."""
    if isinstance(value, dict):
        return {key: numbered(item) for key, item in value.items()}
    if isinstance(value, list):
        return [numbered(item) for item in value]
    if isinstance(value, str) and (found := MADE_UP.match(value)):
        return str(uuid5(NAMESPACE_OID, found[1]))
    return value


def _image(inputs: Json) -> tuple[str, Json]:
    file = Path(inputs["localFilePath"])
    content = file.read_bytes() if file.exists() else CONTENT.encode()
    item = {
        **{"owner": ADMIN, "status": "active", "disk_format": inputs["diskFormat"]},
        **{"container_format": "bare", "visibility": "public", "tags": [], "protected": False},
        **{"min_disk": inputs["minDiskGb"], "min_ram": inputs["minRamMb"], "size": len(content)},
        **{"os_hash_algo": "sha512", "os_hash_value": hashlib.sha512(content).hexdigest()},
        **{"created_at": TIMES["created"], "updated_at": TIMES["updated"], "content": CONTENT},
    }
    return "image/v2/images", item


def _flavor(inputs: Json) -> tuple[str, Json]:
    item = {key: inputs[key] for key in ("vcpus", "ram", "disk")}
    more = {"os-flavor-access:is_public": inputs["isPublic"], "swap": "", "rxtx_factor": 1.0}
    return "compute/v2.1/flavors/detail", {**item, **more, "OS-FLV-EXT-DATA:ephemeral": 0}


def _access(inputs: Json) -> tuple[str, Json]:
    item = {"flavor_id": inputs["flavorId"], "tenant_id": inputs["tenantId"]}
    return f"compute/v2.1/flavors/{inputs['flavorId']}/os-flavor-access", item


def _server(inputs: Json) -> tuple[str, Json]:
    item = {
        **{"status": "ACTIVE", "flavor": {"id": inputs["flavorId"]}, **TIMES, "addresses": {}},
        **{"image": {"id": inputs["imageId"]}, "key_name": inputs["keyPair"]},
        **{"metadata": inputs.get("metadata", {}), "tags": inputs.get("tags", [])},
        "config_drive": "True" if inputs.get("configDrive") else "",
    }
    return "compute/v2.1/servers/detail", item


def _plug(inputs: Json) -> tuple[str, Json]:
    item = {"port_id": inputs["portId"], "net_id": "", "fixed_ips": [], "port_state": "ACTIVE"}
    return f"compute/v2.1/servers/{inputs['instanceId']}/os-interface", item


def _network(inputs: Json) -> tuple[str, Json]:
    (segment,) = inputs.get("segments") or [{}]
    item = {
        **{"shared": inputs["shared"], "router:external": inputs["external"]},
        **{"admin_state_up": True, "mtu": inputs["mtu"], "availability_zone_hints": []},
        "provider:network_type": segment.get("networkType", "geneve"),
        "provider:physical_network": segment.get("physicalNetwork"),
        "provider:segmentation_id": segment.get("segmentationId", 7),
    }
    return "network/v2.0/networks", item


def _subnet(inputs: Json) -> tuple[str, Json]:
    item = {
        **{"network_id": inputs["networkId"], "cidr": inputs["cidr"]},
        **{"ip_version": inputs["ipVersion"], "gateway_ip": inputs.get("gatewayIp")},
        **{"enable_dhcp": inputs["enableDhcp"], "allocation_pools": inputs["allocationPools"]},
        **{"dns_nameservers": inputs["dnsNameservers"], "host_routes": [], "service_types": []},
    }
    return "network/v2.0/subnets", item


def _port(inputs: Json) -> tuple[str, Json]:
    fixed = [
        {"subnet_id": one["subnetId"], "ip_address": one.get("ipAddress", f"10.0.0.{10 + i}")}
        for i, one in enumerate(inputs["fixedIps"])
    ]
    item = {
        **{"network_id": inputs["networkId"], "fixed_ips": fixed, "admin_state_up": True},
        **{"security_groups": inputs.get("securityGroupIds", []), "allowed_address_pairs": []},
        **{"mac_address": "fa:16:3e:12:34:56", "device_id": "", "port_security_enabled": True},
    }
    return "network/v2.0/ports", item


def _router(inputs: Json) -> tuple[str, Json]:
    outer = inputs.get("externalNetworkId")
    way: Json = {
        "network_id": outer,
        "enable_snat": inputs.get("enableSnat"),
        "external_fixed_ips": [],
    }
    item = {"admin_state_up": True, "availability_zone_hints": []}
    return "network/v2.0/routers", {**item, "external_gateway_info": way if outer else None}


def _interface(inputs: Json) -> tuple[str, Json]:
    fixed = [{"subnet_id": inputs["subnetId"], "ip_address": "10.0.0.1"}]
    return "network/v2.0/ports", {"device_id": inputs["routerId"], "fixed_ips": fixed, "name": ""}


def _floating(inputs: Json) -> tuple[str, Json]:
    address = inputs.get("address", "10.101.0.77")
    item = {"port_id": inputs["portId"], "floating_ip_address": address}
    return "network/v2.0/floatingips", item


def _rule(inputs: Json) -> tuple[str, Json]:
    same = KINDS["networking/secGroupRule:SecGroupRule"].same
    item = {field: inputs.get(name) or None for field, name in same.items()}
    item["security_group_id"] = inputs["securityGroupId"]
    return "network/v2.0/security-group-rules", item


ITEMS: Mapping[str, Callable[[Json], tuple[str, Json]]] = {
    "identity/project:Project": lambda inputs: (
        "v3/projects",
        {"description": inputs["description"], "domain_id": "default", "enabled": True},
    ),
    "identity/user:User": lambda inputs: (
        "v3/users",
        {"default_project_id": inputs["defaultProjectId"], "domain_id": "default", "enabled": True},
    ),
    "images/image:Image": _image,
    "compute/flavor:Flavor": _flavor,
    "compute/flavorAccess:FlavorAccess": _access,
    "compute/serverGroup:ServerGroup": lambda inputs: (
        "compute/v2.1/os-server-groups",
        {"policies": [inputs["policies"]], "members": []},
    ),
    "compute/keypair:Keypair": lambda inputs: (
        "compute/v2.1/os-keypairs",
        {"public_key": inputs["publicKey"]},
    ),
    "compute/instance:Instance": _server,
    "compute/interfaceAttach:InterfaceAttach": _plug,
    "networking/network:Network": _network,
    "networking/subnet:Subnet": _subnet,
    "networking/port:Port": _port,
    "networking/router:Router": _router,
    "networking/routerInterface:RouterInterface": _interface,
    "networking/floatingIp:FloatingIp": _floating,
    "networking/secGroup:SecGroup": lambda inputs: (
        "network/v2.0/security-groups",
        {"description": inputs["description"], "stateful": True},
    ),
    "networking/secGroupRule:SecGroupRule": _rule,
}
"""By type: the list that it is in, and what the API says of it."""


def cloud(state: Json) -> tuple[Json, dict[str, str]]:
    """Return what is in the cloud of a state with numbers, and the id of each by its name."""
    content: Json = {
        "v3/projects": [{"id": ADMIN, "name": "admin", "domain_id": "default", "enabled": True}],
        PASSWORDS: {"admin": Passwords(SECRET).plain("ADMIN_PASS")},
    }
    ids: dict[str, str] = {}
    for raw in state["deployment"]["resources"]:
        kind, inputs = raw["type"].removeprefix("openstack:"), raw.get("inputs", {})
        name = raw["urn"].rsplit("::", 1)[-1]
        if kind == ROUTE:
            (subnet,) = _having(content, "network/v2.0/subnets", id=inputs["subnetId"])
            whole = {"destination": inputs["destinationCidr"], "nexthop": inputs["nextHop"]}
            subnet["host_routes"].append(whole)
        elif kind in ITEMS:
            path, item = ITEMS[kind](inputs)
            _connect(content, kind, raw, item)
            owner = inputs.get("tenantId") or _maker(content, raw)
            whole = {"id": raw["id"], "name": inputs.get("name", ""), **item}
            if kind == KEY:
                del whole["id"]
            if kind == ACCESS:
                whole = item
            elif not kind.startswith("identity/"):
                whole |= {"project_id": owner, "tenant_id": owner}
            content.setdefault(path, []).append(whole)
        else:
            continue
        ids[name] = KINDS[kind].id.format_map({**inputs, **whole})
    for user in content["v3/users"]:
        content[PASSWORDS][user["name"]] = Passwords(SECRET).plain(f"project {user['name']}")
    return content, ids


def _connect(content: Json, kind: str, raw: Json, item: Json) -> None:
    """Let a thing, and those that it is connected with, know of each other."""
    inputs = raw["inputs"]
    if kind == FLOATING:
        (pool,) = _having(content, "network/v2.0/networks", name=inputs["pool"])
        (port,) = _having(content, "network/v2.0/ports", id=inputs["portId"])
        item["fixed_ip_address"] = port["fixed_ips"][0]["ip_address"]
        item["floating_network_id"] = pool["id"]
    for nic in inputs["networks"] if kind == SERVER else ():
        (port,) = _having(content, "network/v2.0/ports", id=nic["port"])
        (network,) = _having(content, "network/v2.0/networks", id=port["network_id"])
        port["device_id"] = raw["id"]
        item["addresses"][network["name"]] = [_address(port)]


def _having(content: Json, path: str, **given: str) -> list[Json]:
    """Return the things of a list with these values."""
    return [item for item in content[path] if given.items() <= item.items()]


def _address(port: Json) -> Json:
    (fixed,) = port["fixed_ips"]
    mac = {"OS-EXT-IPS-MAC:mac_addr": port["mac_address"], "OS-EXT-IPS:type": "fixed"}
    return {"version": 4, "addr": fixed["ip_address"], **mac}


def _maker(content: Json, raw: Json) -> str:
    """Return the project of the user that made it."""
    user = raw["provider"].split("::")[3].removeprefix("project-").removesuffix("-provider")
    return next((p["id"] for p in _having(content, "v3/projects", name=user)), ADMIN)
