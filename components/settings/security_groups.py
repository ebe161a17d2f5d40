"""Security groups: openings that several servers of a project share."""

from collections.abc import Iterator
from typing import Annotated, ClassVar

from pydantic import Field

from .advice import nearest
from .base import Base, Instead, Rule
from .draft import Draft
from .fields import Description, GroupName, Many, Name
from .messages import Place, Problem, show
from .openings import EgressSettings, IngressSettings, OpeningSettings, repeated
from .servers import ServerSettings, nics


class SecurityGroupSettings(Base):
    """Openings that servers of a project share; rules of other groups may name its servers."""

    name: GroupName = Field(description="the group's name")
    project: Name = Field(description="the project that it belongs to, by name")
    description: Description = Field("", description="a text for people")
    ingress: Annotated[tuple[IngressSettings, ...], Many] = Field(
        (), description="what may reach its servers, in addition to their own ingress"
    )
    egress: Annotated[tuple[EgressSettings, ...], Many] = Field(
        (), description="what its servers may reach, in addition to their own egress"
    )

    def broken_rules(self) -> Iterator[Rule]:
        """Require each opening once."""
        yield from repeated("ingress", self.ingress)
        yield from repeated("egress", self.egress)

    instead: ClassVar[Instead] = {
        "rules securityGroupRules": "what comes in is `ingress`, what goes out is `egress`",
        "deleteDefaultRules": "a group has no default rules; leave it out",
        "servers members": "a server names its groups; leave it out",
        "stateful": "groups are stateful; leave it out",
        "tenant tenantId projectId": "the project is named by `project`",
    }


def same_project(draft: Draft, place: Place, server: ServerSettings) -> Iterator[Problem]:
    """Find a server in a group of another project."""
    named = [(place, server.security_groups)]
    named += [(where, nic.security_groups) for where, nic in nics(place, server)]
    for where, names in named:
        for i, name in enumerate(names):
            yield from _of(draft, (*where, "securityGroups", i), name, server.project)


def peers(
    draft: Draft, place: Place, entry: ServerSettings | SecurityGroupSettings
) -> Iterator[Problem]:
    """Find an opening for a group that does not exist, or is another project's."""
    lists: tuple[tuple[str, tuple[OpeningSettings, ...]], ...] = (
        ("ingress", entry.ingress),
        ("egress", entry.egress or ()),
    )
    for key, openings in lists:
        for i, opening in enumerate(openings):
            where = (*place, key, i, opening.end, "group")
            if opening.group is None:
                continue
            if draft.find(SecurityGroupSettings, opening.group) is not None:
                yield from _of(draft, where, opening.group, entry.project)
            elif "securityGroups" not in draft.unread:
                names = [
                    name for name in draft.names("securityGroups").values() if name is not None
                ]
                what = f"{show(opening.group)} is not among the securityGroups"
                yield Problem(where, f"{what}; {nearest(opening.group, names)}")


def _of(draft: Draft, place: Place, name: str, project: str) -> Iterator[Problem]:
    group = draft.find(SecurityGroupSettings, name)
    owner = vars(group).get("project") if group is not None else None
    if owner not in (None, project):
        what = f"{show(name)} belongs to project {show(owner)}, not to {show(project)}"
        yield Problem(place, f"{what}; make one of that project")
