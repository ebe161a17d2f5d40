"""The report's tables of the cloud: services, servers, queues, images."""

from collections import Counter

from .seen import Seen
from .table import ROWS, Table, states
from .units import NEEDED, PASSING, needed
from .words import count, moment, size, some


def services(seen: Seen) -> Table:
    """Return how many of each service and agent are up, and which are not."""
    rows = []
    for kind in NEEDED:
        there = [
            (f"{unit} of {node.name}", node.reading.units.runs(unit))
            for node in seen.nodes
            if node.kind == kind and node.reading and node.reading.units
            for unit in needed(kind, node.reading)
        ]
        off = [name for name, runs in there if not runs]
        if there:
            up = str(len(there) - len(off))
            rows.append((f"what a {kind} needs", "systemd", up, some(off), ""))
    listed: list[tuple[str, str, str, bool, bool]] = [
        (s.binary, "Nova", s.host, s.up, s.enabled) for s in seen.cloud.services or ()
    ]
    listed += [(a.binary, "Neutron", a.host, a.alive, a.enabled) for a in seen.cloud.agents or ()]
    for name, by in sorted({(one[0], one[1]) for one in listed}, key=lambda one: one[::-1]):
        same = [one for one in listed if one[:2] == (name, by)]
        down = [host for _, _, host, up, _ in same if not up]
        disabled = [host for _, _, host, _, enabled in same if not enabled]
        rows.append((name, by, str(len(same) - len(down)), some(down), some(disabled)))
    return Table("Services and agents", ("service", "by", "up", "down", "disabled"), tuple(rows))


def servers(seen: Seen) -> Table:
    """Return how many servers are in each state."""
    columns = ("state", "servers", "projects")
    if seen.cloud.servers is None:
        return Table("Servers", columns, ())
    projects: dict[str, Counter[str]] = {}
    for server in seen.cloud.servers:
        state = f"{server.status}, {server.task}" if server.task else server.status
        projects.setdefault(state, Counter())[server.project] += 1
    rows = tuple(
        (state, str(of.total()), some([f"{name} {n}" for name, n in of.most_common()]))
        for state, of in sorted(projects.items())
    )
    return Table("Servers", columns, rows[:ROWS], "" if rows else "there is no server")


def queues(seen: Seen) -> Table:
    """Return the queues with messages, or that nobody listens on; the others are summed."""
    columns = ("queue", "messages", "consumers")
    found = seen.controller.reading.queues if seen.controller.reading else None
    if found is None:
        return Table("Queues", columns, ())
    left = {n for n, q in found.items() if not q.consumers and any(part in n for part in PASSING)}
    rows = [
        (name, str(queue.messages), str(queue.consumers))
        for name, queue in sorted(found.items(), key=lambda one: -one[1].messages)
        if name not in left and (queue.messages or not queue.consumers)
    ]
    fine = count(len(found) - len(rows) - len(left), "queue")
    note = f"{fine} with consumers and no messages"
    note += f"; {len(left)} of earlier runs of services, which RabbitMQ removes" if left else ""
    if len(rows) > ROWS:
        note += f"; {len(rows) - ROWS} more like these"
    return Table("Queues", columns, tuple(rows[:ROWS]), note)


def images(seen: Seen) -> Table:
    """Return Glance's images and the room where they are."""
    of = seen.cloud.images
    if of is None:
        return Table("Images", (), ())
    room = ""
    for disk in (seen.controller.reading.disks if seen.controller.reading else None) or ():
        if "/var/lib/glance/images" in disk.folders:
            room = f"; {size(disk.free)} are free on {seen.controller.name}, where they are"
    held = states(Counter(of.by_status))
    return Table("Images", (), (), f"images: {held}; {size(of.size)}{room}")


def backup(seen: Seen) -> Table:
    """Return the newest backup, and where backups are."""
    of = seen.controller.reading.backup if seen.controller.reading else None
    if of is None:
        return Table("Backups", (), ())
    newest = "none"
    if of.last is not None:
        newest = f"of {moment(of.last)} UTC, {size(of.size)}"
    every = f"every {of.every} h" if of.every else "by hand alone"
    return Table("Backups", (), (), f"newest backup: {newest}; in {of.place}, {every}")


def not_shown(seen: Seen) -> Table:
    """Return what is missing above, as a service did not answer."""
    reasons = (f"{name.capitalize()}: {why}" for name, why in seen.cloud.unanswered.items())
    return Table("Services that gave no lists", (), (), "; ".join(reasons))
