"""The cloud as a tenant's stack sees it: made by another stack, whose outputs say what is where."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import pulumi
import pulumi_openstack as openstack

from ..nodes import auth_url
from ..passwords import Passwords
from ..settings import (
    ImageSettings,
    NetworkSettings,
    ProjectSettings,
    Settings,
    TenantStackSettings,
    namespace,
)
from .access import provider
from .flavor import Flavor
from .image import Image
from .network import ProviderNetwork
from .project import Project, login

IDS = "made"
"""The output of the cloud's stack: the ids of what is there."""
LOGINS = "logins"
"""In it: by what each project's password is known. Who reads outputs reads all: no password."""


@dataclass(frozen=True)
class MadeCloud:
    """Where the cloud is."""

    auth_url: str
    region: str


@dataclass(frozen=True)
class MadeProject:
    """The tenant's project."""

    settings: ProjectSettings
    cloud: MadeCloud
    id: pulumi.Output[str]
    password: pulumi.Output[str]
    provider: openstack.Provider

    @property
    def ports(self) -> openstack.Provider:
        """Makes its servers' ports: the project's own user."""
        return self.provider


@dataclass(frozen=True)
class MadeImage:
    """An image that servers start from."""

    settings: ImageSettings
    id: pulumi.Output[str]


@dataclass(frozen=True)
class MadeNetwork:
    """A VLAN with its subnet."""

    settings: NetworkSettings
    id: pulumi.Output[str]
    subnet_id: pulumi.Output[str]


@dataclass(frozen=True)
class MadeFlavor:
    """A size of servers; who may use it is the other stack's."""

    id: pulumi.Output[str]
    access: Mapping[str, pulumi.Resource] = field(default_factory=dict)


class Made(NamedTuple):
    """What servers need, each by its name: made by their own stack or by the cloud's."""

    projects: Mapping[str, Project | MadeProject]
    images: Mapping[str, Image | MadeImage]
    networks: Mapping[str, ProviderNetwork | MadeNetwork]
    flavors: Mapping[str, Flavor | MadeFlavor]
    hosts: Sequence[pulumi.Resource] = ()


def export_for_tenants(made: Made, passwords: Passwords) -> None:
    """Say in the outputs of a cloud's stack what its tenants' stacks need."""
    ids = {
        "projects": {name: project.id for name, project in made.projects.items()},
        "images": {name: image.id for name, image in made.images.items()},
        "networks": {name: network.id for name, network in made.networks.items()},
        "subnets": {name: network.subnet_id for name, network in made.networks.items()},
        "flavors": {name: flavor.id for name, flavor in made.flavors.items()},
        LOGINS: {
            name: Passwords(passwords.plain(login(name))).fingerprint() for name in made.projects
        },
    }
    pulumi.export(IDS, ids)


def made_by(part: TenantStackSettings, settings: Settings) -> Made:
    """Return what the servers of one tenant need, by the outputs of the cloud's stack (RunError).

    They are read from Pulumi's backend, so a preview is whole without the cloud. Who logs in is
    the project's own user alone.
    """
    made = pulumi.StackReference(part.cloud).get_output(IDS)

    def found(name: str, kind: str) -> pulumi.Output[str]:
        return made.apply(lambda values: _found(part.cloud, values, kind, name))

    cloud = MadeCloud(auth_url(settings.controller), settings.region)

    def project(settings: ProjectSettings) -> MadeProject:
        name = settings.name
        plain = part.password.get_secret_value()
        right = found(name, LOGINS).apply(lambda known: _right(plain, known, part))
        password: pulumi.Output[str] = pulumi.Output.secret(right)
        own = provider(
            f"project-{name}-provider", cloud.auth_url, cloud.region, name, name, password
        )
        return MadeProject(settings, cloud, found(name, "projects"), password, own)

    return Made(
        {p.name: project(p) for p in settings.projects if p.name == part.tenant},
        {i.name: MadeImage(i, found(i.name, "images")) for i in settings.images},
        {
            n.name: MadeNetwork(n, found(n.name, "networks"), found(n.name, "subnets"))
            for n in settings.networks
        },
        {f.name: MadeFlavor(found(f.name, "flavors")) for f in settings.flavors},
    )


def _right(password: str, known: str, part: TenantStackSettings) -> str:
    """Return the password if it is the one that the cloud's stack has given (RunError)."""
    if Passwords(password).fingerprint() != known:
        raise pulumi.RunError(
            f"{namespace()}password: is not, or no more, the password of project {part.tenant}"
            f" in the cloud of stack {part.cloud}; docs/tenants.md says how to set it; nothing was"
            " changed"
        )
    return password


def _found(stack: str, values: object, *place: str) -> str:
    """Return what is at a place in an output of another stack."""
    for name in place:
        if not isinstance(values, Mapping) or name not in values:
            raise pulumi.RunError(
                f"stack {stack} has not made {' '.join(place)} yet:"
                f" run `pulumi up --stack {stack}` first"
            )
        values = values[name]
    return str(values)
