"""A router of a project."""

from collections.abc import Mapping, Sequence
from urllib.parse import quote

import pulumi
import pulumi_openstack as openstack

from ..settings import RouterSettings
from .access import Cloud
from .network import ProviderNetwork
from .project import Project
from .project_network import ProjectNetwork

OF_IPV4, OF_IPV6 = "interface", "interface6"
"""Ends of the names of interfaces."""


class Router(pulumi.ComponentResource):
    """A router of a project, made by the admin: it joins networks, by its interface on each.

    With an external network they reach that by the router's address there (SNAT), or by their own.
    An interface has the gateway of its network; one for IPv6 has that of `ipv6`.
    `renamed_networks` are old names by new ones.
    """

    def __init__(
        self,
        name: str,
        settings: RouterSettings,
        cloud: Cloud,
        project: Project,
        external: ProviderNetwork | None,
        networks: Sequence[ProjectNetwork],
        opts: pulumi.ResourceOptions | None = None,
        renamed_networks: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__("iaas:cloud:Router", name, None, opts)
        child = pulumi.ResourceOptions(
            parent=self,
            provider=cloud.admin,
            # Two routers cannot have the gateway's address of one network.
            delete_before_replace=True,
        )
        router = openstack.networking.Router(
            f"{name}-router",
            name=settings.name,
            tenant_id=project.id,
            admin_state_up=True,
            external_network_id=external.id if external is not None else None,
            enable_snat=settings.snat if external is not None else None,
            external_fixed_ips=_fixed(settings, external),
            opts=pulumi.ResourceOptions.merge(
                child,
                # The provider keeps an external network that is left out or "".
                pulumi.ResourceOptions(replacement_trigger="outer" if external else "inner"),
            ),
        )
        self.id = router.id
        self.settings = settings
        self.external = external
        old_names = renamed_networks or {}

        def join(
            network: str, subnet_id: pulumi.Output[str], what: str
        ) -> openstack.networking.RouterInterface:
            old = old_names.get(network)
            aliases = [pulumi.Alias(name=_interface(name, old, what))] if old is not None else None
            return openstack.networking.RouterInterface(
                _interface(name, network, what),
                router_id=router.id,
                subnet_id=subnet_id,
                opts=pulumi.ResourceOptions.merge(child, pulumi.ResourceOptions(aliases=aliases)),
            )

        self.interfaces: dict[str, openstack.networking.RouterInterface] = {}
        for network in networks:
            own = network.settings.name
            self.interfaces[own] = join(own, network.subnet_id, OF_IPV4)
            if network.subnet6_id is not None:
                join(own, network.subnet6_id, OF_IPV6)
        self.register_outputs({"id": self.id})

    def after(self, network: str) -> Sequence[pulumi.Resource]:
        """Return what floating addresses of servers on a network wait for."""
        return [self.interfaces[network]]

    def external_id(self, _: str) -> pulumi.Input[str] | None:
        """Return the id of the network that floating addresses are of."""
        return self.external.id if self.external is not None else None


def _fixed(
    settings: RouterSettings, external: ProviderNetwork | None
) -> list[openstack.networking.RouterExternalFixedIpArgs] | None:
    if external is None or settings.address is None:
        return None
    return [
        openstack.networking.RouterExternalFixedIpArgs(
            subnet_id=external.subnet_id, ip_address=str(settings.address)
        )
    ]


def _interface(name: str, network: str, what: str) -> str:
    """The last slash ends the router's name, whatever is in both names."""
    return f"{name}/{quote(network, safe='')}-{what}"
