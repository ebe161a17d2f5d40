"""NICs of a server: their ports, and how those after the first are plugged in."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple
from urllib.parse import quote

import pulumi
import pulumi_openstack as openstack

from ..settings import NicSettings, ServerSettings
from ..settings.nics import text
from ..settings.protocols import V4, V6
from .network import ProviderNetwork
from .parts import ExistingNetwork, ExistingProject
from .project import Project
from .project_network import ProjectNetwork
from .security_group import SecurityGroup

Network = ProviderNetwork | ProjectNetwork | ExistingNetwork
NAME_LENGTH = 255
"""Neutron's limit of a port's name."""


class Nic(NamedTuple):
    """A NIC of a server."""

    settings: NicSettings
    port: openstack.networking.Port
    address: pulumi.Input[str]
    address6: pulumi.Input[str | None] | None
    """None: its network has no IPv6."""


@dataclass
class Nics:
    """The NICs of one server; their resources are children of its component.

    The first one's port is there when the server is made, and the server is replaced with it. The
    others are plugged in then, in their order, so that one more or less replaces no server.
    `renamed` are old names of networks by new ones.
    """

    name: str
    settings: ServerSettings
    project: Project | ExistingProject
    networks: Mapping[str, Network]
    group: openstack.networking.SecGroup
    opening: Sequence[pulumi.Resource]
    groups: Mapping[str, SecurityGroup]
    renamed: Mapping[str, str]
    parent: pulumi.Resource
    all: Mapping[str, Nic] = field(init=False)

    def __post_init__(self) -> None:
        self.all = {
            nic.network: self._nic(nic, first=i == 0) for i, nic in enumerate(self.settings.nics)
        }

    @property
    def first(self) -> Nic:
        """The one that the server is made with."""
        return next(iter(self.all.values()))

    @property
    def ports(self) -> Sequence[pulumi.Resource]:
        """The ports of all."""
        return [nic.port for nic in self.all.values()]

    def _nic(self, nic: NicSettings, first: bool) -> Nic:
        port = self._port(nic, self.networks[nic.network], first)
        address: pulumi.Input[str] = (
            str(nic.address)
            if nic.address is not None
            else port.all_fixed_ips.apply(lambda addresses: str(_of_version(addresses, V4)))
        )
        return Nic(nic, port, address, self._address6(nic, port))

    def _address6(
        self, nic: NicSettings, port: openstack.networking.Port
    ) -> pulumi.Input[str | None] | None:
        ipv6 = self.networks[nic.network].settings.ipv6
        if ipv6 is None or nic.address6 is not None:
            return str(nic.address6) if nic.address6 is not None else None
        if ipv6.pool is not None:
            return port.all_fixed_ips.apply(lambda addresses: _of_version(addresses, V6))
        # Neutron adds this one to each port, so the port's own outputs are older.
        return port.mac_address.apply(lambda mac: str(ipv6.address_of(mac)))

    def _port(self, nic: NicSettings, network: Network, first: bool) -> openstack.networking.Port:
        server, project = self.settings, self.project
        shared = [self.groups[g] for g in sorted({*server.security_groups, *nic.security_groups})]
        pairs = [
            openstack.networking.PortAllowedAddressPairArgs(ip_address=text(allowed))
            for allowed in nic.allowed_addresses
        ]
        # In full, as the provider keeps an old one. Neutron lets only the owner of the network, or
        # the admin, say it at all; refused elsewhere.
        ipv6 = network.settings.ipv6
        owned = network.settings.project is not None or isinstance(project, Project)
        return openstack.networking.Port(
            f"{self.name}-port" if first else _inner(self.name, nic.network, "port"),
            name=server.name if first else f"{server.name}/{nic.network}"[:NAME_LENGTH],
            network_id=network.id,
            tenant_id=project.id,
            admin_state_up=True,
            fixed_ips=[
                openstack.networking.PortFixedIpArgs(
                    subnet_id=network.subnet_id,
                    ip_address=str(nic.address) if nic.address is not None else None,
                ),
                # Without DHCPv6 Neutron adds it by itself, to ports that are there, too.
                *(
                    openstack.networking.PortFixedIpArgs(
                        subnet_id=network.subnet6_id,
                        ip_address=str(nic.address6) if nic.address6 is not None else None,
                    )
                    for _ in range(ipv6 is not None and ipv6.pool is not None)
                ),
            ],
            security_group_ids=[self.group.id, *(other.id for other in shared)]
            if nic.port_security
            else None,
            no_security_groups=None if nic.port_security else True,
            port_security_enabled=nic.port_security if owned else None,
            allowed_address_pairs=pairs or None,
            opts=pulumi.ResourceOptions(
                parent=self.parent,
                provider=project.ports,
                # So that a port has its new groups when they are open.
                depends_on=[*self.opening, *(rule for other in shared for rule in other.rules)],
                delete_before_replace=True,
                aliases=self._aliases(nic, "port", first),
            ),
        )

    def plug_in(self, instance: openstack.compute.Instance) -> None:
        """Declare how those after the first get into the server."""
        earlier: list[pulumi.Resource] = []
        for nic in list(self.all.values())[1:]:
            plugged = openstack.compute.InterfaceAttach(
                _inner(self.name, nic.settings.network, "plug"),
                instance_id=instance.id,
                port_id=nic.port.id,
                opts=pulumi.ResourceOptions(
                    parent=self.parent,
                    provider=self.project.provider,
                    # The guest sees them in the order in which they come.
                    depends_on=earlier,
                    # A port is in one server. A server that is deleted needs no guest that lets
                    # go of its NICs first.
                    delete_before_replace=True,
                    deleted_with=instance,
                    aliases=self._aliases(nic.settings, "plug", False),
                ),
            )
            earlier = [plugged]

    def _aliases(
        self, nic: NicSettings, what: str, first: bool
    ) -> list[pulumi.Input[str | pulumi.Alias]] | None:
        if first or nic.network not in self.renamed:
            return None
        return [pulumi.Alias(name=_inner(self.name, self.renamed[nic.network], what))]


def _of_version(addresses: Sequence[str], version: int) -> str | None:
    """Return a port's address of this version of IP; None without."""
    return next((str(a) for a in addresses if (":" in a) == (version == V6)), None)


def _inner(name: str, network: str, what: str) -> str:
    """The slash, which is in no server's name, ends it, whatever is in both names."""
    return f"{name}/{quote(network, safe='')}-{what}"
