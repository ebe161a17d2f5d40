"""The output of `pulumi preview --json --show-sames` as resources, before and after."""

import re
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

from .words import PLAIN, Words

UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
"""Pulumi's text for a value that is unknown until `up`."""
STACK = "pulumi:pulumi:Stack"
REFERENCE = "::pulumi:pulumi:StackReference::"
"""In the URN of another stack: its outputs are of many resources."""
SECRET = "[secret]"  # noqa: S105  # what Pulumi shows of one
ROUTINE = ("error: an unhandled error occurred: program exited", "error: preview failed")
"""Pulumi's errors that only repeat that there was another error."""
HOOK = re.compile(r'^error: Preview failed: before hook "[^"]*" failed: ')
"""What Pulumi writes before a hook's error."""


class Change(NamedTuple):
    """A property before and after; None where there is none."""

    path: str
    old: object
    new: object


@dataclass(frozen=True)
class State:
    """A resource's inputs by path, such as `segments[0].segmentationId`; ids as names."""

    values: Mapping[str, object]
    origins: Mapping[str, str]
    """By property, the URN of the one resource that its value comes from."""
    provider: str
    """The URN of its provider, followed by an id."""
    ids: Mapping[str, object] = field(default_factory=dict)
    """By path, the ids that `values` shows as names."""


@dataclass(frozen=True)
class Resource:
    """One resource of the stack and what is done to it.

    op: same, create, update, replace, delete, or another word of Pulumi's.
    parent: the URN of the component that it belongs to.
    """

    op: str
    urn: str
    type: str
    parent: str
    old: State
    new: State
    reasons: tuple[str, ...] = ()
    """Properties that differ according to the provider."""

    @property
    def name(self) -> str:
        """Its name; a resource of another type may have the same."""
        return name(self.urn)

    @property
    def state(self) -> State:
        """The state after the change; of a deleted resource, before it."""
        return self.old if self.op == "delete" else self.new

    @cached_property
    def changes(self) -> tuple[Change, ...]:
        """Changed properties, by path; old and new are the same where the values are not known."""
        old, new = self.old.values, self.new.values
        paths = sorted({*old, *new}, key=natural)
        ids = [self.old.ids, self.new.ids]
        # A renamed resource keeps its id, so a reference to it has not changed.
        same = {p for p, value in ids[0].items() if value == ids[1].get(p) != UNKNOWN}
        found = [
            Change(p, old.get(p), new.get(p))
            for p in paths
            if old.get(p) != new.get(p) and p not in same
        ]
        for reason in sorted(self.reasons):
            if not any(_within(change.path, reason) for change in found):
                found.append(Change(reason, old.get(reason), new.get(reason)))
        return tuple(found)


@dataclass(frozen=True)
class Preview:
    """All resources of a stack by URN, sorted by name, with errors and warnings."""

    stack: str
    resources: Mapping[str, Resource]
    errors: tuple[str, ...]
    warnings: tuple[str, ...]
    words: Words = PLAIN
    """The project's own."""

    @property
    def changed(self) -> list[Resource]:
        """The resources that change."""
        return [resource for resource in self.resources.values() if resource.op != "same"]

    @cached_property
    def children(self) -> Mapping[str, Mapping[str, Resource]]:
        """The resources of each component, by its URN and their names without the component's."""
        found: dict[str, dict[str, Resource]] = {}
        for resource in self.resources.values():
            own = resource.name.removeprefix(f"{name(resource.parent)}-")
            found.setdefault(resource.parent, {})[own] = resource
        return found


def natural(text: str) -> list[tuple[int, str]]:
    """Sort key that puts compute2 before compute10."""
    parts = re.findall(r"\d+|\D+", text)
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in parts]


