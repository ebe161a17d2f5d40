"""What the state must have of a thing as it is in the cloud, where no refresh reads that.

Without it a setting that differs from the cloud would show no change. All else a refresh reads.
"""

import hashlib
from collections.abc import Callable, Mapping
from pathlib import Path

from keystoneauth1.adapter import Adapter

from ..interrupted import Json
from ..state import Raw

OPENSTACK = "openstack:"
FLOATING = "networking/floatingIp:FloatingIp"
GROUP = "networking/secGroup:SecGroup"
IMAGE = "images/image:Image"
NETWORK = "networking/network:Network"
PORT = "networking/port:Port"
RULE = "networking/secGroupRule:SecGroupRule"
ROUTER = "networking/router:Router"
SERVER = "compute/instance:Instance"


def kind_of(raw: Raw) -> str:
    """Return the type of a resource, of OpenStack's provider."""
    return str(raw["type"]).removeprefix(OPENSTACK)


def _content(image: Json, planned: Raw, api: Adapter) -> object:
    """Return the SHA-256 of what Glance has of an image, which takes its time if no file has it."""
    file = Path(planned["inputs"]["localFilePath"])
    if file.is_file() and image.get("os_hash_algo") in hashlib.algorithms_available:
        with file.open("rb") as content:
            same = hashlib.file_digest(content, image["os_hash_algo"]).hexdigest()
        return planned["replacementTrigger"] if same == image["os_hash_value"] else same
    print(f"reading image {image['name']} from the cloud, to compare it", flush=True)
    digest = hashlib.sha256()
    for part in api.get(f"/v2/images/{image['id']}/file", stream=True).iter_content(2**20):
        digest.update(part)
    return digest.hexdigest()


TRIGGERS: Mapping[str, Callable[[Json, Raw, Adapter], object]] = {
    IMAGE: _content,
    NETWORK: lambda network, *_: "shared" if network["shared"] else "owned",
    ROUTER: lambda router, *_: "outer" if router.get("external_gateway_info") else "inner",
    FLOATING: lambda address, *_: address["floating_network_id"],
}
"""Replacement triggers, as `components/cloud` would make them of what is there."""


def _server(inputs: Json, server: Json) -> Json:
    """Return the metadata and the drive; metadata that the settings don't name is left alone."""
    wanted, given = inputs.get("metadata"), server.get("metadata") or {}
    kept = wanted and {key: given[key] for key in wanted if key in given}
    drive = inputs.get("configDrive") if server.get("config_drive") else None
    return {"metadata": kept, "configDrive": drive}


def _port(inputs: Json, port: Json) -> Json:
    """Return addresses and groups; addresses that the settings leave to Neutron may be any."""
    there: dict[str, list[str]] = {}
    for fixed in port["fixed_ips"]:
        there.setdefault(fixed["subnet_id"], []).append(fixed["ip_address"])
    fixed_ips = []
    for fixed in inputs.get("fixedIps") or ():
        addresses, wanted = there.get(fixed["subnetId"], []), fixed.get("ipAddress")
        if wanted and addresses and wanted not in addresses:
            fixed_ips.append({**fixed, "ipAddress": addresses[0]})
        elif addresses:
            fixed_ips.append(fixed)
    groups = port["security_groups"]
    planned = inputs.get("securityGroupIds") or []
    if sorted(groups) == sorted(planned):
        return {"fixedIps": fixed_ips}
    return {"fixedIps": fixed_ips, "securityGroupIds": groups, "noSecurityGroups": None}


READ: Mapping[str, Callable[[Json, Json], Json]] = {PORT: _port, SERVER: _server}


def as_there(raw: Raw, item: Json, api: Adapter) -> Raw:
    """Return a planned resource, whose inputs are known, as the state has it of what is there."""
    kind = kind_of(raw)
    if read := READ.get(kind):
        there = read(raw["inputs"], item)
        both = {key: _without_nothing({**raw[key], **there}) for key in ("inputs", "outputs")}
        raw = {**raw, **both}
    if kind in TRIGGERS and raw.get("replacementTrigger") is not None:
        raw = {**raw, "replacementTrigger": TRIGGERS[kind](item, raw, api)}
    return raw


def _without_nothing(values: Json) -> Json:
    return {key: value for key, value in values.items() if value is not None}
