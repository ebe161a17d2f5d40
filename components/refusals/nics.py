"""What Neutron would refuse halfway of servers' NICs, and a warning of what their guests may do.

Pulumi makes what is new before it deletes what is old.
"""

from collections.abc import Callable, Iterator

import pulumi

from ..changes import EARLIER, Change, Refusal
from ..settings import NicSettings, ServerSettings


def places(server: ServerSettings) -> Iterator[tuple[str, NicSettings]]:
    """Yield a server's NICs with where they are in the settings."""
    own = f"servers[{server.name}]"
    for nic in server.nics:
        yield f"{own}.networks[{nic.network}]" if server.networks else own, nic


def addresses(change: Change) -> Iterator[Refusal]:
    """A port gives its addresses free last."""
    held: dict[tuple[str, object], tuple[str, str]] = {
        (nic.network, address): (server.name, nic.place)
        for server, nic in change.before.nics()
        for address in (*nic.addresses, *nic.addresses6)
    }
    for server in change.settings.servers:
        for i, (place, nic) in enumerate(places(server)):
            network = change.renamed_networks.get(nic.network, nic.network)
            own = (server.name, network if i else "")
            for key, address in (("address", nic.address), ("address6", nic.address6)):
                # A tenant's stack does not know the networks of its state.
                holder = held.get((network, address)) or held.get(("", address)) or own
                if holder != own:
                    other = f"to server {holder[0]}"
                    if holder[0] == server.name:
                        other = "to another NIC of this server"
                    yield Refusal(
                        f"{place}.{key}",
                        f"{address} still belongs {other}, which is deleted or changed last; take"
                        f" another one, or free it {EARLIER}",
                    )


def owners(change: Change) -> Iterator[Refusal]:
    """Only a network's owner, or the admin, takes a NIC's address filter away from it."""
    shared = {network.name for network in change.settings.networks if network.project is None}
    for server in change.settings.servers if change.settings.tenant_stacks else ():
        for place, nic in places(server):
            keys = {
                "allowedAddresses": bool(nic.allowed_addresses),
                "portSecurity": not nic.port_security,
            }
            for key in (key for key, given in keys.items() if given and nic.network in shared):
                yield Refusal(
                    f"{place}.{key}",
                    f"a tenant's stack makes this NIC, and {nic.network} is of all projects, where"
                    " Neutron lets the admin alone do that; leave it out, or take a network of the"
                    " project",
                )


def warn_of_gateways(change: Change) -> None:
    """Warn of a new server or NIC where the guest gets more than one default route."""
    gateways = {n.name for n in change.settings.networks if n.gateway is not None}
    for server in change.settings.servers:
        before = change.before.servers.get(server.name)
        there = [nic.network for nic in server.nics if nic.network in gateways]
        if len(there) > 1 and (before is None or len(before.nics) != len(server.nics)):
            pulumi.log.warn(
                f"server {server.name} gets a default route from each of {', '.join(there)}, and"
                " may answer by the wrong one: docs/networks.md says what to do"
            )


CHECKS: tuple[Callable[[Change], Iterator[Refusal]], ...] = (addresses, owners)
