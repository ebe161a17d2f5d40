"""Whether quotas, addresses and networks are enough for the settings."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from ipaddress import IPv4Address

from .draft import Draft, until_broken
from .flavors import FlavorSettings
from .messages import Place, Problem, show
from .networks import NetworkSettings
from .projects import ProjectSettings
from .servers import ServerSettings

NETWORKS = 100
"""Neutron's limit of a project's networks."""
DHCP = 1
"""Addresses of a network's pool that Neutron takes for itself."""

Servers = dict[str, list[tuple[Place, ServerSettings]]]


def servers_by(draft: Draft, field: str) -> Servers:
    """Group the servers by their project or network."""
    found: Servers = defaultdict(list)
    for place, server in draft.of(ServerSettings):
        if isinstance(name := vars(server).get(field), str):
            found[name].append((place, server))
    return found


def quotas(draft: Draft) -> Iterator[Problem]:
    """Find a project whose servers need more than its quota, or than OpenStack's default quota."""
    servers = servers_by(draft, "project")
    for place, project in draft.of(ProjectSettings):
        yield from until_broken(_quota(draft, place, project, servers))


def _quota(
    draft: Draft, place: Place, project: ProjectSettings, servers: Servers
) -> Iterator[Problem]:
    own = servers.get(project.name, [])
    flavors = [f for _, s in own if (f := draft.find(FlavorSettings, vars(s).get("flavor")))]
    needs = {
        "instances": len(own),
        "cores": sum(flavor.vcpus for flavor in flavors),
        "ram": sum(flavor.ram for flavor in flavors),
    }
    limits = dict(project.limits)
    short = [key for key, need in needs.items() if need > limits[key]]
    if project.quota is not None:
        for key in short:
            what = f"{limits[key]} is too little; its servers need {needs[key]}"
            yield Problem((*place, "quota", key), what)
    elif short:
        few = ", ".join(f"{key} {limits[key]}" for key in short)
        all_needs = ", ".join(f"{key}: {need}" for key, need in needs.items())
        what = (
            f"is missing, and OpenStack's own is too little ({few}); give {{{all_needs}}} or more"
        )
        yield Problem((*place, "quota"), what)


def addresses(draft: Draft) -> Iterator[Problem]:
    """Find a network with too few addresses, or one that may assign a server's fixed address."""
    servers = servers_by(draft, "network")
    for place, network in draft.of(NetworkSettings):
        yield from until_broken(_addresses(place, network, servers))


def _addresses(place: Place, network: NetworkSettings, servers: Servers) -> Iterator[Problem]:
    whole = (network.cidr[1], network.cidr[-2])
    pool = network.pool
    first, last = (pool.start, pool.end) if pool is not None else whole
    size = int(last) - int(first) + 1
    if pool is None and network.gateway is not None:
        size -= 1
    inside: list[tuple[Place, IPv4Address]] = []
    chosen = 0
    for where, server in servers.get(network.name, []):
        if "address" not in vars(server):
            continue
        address = server.address
        if address is None:
            chosen += 1
        elif first <= address <= last and address != network.gateway:
            inside.append((where, address))
    if chosen:
        advice = "take one outside of the pool" if pool is not None else "give the network a pool"
        for where, address in inside:
            what = f"{address} may be given to another first: {show(network.name)} gives out"
            yield Problem((*where, "address"), f"{what} {first} to {last}; {advice} without it")
    if 0 < size < chosen + len(inside) + DHCP:
        what = f"has {size} addresses to give out, too few for {chosen + len(inside)} servers and"
        key = "pool" if pool is not None else "cidr"
        yield Problem((*place, key), f"{what} Neutron's own one (DHCP); make it larger")


def networks(draft: Draft) -> Iterator[Problem]:
    """Find more networks of one owner than Neutron allows; the admin owns the shared ones."""
    count: Counter[str | None] = Counter()
    for place, network in draft.of(NetworkSettings):
        if "project" not in vars(network):
            continue
        count[network.project] += 1
        if count[network.project] == NETWORKS + 1:
            owner, advice = f"project {show(network.project)}", "merge some"
            if network.project is None:
                owner, advice = "the admin's project, as shared ones are", "give some to a project"
            what = f"is network {NETWORKS + 1} of {owner}; Neutron lets a project have {NETWORKS}"
            yield Problem(place, f"{what}; {advice}")
