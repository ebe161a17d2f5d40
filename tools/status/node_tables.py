"""The report's tables of nodes: what each has, its servers, its steps."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator

from .in_cloud import CLASSES
from .on_nodes import expected
from .seen import Kind, NodeSeen, Reading, Room, Seen
from .table import Table, bounded, states
from .units import NEEDED, SOMETIMES
from .words import ago, count, moment, size, some


def nodes(seen: Seen, state: dict[str, str]) -> Table:
    """Return a row for each node."""
    columns = ("node", "state", "booted (UTC)", "full", "memory left", "load", "clock", "updates")
    rows = {node.name: (node.name, state.get(node.name, "ok"), *_node(node)) for node in seen.nodes}
    shown, others = bounded(tuple(rows), state)
    read = [n.reading for n in seen.nodes if n.name in others and n.reading]
    note = f"{count(len(others), 'more node')} without findings{_worst(read)}" if others else ""
    return Table("Nodes", columns, tuple(rows[name] for name in shown), note)


def _node(node: NodeSeen) -> tuple[str, ...]:
    of = node.reading
    if of is None:
        return (node.unreached.cause if node.unreached else "?", "", "", "", "", "")
    full = ", ".join(f"{d.folders[0]} {d.used:.0f} %" for d in of.disks or ())
    memory = of.memory
    updates = of.updates
    return (
        moment(of.booted),
        full or "?",
        f"{size(memory.available)} of {size(memory.total)}" if memory else "?",
        f"{of.load[2]:.1f} on {count(of.cpus, 'CPU')}" if of.load and of.cpus else "?",
        f"{of.clock.offset * 1000:+.1f} ms" if of.clock else "?",
        f"{len(updates.security)} security, {updates.all} in all"
        f" (lists {ago(of.now - updates.listed)} old)"
        if updates
        else "?",
    )


def _worst(read: Iterable[Reading]) -> str:
    """Write the worst of nodes that are summed."""
    full = [disk.used for of in read for disk in of.disks or ()]
    left = [of.memory.available for of in read if of.memory]
    load = [of.load[2] / of.cpus for of in read if of.load and of.cpus]
    parts = [
        f"disks at most {max(full):.0f} % full" if full else "",
        f"memory left at least {size(min(left))}" if left else "",
        f"load at most {max(load):.1f} for each CPU" if load else "",
    ]
    return "".join(f"; {part}" for part in parts if part)


def computes(seen: Seen, state: dict[str, str]) -> Table:
    """Return what each compute has, and its servers."""
    columns = ("compute", "state", "servers", *CLASSES.values())
    cloud = seen.cloud
    names = [node.name for node in seen.nodes if node.kind != "controller"]
    rooms = {one.compute: one for one in cloud.room or ()}
    there: dict[str, Counter[str]] = {name: Counter() for name in names}
    for server in cloud.servers or ():
        there.setdefault(server.compute, Counter())[server.status] += 1
    if cloud.servers is None and cloud.room is None:
        return Table("Computes", columns, ())
    disabled = {s.host for s in cloud.services or () if not s.enabled}

    def row(name: str) -> tuple[str, ...]:
        word = state.get(name, "ok") + (", disabled" if name in disabled else "")
        held = states(there[name]) if cloud.servers is not None else "?"
        return (name, word, held, *(_given(rooms.get(name), kind) for kind in CLASSES))

    shown, others = bounded(names, state)
    note = ""
    if others:
        held = sum((there[name] for name in others), Counter[str]())
        given = (
            f"{called} {_given(_sum(rooms[n] for n in others if n in rooms), kind)}"
            for kind, called in CLASSES.items()
        )
        note = f"{count(len(others), 'more compute')} without findings: {states(held)}; "
        note += ", ".join(given)
    return Table("Computes", columns, tuple(row(name) for name in shown), note)


def _sum(rooms: Iterable[Room]) -> Room:
    capacity: Counter[str] = Counter()
    used: Counter[str] = Counter()
    for room in rooms:
        capacity.update(room.capacity)
        used.update(room.used)
    return Room(compute="", capacity=dict(capacity), used=dict(used))


def _given(room: Room | None, kind: str) -> str:
    """Write what is given away of what there is."""
    if room is None:
        return "?"
    if kind not in room.capacity:
        return "none left"
    whole, used = room.capacity[kind], room.used[kind]
    scale: Callable[[int], str] = {
        "MEMORY_MB": lambda n: f"{n / 1024:.1f} GiB",
        "DISK_GB": lambda n: f"{n} GiB",
    }.get(kind, str)
    return f"{scale(used)} of {scale(whole)}"


def steps(seen: Seen) -> Table:
    """Return when each step has run last on the nodes of a kind."""
    rows = tuple(row for kind in NEEDED for row in _steps(seen, kind))
    return Table("Steps", ("step", "nodes", "last run (UTC)", "not well", "under way"), rows)


def _steps(seen: Seen, kind: Kind) -> Iterator[tuple[str, ...]]:
    there = [(n.name, n.reading.steps) for n in seen.nodes if n.kind == kind and n.reading]
    known = [(name, steps) for name, steps in there if steps is not None]
    for step in expected(kind) if known else ():
        runs = {name: steps[step] for name, steps in known if step in steps}
        if step in SOMETIMES.values() and not runs:
            continue
        times = [run.began for run in runs.values() if run.began is not None]
        first, last = (moment(min(times)), moment(max(times))) if times else ("never", "never")
        yield (
            f"{kind}: {step}",
            str(len(runs)),
            first if first == last else f"{first} to {last}",
            some([name for name, run in runs.items() if not run.well and not run.runs]),
            some([name for name, run in runs.items() if run.runs]),
        )
