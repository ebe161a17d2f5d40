"""Server groups: which servers are to run on one compute, and which apart."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from typing import ClassVar, Literal

from pydantic import Field

from .base import Base, Instead, Rule
from .draft import Draft, until_broken
from .drain import taking
from .fields import Count, Name
from .messages import STACK, Place, Problem, show
from .servers import ServerSettings

TOGETHER, APART = "affinity", "anti-affinity"
"""The strict policies: a server that cannot have it so is not made."""
STRICT = (TOGETHER, APART)


class ServerGroupSettings(Base):
    """Servers of a project that are placed with regard to each other."""

    name: Name = Field(description="the group's name")
    project: Name = Field(description="the project that it belongs to, by name")
    policy: Literal["affinity", "anti-affinity", "soft-affinity", "soft-anti-affinity"] = Field(
        description="its servers are on one compute, or apart; soft: where that is possible"
    )
    max_per_host: Count = Field(
        1, description="with anti-affinity: how many of its servers may be on one compute"
    )

    def broken_rules(self) -> Iterator[Rule]:
        """Refuse a number that says nothing."""
        if self.max_per_host != 1 and self.policy != APART:
            yield Rule("maxPerHost", f"is for {APART} alone; leave it out")

    @property
    def strict(self) -> bool:
        """Whether a server that cannot have it so is not made."""
        return self.policy in STRICT

    def conflict(self, hosts: Mapping[str, str | None], computes: int) -> str | None:
        """Return why no placing of its servers is possible, if none is.

        `hosts` are the computes that the settings name, by server; `computes` is how many there
        are.
        """
        there = Counter(host for host in hosts.values() if host is not None)
        named = ", ".join(f"{name} on {host}" for name, host in hosts.items() if host is not None)
        if self.policy == TOGETHER and len(there) > 1:
            return f"affinity has its servers on one compute, but they are to be apart: {named}"
        limit = self.max_per_host
        if self.policy == APART and len(hosts) > limit * computes:
            return (
                f"anti-affinity has at most {limit} of its servers on a compute, which {computes}"
                f" compute{'s' * (computes != 1)} cannot do for {len(hosts)} servers:"
                f" {', '.join(hosts)}"
            )
        if self.policy == APART and there and max(there.values()) > limit:
            return (
                f"anti-affinity has at most {limit} of its servers on a compute, but more are to be"
                f" there: {named}"
            )
        return None

    instead: ClassVar[Instead] = {
        "policies": "it has one `policy`",
        "rules maxServerPerHost": "how many of its servers may be on a compute is `maxPerHost`",
        "members servers": f"a server names its group: `{STACK}servers.serverGroup`",
        "tenant tenantId projectId": "the project is named by `project`",
    }


def same_project(draft: Draft, place: Place, server: ServerSettings) -> Iterator[Problem]:
    """Find a server in a group of another project."""
    group = draft.find(ServerGroupSettings, server.server_group) if server.server_group else None
    if group is not None and group.project != server.project:
        what = f"{show(group.name)} belongs to project {show(group.project)}, not to"
        what += f" {show(server.project)}; make one of that project"
        yield Problem((*place, "serverGroup"), what)


def possible(draft: Draft) -> Iterator[Problem]:
    """Find a group whose servers cannot be placed as it says."""
    members: dict[str, dict[str, str | None]] = defaultdict(dict)
    for _, server in draft.of(ServerSettings):
        group = vars(server).get("server_group")
        if group is not None and "name" in vars(server):
            members[group][server.name] = vars(server).get("host")
    computes = taking(draft)
    for place, group in draft.of(ServerGroupSettings):
        yield from until_broken(_possible(place, group, members, computes))


def _possible(
    place: Place,
    group: ServerGroupSettings,
    members: Mapping[str, Mapping[str, str | None]],
    computes: int,
) -> Iterator[Problem]:
    if computes and (what := group.conflict(members.get(group.name, {}), computes)):
        advice = f"take other hosts, no hosts, or soft-{group.policy}"
        if group.policy == APART and "cannot" in what:
            advice = "add computes, take servers out, or take soft-anti-affinity"
        yield Problem((*place, "policy"), f"{what}; {advice}")
