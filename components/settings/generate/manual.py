"""docs/settings.md: a table for each section of the settings."""

import json
import re
from collections.abc import Iterator, Mapping

from pydantic import BaseModel
from pydantic_core import PydanticUndefined

from ..kinds import Kind
from ..messages import STACK, namespace
from ..settings import Settings
from ..stack import TenantStackSettings
from ..tenants import WITHHELD, TenantSettings
from .describe import Key, Type, keys, sections

FILE = "docs/settings.md"

HEAD = """\
<!-- Written by `make settings` from the models in components/settings: change those. -->

# Settings

They are the stack's config, under `{namespace}` in `Pulumi.STACK.yaml`; `Pulumi.dev.yaml` is an
example.
A default "required" means that the key must be given, "none" that it may be left out. The
[last table](#types) has the allowed values of each type.

Names of one kind that differ in case or accents alone are the same: OpenStack's database does not
tell `Café` from `cafe`. All settings are checked [before anything is changed](checks.md#settings).
"""

SEE: Mapping[str, str] = {
    "ssh": "secrets.md#the-ssh-key",
    "controller": "real-nodes.md",
    "computes[]": "computes.md#on-the-controller-itself",
    "api": "networks.md#the-firewall-of-a-node",
    "sizes": "sizes.md",
    "backup": "backup.md",
    "secret": "secrets.md#the-secret",
    "tenants": "tenants.md#tenants-as-files",
    "tenantStacks": "tenants.md#a-stack-for-each-tenant",
    "networks[]": "networks.md",
    "routers[]": "networks.md#bridged-nat-host-only",
    "serverGroups[]": "servers.md",
    "servers[]": "servers.md",
    "securityGroups[]": "networks.md#what-reaches-a-server-and-what-it-reaches",
    "adoptedServers[]": "adopt.md#servers-that-were-made-by-hand",
    "snapshots[]": "snapshots.md",
    "rules": "rules.md",
    "allowDeletion": "changes.md#what-is-in-use-stays",
}
"""By key: the page with more about it."""


def text(project: str) -> str:
    """Return the page for a Pulumi project of this name."""
    head = HEAD.format(namespace=namespace(project))
    page = "\n".join([head, *_stack(), *_tenants_stack(), *_tenants_file(), *_types()])
    return page.replace(STACK, namespace(project))


def _stack() -> Iterator[str]:
    yield from ("## The stack's file", "", *_table(Settings, ""))
    for title, places in _titles().items():
        model = places[0].type.model
        assert model is not None  # noqa: S101
        yield from (f"## {title}", "", _summary(model), "", *_table(model, places[0].path))


def _tenants_stack() -> Iterator[str]:
    yield from ("## A tenant's stack", "", _summary(TenantStackSettings), "")
    yield from _table(TenantStackSettings, "")


def _tenants_file() -> Iterator[str]:
    yield from ("## A tenant's file", "", _summary(TenantSettings), "")
    yield from (*_table(TenantSettings, ""), "These keys are not in it:", "")
    yield from (f"- `{section}[].{key}`: {why}." for (section, key), why in WITHHELD.items())
    yield ""


def _types() -> Iterator[str]:
    yield from ("## Types", "", "| type | what a value may be |", "|---|---|")
    models: tuple[type[BaseModel], ...] = (Settings, TenantStackSettings)
    nested = [key.type.model for model in models for key in sections(model) if key.type.model]
    kinds = {key.type.kind for model in (*models, *nested) for key in keys(model)}
    for kind in sorted((kind for kind in kinds if kind), key=_name):
        yield f"| {kind.name} | {_cell(kind.limits)} |"
    yield ""


def _name(kind: Kind) -> str:
    return kind.name.lower()


def _titles() -> dict[str, list[Key]]:
    """Return the sections of the stack's file by their titles; those of one model are one."""
    of_model: dict[type[BaseModel] | None, list[Key]] = {}
    for key in sections(Settings):
        of_model.setdefault(key.type.model, []).append(key)
    return {", ".join(f"`{key.path}`" for key in found): found for found in of_model.values()}


def _summary(model: type[BaseModel]) -> str:
    return (model.__doc__ or "").partition(".")[0] + "."


def _table(model: type[BaseModel], path: str) -> Iterator[str]:
    yield from ("| key | type | default | meaning |", "|---|---|---|---|")
    for key in keys(model, path):
        see = f"; [more]({SEE[key.path]})" if key.path in SEE and model is Settings else ""
        cells = (f"`{key.name}`", _type(key.type), _default(key), _cell(key.meaning) + see)
        yield f"| {' | '.join(cells)} |"
    yield ""


def _type(given: Type) -> str:
    if given.model is not None:
        title = next(t for t, found in _titles().items() if found[0].type.model is given.model)
        words = "".join(f" or `{choice}`" for choice in given.choices)
        return f"[{'list of mappings' if given.many else 'mapping'}](#{_anchor(title)}){words}"
    if given.choices:
        *others, last = (f"`{choice}`" for choice in given.choices)
        return f"{', '.join(others)} or {last}"
    name = given.kind.name if given.kind else ""
    many = f"list of {name}{'es' if name.endswith('s') else 's'}"
    return many if given.many else name


def _default(key: Key) -> str:
    default = key.field.default
    if default is PydanticUndefined:
        return "required"
    if default is None:
        return "none"
    if default == "":
        return "empty"
    if isinstance(default, BaseModel):
        return "`{}`"
    return f"`{json.dumps(default) if isinstance(default, bool | tuple) else default}`"


def _cell(text: str) -> str:
    return text.replace("|", r"\|")


def _anchor(title: str) -> str:
    """Return what GitHub and GitLab link a heading by."""
    return re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")
