"""What is in the cloud of what `up` would make: found by what its inputs say, as who makes it."""

import contextlib
import string
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from keystoneauth1.adapter import Adapter
from keystoneauth1.exceptions import NotFound, Unauthorized

from components.cloud.adopted_server import TYPE as ADOPTED

from ..interrupted import KINDS, Connect, Json, Kind, matching
from ..state import Raw
from .planned import unknown
from .there import FLOATING, PORT, SERVER, as_there, kind_of

ALIKE: Mapping[str, Mapping[str, str]] = {
    "networking/subnet:Subnet": {"network_id": "networkId", "ip_version": "ipVersion"},
    FLOATING: {"floating_ip_address": "address"},
}
"""What is enough for the same thing if nothing is as all of `Kind.same` says.

There is one of it, so what differs is a change, and no other thing.
"""
SAID: Mapping[str, Mapping[str, str]] = {
    PORT: {"securityGroupIds": "security_groups"},
    SERVER: {"imageId": "image.id", "flavorId": "flavor.id"},
}
"""Inputs that may stay unknown, as the cloud no longer has what they refer to: where it says them.

A change of them replaces nothing.
"""
PROVIDER = "pulumi:providers:openstack"
USER = "identity/user:User"
WITHOUT_CONTENT = ("queued", "saving", "uploading", "importing", "killed")
"""States of an image."""


@dataclass
class Looked:
    """What was found, by URN."""

    found: dict[str, Raw] = field(default_factory=dict)
    """With its id: there is one, and it is sure."""
    unclear: dict[str, str] = field(default_factory=dict)
    """What a person must look at, and why."""


def look(plan: Mapping[str, Raw], state: Raw, connect: Connect, *, patient: bool = True) -> Looked:
    """Look for all that is planned (ClientException: the cloud does not answer).

    patient: what is in `SAID` may become known yet. What refers to something that is neither in the
    state nor in the cloud is not there.
    """
    resources = state["deployment"]["resources"]
    known = {(raw["type"], raw.get("id")) for raw in resources}
    by_hand = {
        raw["urn"]: raw["inputs"] for raw in (*resources, *plan.values()) if raw["type"] == ADOPTED
    }
    users = {
        raw["urn"]: raw["inputs"]["userName"]
        for raw in (*resources, *plan.values())
        if raw["type"] == PROVIDER
    }
    to_come = {raw["inputs"]["name"] for raw in plan.values() if kind_of(raw) == USER}
    looked = Looked()
    for urn, raw in plan.items():
        kind = KINDS.get(kind_of(raw))
        if kind is None:
            continue
        user = str(users[raw["provider"].rpartition("::")[0]])
        if user in to_come or not _identified(kind, raw):
            continue
        try:
            api = connect(user, kind.service)
            adopted = by_hand.get(str(raw.get("parent")))
            any_of = _by_id(adopted, api) if adopted else _there(kind, raw, api)
            there = {i: item for i, item in any_of if (raw["type"], i) not in known}
            if len(there) > 1:
                looked.unclear[urn] = f"there are several: {' '.join(there)}"
            for id_, item in there.items() if len(there) == 1 else ():
                whole = raw if patient else _as_said(raw, item)
                why = _unlike(whole, id_, item, connect(user, "network"))
                if adopted:
                    why = why or _elsewhere(adopted, item, connect(user, "identity"))
                if why:
                    looked.unclear[urn] = f"{id_} is there, but {why}"
                else:
                    looked.found[urn] = {**as_there(whole, item, api), "id": id_}
                    if kind_of(raw) == USER and not _logs_in(raw["inputs"]["name"], connect):
                        # The next `up` gives it its password.
                        looked.found[urn]["outputs"] = _without_password(raw["outputs"])
                    known.add((raw["type"], id_))
        except Unauthorized:
            if user == "admin":
                raise
            looked.unclear[urn] = f"user {user}, who would know it, cannot log in"
    return looked


def _logs_in(user: str, connect: Connect) -> bool:
    try:
        connect(user, "identity").get_project_id()
    except Unauthorized:
        return False
    return True


def _without_password(outputs: Json) -> Json:
    return {key: value for key, value in outputs.items() if key != "password"}


def _identified(kind: Kind, raw: Raw) -> bool:
    """Return whether all is known that it is found by."""
    names = [name for _, name, _, _ in string.Formatter().parse(kind.path) if name]
    inputs = raw["inputs"]
    return not unknown([inputs.get(name) for name in (*names, *kind.same.values(), "tenantId")])


def _there(kind: Kind, raw: Raw, api: Adapter) -> Iterator[tuple[str, Json]]:
    """Yield what is as the inputs say, or else what is alike."""
    found = list(matching(kind, raw["inputs"], api))
    alike = ALIKE.get(kind_of(raw), {})
    if not found and alike and raw["inputs"].keys() >= {*alike.values()}:
        found = list(matching(replace(kind, same=alike), raw["inputs"], api))
    yield from found


def _by_id(adopted: Json, api: Adapter) -> Iterator[tuple[str, Json]]:
    """Yield the server that was made by hand, if it is there."""
    with contextlib.suppress(NotFound):
        yield adopted["server"], api.get(f"/servers/{adopted['server']}").json()["server"]


def _elsewhere(adopted: Json, server: Json, keystone: Adapter) -> str:
    """Return why a server that was made by hand is not its project's; "" if it is."""
    owner = keystone.get(f"/projects/{server['tenant_id']}").json()["project"]["name"]
    return "" if owner == adopted["project"] else f"of project {owner}"


def _unlike(raw: Raw, id_: str, item: Json, neutron: Adapter) -> str:
    """Return why a thing is not the planned one, or not yet; "" if it is."""
    inputs = raw["inputs"]
    compared = {**inputs, "replacementTrigger": raw.get("replacementTrigger")}
    if lacking := sorted(key for key, value in compared.items() if unknown(value)):
        return f"nothing is that its {', '.join(lacking)} would be"
    if item.get("status") in WITHOUT_CONTENT:
        return f"without content: its status is {item['status']}"
    if kind_of(raw) != SERVER or "networks" not in inputs:
        return ""
    if item.get("key_name") != inputs["keyPair"]:
        return f"its key pair is {item.get('key_name') or 'none'}, and not {inputs['keyPair']}"
    port = inputs["networks"][0]["port"]
    try:
        owner = neutron.get(f"/v2.0/ports/{port}").json()["port"]["device_id"]
    except NotFound:
        owner = ""
    return "" if owner == id_ else f"port {port} is not in it"


def _as_said(raw: Raw, item: Json) -> Raw:
    """Return it with what the cloud says instead of what is unknown, where that may be."""
    inputs = dict(raw["inputs"])
    for name, place in SAID.get(kind_of(raw), {}).items():
        value: Any = item
        for part in place.split("."):
            value = value.get(part) if isinstance(value, dict) else None
        if unknown(inputs.get(name)) and value is not None:
            inputs[name] = value
    return {**raw, "inputs": inputs}
