"""What Nova would refuse, or not do, of where servers are placed.

It moves no server that is there, neither to another compute nor into another group. Pulumi makes
what is new before it deletes what is old.
"""

from collections.abc import Callable, Iterator

from ..before import ServerBefore
from ..changes import EARLIER, Change, Refusal
from ..settings import ServerSettings


def tenants(change: Change) -> Iterator[Refusal]:
    """In a tenant's stack the tenant makes the servers, and Nova lets no tenant place them."""
    for server in change.settings.servers if change.settings.tenant_stacks else ():
        if server.host is not None:
            yield Refusal(
                f"servers[{server.name}].host",
                "a tenant's stack makes this server, and Nova lets the cloud's team alone choose"
                " its compute; leave it out, or take a server group",
            )


def hosts(change: Change) -> Iterator[Refusal]:
    """A server stays on the compute that it is on."""
    for server in change.settings.servers:
        before = _stays(change, server)
        if before and server.host not in (None, before.host):
            where = f"is on {before.host}" if before.host else "is there already"
            yield Refusal(
                f"servers[{server.name}].host",
                f"{server.host}, but the server {where}, and `host` moves none; leave it out: the"
                f" server stays where it is. To make it anew there, remove it {EARLIER}: its"
                " disk is lost then",
            )


def policies(change: Change) -> Iterator[Refusal]:
    """Nova changes no group, and in a new one its servers would be new ones, too."""
    for group in change.settings.server_groups:
        name = change.renamed_server_groups.get(group.name, group.name)
        before = change.before.server_groups.get(name)
        stay = [
            server.name
            for server in change.settings.servers
            if server.server_group == group.name
            and (there := _stays(change, server)) is not None
            and there.group == name
        ]
        if before is None or not stay:
            continue
        for key, old, new in (
            ("policy", before.policy, group.policy),
            ("maxPerHost", before.max_per_host, group.max_per_host),
        ):
            if old != new:
                yield Refusal(
                    f"serverGroups[{group.name}].{key}",
                    f"{old} -> {new}, but Nova changes no group, and {', '.join(stay)} would be"
                    " made anew for another one, without their disks; leave it, and make another"
                    " group for new servers",
                )


def room(change: Change) -> Iterator[Refusal]:
    """A server that leaves a group holds its place there until it is deleted, which is last."""
    settings = change.settings
    computes = len(settings.computes) - sum(one.drain for one in settings.other_computes)
    for group in change.settings.server_groups:
        name = change.renamed_server_groups.get(group.name, group.name)
        members = {s.name: s for s in change.settings.servers if s.server_group == group.name}
        there = {
            before.name: before
            for before in change.before.servers.values()
            if before.group == name and before.built
        }
        leave = [server for server in there if server not in members]
        if not (leave and members.keys() - there.keys()):
            continue
        if what := group.conflict(_where(members, there), computes):
            yield Refusal(
                f"serverGroups[{group.name}].policy",
                f"{what}; of these {', '.join(leave)} would leave last: remove what leaves"
                f" {EARLIER}",
            )


def _where(
    members: dict[str, ServerSettings], there: dict[str, ServerBefore]
) -> dict[str, str | None]:
    """Return the computes of all servers that are in a group during a change, where known."""
    wanted = {name: server.host for name, server in members.items()}
    return wanted | {name: before.host for name, before in there.items()}


def _stays(change: Change, server: ServerSettings) -> ServerBefore | None:
    """Return a server as it was, if it was built; in another project it is another one."""
    before = change.before.servers.get(server.name)
    owner = change.renamed_projects.get(server.project, server.project)
    return before if before and before.built and before.project == owner else None


CHECKS: tuple[Callable[[Change], Iterator[Refusal]], ...] = (tenants, hosts, policies, room)
