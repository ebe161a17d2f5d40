"""Openings that several servers of a project share."""

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType

import pulumi
import pulumi_openstack as openstack

from ..settings import SecurityGroupSettings
from .parts import ExistingProject
from .project import Project
from .rules import rules, traffic


class SecurityGroup(pulumi.ComponentResource):
    """A security group of a project, made by the project's own user.

    It owns the group and its rules. Neutron's default rules are deleted, so it opens just what
    its settings say. Its rules come by `open`, as they may name each group, itself too.
    """

    def __init__(
        self,
        name: str,
        settings: SecurityGroupSettings,
        project: Project | ExistingProject,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("iaas:cloud:SecurityGroup", name, None, opts)
        self.name = name
        self.settings = settings
        self._tenant = pulumi.ResourceOptions(parent=self, provider=project.provider)
        self._group = openstack.networking.SecGroup(
            f"{name}-group",
            name=settings.name,
            # Never empty: the provider would keep the old one.
            description=settings.description or "What several servers share",
            delete_default_rules=True,
            opts=pulumi.ResourceOptions.merge(
                self._tenant,
                pulumi.ResourceOptions(
                    # In another project it is another one, as Neutron cannot change the owner.
                    replacement_trigger=project.id,
                    # Neutron deletes no group that a port has, and ports get the new one first.
                    delete_before_replace=False,
                ),
            ),
        )
        self.id = self._group.id
        self.rules: Sequence[pulumi.Resource] = ()
        self.register_outputs({"id": self.id})

    def open(
        self,
        groups: "Iterable[SecurityGroup]",
        renamed: Mapping[str, str] = MappingProxyType({}),
        ipv6: bool = False,
    ) -> None:
        """Declare the rules; `groups` are all that they may name, `renamed` old names by new.

        `ipv6`: servers of the project have IPv6.
        """
        self.rules = rules(
            f"{self.name}-",
            self._group,
            self.settings.ingress,
            traffic(self.settings.egress),
            {group.settings.name: group.id for group in groups},
            renamed,
            self._tenant,
            ipv6,
        )
