"""Whether quotas, addresses and networks are enough for the settings."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from ipaddress import IPv4Address, IPv6Address
from typing import NamedTuple

from .adopted_servers import AdoptedServerSettings
from .draft import Draft, until_broken
from .flavors import FlavorSettings
from .floating import outside
from .messages import Place, Problem, show
from .networks import NetworkSettings
from .nics import single
from .projects import ProjectSettings
from .routers import RouterSettings
from .servers import ServerSettings, nics

NETWORKS = 100
"""Neutron's limit of a project's networks."""

Servers = dict[str, list[ServerSettings | AdoptedServerSettings]]


class User(NamedTuple):
    """Who has an address of a network: where, what it is, and the address or Neutron's choice."""

    place: Place
    what: str
    """Empty: it may use the address, which Neutron knows nothing of."""
    address: IPv4Address | IPv6Address | None


def _of_projects(draft: Draft) -> Servers:
    """Group the servers by their project."""
    found: Servers = defaultdict(list)
    servers: list[ServerSettings | AdoptedServerSettings] = [s for _, s in draft.of(ServerSettings)]
    servers += [s for _, s in draft.of(AdoptedServerSettings)]
    for server in servers:
        if isinstance(name := vars(server).get("project"), str):
            found[name].append(server)
    return found


def quotas(draft: Draft) -> Iterator[Problem]:
    """Find a project whose servers need more than its quota, or than OpenStack's default quota."""
    servers = _of_projects(draft)
    for place, project in draft.of(ProjectSettings):
        yield from until_broken(_quota(draft, place, project, servers))


def _quota(
    draft: Draft, place: Place, project: ProjectSettings, servers: Servers
) -> Iterator[Problem]:
    own = servers.get(project.name, [])
    flavors = [f for s in own if (f := draft.find(FlavorSettings, vars(s).get("flavor")))]
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
    """Find a network with too few addresses, or one that may assign a fixed address of settings."""
    inner, outer = _inner(draft), _outer(draft)
    for place, network in draft.of(NetworkSettings):
        name = vars(network).get("name", "")
        users = [*inner.get(name, []), *outer.get(name, [])]
        yield from until_broken(_addresses(place, network, users))


def _inner(draft: Draft) -> dict[str, list[User]]:
    """Return the servers on each network, with their addresses."""
    found: dict[str, list[User]] = defaultdict(list)
    for place, server in draft.of(ServerSettings):
        for where, nic in until_broken(nics(place, server)):
            if "address" in vars(nic):
                found[nic.network].append(User((*where, "address"), "servers", nic.address))
            for i, allowed in enumerate(nic.allowed_addresses):
                if (address := single(allowed)) is not None:
                    user = User((*where, "allowedAddresses", i), "", address)
                    found[nic.network].append(user)
    return found


def _outer(draft: Draft) -> dict[str, list[User]]:
    """Return what has an address of an external network, by its name: routers, and servers."""
    found: dict[str, list[User]] = defaultdict(list)
    for place, router in draft.of(RouterSettings):
        if external := vars(router).get("external"):
            address = vars(router).get("address")
            found[external].append(User((*place, "address"), "routers", address))
    for place, server in draft.of(ServerSettings):
        wanted = vars(server).get("floating_ip")
        if wanted is not None and (network := outside(draft, server)) is not None:
            address = wanted if isinstance(wanted, IPv4Address) else None
            found[network.name].append(User((*place, "floatingIp"), "floating addresses", address))
    return found


def _addresses(place: Place, network: NetworkSettings, users: list[User]) -> Iterator[Problem]:
    pools = network.assigned
    size = sum(int(pool.end) - int(pool.start) + 1 for pool in pools)
    chosen = [user for user in users if user.address is None]
    inside = [user for user in users if any(user.address in pool for pool in pools)]
    key = "pool" if network.pool else "pools" if network.pools else "cidr"
    advice = "give the network a pool without it"
    if key != "cidr":
        advice = f"take one outside of the {key}"
    for user in inside:
        # Neutron refuses a fixed address that is given out, and does not know of the others.
        if chosen or not user.what:
            what = f"{user.address} may be given to another first: {show(network.name)} gives out"
            yield Problem(user.place, f"{what} {', '.join(map(str, pools))}; {advice}")
    needs = Counter(user.what for user in (*chosen, *inside) if user.what)
    # With DHCP Neutron takes one for itself, from which DHCP and metadata come.
    if 0 < size < needs.total() + network.dhcp:
        all_needs = ", ".join(f"{count} {what}" for what, count in needs.items())
        own = " and Neutron's own one (DHCP)" if network.dhcp else ""
        what = f"has {size} addresses to give out, too few for {all_needs}{own}"
        yield Problem((*place, key), f"{what}; make it larger")


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
