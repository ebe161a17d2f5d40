"""Changes of networks' IPv6, of its addresses, and of what is open to it."""

from collections.abc import Callable

from tests.changes.facts import Gone, Is, Passes, Same, Subnet6
from tests.changes.kinds import LIST, OPTIONAL
from tests.changes.row import Row
from tests.changes.rows.openings import HTTP, PING, each
from tests.changes.rows.own_networks import DEEPER, DEEPEST, INNER, NETWORKS
from tests.unit.configs import GONE, Change

G, C, T = OPTIONAL
MORE, LESS, REORDERED = LIST
EVERYWHERE, LOCAL = "::/0", "fd00::/8"
ON = "networks[1].ipv6"
"""Of data, where db1 is; its router would be the site's."""
SLAAC: dict[str, object] = {"cidr": "fd00:150::/64"}
STATEFUL: dict[str, object] = {**SLAAC, "mode": "dhcpv6-stateful"}
CHOOSING: Change = {ON: SLAAC, "rules": {}}
BY_DHCPV6: Change = {ON: STATEFUL, "rules": {}}
"""Without rules: on a protected network this subnet is protected, too."""
NAMED: dict[str, object] = {
    **{"cidr": "fd00:160::/64", "mode": "dhcpv6-stateless"},
    "dns": ["fd00:160::2", "fd00:160::3"],
}
ROUTED6: Change = {
    **{**NETWORKS, "routers": [INNER]},
    "networks[4]": DEEPER | {"ipv6": {"cidr": "fd00:11::/64", "gateway": "fd00:11::1"}},
    "networks[5]": DEEPEST | {"ipv6": {"cidr": "fd00:12::/64", "gateway": "fd00:12::1"}},
}
"""A router that joins two networks, each with IPv6."""
OUT: Change = {"routers": [], "networks[4].ipv6": GONE, "networks[5].ipv6": GONE}
MODE = "ipv6_address_mode"
STAYS = (Same("network", "data"), Same("port", "db1"), Same("server", "db1"))
NINE, EIGHT = "fd00:150::9", "fd00:150::8"


def one_nic(address6: object) -> Change:
    """Return db1's NIC in the long form, with this IPv6 address or none."""
    nic: dict[str, object] = {"network": "data", "address": "10.150.0.11"}
    nic |= {"address6": address6} if address6 is not None else {}
    return {"servers[1].network": GONE, "servers[1].address": GONE, "servers[1].networks": [nic]}


def short(address6: object) -> Change:
    """Return db1's IPv6 address in the short form, or none."""
    return {"servers[1].address6": address6} if address6 is not None else {}


def has(address: object) -> Callable[[list[dict[str, str]]], bool]:
    """Return whether a port has this IPv6 address, or one of Neutron's choice."""

    def found(fixed: list[dict[str, str]]) -> bool:
        six = [one["ip_address"] for one in fixed if ":" in one["ip_address"]]
        return len(six) == 1 and (address is GONE or six == [address])

    return found


