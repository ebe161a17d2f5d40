"""The state as `pulumi stack export` prints it: its resources, whatever they are."""

import json
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pulumi

from .room import refuse_without_room


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


def exported() -> dict[str, Any]:
    """Return what `pulumi stack export` prints for the running program's stack (RunError).

    An `up` without room for it is refused, too.
    """
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
    refuse_without_room(len(done.stdout))
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def resources(exported: Mapping[str, Any]) -> tuple[Resource, ...]:
    """Return what is there by what `pulumi stack export` prints; not what Pulumi will delete."""
    deployment = exported.get("deployment") or {}
    return tuple(
        _resource(raw) for raw in deployment.get("resources") or () if not raw.get("delete")
    )


def interrupted(exported: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the names of what a run was making in the cloud as it was cut off."""
    deployment = exported.get("deployment") or {}
    return tuple(
        _name(note["resource"]["urn"])
        for note in deployment.get("pending_operations") or ()
        if note["type"] == "creating" and note["resource"]["type"].startswith("openstack:")
    )


def was_made(raw: Mapping[str, Any]) -> bool:
    """Return whether the creation of a resource of `pulumi stack export` succeeded.

    Pulumi updates `modified` after a failure, too. After a failed creation it is still `created`.
    Nothing else in a state says it; https://github.com/pulumi/pulumi/pull/12082 added the times.
    """
    return not raw.get("initErrors") or raw.get("created") != raw.get("modified")


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
