"""Projects, the tenants, and what their servers may use."""

from typing import ClassVar

from pydantic import Field

from .advice import NO_VOLUMES
from .base import Base, Instead
from .fields import Count, Description, ProjectName
from .messages import STACK

SERVERS_ALONE = "a quota limits servers alone: `instances`, `cores` and `ram`"


class QuotaSettings(Base):
    """What the servers of a project may use together."""

    instances: Count = Field(description="servers")
    cores: Count = Field(description="virtual CPUs")
    ram: Count = Field(description="memory (MiB)")

    instead: ClassVar[Instead] = {
        "volumes gigabytes snapshots backups disk": NO_VOLUMES + "; leave it out",
        "ports networks subnets routers floatingIps": SERVERS_ALONE,
        "securityGroups securityGroupRules keyPairs metadataItems serverGroups": SERVERS_ALONE,
        "servers": "it is `instances`",
        "vcpus cpus": "it is `cores`",
        "memory memoryMb": "it is `ram` (MiB)",
    }


OPENSTACKS_QUOTA = QuotaSettings(instances=10, cores=20, ram=51200)
"""Nova 2025.1's default quota."""


class ProjectSettings(Base):
    """A tenant."""

    name: ProjectName = Field(description="the project's name, and its user's")
    description: Description = Field("", description="a text for people")
    quota: QuotaSettings | None = Field(
        None,
        description="limits of its servers, all three; none: OpenStack's own"
        f" ({', '.join(str(limit) for _, limit in OPENSTACKS_QUOTA)})",
    )

    @property
    def limits(self) -> QuotaSettings:
        """The quota that holds: the project's own, or else OpenStack's."""
        return self.quota or OPENSTACKS_QUOTA

    instead: ClassVar[Instead] = {
        "password user users": "its user has the project's name, and a password derived from"
        f" `{STACK}secret`",
        "domain domainId": "all projects are in one domain; leave it out",
        "instances cores ram": "it belongs into `quota`",
    }
