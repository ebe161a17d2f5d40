"""A tenant of the cloud."""

from collections.abc import Sequence
from functools import cached_property

import pulumi
import pulumi_openstack as openstack

from ..settings import ProjectSettings
from .access import Cloud, hidden, provider

UNLIMITED = -1  # in a quota


def login(project: str) -> str:
    """The name of the password of a project's user."""
    return f"project {project}"


class Project(pulumi.ComponentResource):
    """A tenant: its project, its quota, and the user by which its servers are made.

    The user has the project's name and the role `member` in it and nowhere else. With
    `placer_role_id` it has that role there, too, by which it chooses the computes of its servers.
    Deleting a project leaves what others made in it.
    """

    def __init__(
        self,
        name: str,
        settings: ProjectSettings,
        cloud: Cloud,
        opts: pulumi.ResourceOptions | None = None,
        placer_role_id: pulumi.Input[str] | None = None,
    ) -> None:
        super().__init__("iaas:cloud:Project", name, None, opts)
        self.name = name
        child = pulumi.ResourceOptions(parent=self, provider=cloud.admin)
        project = openstack.identity.Project(
            f"{name}-project",
            name=settings.name,
            description=hidden(settings, "description", settings.description),
            opts=child,
        )
        self.settings = settings
        self.cloud = cloud
        self.id = project.id
        # What limits a project is its servers: each has a key pair and a security group, and at
        # most one floating address.
        quota = settings.limits
        self._ready: list[pulumi.Resource] = [
            openstack.compute.QuotaSetV2(
                f"{name}-quota",
                project_id=project.id,
                # In full where the settings have none: to leave it out would keep the old one.
                instances=quota.instances,
                cores=quota.cores,
                ram=quota.ram,
                key_pairs=UNLIMITED,
                server_groups=UNLIMITED,
                server_group_members=UNLIMITED,
                opts=child,
            ),
            openstack.networking.QuotaV2(
                f"{name}-network-quota",
                project_id=project.id,
                floatingip=UNLIMITED,
                port=UNLIMITED,
                router=UNLIMITED,
                security_group=UNLIMITED,
                security_group_rule=UNLIMITED,
                opts=child,
            ),
        ]
        self.password = cloud.passwords.plain(login(settings.name))
        user = openstack.identity.User(
            f"{name}-user",
            name=settings.name,
            password=pulumi.Output.secret(self.password),
            default_project_id=project.id,
            opts=child,
        )
        roles = {"member": cloud.member_role_id}
        if placer_role_id is not None:
            roles["placer"] = placer_role_id
        self._ready += [
            openstack.identity.RoleAssignment(
                f"{name}-{role}",
                project_id=project.id,
                user_id=user.id,
                role_id=role_id,
                opts=child,
            )
            for role, role_id in roles.items()
        ]
        self.register_outputs({"id": self.id, "name": settings.name})

    @property
    def ready(self) -> Sequence[pulumi.Resource]:
        """What its user's login waits for."""
        return self._ready

    @property
    def ports(self) -> openstack.Provider:
        """Makes its servers' ports: the admin, as another provider would replace them."""
        return self.cloud.admin

    @cached_property
    def provider(self) -> openstack.Provider:
        """Acts as the project's own user; a process more, so only made for servers."""
        return provider(
            f"{self.name}-provider",
            self.cloud.auth_url,
            self.cloud.region,
            self.settings.name,
            self.settings.name,
            self.password,
            self.cloud.ca,
            pulumi.ResourceOptions(parent=self, depends_on=self._ready),
        )
