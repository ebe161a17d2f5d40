"""How something that is in the cloud already gets into a state."""

import time
from collections.abc import Iterable, Iterator, Mapping
from graphlib import TopologicalSorter
from uuid import uuid4

from ..state import Raw

PROVIDER = "pulumi:providers:"


def unread(state: Raw) -> list[str]:
    """Return the URNs of what was taken in and never read: what is read has its id twice."""
    return [
        raw["urn"]
        for raw in state["deployment"]["resources"]
        if raw["type"].startswith("openstack:")
        and "id" not in raw.get("outputs", {})
        and not raw.get("initErrors")
    ]


def take_in(state: Raw, plan: Mapping[str, Raw], found: Mapping[str, Raw]) -> None:
    """Add what was found to a state, with the components and providers that it is a part of.

    found: resources with their ids, by URN.
    """
    resources = state["deployment"]["resources"]
    there = {raw["urn"] for raw in resources}
    new = {**{urn: plan[urn] for urn in _around(found, plan)}, **found}
    new = {urn: raw for urn, raw in new.items() if urn not in there}
    ids = {raw["urn"]: raw["id"] for raw in resources if raw["type"].startswith(PROVIDER)}
    ids |= {urn: str(uuid4()) for urn, raw in new.items() if raw["type"].startswith(PROVIDER)}
    present = there | new.keys()
    now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    order = TopologicalSorter({urn: set(_needs(raw)) & new.keys() for urn, raw in new.items()})
    for urn in order.static_order():
        raw = _without_missing(new[urn], present)
        if urn in ids:
            raw["id"] = ids[urn]
        if provider := _provider(raw):
            raw["provider"] = f"{provider}::{ids[provider]}"
        resources.append({**raw, "created": now, "modified": now})


def _around(found: Iterable[str], plan: Mapping[str, Raw]) -> set[str]:
    """Return the parents and providers of what was found, as far as they are planned, too."""
    around: set[str] = set()
    todo = list(found)
    while todo:
        raw = plan[todo.pop()]
        more = {str(raw.get("parent")), _provider(raw)} & plan.keys() - around
        around |= more
        todo += more
    return around


def _provider(raw: Raw) -> str:
    return str(raw.get("provider", "")).rpartition("::")[0]


def _needs(raw: Raw) -> Iterator[str]:
    """Yield the URNs of what must stand before it in a state."""
    yield from (raw.get("parent", ""), _provider(raw), *raw.get("dependencies", ()))


def _without_missing(raw: Raw, present: set[str]) -> Raw:
    """Return a resource that depends on nothing but what is in the state; `up` adds the rest."""

    def kept(urns: Iterable[str]) -> list[str]:
        return [urn for urn in urns if urn in present]

    found = {**raw, "dependencies": kept(raw.get("dependencies", ()))}
    properties: Mapping[str, list[str] | None] = raw.get("propertyDependencies") or {}
    found["propertyDependencies"] = {key: kept(urns or ()) for key, urns in properties.items()}
    if found.get("deletedWith") not in present:
        found.pop("deletedWith", None)
    return found
