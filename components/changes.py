"""What stays although its settings change: renames done in place, sizes and images that are kept.

Pulumi knows things by their names: one of another name it would make, and delete the old one.
Here the settings are compared with the state that the last run left, before anything is registered.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import pulumi

from .settings import FlavorSettings, ServerSettings, Settings
from .state import FlavorBefore, State


@dataclass(frozen=True)
class Change:
    """The settings, and what the last run left. `fingerprint` is that of the secret now."""

    settings: Settings
    before: State
    fingerprint: str

    @cached_property
    def renamed_projects(self) -> Mapping[str, str]:
        """Old names by new ones: a new project has all servers that a project of before leaves."""
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
        """Old names by new ones: a new network has the VLAN of one that is no more."""
        there = {network.name for network in self.settings.networks}
        gone = {n.segment: n.name for n in self.before.networks.values() if n.name not in there}
        return {
            network.name: gone[network.segment]
            for network in self.settings.networks
            if network.name not in self.before.networks and network.segment in gone
        }

    @cached_property
    def renamed_flavors(self) -> Mapping[str, str]:
        """Old names by new ones: a new flavor has the size of one that is no more."""
        there = {flavor.name for flavor in self.settings.flavors}
        gone = [f for f in self.before.flavors.values() if f.name not in there]
        found: dict[str, str] = {}
        for flavor in self.settings.flavors:
            same = [f for f in gone if f.size == _size(flavor)]
            if flavor.name not in self.before.flavors and same:
                found[flavor.name] = same[0].name
                gone.remove(same[0])
        return found

    def keeps_image(self, server: ServerSettings) -> bool:
        """Return whether a server stays as it is though its image is a newer one.

        One that was made from an image of before is replaced by the next new content, and not
        by the word `replaceServers` alone.
        """
        before = self.before.servers.get(server.name)
        image = next(image for image in self.settings.images if image.name == server.image)
        if before is None or server.image not in self.before.images:
            return False  # as of another stack's images, whose files are not read here
        there, content = self.before.images[server.image]
        return before.image != there and content == image.digest

    def keeps_size(self, server: str) -> bool:
        """Warn and return True where another flavor would replace a server.

        The provider cannot resize one whose flavor it does not find any more: a flavor that
        changes is deleted first, and the resize may have failed.
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
        """Return what this flavor was before, whatever its name was."""
        return self.before.flavors.get(self.renamed_flavors.get(flavor.name, flavor.name))

    def flavor_id(self, flavor: FlavorSettings) -> str | None:
        """Return the id that a flavor keeps; None for a new one and for one of another size.

        OpenStack takes a flavor of another name or audience for another flavor, and would resize
        the servers that have it.
        """
        before = self.flavor_before(flavor)
        return before.id if before and before.size == _size(flavor) else None


def aliases(kind: str, renamed: Mapping[str, str], name: str) -> pulumi.ResourceOptions:
    """Return the options by which a component of another name is the one of before."""
    old = renamed.get(name)
    return pulumi.ResourceOptions(
        aliases=[pulumi.Alias(name=f"{kind}-{old}")] if old is not None else None
    )


def _size(flavor: FlavorSettings) -> tuple[int, int, int]:
    return flavor.vcpus, flavor.ram, flavor.disk
