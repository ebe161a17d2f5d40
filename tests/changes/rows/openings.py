"""Changes of what may reach servers, and of what they may reach.

The same change is made in four lists at once: ingress and egress of a server and of a group.
"""

from collections.abc import Sequence

from tests.changes.base import PASSING
from tests.changes.facts import Fact, InGroups, Lets, Passes, Same
from tests.changes.kinds import LIST, OPTIONAL, Kind
from tests.changes.row import Row
from tests.unit.configs import GONE, Change

G, C, T = OPTIONAL
MORE, LESS, REORDERED = LIST
TEN, OTHER, EVERYWHERE = "10.0.0.0/8", "10.1.0.0/16", "0.0.0.0/0"

SERVER, GROUP = "web2", "clients"
FIRST = len(PASSING["ingress"])
"""In the server's ingress these openings come first: without them it answers nobody."""
LISTS: dict[str, tuple[str, str, str, int]] = {
    "servers[].ingress": ("servers[2].ingress", SERVER, "from", FIRST),
    "servers[].egress": ("servers[2].egress", SERVER, "to", 0),
    "securityGroups[].ingress": ("securityGroups[0].ingress", GROUP, "from", 0),
    "securityGroups[].egress": ("securityGroups[0].egress", GROUP, "to", 0),
}
"""By key: the list of the base, its group in Neutron, the word of the other end, and where its
openings begin."""

ANSWERS = (Passes("icmp", None, None, EVERYWHERE), Passes("tcp", 22, 22, EVERYWHERE))
NEEDED = (
    Passes("udp", 67, 67, "255.255.255.255/32"),
    Passes("tcp", 80, 80, "169.254.169.254/32"),
)
ALWAYS = {"servers[].ingress": ANSWERS, "servers[].egress": NEEDED}

HTTP = Passes("tcp", 80, 80, TEN)
HTTPS = Passes("tcp", 443, 443, TEN)
RANGE = Passes("tcp", 8000, 8100, TEN)
TOO_BIG = Passes("icmp", 3, 4, TEN)
DNS = Passes("udp", 53, 53, None, "backends")
PING = Passes("icmp", None, None, OTHER)
OPEN = (HTTP, HTTPS, RANGE, TOO_BIG, DNS, PING)


def openings(word: str) -> list[dict[str, object]]:
    """Return what is open before a row, with `from` or `to`."""
    return [
        {"protocol": "tcp", "port": 80, "cidr": TEN},
        {"protocol": "tcp", "ports": [443, "8000-8100"], "cidr": TEN},
        {"protocol": "icmp", "icmpType": 3, "icmpCode": 4, "cidr": TEN},
        {"protocol": "udp", "port": 53, word: {"group": "backends"}},
        {"protocol": "icmp", "cidr": OTHER},
    ]


GROUPS: list[dict[str, object]] = [
    {"name": GROUP, "project": "web", "ingress": openings("from"), "egress": openings("to")},
    {
        **{"name": "backends", "project": "web"},
        "ingress": [{"protocol": "any", "from": {"group": "backends"}}],
    },
    {"name": "spare", "project": "web", "description": "For later"},
]
BEFORE: Change = {
    "securityGroups": GROUPS,
    "servers[2].ingress": [*PASSING["ingress"], *openings("from")],
    "servers[2].egress": openings("to"),
    "servers[2].securityGroups": [GROUP],
}
"""Three groups; a server with openings both ways is in one of them."""


def text(passes: Passes, word: str) -> str:
    """Return what a comment calls a rule."""
    low, high = passes.port_range_min, passes.port_range_max
    what = {"ipv6-icmp": "icmpv6"}.get(passes.protocol or "", passes.protocol) or "any"
    if what == "icmp":
        what += f" type {low}" if low is not None else ""
        what += f" code {high}" if high is not None else ""
    elif low is not None:
        what += f" {low}" if low == high else f" {low}-{high}"
    elif what in ("tcp", "udp", "sctp"):
        what += " 1-65535"
    return f"{what} {word} {passes.remote_ip_prefix or f'group {passes.group}'}"


def each(
    key: str,
    kind: Kind,
    entry: int | None,
    values: dict[str, object],
    less: Sequence[Passes] = (),
    more: Sequence[Passes] = (),
    also: Sequence[tuple[str, Kind]] = (),
    what: str = "",
    danger: bool = False,
) -> Row:
    """Return the row of a change that is made in each list.

    `key`, and those of `also`, are an opening's: "" is the list itself; END is `from` or `to`. So
    are those of `values`, of one entry; without an entry of the list.
    """
    change: Change = {}
    says: list[str] = []
    then: list[Fact] = [Same("server", SERVER), InGroups(SERVER, (GROUP,))]
    sees: list[tuple[str, Kind]] = []
    for path, (place, group, word, first) in LISTS.items():
        for name, value in values.items():
            spot = place if entry is None else f"{place}[{first + entry}]"
            spot += name.replace("END", word)
            change[spot] = value(first, word) if callable(value) else value
        owner = f"server {SERVER}" if group == SERVER else f"security group {GROUP}"
        says += [f"{owner}: {text(passes, word)} is deleted" for passes in less]
        says += [f"{owner}: + {text(passes, word)}" for passes in more]
        passing = [*ALWAYS.get(path, ()), *(p for p in OPEN if p not in less), *more]
        direction = path.partition("[].")[2]
        then.append(Lets(group, direction, tuple(passing)))
        sees += [(path + k.replace("END", word), kind) for k, kind in [(key, kind), *also]]
    (first_key, _), *others = sees
    return Row(
        first_key,
        kind,
        change,
        what=what or "in each list",
        says=tuple(says),
        then=tuple(then),
        also=tuple(others),
        before=BEFORE,
        danger=danger,
    )


