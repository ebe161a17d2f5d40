"""The parts of a cloud that servers use: declared in this run, or read from the cloud's stack.

A cloud's stack exports their ids. A tenant's stack reads these outputs.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import pulumi
import pulumi_openstack as openstack

from ..nodes import Controller, auth_url
from ..passwords import Passwords
from ..settings import (
    ImageSettings,
    NetworkSettings,
    ProjectSettings,
    RouterSettings,
    Settings,
    TenantStackSettings,
    namespace,
)
from .access import provider
from .flavor import Flavor
from .image import Image
from .network import ProviderNetwork
from .project import Project, login
from .project_network import ProjectNetwork
from .router import Router

IDS = "made"
"""The output of the cloud's stack that has the ids of its parts."""
SUBNETS6 = "subnets6"
"""The key in it of subnets of IPv6, where there are some."""
CA = "ca"
"""The output that has the certificates by which one knows the cloud's services, as PEM."""
LOGINS = "logins"
"""The key in it of the fingerprints of the projects' passwords.

Whoever may read one output may read all of them, so they hold no password.
"""


@dataclass(frozen=True)
class ExistingCloud:
    """How to reach the cloud of another stack."""

    auth_url: str
    region: str
    ca: pulumi.Output[str]


@dataclass(frozen=True)
class ExistingProject:
    """The tenant's project, made by the cloud's stack."""

    settings: ProjectSettings
    cloud: ExistingCloud
    id: pulumi.Output[str]
    password: pulumi.Output[str]
    provider: openstack.Provider
    ready: Sequence[pulumi.Resource] = ()

    @property
    def ports(self) -> openstack.Provider:
        """Makes its servers' ports: the project's own user."""
        return self.provider


@dataclass(frozen=True)
class ExistingImage:
    """An image, made by the cloud's stack."""

    settings: ImageSettings
    id: pulumi.Output[str]


@dataclass(frozen=True)
class ExistingNetwork:
    """A network with its subnet, made by the cloud's stack."""

    settings: NetworkSettings
    id: pulumi.Output[str]
    subnet_id: pulumi.Output[str]
    subnet6_id: pulumi.Output[str] | None = None


@dataclass(frozen=True)
class ExistingRouter:
    """A router with its interfaces by network, made by the cloud's stack."""

    settings: RouterSettings
    external: pulumi.Output[str]
    interfaces: Mapping[str, pulumi.Output[str]]

    def after(self, _: str) -> Sequence[pulumi.Resource]:
        """Return what floating addresses of servers on a network wait for: nothing here."""
        return []

    def external_id(self, network: str) -> pulumi.Output[str]:
        """Return the id of the network that floating addresses are of.

        RunError: the cloud's stack has not put the server's network on the router yet.
        """
        return self.interfaces[network].apply(lambda _: self.external)


@dataclass(frozen=True)
class ExistingFlavor:
    """A flavor, made by the cloud's stack, which also grants the access to it."""

    id: pulumi.Output[str]
    access: Mapping[str, pulumi.Resource] = field(default_factory=dict)


class CloudParts(NamedTuple):
    """The parts of a cloud that servers use, by name."""

    projects: Mapping[str, Project | ExistingProject]
    images: Mapping[str, Image | ExistingImage]
    networks: Mapping[str, ProviderNetwork | ProjectNetwork | ExistingNetwork]
    routers: Mapping[str, Router | ExistingRouter]
    flavors: Mapping[str, Flavor | ExistingFlavor]
    hosts: Sequence[pulumi.Resource] = ()
    controller: Controller | None = None
    """None in a tenant's stack, which does not reach it."""


def export_for_tenants(parts: CloudParts, passwords: Passwords) -> None:
    """Export from a cloud's stack what its tenants' stacks need."""
    routers = [router for router in parts.routers.values() if isinstance(router, Router)]
    ids = {
        "projects": {name: project.id for name, project in parts.projects.items()},
        "images": {name: image.id for name, image in parts.images.items()},
        "networks": {name: network.id for name, network in parts.networks.items()},
        "subnets": {name: network.subnet_id for name, network in parts.networks.items()},
        "interfaces": {
            network: interface.id
            for router in routers
            for network, interface in router.interfaces.items()
        },
        "flavors": {name: flavor.id for name, flavor in parts.flavors.items()},
        LOGINS: {
            name: Passwords(passwords.plain(login(name))).fingerprint() for name in parts.projects
        },
    }
    of_ipv6 = {name: n.subnet6_id for name, n in parts.networks.items() if n.subnet6_id is not None}
    pulumi.export(IDS, {**ids, SUBNETS6: of_ipv6} if of_ipv6 else ids)


def read_parts(tenant: TenantStackSettings, settings: Settings) -> CloudParts:
    """Return what the servers of one tenant use, from the outputs of the cloud's stack (RunError).

    They are read from Pulumi's backend, so a preview does not call the cloud. Only the project's
    own user logs in.
    """
    stack = pulumi.StackReference(tenant.cloud)
    outputs = stack.get_output(IDS)

    def found(name: str, kind: str) -> pulumi.Output[str]:
        return outputs.apply(lambda values: _found(tenant.cloud, values, kind, name))

    ca = stack.get_output(CA).apply(lambda value: _found(tenant.cloud, {CA: value}, CA))
    cloud = ExistingCloud(auth_url(settings.controller.host, settings.tls), settings.region, ca)

    def project(settings: ProjectSettings) -> ExistingProject:
        name = settings.name
        plain = tenant.password.get_secret_value()
        checked = found(name, LOGINS).apply(lambda value: _checked(plain, value, tenant))
        password: pulumi.Output[str] = pulumi.Output.secret(checked)
        own = provider(
            f"project-{name}-provider", cloud.auth_url, cloud.region, name, name, password, ca
        )
        return ExistingProject(settings, cloud, found(name, "projects"), password, own)

    return CloudParts(
        {p.name: project(p) for p in settings.projects if p.name == tenant.tenant},
        {i.name: ExistingImage(i, found(i.name, "images")) for i in settings.images},
        {
            n.name: ExistingNetwork(
                n,
                found(n.name, "networks"),
                found(n.name, "subnets"),
                found(n.name, SUBNETS6) if n.ipv6 is not None else None,
            )
            for n in settings.networks
        },
        {
            r.name: ExistingRouter(
                r,
                found(r.external, "networks"),
                {network: found(network, "interfaces") for network in r.networks},
            )
            for r in settings.routers
            if r.external is not None
        },
        {f.name: ExistingFlavor(found(f.name, "flavors")) for f in settings.flavors},
    )


def _checked(password: str, fingerprint: str, tenant: TenantStackSettings) -> str:
    """Return the password if it has this fingerprint, of the cloud's stack (RunError)."""
    if Passwords(password).fingerprint() != fingerprint:
        raise pulumi.RunError(
            f"{namespace()}password: is not the current password of project {tenant.tenant}"
            f" in the cloud of stack {tenant.cloud}; docs/tenants.md says how to set it; nothing"
            " was changed"
        )
    return password


def _found(stack: str, values: object, *place: str) -> str:
    """Return the value at a place in an output of another stack (RunError)."""
    for name in place:
        if not isinstance(values, Mapping) or values.get(name) is None:
            raise pulumi.RunError(
                f"stack {stack} has not made {' '.join(place)} yet:"
                f" run `pulumi up --stack {stack}` first"
            )
        values = values[name]
    return str(values)
