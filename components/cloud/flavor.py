"""A size of servers."""

from collections.abc import Mapping
from urllib.parse import quote

import pulumi
import pulumi_openstack as openstack

from components.cloud.access import Cloud
from components.cloud.project import Project
from components.settings import FlavorSettings


class Flavor(pulumi.ComponentResource):
    """A size of servers: for all projects, or for those given."""

    def __init__(
        self,
        name: str,
        settings: FlavorSettings,
        cloud: Cloud,
        projects: Mapping[str, Project],
        opts: pulumi.ResourceOptions | None = None,
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
            opts=child,
        )
        self.access = {
            project: openstack.compute.FlavorAccess(
                # The last slash ends the flavor's name, whatever is in both names.
                f"{name}/{quote(project, safe='')}-access",
                flavor_id=flavor.id,
                tenant_id=projects[project].id,
                opts=child,
            )
            for project in settings.projects
        }
        self.id = flavor.id
        self.register_outputs({"id": self.id})
