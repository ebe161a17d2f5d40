"""Servers that somebody made by hand, and that the settings have the say of from then on."""

from collections.abc import Iterator
from typing import Annotated, ClassVar

from pydantic import Field

from . import labels
from .base import Base, Instead, Rule
from .fields import Many, Name, ServerId
from .labels import Metadata, Tag
from .messages import STACK

AS_MADE = "it stays as it was made; leave it out"


class AdoptedServerSettings(Base):
    """A server that is in the cloud already: its name, size, metadata and tags.

    All else of it stays as it was made: image, volumes, NICs, groups, key pair and user data.
    """

    id: ServerId = Field(description="Nova's id of it")
    name: Name = Field(description="the server's name")
    project: Name = Field(description="the project that it belongs to, by name")
    flavor: Name | None = Field(
        None, description="its size, a flavor's name; none: it keeps the one that it has"
    )
    metadata: Metadata | None = Field(
        None, description="what it may ask of itself, and tools of it; none: what it has"
    )
    tags: Annotated[tuple[Tag, ...], Many] = Field(
        (), description="words by which tools find it; at most 50; none: what it has"
    )

    def broken_rules(self) -> Iterator[Rule]:
        """Refuse too many tags, and those that are the same."""
        yield from labels.broken_tags(self.tags)

    instead: ClassVar[Instead] = {
        "image network networks address address6 ports volumes": AS_MADE,
        "publicKey publicKeyFile keyPair userData userDataFile configDrive": AS_MADE,
        "ingress egress securityGroups serverGroup host": AS_MADE,
        "fromSnapshot restore floatingIp": f"it is for `{STACK}servers` alone; leave it out",
        "tenant tenantId projectId": "the project is named by `project`",
        "server serverId uuid": "it is `id`",
    }