ROWS: tuple[Row, ...] = (
    Row(
        "networks[].ipv6",
        G,
        {ON: SLAAC},
        what="with a server",
        says=("network data: + IPv6 subnet",),
        then=(*STAYS, Subnet6("data", {"cidr": "fd00:150::/64", MODE: "slaac"})),
    ),
    Row(
        "networks[].ipv6",
        T,
        {ON: GONE},
        what="with a server",
        says=("network data: IPv6 subnet is deleted",),
        then=(*STAYS, Subnet6("data", None)),
        before=CHOOSING,
    ),
    Row(
        "networks[].ipv6",
        G,
        {ON: STATEFUL},
        what="by DHCPv6",
        says=("network data: + IPv6 subnet", "server db1: port address6 none -> an address of"),
        then=(*STAYS, Subnet6("data", {MODE: "dhcpv6-stateful"})),
    ),
    Row(
        "networks[].ipv6",
        T,
        {ON: GONE},
        what="by DHCPv6",
        says=("network data: IPv6 subnet is deleted",),
        then=(*STAYS, Subnet6("data", None)),
        before=BY_DHCPV6,
    ),
    Row(
        "networks[].ipv6",
        G,
        {"networks[4].ipv6": {"cidr": "fd00:11::/64", "gateway": "fd00:11::1"}},
        what="on a router",
        says=("network deeper: + IPv6 subnet", "router inner: + IPv6 interface on deeper"),
        then=(
            Same("router", "inner"),
            Subnet6("deeper", {"gateway_ip": "fd00:11::1", "ipv6_ra_mode": "slaac"}),
        ),
        before={**NETWORKS, "routers": [INNER]},
    ),
    Row(
        "networks[].ipv6",
        T,
        OUT,
        what="with its router",
        says=(
            "network deeper: IPv6 subnet is deleted",
            "network deepest: IPv6 subnet is deleted",
            "router inner is deleted",
        ),
        then=(Gone("router", "inner"), Subnet6("deeper", None)),
        before=ROUTED6,
    ),
    Row(
        "networks[].ipv6.cidr",
        C,
        {f"{ON}.cidr": "fd00:151::/64"},
        what="with a server",
        says=("network data: IPv6 subnet is replaced, because cidr fd00:150::/64 -> fd00:151",),
        then=(*STAYS, Subnet6("data", {"cidr": "fd00:151::/64"})),
        before=CHOOSING,
    ),
    Row(
        "networks[].ipv6.cidr",
        C,
        {f"{ON}.cidr": "fd00:151::/64"},
        what="with a server by DHCPv6",
        refused="networks[data].ipv6.cidr: fd00:150::/64 -> fd00:151::/64, but db1 would hold",
        before=BY_DHCPV6,
    ),
    Row(
        "networks[].ipv6.cidr",
        C,
        {"networks[4].ipv6": {"cidr": "fd00:13::/64", "gateway": "fd00:13::1"}},
        what="on a router",
        says=(
            "network deeper: IPv6 subnet is replaced",
            "router inner: IPv6 interface on deeper is replaced",
        ),
        then=(Same("router", "inner"), Subnet6("deeper", {"cidr": "fd00:13::/64"})),
        before=ROUTED6,
    ),
    Row(
        "networks[].ipv6.mode",
        C,
        {f"{ON}.mode": "dhcpv6-stateful"},
        says=(
            "network data: IPv6 subnet is replaced, because mode slaac -> dhcpv6-stateful",
            "server db1: port address6 none -> an address of",
        ),
        then=(*STAYS, Subnet6("data", {MODE: "dhcpv6-stateful"})),
        before=CHOOSING,
        back={ON: GONE},
    ),
    Row(
        "networks[].ipv6.mode",
        C,
        {ON: SLAAC},
        what="with a server by DHCPv6",
        refused="networks[data].ipv6.mode: dhcpv6-stateful -> slaac, but db1 would hold",
        before=BY_DHCPV6,
    ),
    Row(
        "networks[].ipv6.gateway",
        G,
        {"networks[4].ipv6": {"cidr": "fd00:11::/64", "gateway": "fd00:11::1"}},
        says=("network deeper: + IPv6 subnet",),
        then=(Subnet6("deeper", {"gateway_ip": "fd00:11::1"}),),
        before={**NETWORKS, "routers": [INNER]},
    ),
    Row(
        "networks[].ipv6.gateway",
        C,
        {"networks[4].ipv6.gateway": "fd00:11::2"},
        refused="networks[deeper].ipv6.gateway: fd00:11::1 -> fd00:11::2, but it is the address of",
        before=ROUTED6,
    ),
    Row(
        "networks[].ipv6.gateway",
        T,
        {"networks[4].ipv6.gateway": GONE},
        refused="'deeper' has no ipv6.gateway",
        before=ROUTED6,
    ),
    Row(
        "networks[].ipv6.dns",
        MORE,
        {"networks[2].ipv6.dns": ["fd00:160::2", "fd00:160::3", "fd00:160::4"]},
        says=("network spare: IPv6 subnet", "fd00:160::4"),
        then=(
            Subnet6("spare", {"dns_nameservers": ["fd00:160::2", "fd00:160::3", "fd00:160::4"]}),
        ),
        before={"networks[2].ipv6": NAMED},
    ),
    Row(
        "networks[].ipv6.dns",
        LESS,
        {"networks[2].ipv6.dns": GONE},
        says=("network spare: IPv6 subnet", "fd00:160::2"),
        then=(Subnet6("spare", {"dns_nameservers": []}),),
        before={"networks[2].ipv6": NAMED},
    ),
    Row(
        "networks[].ipv6.dns",
        REORDERED,
        {"networks[2].ipv6.dns": ["fd00:160::3", "fd00:160::2"]},
        says=("network spare: IPv6 subnet", "fd00:160::3"),
        then=(Subnet6("spare", {"dns_nameservers": ["fd00:160::3", "fd00:160::2"]}),),
        before={"networks[2].ipv6": NAMED},
    ),
    *(
        Row(
            f"servers[].{place}address6",
            kind,
            {f"servers[1].{index}address6": new},
            says=("server db1: port", *said),
            then=(*STAYS, Is("port", "db1", {"fixed_ips": has(new)})),
            before={ON: STATEFUL, **form(old)},
        )
        for place, index, form in (("", "", short), ("networks[].", "networks[0].", one_nic))
        for kind, old, new, said in (
            (G, None, NINE, ()),
            (C, NINE, EIGHT, (f"address6 {NINE} -> {EIGHT}",)),
            (T, NINE, GONE, ()),
        )
    ),
    each(
        "[].protocol",
        C,
        4,
        {".protocol": "icmpv6", ".cidr": LOCAL},
        less=(PING,),
        more=(Passes("ipv6-icmp", None, None, LOCAL),),
        what="to IPv6's",
    ),
    each(
        "[].cidr",
        C,
        0,
        {".cidr": EVERYWHERE},
        less=(HTTP,),
        more=(Passes("tcp", 80, 80, EVERYWHERE),),
        what="to IPv6",
    ),
)
