"""References: names that must exist in another section."""

from collections.abc import Iterator

from .adopted_servers import AdoptedServerSettings
from .advice import nearest
from .base import Base
from .draft import Draft
from .flavors import FlavorSettings
from .messages import Problem, show
from .networks import NetworkSettings
from .nics import NicSettings
from .routers import RouterSettings
from .rules import RulesSettings
from .security_groups import SecurityGroupSettings
from .server_groups import ServerGroupSettings
from .servers import ServerSettings

REFERENCES: tuple[tuple[type[Base], str, str], ...] = (
    (NetworkSettings, "project", "projects"),
    (RouterSettings, "project", "projects"),
    (RouterSettings, "external", "networks"),
    (RouterSettings, "networks", "networks"),
    (FlavorSettings, "projects", "projects"),
    (ServerSettings, "project", "projects"),
    (ServerSettings, "image", "images"),
    (ServerSettings, "from_snapshot", "snapshots"),
    (ServerSettings, "flavor", "flavors"),
    (ServerSettings, "network", "networks"),
    (ServerSettings, "security_groups", "securityGroups"),
    (ServerSettings, "server_group", "serverGroups"),
    (ServerSettings, "host", "computes"),
    (AdoptedServerSettings, "project", "projects"),
    (AdoptedServerSettings, "flavor", "flavors"),
    (ServerGroupSettings, "project", "projects"),
    (NicSettings, "network", "networks"),
    (NicSettings, "security_groups", "securityGroups"),
    (SecurityGroupSettings, "project", "projects"),
    (RulesSettings, "protected_networks", "networks"),
)
"""Model, its field with a name, and the section where that name must exist."""


def references(draft: Draft) -> Iterator[Problem]:
    """Find names that do not exist."""
    for kind, field, section in REFERENCES:
        there = draft.names(section).values()
        if None in there or section in draft.unread:
            continue
        names = [name for name in there if name is not None]
        for place, value in draft.values(kind, field):
            many = isinstance(value, tuple)
            for i, name in enumerate(value if isinstance(value, tuple) else (value,)):
                if isinstance(name, str) and name not in names:
                    what = f"{show(name)} is not among the {section}; {nearest(name, names)}"
                    yield Problem((*place, i) if many else place, what)
