"""What is to be done on each node."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from ..status.seen import Kind, NodeSeen, Seen
from ..status.units import NEEDED, UPDATED
from ..status.words import count, some

SWITCHES = ("ovn-", "openvswitch-", "python3-openvswitch")
"""How the packages' names of OVN and Open vSwitch begin: one is not updated without the others."""
DATA_PLANE = (
    "openvswitch-switch",
    "ovsdb-server",
    "ovs-vswitchd",
    "ovn-ovsdb-server-nb",
    "ovn-ovsdb-server-sb",
    "ovn-northd",
    "ovn-controller",
)
"""Their services: a restart stops the servers' traffic for seconds, so one restarts all."""
FIRST = (*DATA_PLANE, "chrony", "mariadb", "rabbitmq-server", "memcached")
"""What others need as they start."""
RELOADED = ("virtlogd",)
"""What may not end: it holds the servers' consoles, and takes its new files by a reload."""
CLASSES = {"VCPU": "vCPUs", "MEMORY_MB": "MiB of memory", "DISK_GB": "GiB of disk"}


@dataclass(frozen=True)
class Old:
    """What runs files that an update has replaced.

    units: the cloud's services, each with why; others: the node's other ones; servers: how many.
    unproven: an update was cut off, or its node has not come back.
    """

    units: Mapping[str, str] = field(default_factory=dict)
    others: tuple[str, ...] = ()
    servers: int = 0
    unproven: bool = False


@dataclass(frozen=True)
class Plan:
    """What is to be done on a node. `release`: an earlier run has left it drained."""

    name: str
    kind: Kind
    packages: tuple[str, ...] = ()
    held: tuple[str, ...] = ()
    restart: tuple[str, ...] = ()
    reboot: tuple[str, ...] = ()
    unproven: bool = False
    servers: int = 0
    drain: bool = False
    release: bool = False

    @property
    def touches(self) -> bool:
        """Whether something on the node itself changes."""
        return bool(self.packages or self.restart or self.reboot or self.unproven)

    @property
    def nothing(self) -> bool:
        """Whether there is nothing to do."""
        return not (self.touches or self.release)


def packages(seen: NodeSeen, *, every: bool) -> tuple[str, ...]:
    """Return the packages to update: those of the security suite, or all that wait.

    Where one of OVN or Open vSwitch is among them, all of these that wait are; none, if a person
    holds one of them back.
    """
    of = seen.reading.updates if seen.reading else None
    if of is None:
        return ()
    wanted = {*(of.names if every else of.security)}
    switches = {name for name in of.names if name.startswith(SWITCHES)}
    if switches & {*of.held}:
        wanted -= switches
    elif switches & wanted:
        wanted |= switches
    return tuple(sorted(wanted - {*of.held}))


def restarts(kind: Kind, old: Iterable[str]) -> list[list[str]]:
    """Return the services to restart, in groups of which one follows the other."""
    needed, wanted = NEEDED[kind], {*old}
    if wanted & {*DATA_PLANE}:
        wanted |= {unit for unit in DATA_PLANE if unit in needed}
    groups = (
        [unit for unit in FIRST if unit in wanted],
        [unit for unit in needed if unit in wanted and unit not in (*FIRST, *RELOADED)],
    )
    return [group for group in groups if group]


def plan(seen: Seen, old: Mapping[str, Old], *, every: bool, drain: bool) -> list[Plan]:
    """Return what is to be done, the controller first.

    Nova asks for that: a controller knows computes of its own version and older ones, and a compute
    that is newer than its controller may ask what that does not know. Within a release of Debian
    the versions of OVN go together in any order.
    """
    return [_plan(seen, node, old.get(node.name, Old()), every, drain) for node in seen.nodes]


def _plan(seen: Seen, node: NodeSeen, old: Old, every: bool, drain: bool) -> Plan:
    of = node.reading.updates if node.reading else None
    made = Plan(
        node.name,
        node.kind,
        packages=packages(node, every=every),
        held=tuple(sorted({*of.names} & {*of.held})) if of else (),
        restart=tuple(unit for unit in NEEDED[node.kind] if unit in old.units),
        reboot=(node.reading.reboot if node.reading else None) or (),
        unproven=old.unproven,
        servers=sum(one.compute == node.name for one in seen.cloud.servers or ()),
    )
    for one in seen.cloud.services or ():
        if one.host == node.name and one.binary == "nova-compute":
            ours = not one.enabled and one.disabled_reason == UPDATED
            able = drain and made.touches and made.servers > 0 and (one.enabled or ours)
            return replace(made, release=ours, drain=able)
    return made


def problems(seen: Seen, plans: Sequence[Plan], *, drain: bool) -> Iterator[str]:
    """Yield why nothing can begin: nodes that do not answer, computes that can't be drained."""
    for node in seen.nodes:
        if node.unreached:
            why = f"{node.name}: does not answer at {node.host}: {node.unreached.said}"
            yield why
        elif node.reading and node.reading.updates is None:
            why = node.reading.unread.get("updates", "no reason")
            yield f"{node.name}: its updates can't be read: {why}"
    for service, reason in seen.cloud.unanswered.items() if drain else ():
        yield f"{service} does not answer, so no compute can be drained: {reason}"
    for one in plans:
        if one.drain and (why := no_room(seen, one.name)):
            do = f"make room, or update it without DRAIN: make update NODES={one.name}"
            yield f"{one.name}: can't be drained: {why}; {do}"


def no_room(seen: Seen, compute: str) -> str:
    """Return why the other computes can't take the servers of one, "" if they may."""
    takes = {
        one.host
        for one in seen.cloud.services or ()
        if one.binary == "nova-compute" and one.up and one.enabled and one.host != compute
    }
    if not takes:
        return "no other compute takes servers"
    rooms = {one.compute: one for one in seen.cloud.room or ()}
    used = rooms[compute].used if compute in rooms else {}
    for name, called in CLASSES.items():
        others = (room for host, room in rooms.items() if host in takes)
        free = sum(max(0, o.capacity.get(name, 0) - o.used.get(name, 0)) for o in others)
        if used.get(name, 0) > free:
            return f"its servers need {used[name]} {called}, and the others have {free}"
    return ""


def shown(one: Plan) -> str:
    """Return what is to be done, in words."""
    if one.nothing:
        return "nothing to do"
    parts = []
    if one.drain:
        parts.append(f"drain it of {count(one.servers, 'server')}")
    if one.packages:
        parts.append(f"update {count(len(one.packages), 'package')}: {some(one.packages, 20)}")
    if one.restart:
        parts.append(f"restart what runs old files: {some(one.restart, 20)}")
    if one.reboot:
        off = f"; its {count(one.servers, 'server')} off meanwhile"
        off = off if one.servers and not one.drain else ""
        parts.append(f"reboot: {'; '.join(one.reboot)}{off}")
    if one.unproven:
        parts.append("prove it, as an earlier run has stopped there")
    if one.release or one.drain:
        parts.append("let servers come again")
    return ", then ".join(parts)
