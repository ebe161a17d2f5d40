"""Snapshots: the disks of servers at one moment, and the servers that are brought back to them.

A snapshot may outlive its server. Whether its server was ever there, only the state of the last run
says (`components/refusals/snapshots.py`).
"""

from collections.abc import Iterator
from typing import ClassVar

from pydantic import Field

from .advice import nearest
from .base import Base, Instead
from .draft import Draft
from .fields import Name, ServerName
from .messages import Place, Problem, show
from .servers import ServerSettings


class SnapshotSettings(Base):
    """A server's disk as it was when this was first applied."""

    name: Name = Field(description="the snapshot's name, and that of its image in the project")
    server: ServerName = Field(
        description="the server, by name; its snapshot may stay when it is removed"
    )

    instead: ClassVar[Instead] = {
        "project tenant tenantId projectId": "a snapshot belongs to its server's project; leave it"
        " out",
        "serverId instance instanceId": "the server is named by `server`",
        "volume volumes": "there are no volumes; a server's disk is its flavor's",
        "description metadata properties tags": "there are none of your own; leave it out",
        "schedule retention keep": "one entry for each snapshot",
    }


def _of(draft: Draft, name: str | None) -> SnapshotSettings | None:
    return draft.find(SnapshotSettings, name) if name is not None else None


def own(draft: Draft, place: Place, server: ServerSettings) -> Iterator[Problem]:
    """Find a server that would be brought back to no snapshot of its own."""
    if server.restore is None:
        return
    snapshot = _of(draft, server.restore)
    if snapshot is None:
        there = draft.names("snapshots").values()
        if None not in there and "snapshots" not in draft.unread:
            names = [name for name in there if name is not None]
            yield Problem(
                (*place, "restore"),
                f"{show(server.restore)} is not among the snapshots; a snapshot stays as long as a"
                f" `restore` names it (taking that out changes nothing);"
                f" {nearest(server.restore, names)}",
            )
    elif snapshot.server != server.name:
        yield Problem(
            (*place, "restore"),
            f"{show(snapshot.name)} is of server {show(snapshot.server)}; take a snapshot of"
            f" {show(server.name)} itself, or make a new server by `fromSnapshot`",
        )


def same_project(draft: Draft, place: Place, server: ServerSettings) -> Iterator[Problem]:
    """Find a server that would start from the snapshot of another project's server."""
    snapshot = _of(draft, server.from_snapshot)
    made_by = draft.find(ServerSettings, snapshot.server) if snapshot is not None else None
    if snapshot is not None and made_by is not None and made_by.project != server.project:
        yield Problem(
            (*place, "fromSnapshot"),
            f"{show(snapshot.name)} belongs to project {show(made_by.project)}, not to"
            f" {show(server.project)}",
        )


def of_the_file(draft: Draft, place: Place, snapshot: SnapshotSettings) -> Iterator[Problem]:
    """Find a snapshot in a tenant's file of a server that is not in the file."""
    file, _ = draft.origin(place)
    if not file or "servers" in draft.unread:
        return
    servers = draft.names("servers").items()
    if not any(name == snapshot.server and draft.origin(at)[0] == file for at, name in servers):
        yield Problem(
            (*place, "server"),
            f"{show(snapshot.server)} is no server of this file; a snapshot of another one, or of"
            " one that is removed, is for the stack's file",
        )
