"""Tenants as files: each has one project, with its networks, routers, groups, servers, snapshots.

Their entries are added to those of the stack's config, so models and checks see all of them; the
draft notes which file each is from.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, ClassVar

from pydantic import Field

from . import advice, yaml_text
from .base import Base, Instead
from .base import key as key_of
from .draft import Draft
from .fields import Many
from .files import cannot_read
from .messages import STACK, Problem, show
from .names import NAME
from .networks import NetworkSettings
from .projects import ProjectSettings
from .routers import RouterSettings
from .security_groups import SecurityGroupSettings
from .server_groups import ServerGroupSettings
from .servers import ServerSettings
from .snapshots import SnapshotSettings


class TenantSettings(Base):
    """A tenant's file: its project, with all that is of it alone."""

    project: ProjectSettings = Field(description="the project; without a name it has the file's")
    networks: Annotated[tuple[NetworkSettings, ...], Many] = Field(
        (), description="networks for the project's servers alone"
    )
    routers: Annotated[tuple[RouterSettings, ...], Many] = Field(
        (), description="the project's routers"
    )
    security_groups: Annotated[tuple[SecurityGroupSettings, ...], Many] = Field(
        (), description="the project's groups"
    )
    server_groups: Annotated[tuple[ServerGroupSettings, ...], Many] = Field(
        (), description="the project's server groups"
    )
    servers: Annotated[tuple[ServerSettings, ...], Many] = Field(
        (), description="the project's servers"
    )
    snapshots: Annotated[tuple[SnapshotSettings, ...], Many] = Field(
        (), description="snapshots of the servers in this file"
    )

    instead: ClassVar[Instead] = {
        "name description quota": "it belongs into `project`",
        "flavors images": f"they are the stack's: `{STACK}flavors`, `{STACK}images`",
    }


KEYS = tuple(key_of(name) for name in TenantSettings.model_fields)
LISTS = ("networks", "routers", "securityGroups", "serverGroups", "servers", "snapshots")
SECTIONS = ("projects", *LISTS)
"""Sections that a file adds entries to."""

WITHHELD = {
    ("networks", "shared"): f"shared networks are the stack's: {STACK}networks",
    ("networks", "project"): "a file's networks belong to its own project",
    ("routers", "project"): "a file's routers belong to its own project",
    ("securityGroups", "project"): "a file's groups belong to its own project",
    ("serverGroups", "project"): "a file's server groups belong to its own project",
    ("servers", "project"): "a file's servers belong to its own project",
}
"""Keys that entries of a file can't have, and why."""


def _content(path: Path) -> dict[str, object]:
    """Return the content of a file (ValueError: what is wrong with it)."""
    if what := cannot_read(path):
        raise ValueError(what)
    content = yaml_text.load(path.read_bytes())
    if not isinstance(content, dict):
        what = "empty" if content is None else "not a mapping"
        raise ValueError(f"is {what}; give a mapping with some of the keys {', '.join(KEYS)}")
    return content


def read(tree: dict[str, object], draft: Draft) -> Iterator[Problem]:
    """Add the entries of all tenants' files to the config; yield the problems of files."""
    folder = tree.get("tenants")
    if not isinstance(folder, str):
        return
    if not Path(folder).expanduser().is_dir():
        draft.unread.update(SECTIONS)
        yield Problem(("tenants",), f"{show(folder)} is not a folder, in {Path.cwd()}")
        return
    paths = (path for path in Path(folder).expanduser().iterdir() if path.name[0] != ".")
    for i, path in enumerate(sorted(paths)):
        draft.origins["tenants", i] = str(path), ()
        if path.suffix == ".yml":
            yield Problem(("tenants", i), "is not read; a tenant's file ends in .yaml")
        elif path.suffix == ".yaml":
            yield from _tenant(i, path, tree, draft)


def _tenant(i: int, path: Path, tree: dict[str, object], draft: Draft) -> Iterator[Problem]:
    """Add the entries of the i-th file."""
    try:
        content = _content(path)
    except ValueError as error:
        draft.unread.update(SECTIONS)
        yield Problem(("tenants", i), str(error))
        return
    for key in content:
        if key not in KEYS:
            yield Problem(
                ("tenants", i, key), f"is no known key; {advice.of_key(TenantSettings, key, KEYS)}"
            )

    def add(section: str, entry: object, *place: str | int) -> None:
        entries = tree.setdefault(section, [])
        if isinstance(entries, list):  # otherwise the model refuses it
            draft.origins[section, len(entries)] = str(path), place
            entries.append(entry)

    project = content.get("project", {})
    if isinstance(project, dict):
        project = {"name": path.stem, **project}
    name = project.get("name") if isinstance(project, dict) else None
    if not (isinstance(name, str) and re.fullmatch(NAME.pattern, name)):
        name = "?"  # reported once for the project, not for each server
    add("projects", project, "project")
    for section in LISTS:
        entries = content.get(section, [])
        if not isinstance(entries, list):
            draft.unread.add(section)
            yield Problem(("tenants", i, section), f"{show(entries)} is not a list")
            continue
        for j, entry in enumerate(entries):
            if not isinstance(entry, dict):
                add(section, entry, section, j)
                continue
            for key in entry:
                if why := WITHHELD.get((section, key)):
                    what = f"is not for a tenant's file; {why}"
                    yield Problem(("tenants", i, f"{section}[{j}]", key), what)
            own = {key: value for key, value in entry.items() if (section, key) not in WITHHELD}
            owner = {} if section == "snapshots" else {"project": name}  # it is its server's
            add(section, {**own, **owner}, section, j)
