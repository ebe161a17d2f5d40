"""What happens to the NICs of a server: their ports, and what plugs in those after the first."""

from collections.abc import Iterator, Mapping
from urllib.parse import unquote

from pull_requests.preview import Resource, State
from pull_requests.summary import shown

ADDRESS, ADDRESS6 = "fixedIps[0].ipAddress", "fixedIps[1].ipAddress"
SUBNET6 = "fixedIps[1].subnetId"
CHOSEN = "an address of Neutron's choice"
PORT, PLUG = "-port", "-plug"
"""Ends of the names of a later NIC's resources."""
PAIRS, SECURITY = "allowedAddressPairs", "portSecurityEnabled"
SAID_HERE = (PAIRS, SECURITY, "noSecurityGroups", "networkId")
"""Beginnings of a port's properties that `changes` describes."""


def network_of(resource: Resource) -> str:
    """Return the network of a later NIC's port or plug; "" for another resource."""
    _, slash, rest = resource.name.rpartition("/")
    for end in (PORT, PLUG):
        if slash and rest.endswith(end):
            return unquote(rest.removesuffix(end))
    return ""


def address(state: State) -> str:
    """Return a port's address."""
    return shown(state.values.get(ADDRESS, CHOSEN))


def later(own: Mapping[str, Resource]) -> Iterator[str]:
    """Say which other NICs a server has, by address and network."""
    for what, resource in own.items():
        if what.endswith(PORT) and (network := network_of(resource)):
            yield f"{address(resource.state)} on {network}"


def without_plugs(own: Mapping[str, Resource]) -> Mapping[str, Resource]:
    """Return a server's resources without those that plug in what is itself new or gone."""
    ports = {network_of(r): r.op for what, r in own.items() if what.endswith(PORT)}
    return {
        what: resource
        for what, resource in own.items()
        if not (what.endswith(PLUG) and ports.get(network_of(resource)) == resource.op)
    }


def what_of(nic: Resource) -> str:
    """Return what a later NIC's resource is called; with its address where it comes or goes."""
    what = f"NIC on {network_of(nic)}"
    if nic.name.endswith(PLUG):
        return f"{what} in the server"
    return f"{what} ({address(nic.state)})" if nic.op in ("create", "delete") else what


def changes(port: Resource) -> Iterator[str]:
    """Say what changes of a port's network, and of what it may send."""
    if any(change.path == "networkId" for change in port.changes):
        yield "its network is replaced"
    before, after = ([*_pairs(state)] for state in (port.old, port.new))
    if sorted(before) != sorted(after):
        words = [", ".join(pairs) or "none" for pairs in (before, after)]
        yield f"allowed addresses {' -> '.join(words)}"
    had, has = (SUBNET6 in state.values for state in (port.old, port.new))
    if had != has and not any(ADDRESS6 in state.values for state in (port.old, port.new)):
        yield f"address6 {'none -> ' if has else ''}{CHOSEN}{' -> none' if had else ''}"
    # A stack of before says nothing of port security, which is on.
    old, new = (state.values.get(SECURITY) is not False for state in (port.old, port.new))
    if old != new:
        yield f"port security {shown(old)} -> {shown(new)}"


def _pairs(state: State) -> Iterator[str]:
    return (str(value) for path, value in state.values.items() if path.startswith(PAIRS))


def groups(server: Resource) -> Iterator[str]:
    """Say which shared groups later or single NICs have before and after."""
    start = "nicGroups."
    paths = sorted({p for s in (server.old, server.new) for p in s.values if p.startswith(start)})
    for path in paths:
        old, new = (state.values.get(path) for state in (server.old, server.new))
        if old != new and server.op == "update":
            network = path.removeprefix(start)
            yield f"NIC on {network} security groups {shown(old)} -> {shown(new)}"
