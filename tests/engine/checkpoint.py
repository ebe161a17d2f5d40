"""Builds the state that an `up` would leave, from a preview and without a node.

The inputs, the outputs known beforehand and all options are the engine's own, as a preview and
its plan give them. Only the cloud's answers are made up: ids, an address, and
collections, which are empty.
"""

import json
from collections.abc import Iterator, Mapping
from graphlib import TopologicalSorter
from itertools import repeat, zip_longest
from typing import Any

from components.state import (
    COMMAND,
    FLAVOR,
    FLOATING,
    IMAGE,
    INSTANCE,
    NETWORK,
    PORT,
    ROUTER,
    SERVER_GROUP,
    SUBNET,
)

UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
"""Pulumi's text for a value that is unknown until `up`."""

ANSWER = "10.150.0.9"
"""The address that the cloud chose, and every other text that it answered inside a value."""

ANSWERED: Mapping[str, str] = {"fixedIp": ANSWER}
"""Inputs that come from another answer of the cloud than an id."""

COLLECTIONS: Mapping[str, Mapping[str, object]] = {
    FLAVOR: {"extraSpecs": {}},
    INSTANCE: {"allMetadata": {}, "securityGroups": []},
    IMAGE: {"metadata": {}, "properties": {}},
    NETWORK: {"availabilityZoneHints": []},
    PORT: {
        "allFixedIps": [ANSWER],
        "allSecurityGroupIds": [],
        "dnsAssignments": [],
        "macAddress": "fa:16:3e:12:34:56",
    },
    FLOATING: {"address": ANSWER},
    SERVER_GROUP: {"members": []},
    ROUTER: {"availabilityZoneHints": [], "externalFixedIps": []},
    SUBNET: {"serviceTypes": []},
}
"""Values that a cloud would fill in and that the provider needs."""


TAKEN = "2026-01-02T03:04:05Z"
"""When each snapshot was taken."""


def stdout(urn: str) -> str:
    """Return what a command says: of a snapshot what it is."""
    name = urn.rsplit("::", maxsplit=1)[-1]
    made = {"id": f"image of {name}", "taken": TAKEN}
    return json.dumps(made) if name.startswith("snapshot-") else made_up(urn)


def made_up(urn: str) -> str:
    """Return the id of a resource."""
    return "id of " + urn.rsplit("::", maxsplit=1)[-1]


def _known(value: Any, instead: Any) -> Any:  # noqa: ANN401  # any JSON
    """Return a value in which unknown values are replaced."""
    if value == UNKNOWN:
        return ANSWER if instead is None else instead
    if isinstance(value, dict):
        other = instead if isinstance(instead, dict) else {}
        return {key: _known(item, other.get(key)) for key, item in value.items()}
    if isinstance(value, list):
        others = instead if isinstance(instead, list) else []
        return [_known(v, o) for v, o in zip_longest(value, others[: len(value)])]
    return value


def _answers(urns: list[str], own: str) -> Iterator[str]:
    """Yield what the resources of an input give: first those of its own component, then by name."""
    names = sorted((urn.rpartition("::")[2] for urn in urns), key=lambda n: (own not in n, n))
    yield from map(made_up, names)
    yield from repeat(made_up(names[-1]))


def _filled(value: Any, answers: Iterator[str]) -> Any:  # noqa: ANN401  # any JSON
    """Return a value in which answers replace unknown values."""
    if isinstance(value, dict):
        return {key: _filled(item, answers) for key, item in value.items()}
    if isinstance(value, list):
        return [_filled(item, answers) for item in value]
    return next(answers) if value == UNKNOWN else value


def resource(urn: str, state: Mapping[str, Any], plan: Mapping[str, Any]) -> dict[str, Any]:
    """Return one resource of the state, of its new state in a preview and its plan."""
    kind = plan["goal"]["type"]
    origins = state.get("propertyDependencies", {})
    own = state.get("parent", "").rpartition("::")[2] + "-"
    inputs = {
        # What is unknown in an input is the id, or the stdout, of what it comes from.
        key: _filled(
            value,
            repeat(ANSWERED[key]) if key in ANSWERED else _answers(origins.get(key) or [""], own),
        )
        for key, value in plan["goal"]["inputDiff"].get("adds", {}).items()
    }
    answers = {"allTags": [], **COLLECTIONS.get(kind, {})}
    if kind == COMMAND:
        answers = {"stdout": stdout(urn), "stderr": ""}
    outputs = {
        key: _known(value, inputs.get(key, answers.get(key)))
        for key, value in plan.get("state", {}).items()
        if value is not None and (value != UNKNOWN or key in inputs or key in answers)
    }
    kept = {k: v for k, v in state.items() if k not in ("stackTrace", "sourcePosition")}
    made = {**kept, "urn": urn, "type": kind, "inputs": inputs, "outputs": outputs}
    made["custom"] = plan["goal"].get("custom", False)
    if made["custom"]:
        made["id"] = made_up(urn)
        if kind.startswith("openstack:"):
            outputs["id"] = made_up(urn)
        if kind == FLAVOR:
            outputs["flavorId"] = made_up(urn)
    if "provider" in state:
        provider = state["provider"].rpartition("::")[0]
        made["provider"] = f"{provider}::{made_up(provider)}"
        if made.get("replacementTrigger") == UNKNOWN:
            # The project whose login makes it, or the network that an address is of.
            owner = provider.removesuffix("-provider") + "-project"
            owner = f"network-{inputs['pool']}-network" if kind == FLOATING else owner
            made["replacementTrigger"] = made_up(owner)
    return made


def _waits_for(resource: Mapping[str, Any]) -> list[str]:
    """Return the URNs of what must stand in the state before a resource."""
    provider = resource.get("provider", "").rpartition("::")[0]
    others = [*resource.get("dependencies", []), resource.get("parent", ""), provider]
    return [urn for urn in others if urn]


def resources(preview: Mapping[str, Any], plan: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return a state's resources from a first preview (`--json --save-plan --show-secrets`)."""
    states = {step["urn"]: step["newState"] for step in preview["steps"]}
    found = {
        urn: resource(urn, states.get(urn, {}), planned)
        for urn, planned in plan["resourcePlans"].items()
    }
    order = TopologicalSorter({urn: _waits_for(resource) for urn, resource in found.items()})
    return [found[urn] for urn in order.static_order()]
