"""What a change may not do with snapshots: what the state of the last run says of them."""

from collections.abc import Callable, Iterator

import pulumi

from ..changes import EARLIER, Change, Refusal
from ..settings import ServerSettings, SnapshotSettings
from ..settings.advice import nearest


def tenants(change: Change) -> Iterator[Refusal]:
    """A tenant's stack reaches the APIs alone, and the controller takes snapshots."""
    if not change.settings.tenant_stacks:
        return
    why = (
        "it needs the controller, which a tenant's stack does not reach; leave it out with"
        " tenantStacks: true. `make snapshot` and `make restore` work there"
    )
    for snapshot in change.settings.snapshots:
        yield Refusal(f"snapshots[{snapshot.name}]", why)
    for server in change.settings.servers:
        for key, value in (("restore", server.restore), ("fromSnapshot", server.from_snapshot)):
            if value is not None:
                yield Refusal(f"servers[{server.name}].{key}", why)


def servers(change: Change) -> Iterator[Refusal]:
    """A snapshot is of one server, which was there when it was taken."""
    projects = {project.name for project in change.settings.projects}
    for snapshot in change.settings.snapshots:
        place = f"snapshots[{snapshot.name}].server"
        taken = change.before.snapshots.get(snapshot.name)
        owner = change.owner(snapshot)
        if taken is not None and taken.server != snapshot.server:
            yield Refusal(
                place,
                f"{taken.server} -> {snapshot.server}: it was taken of {taken.server} and stays"
                f" that; take another name for one of {snapshot.server}",
            )
        elif owner is None:
            names = {*change.before.servers, *(server.name for server in change.settings.servers)}
            yield Refusal(
                place, f"{snapshot.server} is no server; {nearest(snapshot.server, sorted(names))}"
            )
        elif owner not in projects:
            yield Refusal(
                place,
                f"its image belongs to project {owner}, which is removed; take the snapshot out,"
                " too",
            )


def restores(change: Change) -> Iterator[Refusal]:
    """A server goes back to a snapshot that is there, and that is of its project."""
    snapshots = {snapshot.name: snapshot for snapshot in change.settings.snapshots}
    for server in change.settings.servers:
        if server.restore is None or (server.name, server.restore) in change.before.restores:
            continue
        snapshot = snapshots[server.restore]
        place = f"servers[{server.name}].restore"
        taken = change.before.snapshots.get(snapshot.name)
        if taken is None:
            yield Refusal(place, f"snapshot {snapshot.name} is not taken yet; take it {EARLIER}")
        elif not taken.id:
            yield Refusal(place, f"the image of snapshot {snapshot.name} is gone; take both out")
        else:
            yield from _other_project(change, snapshot, server, place)


def sources(change: Change) -> Iterator[Refusal]:
    """A server starts from a snapshot that can be there before it."""
    snapshots = {snapshot.name: snapshot for snapshot in change.settings.snapshots}
    for server in change.settings.servers:
        if server.from_snapshot is None:
            continue
        snapshot = snapshots[server.from_snapshot]
        place = f"servers[{server.name}].fromSnapshot"
        if not change.comes_first(snapshot):
            yield Refusal(
                place,
                f"snapshot {snapshot.name} is of {snapshot.server}, which is not there yet; make"
                f" that {EARLIER}",
            )
        else:
            yield from _other_project(change, snapshot, server, place)


def _other_project(
    change: Change, snapshot: SnapshotSettings, server: ServerSettings, place: str
) -> Iterator[Refusal]:
    owner = change.owner(snapshot)
    if owner != server.project:
        yield Refusal(
            place,
            f"snapshot {snapshot.name} belongs to project {owner}, the server to {server.project}",
        )


def warn_of_restores(change: Change) -> None:
    """Say what this change loses on servers that it brings back."""
    for server in change.settings.servers:
        if server.restore is None or (server.name, server.restore) in change.before.restores:
            continue
        if taken := change.before.snapshots.get(server.restore):
            pulumi.log.warn(
                f"server {server.name} goes back to snapshot {taken.name} of {taken.taken}: what"
                " was written on it since then is lost"
            )


CHECKS: tuple[Callable[[Change], Iterator[Refusal]], ...] = (tenants, servers, restores, sources)
