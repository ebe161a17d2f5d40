"""What stays although its settings change: renames done in place, sizes and images that are kept.

Pulumi knows a resource by its name: for a new name it would create one, and delete the old one.
So the settings are compared with the state of the last run, before anything is registered.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import pulumi

from .before import FlavorBefore
from .settings import FlavorSettings, Settings, SnapshotSettings
from .state import State

EARLIER = "in an earlier change"
"""When to take away the old, where it must be gone before the new comes."""


class Refusal(NamedTuple):
    """What cannot be done: where in the settings, why, and what to do instead."""

    place: str
    why: str


@dataclass(frozen=True)
class Change:
    """The settings, and the state of the last run. `fingerprint` is that of the secret now."""

    settings: Settings
    before: State
    fingerprint: str

    @cached_property
    def renamed_projects(self) -> Mapping[str, str]:
        """Old names by new ones: a removed project's servers are now all in one new project."""
        there = {project.name for project in self.settings.projects}
        owners = {server.name: server.project for server in self.settings.servers}
        found: dict[str, str] = {}
        for old in self.before.projects.values():
            left = [s.name for s in self.before.servers.values() if s.project == old]
            new = {owners[name] for name in left if name in owners}
            if old not in there and len(new) == 1 and new.isdisjoint(self.before.projects.values()):
                found.setdefault(new.pop(), old)
        return found

    @cached_property
    def renamed_networks(self) -> Mapping[str, str]:
        """Old names by new ones: a new network has the VLAN of a removed one, or is untagged as it.

        Of a project's own networks: it is the one new network of its project with that cidr, and
        one was removed.
        """
        there = {network.name for network in self.settings.networks}
        gone = [n for n in self.before.networks.values() if n.name not in there]
        new = [n for n in self.settings.networks if n.name not in self.before.networks]
        old_names: dict[object, list[str]] = {}
        for old in gone:
            key = (old.project, old.cidr) if old.own else old.segment
            old_names.setdefault(key, []).append(old.name)
        new_names: dict[object, list[str]] = {}
        for network in new:
            owner = self.renamed_projects.get(network.project or "", network.project)
            key = (owner, str(network.cidr)) if network.own else network.segment
            new_names.setdefault(key, []).append(network.name)
        return _pairs(old_names, new_names)

    @cached_property
    def renamed_routers(self) -> Mapping[str, str]:
        """Old names by new ones: the one new router of its project with the networks of one."""
        there = {router.name for router in self.settings.routers}
        old_names: dict[object, list[str]] = {}
        for old in self.before.routers.values():
            if old.name not in there:
                old_names.setdefault((old.project, old.networks), []).append(old.name)
        new_names: dict[object, list[str]] = {}
        for router in self.settings.routers:
            if router.name not in self.before.routers:
                owner = self.renamed_projects.get(router.project, router.project)
                networks = frozenset(self.renamed_networks.get(n, n) for n in router.networks)
                new_names.setdefault((owner, networks), []).append(router.name)
        return _pairs(old_names, new_names)

    @cached_property
    def renamed_floating(self) -> Mapping[str, str]:
        """Old names by new ones: a server's new floating address comes instead of its old one.

        A port has one, so the old one is replaced; Pulumi would make the new one first.
        """
        there = {server.floating_name for server in self.settings.servers}
        gone = {f.server: f.name for f in self.before.floating.values() if f.name not in there}
        return {
            server.floating_name: gone[server.name]
            for server in self.settings.servers
            if server.floating_name
            and server.floating_name not in self.before.floating
            and server.name in gone
        }

    @cached_property
    def renamed_groups(self) -> Mapping[str, str]:
        """Old names by new ones: a new group of the project has all servers of a removed one."""
        there = {group.name for group in self.settings.security_groups}
        gone = {name: who for name, who in self.before.groups.items() if name not in there}
        found: dict[str, str] = {}
        for group in self.settings.security_groups if gone else ():
            project = self.renamed_projects.get(group.project, group.project)
            servers = frozenset(s.name for s in self.settings.servers if group.name in s.all_groups)
            same = [name for name, who in gone.items() if who == (project, servers)]
            if group.name not in self.before.groups and servers and len(same) == 1:
                found[group.name] = same[0]
                del gone[same[0]]
        return found

    @cached_property
    def renamed_server_groups(self) -> Mapping[str, str]:
        """Old names by new ones: all servers of a removed group that stay are now in one new group.

        Its policy may be another one, which is refused, as such a server would lose its disk.
        """
        owners = {group.name: group.project for group in self.settings.server_groups}
        found: dict[str, str] = {}
        for old in self.before.server_groups.values():
            now = {
                server.server_group
                for server in self.settings.servers
                if server.server_group is not None
                and (before := self.before.servers.get(server.name)) is not None
                and before.group == old.name
            }
            if old.name in owners or len(now) != 1:
                continue
            (name,) = now
            owner = self.renamed_projects.get(owners[name], owners[name])
            if name not in self.before.server_groups and owner == old.project:
                found.setdefault(name, old.name)
        return found

    @cached_property
    def renamed_flavors(self) -> Mapping[str, str]:
        """Old names by new ones: a new flavor has the size of a removed one."""
        there = {flavor.name for flavor in self.settings.flavors}
        gone = [f for f in self.before.flavors.values() if f.name not in there]
        found: dict[str, str] = {}
        for flavor in self.settings.flavors:
            same = [f for f in gone if f.size == _size(flavor)]
            if flavor.name not in self.before.flavors and same:
                found[flavor.name] = same[0].name
                gone.remove(same[0])
        return found

    def owner(self, snapshot: SnapshotSettings) -> str | None:
        """Return the project of a snapshot as it is called now; None: there was no such server.

        One that was taken stays in its project. A new one may be of a server that goes in this
        change: it is taken before.
        """
        now = {old: new for new, old in self.renamed_projects.items()}
        if taken := self.before.snapshots.get(snapshot.name):
            return now.get(taken.project, taken.project)
        if there := self.before.servers.get(snapshot.server):
            return now.get(there.project, there.project)
        owners = {server.name: server.project for server in self.settings.servers}
        return owners.get(snapshot.server)

    def comes_first(self, snapshot: SnapshotSettings) -> bool:
        """Return whether a snapshot is there, or is taken before its server is changed."""
        there = self.before.servers.get(snapshot.server)
        return snapshot.name in self.before.snapshots or bool(there and there.id)

    @cached_property
    def new_snapshots(self) -> Mapping[str, Sequence[str]]:
        """Snapshots by server that are taken before it is changed."""
        found: dict[str, list[str]] = {}
        for snapshot in self.settings.snapshots:
            if snapshot.name not in self.before.snapshots and self.comes_first(snapshot):
                found.setdefault(snapshot.server, []).append(snapshot.name)
        return found

    def keeps_size(self, server: str) -> bool:
        """Warn and return True where another flavor would replace a server.

        The provider cannot resize a server whose flavor is deleted. That happens where a flavor
        was replaced and the resize failed.
        """
        before = self.before.servers.get(server)
        if before is None or before.sized:
            return False
        pulumi.log.warn(
            f"server {server} keeps its size: its flavor was deleted before it got another one."
            f" Resize it by `openstack server resize --flavor FLAVOR {server}` and"
            f" `openstack server resize confirm {server}`, then run `pulumi refresh`"
        )
        return True

    def flavor_before(self, flavor: FlavorSettings) -> FlavorBefore | None:
        """Return this flavor as the last run left it, also under another name."""
        return self.before.flavors.get(self.renamed_flavors.get(flavor.name, flavor.name))

    def flavor_id(self, flavor: FlavorSettings) -> str | None:
        """Return the id that a flavor keeps; None for a new one and for one of another size.

        To OpenStack a flavor with another name or other projects is another flavor: without the
        same id, its servers would be resized.
        """
        before = self.flavor_before(flavor)
        return before.id if before and before.size == _size(flavor) else None


def aliases(kind: str, renamed: Mapping[str, str], name: str) -> pulumi.ResourceOptions:
    """Return the options by which a renamed component stays the same for Pulumi."""
    old = renamed.get(name)
    return pulumi.ResourceOptions(
        aliases=[pulumi.Alias(name=f"{kind}-{old}")] if old is not None else None
    )


def _pairs(
    old_names: Mapping[object, Sequence[str]], new_names: Mapping[object, Sequence[str]]
) -> dict[str, str]:
    """Return old names by new ones, where one of each has a key."""
    return {
        new[0]: old_names[key][0]
        for key, new in new_names.items()
        if len(new) == len(old_names.get(key, ())) == 1
    }


def _size(flavor: FlavorSettings) -> tuple[int, int, int]:
    return flavor.vcpus, flavor.ram, flavor.disk