def read(shown: Mapping[str, Any], words: Words = PLAIN) -> Preview:
    """Return a preview from Pulumi's JSON; `words` are the project's."""
    found: dict[str, Resource] = {}
    stack = ""
    for step in shown.get("steps", ()):
        resource = _resource(step, words)
        if resource.type == STACK:
            stack = resource.urn.split(":")[2]
        elif resource.urn not in found or resource.op == "replace":
            found[resource.urn] = resource
    said = {
        severity: tuple(
            sorted(
                {
                    str(entry["message"]).strip()
                    for entry in shown.get("diagnostics", ())
                    if entry["severity"] == severity
                }
            )
        )
        for severity in ("error", "warning")
    }
    errors = tuple(HOOK.sub("", error) for error in said["error"] if not error.startswith(ROUTINE))
    ordered = sorted(found.values(), key=lambda r: (natural(r.name), r.urn))
    resources = {r.urn: r for r in ordered}
    return Preview(stack, resources, errors or said["error"], said["warning"], words)


def _resource(step: Mapping[str, Any], words: Words) -> Resource:
    old, new = step.get("oldState") or {}, step.get("newState") or {}
    state = new or old
    was, will_be = _state(old, words), _state(new, words)
    before, after = _with_secrets_hidden(was, will_be), _with_secrets_hidden(will_be, was)
    op = "replace" if "replace" in step["op"] else step["op"]
    if op == "same" and old.get("protect") != new.get("protect"):
        op = "update"  # only in the state, so Pulumi does not count it
    return Resource(
        op=op,
        urn=step["urn"],
        type=state["type"],
        parent=state.get("parent", ""),
        old=before,
        new=after,
        reasons=tuple({*(step.get("detailedDiff") or ()), *(step.get("diffReasons") or ())}),
    )


def name(urn: str) -> str:
    """Return the name in a URN, which an id may follow; "" without one."""
    parts = urn.split("::")
    return parts[3] if len(parts) > 3 else ""  # noqa: PLR2004  # stack, project, type, name


def _state(raw: Mapping[str, Any], words: Words) -> State:
    origins = {
        key: str(urns[0])
        for key, urns in raw.get("propertyDependencies", {}).items()
        if len(urns or ()) == 1 and REFERENCE not in urns[0]
    }
    values: dict[str, object] = {}
    ids: dict[str, object] = {}
    skipped = words.skipped_properties
    if str(raw.get("type", "")).startswith("pulumi:providers:"):
        skipped |= {"version"}  # the plugin's
    for key, value in (raw.get("inputs") or {}).items():
        if key in skipped:
            continue
        for path, leaf in _leaves(key, value):
            values[path] = _readable(path, leaf, name(origins.get(key, "")), words.links)
            if values[path] != leaf:
                ids[path] = leaf
    for path, leaf in _leaves("replacementTrigger", raw.get("replacementTrigger")):
        values[path] = leaf
    if raw.get("protect"):
        values["protect"] = True
    return State(values, origins, raw.get("provider", ""), ids)


def _with_secrets_hidden(state: State, other: State) -> State:
    """Return a state that also hides what is secret in the other state.

    A value must not be shown because it was in clear before.
    """
    values = dict(state.values)
    for secret in (path for path, value in other.values.items() if value == SECRET):
        for path in [path for path in values if _within(path, secret)]:
            del values[path]
            values[secret] = SECRET
    return State(values, state.origins, state.provider, state.ids)


def _leaves(path: str, value: object) -> Iterator[tuple[str, object]]:
    """Yield the plain values in a value, by path; without Pulumi's internal ones."""
    if path.rsplit(".", 1)[-1].startswith("__") or value is None:
        return
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield from _leaves(f"{path}.{key}", item)
    elif isinstance(value, Sequence) and not isinstance(value, str):
        for i, item in enumerate(value):
            yield from _leaves(f"{path}[{i}]", item)
    else:
        yield path, value


def _readable(path: str, value: object, origin: str, links: Set[str]) -> object:
    """Return a value for people: a resource's name for its id, words for an unknown value."""
    if value == UNKNOWN:
        return f"the new {origin}" if origin else "known after up"
    called = re.sub(r"(\[\d+\])*$", "", path).rpartition(".")[2].removesuffix("s")
    return origin if origin and (called.endswith("Id") or called in links) else value


def _within(path: str, outer: str) -> bool:
    """Tell whether two paths are one, or one is in the other."""
    return path.startswith(outer) or outer.startswith(path)
