"""A server that was made by hand."""

from collections.abc import Sequence

import pulumi
import pulumi_openstack as openstack

from ..settings import AdoptedServerSettings
from .flavor import Flavor
from .project import Project
from .server_hooks import ServerHooks

TYPE = "iaas:cloud:AdoptedServer"
MADE_WITH = (
    *("imageId", "imageName", "keyPair", "networks", "securityGroups", "configDrive"),
    *("availabilityZone", "blockDevices", "schedulerHints", "userData", "hypervisorHostname"),
    "powerState",
)
"""What it was made with, and whether it runs: the settings say nothing of that."""


class AdoptedServer(pulumi.ComponentResource):
    """A server that was made by hand: the settings have its name, size, metadata and tags.

    It owns the server, and is known by the server's id, so that another name is a change in place.
    Ports, groups, key pair and volumes stay whose they are. The admin changes it, as the project's
    user may not be there yet when it is taken into the state (`make adopt`). It is never made: a
    run that would make it ends with an error, a preview warns.

    `guard` is called before the server is deleted. `hooks` are those of all such servers of a
    program. `hosts` must be done before a server can be resized.
    """

    def __init__(
        self,
        settings: AdoptedServerSettings,
        project: Project,
        flavor: Flavor | None,
        guard: pulumi.ResourceHook,
        hooks: ServerHooks,
        hosts: Sequence[pulumi.Resource] = (),
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        name = f"adopted-{settings.id}"
        named = {"server": settings.id, "name": settings.name, "project": settings.project}
        named |= {"flavor": settings.flavor} if settings.flavor is not None else {}
        super().__init__(TYPE, name, named, opts)
        server = openstack.compute.Instance(
            f"{name}-server",
            name=settings.name,
            flavor_id=flavor.id if flavor is not None else None,
            metadata=settings.metadata or None,
            tags=sorted(settings.tags) or None,
            opts=pulumi.ResourceOptions(
                parent=self,
                provider=project.cloud.admin,
                # So that a project that goes is still there when its server does.
                depends_on=[project, *hosts],
                ignore_changes=[*MADE_WITH, *(["flavorId"] if flavor is None else [])],
                hooks=hooks.of_adopted(f"{name}-server", settings.name, project, self, guard),
            ),
        )
        self.id = server.id
        self.register_outputs({"id": self.id})