def _whole(turn: bool) -> object:
    """Return a list in another order, or with one opening more."""

    def make(first: int, word: str) -> list[dict[str, object]]:
        some = [*(PASSING["ingress"] if first else []), *openings(word)]
        return some[::-1] if turn else [*some, {"protocol": "tcp", "port": 81, "cidr": TEN}]

    return make


NEXT = Passes("tcp", 81, 81, TEN)
TO_GROUP = {"group": "backends"}

ROWS: tuple[Row, ...] = (
    each("", MORE, None, {"": _whole(turn=False)}, more=(NEXT,)),
    each("", LESS, 0, {"": GONE}, less=(HTTP,)),
    each("", REORDERED, None, {"": _whole(turn=True)}),
    each(
        "[].protocol",
        C,
        0,
        {".protocol": "sctp"},
        less=(HTTP,),
        more=(Passes("sctp", 80, 80, TEN),),
    ),
    each(
        "[].protocol",
        C,
        4,
        {".protocol": "any"},
        less=(PING,),
        more=(Passes(None, None, None, OTHER),),
        what="to any",
    ),
    each(
        "[].protocol",
        C,
        4,
        {".protocol": 94},
        less=(PING,),
        more=(Passes("94", None, None, OTHER),),
        what="to a number",
    ),
    each(
        "[].port",
        G,
        1,
        {".port": 443, ".ports": GONE},
        less=(RANGE,),
        also=(("[].ports", LESS),),
    ),
    each("[].port", C, 0, {".port": 81}, less=(HTTP,), more=(NEXT,)),
    each(
        "[].port",
        T,
        0,
        {".port": GONE, ".ports": [80, 81]},
        more=(NEXT,),
        also=(("[].ports", MORE),),
    ),
    each(
        "[].ports",
        MORE,
        1,
        {".ports": [443, "8000-8100", "9000-9009"]},
        more=(Passes("tcp", 9000, 9009, TEN),),
    ),
    each(
        "[].ports",
        MORE,
        1,
        {".ports": ["1-65535"]},
        less=(HTTPS, RANGE),
        more=(Passes("tcp", None, None, TEN),),
        what="to all of them",
    ),
    each("[].ports", LESS, 1, {".ports": ["8000-8100"]}, less=(HTTPS,)),
    each("[].ports", REORDERED, 1, {".ports": ["8000-8100", 443]}),
    each(
        "[].icmpType",
        G,
        4,
        {".icmpType": 8},
        less=(PING,),
        more=(Passes("icmp", 8, None, OTHER),),
    ),
    each(
        "[].icmpType",
        C,
        2,
        {".icmpType": 11, ".icmpCode": 1},
        less=(TOO_BIG,),
        more=(Passes("icmp", 11, 1, TEN),),
    ),
    each(
        "[].icmpType",
        T,
        2,
        {".icmpType": GONE, ".icmpCode": GONE},
        less=(TOO_BIG,),
        more=(Passes("icmp", None, None, TEN),),
    ),
    each(
        "[].icmpCode",
        G,
        4,
        {".icmpType": 3, ".icmpCode": 3},
        less=(PING,),
        more=(Passes("icmp", 3, 3, OTHER),),
    ),
    each(
        "[].icmpCode",
        C,
        2,
        {".icmpCode": 3},
        less=(TOO_BIG,),
        more=(Passes("icmp", 3, 3, TEN),),
    ),
    each(
        "[].icmpCode",
        T,
        2,
        {".icmpCode": GONE},
        less=(TOO_BIG,),
        more=(Passes("icmp", 3, None, TEN),),
    ),
    each(
        "[].cidr",
        G,
        3,
        {".END": GONE, ".cidr": TEN},
        less=(DNS,),
        more=(Passes("udp", 53, 53, TEN),),
        also=(("[].END", T),),
    ),
    each(
        "[].cidr",
        C,
        0,
        {".cidr": EVERYWHERE},
        less=(HTTP,),
        more=(Passes("tcp", 80, 80, EVERYWHERE),),
    ),
    each(
        "[].cidr",
        T,
        0,
        {".cidr": GONE, ".END": TO_GROUP},
        less=(HTTP,),
        more=(Passes("tcp", 80, 80, None, "backends"),),
        also=(("[].END", G),),
    ),
    each(
        "[].END.group",
        C,
        3,
        {".END.group": GROUP},
        less=(DNS,),
        more=(Passes("udp", 53, 53, None, GROUP),),
        what="to the group itself",
    ),
)
