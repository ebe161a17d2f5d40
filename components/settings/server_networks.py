"""What servers may have on their networks: which they use, and by which addresses."""

from collections import defaultdict
from collections.abc import Callable, Iterator
from ipaddress import IPv4Address, IPv6Address

from .draft import Draft, until_broken
from .ipv6 import STATEFUL
from .messages import Place, Problem, show
from .networks import NetworkSettings
from .nics import Allowed, NicSettings, single, text
from .routers import router_of
from .servers import ServerSettings, nics

OfServer = Callable[[Draft, Place, ServerSettings], Iterator[Problem]]
OfNic = Callable[[Place, ServerSettings, NicSettings, NetworkSettings], Iterator[Problem]]


def of_each_nic(find: OfNic) -> OfServer:
    """Make a check of one NIC and its network one of all NICs of a server."""

    def check(draft: Draft, place: Place, server: ServerSettings) -> Iterator[Problem]:
        for where, nic in nics(place, server):
            if network := draft.find(NetworkSettings, nic.network):
                yield from until_broken(find(where, server, nic, network))

    return check


def address(
    place: Place, _: ServerSettings, nic: NicSettings, network: NetworkSettings
) -> Iterator[Problem]:
    """Find a fixed address that a NIC can't have on its network."""
    if nic.address is None:
        return
    for rule in network.unusable("address", nic.address):
        yield Problem((*place, rule.key), rule.message)
    if nic.address == network.gateway:
        what = f"{nic.address} is the gateway of {show(network.name)}; take another"
        yield Problem((*place, "address"), what)


def address6(
    place: Place, _: ServerSettings, nic: NicSettings, network: NetworkSettings
) -> Iterator[Problem]:
    """Find an IPv6 address that a NIC can't have, or use, on its network."""
    ipv6 = network.ipv6
    for i, allowed in enumerate(nic.allowed_addresses):
        other = single(allowed)
        if ipv6 and ipv6.pool and isinstance(other, IPv6Address) and other in ipv6.cidr:
            for rule in ipv6.unusable("", other):
                yield Problem((*place, "allowedAddresses", i), rule.message)
    if nic.address6 is None:
        return
    if ipv6 is None or ipv6.pool is None:
        why = f"{show(network.name)} has no IPv6"
        if ipv6 is not None:
            why = f"on {show(network.name)} it follows from the MAC address ({ipv6.mode})"
        what = f"is given on networks with {STATEFUL} alone, and {why}; leave it out"
        yield Problem((*place, "address6"), what)
        return
    for rule in ipv6.unusable("address6", nic.address6):
        yield Problem((*place, rule.key), rule.message)
    if nic.address6 == ipv6.gateway:
        what = f"{nic.address6} is the gateway of {show(network.name)}; take another"
        yield Problem((*place, "address6"), what)


def user(
    place: Place, server: ServerSettings, _: NicSettings, network: NetworkSettings
) -> Iterator[Problem]:
    """Find a server whose project may not use its network."""
    if network.project not in (None, server.project):
        what = f"{show(network.name)} belongs to project {show(network.project)}"
        yield Problem((*place, "network"), f"{what}, not to {show(server.project)}")


def config_drive(draft: Draft, place: Place, server: ServerSettings) -> Iterator[Problem]:
    """Find a server without a drive on a network where only that gives it its address and key."""
    network = draft.find(NetworkSettings, server.nics[0].network) if server.nics else None
    if server.config_drive is False and network is not None and not network.dhcp:
        what = f"false, but {show(network.name)} has no DHCP: without a drive the server gets no"
        yield Problem((*place, "configDrive"), f"{what} address and no key; leave it out")


def overlap(draft: Draft, place: Place, server: ServerSettings) -> Iterator[Problem]:
    """Find two NICs whose networks have the same addresses, which their server can't tell apart."""
    earlier: list[NetworkSettings] = []
    for where, nic in nics(place, server):
        network = draft.find(NetworkSettings, nic.network)
        if network is None or network in earlier:
            continue
        for other in earlier:
            if network.cidr.overlaps(other.cidr):
                what = f"{network.cidr} of {show(network.name)} overlaps {other.cidr} of"
                what += f" {show(other.name)}, where it has a NIC too; take another network"
                yield Problem((*where, "network"), what)
            if network.ipv6 and other.ipv6 and network.ipv6.cidr == other.ipv6.cidr:
                what = f"{network.ipv6.cidr} of {show(network.name)} is that of"
                what += f" {show(other.name)}, where it has a NIC too; take another network"
                yield Problem((*where, "network"), what)
        earlier.append(network)


def allowed_addresses(draft: Draft) -> Iterator[Problem]:
    """Find an allowed address that is another server's own, or a router's."""
    held: dict[str, list[tuple[IPv4Address | IPv6Address, Place]]] = defaultdict(list)
    for place, server in draft.of(ServerSettings):
        for where, nic in until_broken(nics(place, server)):
            for key in ("address", "address6"):
                if found := vars(nic).get(key):
                    held[nic.network].append((found, where))
    for place, server in draft.of(ServerSettings):
        for where, nic in until_broken(nics(place, server)):
            for i, allowed in enumerate(nic.allowed_addresses):
                for what in _belongs(draft, where, nic, held[nic.network], allowed):
                    yield Problem((*where, "allowedAddresses", i), f"{what}; take others")


def _belongs(
    draft: Draft,
    place: Place,
    nic: NicSettings,
    held: list[tuple[IPv4Address | IPv6Address, Place]],
    allowed: Allowed,
) -> Iterator[str]:
    """Yield whose an allowed address is."""

    def words(address: IPv4Address | IPv6Address) -> str:
        same = text(allowed) == str(address)
        return f"{address} is" if same else f"{text(allowed)} holds {address},"

    for address, other in held:
        if other != place and address in allowed:
            yield f"{words(address)} the address of {draft.at(other, place)}"
    router = router_of(draft, nic.network)
    network = draft.find(NetworkSettings, nic.network)
    ipv6 = vars(network).get("ipv6") if network else None
    gateways = [vars(network).get("gateway") if network else None, ipv6.gateway if ipv6 else None]
    for gateway in gateways if router is not None else ():
        if gateway is not None and gateway in allowed:
            yield f"{words(gateway)} the address of router {show(vars(router).get('name'))}"
