"""What may be wrong in the cloud, as its services tell it."""

from collections.abc import Iterator

from .hits import Find, Hit
from .seen import REFUSED, CloudSeen, Seen, percent
from .units import API, NEEDED, UPDATED
from .words import MINUTE, ago

CLASSES = {"VCPU": "vCPUs", "MEMORY_MB": "memory", "DISK_GB": "disk"}
"""Placement's names, and what people call it."""
RESTING = {"ACTIVE", "SHUTOFF", "ERROR", "PAUSED", "SUSPENDED", "SOFT_DELETED"}
RESTING |= {"SHELVED", "SHELVED_OFFLOADED"}
"""States in which a server stays. Not RESCUE, nor VERIFY_RESIZE: somebody has left it so."""


def _without(unit: str) -> str:
    return next((units[unit] for units in NEEDED.values() if unit in units), "")


def unanswered(*, refused: bool) -> Find:
    """Return what finds services that do not answer, or else those that refuse the admin."""

    def find(seen: Seen) -> Iterator[Hit]:
        for service, reason in seen.cloud.unanswered.items():
            if (reason == REFUSED) == refused:
                unit = API[service]
                words = {"service": service.capitalize(), "reason": reason, "unit": unit}
                yield Hit(seen.controller.name, {**words, "without": _without(unit)}, about=unit)

    return find


def down(*, forced: bool) -> Find:
    """Return what finds Nova's services that are down on the settings' nodes; forced: by hand."""

    def find(seen: Seen) -> Iterator[Hit]:
        for one in seen.cloud.services or ():
            if not one.up and one.host in seen.names and one.forced_down == forced:
                words = {"unit": one.binary, "without": _without(one.binary), "node": one.host}
                yield Hit(one.host, words, about=one.binary)

    return find


def disabled(seen: Seen) -> Iterator[Hit]:
    """Find Nova's services that have disabled themselves; people may do that."""
    for one in seen.cloud.services or ():
        if not one.enabled and one.disabled_reason.startswith("AUTO:") and one.host in seen.names:
            reason = one.disabled_reason.removeprefix("AUTO:").strip()
            yield Hit(one.host, {"unit": one.binary, "reason": reason}, about=one.binary)


def left_drained(seen: Seen) -> Iterator[Hit]:
    """Find computes that an update has drained, and not let take servers again."""
    for one in seen.cloud.services or ():
        if not one.enabled and one.disabled_reason == UPDATED and one.host in seen.names:
            yield Hit(one.host, {"node": one.host}, about="drained")


def dead(seen: Seen) -> Iterator[Hit]:
    """Find Neutron's agents that are not alive, on the settings' nodes."""
    for one in seen.cloud.agents or ():
        if not one.alive and one.host in seen.names:
            words = {"unit": one.binary, "without": _without(one.binary)}
            yield Hit(one.host, words, about=one.binary)


def hypervisors(seen: Seen) -> Iterator[Hit]:
    """Find hypervisors that are down."""
    for one in seen.cloud.hypervisors or ():
        if not one.up and one.name in seen.names:
            yield Hit(one.name, {"unit": "nova-compute"}, about="nova-compute")


def absent(seen: Seen) -> Iterator[Hit]:
    """Find nodes that a service does not know, though it answers."""
    for unit, where, there in _lists(seen.cloud):
        for node in seen.nodes:
            if there is not None and unit in NEEDED[node.kind] and node.name not in there:
                yield Hit(node.name, {"unit": unit, "list": where}, about=unit)


def _lists(cloud: CloudSeen) -> Iterator[tuple[str, str, set[str] | None]]:
    """Yield a unit, the list that its node must be in, and who is in it; None: no list."""
    services, agents = cloud.services, cloud.agents
    for unit in ("nova-compute", "nova-conductor", "nova-scheduler"):
        found = None if services is None else {s.host for s in services if s.binary == unit}
        yield unit, "Nova's services", found
    for unit in ("ovn-controller", "neutron-ovn-metadata-agent"):
        found = None if agents is None else {a.host for a in agents if a.binary == unit}
        yield unit, "Neutron's agents", found
    names = None if cloud.hypervisors is None else {one.name for one in cloud.hypervisors}
    yield "nova-compute", "Nova's hypervisors", names
    names = None if cloud.room is None else {one.compute for one in cloud.room}
    yield "nova-compute", "Placement's providers", names


def old_services(seen: Seen) -> Iterator[Hit]:
    """Find Nova's services of nodes that are no longer in the settings."""
    for one in seen.cloud.services or ():
        if one.host not in seen.names:
            words = {"host": one.host, "unit": one.binary, "id": one.id}
            yield Hit("", words, about=f"service {one.id}")


def old_agents(seen: Seen) -> Iterator[Hit]:
    """Find Neutron's agents of nodes that are no longer in the settings."""
    for one in seen.cloud.agents or ():
        if one.host not in seen.names:
            words = {"host": one.host, "unit": one.binary, "id": one.id}
            yield Hit("", words, about=f"agent {one.id}")


def errors(*, built: bool) -> Find:
    """Return what finds servers in ERROR: those that are on a compute, or those that never were."""

    def find(seen: Seen) -> Iterator[Hit]:
        for one in seen.cloud.servers or ():
            if one.status == "ERROR" and bool(one.compute) == built:
                words = {"server": one.name, "project": one.project, "id": one.id}
                words |= {"compute": one.compute, "fault": one.fault or "Nova gives no reason"}
                yield Hit("", words, about=f"server {one.id}")

    return find


def stuck(seen: Seen) -> Iterator[Hit]:
    """Find for how long servers are in a state that should pass (minutes)."""
    for one in seen.cloud.servers or ():
        if one.task or one.status not in RESTING:
            words = {"server": one.name, "project": one.project, "id": one.id}
            words |= {"state": one.task or one.status, "ago": ago(seen.time - one.updated)}
            yield Hit("", words, (seen.time - one.updated) / MINUTE, f"server {one.id}")


def room(seen: Seen) -> Iterator[Hit]:
    """Find how much of what the computes have together is given away (percent)."""
    for name, called in CLASSES.items():
        capacity = sum(one.capacity.get(name, 0) for one in seen.cloud.room or ())
        used = sum(one.used.get(name, 0) for one in seen.cloud.room or ())
        yield Hit("", {"class": called}, percent(used, capacity), f"room {name}")
