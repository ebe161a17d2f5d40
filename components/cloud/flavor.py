"""A size of servers."""

from collections.abc import Mapping
from urllib.parse import quote

import pulumi
import pulumi_openstack as openstack

from ..settings import FlavorSettings
from .access import Cloud
from .project import Project


class Flavor(pulumi.ComponentResource):
    """A size of servers: for all projects, or for those given.

    OpenStack cannot change a flavor, so each change is a replacement. With its old id (`keep_id`)
    its servers are not resized. `renamed_projects` are old names by new ones.
    """

    def __init__(
        self,
        name: str,
        settings: FlavorSettings,
        cloud: Cloud,
        projects: Mapping[str, Project],
        opts: pulumi.ResourceOptions | None = None,
        keep_id: str | None = None,
        renamed_projects: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__("iaas:cloud:Flavor", name, None, opts)
        child = pulumi.ResourceOptions(parent=self, provider=cloud.admin)
        flavor = openstack.compute.Flavor(
            f"{name}-flavor",
            name=settings.name,
            vcpus=settings.vcpus,
            ram=settings.ram,
            disk=settings.disk,
            is_public=settings.public,
            flavor_id=keep_id,
            opts=child,
        )
        old_names = renamed_projects or {}
        self.access = {
            project: openstack.compute.FlavorAccess(
                _access(name, project),
                flavor_id=flavor.id,
                tenant_id=projects[project].id,
                opts=pulumi.ResourceOptions.merge(
                    child,
                    pulumi.ResourceOptions(
                        aliases=[pulumi.Alias(name=_access(name, old_names[project]))]
                        if project in old_names
                        else None
                    ),
                ),
            )
            for project in settings.projects
        }
        # Known where it is kept, so that a preview resizes no server for a new name.
        self.id = flavor.urn.apply(lambda _: keep_id) if keep_id is not None else flavor.id
        self.register_outputs({"id": self.id})


def _access(name: str, project: str) -> str:
    """The last slash ends the flavor's name, whatever is in both names."""
    return f"{name}/{quote(project, safe='')}-access"
