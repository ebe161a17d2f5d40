"""Flavors, the sizes of servers."""

from collections.abc import Iterator
from typing import Annotated, ClassVar

from pydantic import Field

from .base import Base, Instead, Rule
from .fields import Count, FlavorName, Many, Name, Size


class FlavorSettings(Base):
    """A size of servers."""

    name: FlavorName = Field(description="the flavor's name")
    vcpus: Count = Field(description="virtual CPUs")
    ram: Count = Field(description="memory (MiB)")
    disk: Size = Field(description="disk (GiB); a server needs at least 1")
    public: bool = Field(True, description="false: only for the servers of the projects listed")
    projects: Annotated[tuple[Name, ...], Many] = Field(
        (), description="the projects that may use a flavor that is not public"
    )

    def broken_rules(self) -> Iterator[Rule]:
        """Allow a list of users only where not all may use it."""
        if self.public and self.projects:
            yield Rule("projects", "needs `public: false`; a public flavor is for all projects")
        if len(set(self.projects)) < len(self.projects):
            yield Rule("projects", "names a project twice; leave one out")

    instead: ClassVar[Instead] = {
        "cpu cpus cores": "it is `vcpus`",
        "mem memory memoryMb": "it is `ram` (MiB)",
        "rootGb size diskGb": "it is `disk` (GiB)",
        "swap ephemeral": "a flavor has one `disk`; leave it out",
        "private": "it is `public: false`",
        "id flavorId": "Nova chooses it; leave it out",
        "extraSpecs": "there are none; leave it out",
    }
