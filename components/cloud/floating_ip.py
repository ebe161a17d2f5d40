"""A floating address of a server."""

import pulumi
import pulumi_openstack as openstack

from ..settings import ServerSettings
from .parts import ExistingProject, ExistingRouter
from .project import Project
from .router import Router
from .server import Server


class FloatingIp(pulumi.ComponentResource):
    """An address of a router's external network, by which that reaches a server of a project.

    It is no part of the server, so that it can move from one to another. It reaches the server's
    NIC on `network`: it waits for the router's interface there, and is deleted before it. The admin
    makes it for the project, or in a tenant's stack the project's own user.
    """

    def __init__(
        self,
        name: str,
        settings: ServerSettings,
        project: Project | ExistingProject,
        server: Server,
        network: str,
        router: Router | ExistingRouter,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        # So that a preview can show the name, where the address itself has an id.
        super().__init__("iaas:cloud:FloatingIp", name, {"server": settings.name}, opts)
        wanted = settings.floating_ip
        floating = openstack.networking.FloatingIp(
            f"{name}-address",
            address=str(wanted) if wanted is not True else None,
            pool=router.settings.external,
            tenant_id=project.id,
            port_id=server.nics[network].port.id,
            fixed_ip=server.nics[network].address,
            opts=pulumi.ResourceOptions(
                parent=self,
                provider=project.ports,
                depends_on=router.after(network),
                # The pool is the network's name, which may change; its id is what it is.
                ignore_changes=["pool"],
                replacement_trigger=router.external_id(network),
                # Neutron gives an address out once, and a port one.
                delete_before_replace=True,
            ),
        )
        self.id = floating.id
        self.address: pulumi.Input[str] = str(wanted) if wanted is not True else floating.address
        self.register_outputs({"id": self.id, "address": self.address})
