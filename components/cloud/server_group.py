"""Servers of a project that are placed together, or apart."""

from collections.abc import Sequence

import pulumi
import pulumi_openstack as openstack

from ..settings import ServerGroupSettings
from ..settings.server_groups import APART
from .parts import ExistingProject
from .project import Project


class ServerGroup(pulumi.ComponentResource):
    """A server group of a project, made by the project's own user.

    Nova changes no group, and a server stays in the group that it was made in. So a group keeps the
    name that it was made with, and any other change replaces it.
    """

    before_next: Sequence[pulumi.Resource]
    """What its next server waits for. Nova places two at once without regard to each other, and
    looks for another compute only a few times."""

    def __init__(
        self,
        name: str,
        settings: ServerGroupSettings,
        project: Project | ExistingProject,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("iaas:cloud:ServerGroup", name, None, opts)
        self.settings = settings
        group = openstack.compute.ServerGroup(
            f"{name}-servergroup",
            name=settings.name,
            policies=settings.policy,
            # In full, as the provider keeps an old one. Nova takes it for this policy alone.
            rules=openstack.compute.ServerGroupRulesArgs(max_server_per_host=settings.max_per_host)
            if settings.policy == APART
            else None,
            opts=pulumi.ResourceOptions(
                parent=self,
                provider=project.provider,
                # In another project it is another one, as Nova cannot change the owner.
                replacement_trigger=project.id,
                ignore_changes=["name"],
            ),
        )
        self.id = group.id
        self.before_next: Sequence[pulumi.Resource] = ()
        self.register_outputs({"id": self.id})

    def add(self, server: pulumi.Resource) -> None:
        """Note that this server was declared in it."""
        if self.settings.strict:
            self.before_next = [server]
