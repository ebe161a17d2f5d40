"""What may be wrong on nodes."""

from collections.abc import Iterator
from functools import cache
from re import MULTILINE, search

from components import steps

from .hits import Find, Hit, readings
from .seen import Disk, Kind, Seen
from .units import NEEDED, PASSING, QUEUES, SOMETIMES, needed
from .words import DAY, GIB, HOUR, ago, count, moment, size, some

VITAL = {"/", "/var", "/var/lib/mysql", "/var/lib/rabbitmq"}
"""Folders that databases, queues and the system itself write in."""


STOPPED: dict[Kind, str] = {
    "controller": "the APIs are away",
    "compute": "its servers are off",
    "controller and compute": "the APIs are away and its servers off",
}
"""By kind of node: what is so while it reboots."""


@cache
def expected(kind: Kind) -> dict[str, str]:
    """Return the scripts of a kind of node, by the step's name in its log."""
    table = {
        "controller": (*steps.CONTROLLER, steps.DASHBOARD, steps.DISCOVER),
        "compute": steps.COMPUTE,
        "controller and compute": (*steps.CONTROLLER, *steps.BOTH, steps.DISCOVER),
    }[kind]
    found = ((search(r"^step (\S+)", steps.text(s.source), MULTILINE), s.script) for s in table)
    return {name[1]: f"/usr/local/bin/{script}" for name, script in found if name}


def unreached(cause: str) -> Find:
    """Return what finds the nodes that gave no reading for this cause."""

    def find(seen: Seen) -> Iterator[Hit]:
        for node in seen.nodes:
            if node.unreached and node.unreached.cause == cause:
                words = {"host": node.host, "said": node.unreached.said}
                yield Hit(node.name, {**words, "heard": _heard(seen, node.name)}, about="ssh")

    return find


def _heard(seen: Seen, name: str) -> str:
    """What Nova knows of a node that does not answer: whether it is dead, or only its ssh is."""
    up = [s.up for s in seen.cloud.services or () if s.host == name and s.binary == "nova-compute"]
    there = sum(server.compute == name for server in seen.cloud.servers or ())
    if not up:
        return ""
    heard = "Nova still hears from it" if up[0] else "Nova does not hear from it either"
    return f"; {heard}, and has {count(there, 'server')} there"


def names(seen: Seen) -> Iterator[Hit]:
    """Find machines that call themselves something else."""
    for node, reading in readings(seen):
        if reading.name != node.name:
            yield Hit(node.name, {"is": reading.name, "host": node.host}, about="name")


def unread(seen: Seen) -> Iterator[Hit]:
    """Find parts of readings that could not be read."""
    for node, reading in readings(seen):
        for part, reason in reading.unread.items():
            yield Hit(node.name, {"part": part, "reason": reason}, about=f"part {part}")


def unfinished(seen: Seen) -> Iterator[Hit]:
    """Find steps whose last run did not end well, and is not under way."""
    for node, reading in readings(seen):
        for step, run in (reading.steps or {}).items():
            if not run.well and not run.runs and step in expected(node.kind):
                words = {"step": step, "began": moment(run.began)}
                words["script"] = expected(node.kind)[step]
                yield Hit(node.name, words, about=f"step {step}")


def never_run(seen: Seen) -> Iterator[Hit]:
    """Find nodes on which steps have never run."""
    for node, reading in readings(seen):
        wanted = (s for s in expected(node.kind) if s not in SOMETIMES.values())
        absent = [s for s in wanted if s not in (reading.steps or {})]
        if reading.steps is not None and absent:
            yield Hit(node.name, {"steps": some(absent)}, about="steps")


def not_running(seen: Seen) -> Iterator[Hit]:
    """Find services of a node that do not run."""
    for node, reading in readings(seen):
        units = reading.units
        for unit, without in needed(node.kind, reading).items() if units else ():
            if units and not units.runs(unit):
                words = {"unit": unit, "state": units.state(unit), "without": without}
                yield Hit(node.name, words, about=unit)


def failed(seen: Seen) -> Iterator[Hit]:
    """Find all that systemd calls failed."""
    for node, reading in readings(seen):
        for unit in reading.units.failed if reading.units else ():
            yield Hit(node.name, {"unit": unit}, about=unit.removesuffix(".service"))


def _disks(seen: Seen) -> Iterator[tuple[str, Disk, dict[str, str]]]:
    for node, reading in readings(seen):
        for disk in reading.disks or ():
            folder = disk.folders[0]
            words = {"folder": folder, "folders": _folders(disk), "free": size(disk.free)}
            yield node.name, disk, words


def _folders(disk: Disk) -> str:
    """Name a file system, and where it is not plain what fills it, that too."""
    first, *others = (folder for folder in disk.folders if folder != "/boot")
    heavy = [folder for folder in others if folder.startswith("/var/lib/")]
    return f"{first} (with {', '.join(heavy)})" if heavy else first


def free(seen: Seen) -> Iterator[Hit]:
    """Find what is free where services stop without room (GiB)."""
    for name, disk, words in _disks(seen):
        if VITAL.intersection(disk.folders):
            yield Hit(name, words, disk.free / GIB, f"disk {words['folder']}")


def used(seen: Seen) -> Iterator[Hit]:
    """Find how full disks are (percent)."""
    for name, disk, words in _disks(seen):
        yield Hit(name, words, disk.used, f"disk {words['folder']}")


def inodes(seen: Seen) -> Iterator[Hit]:
    """Find how many of a file system's inodes are used (percent)."""
    for name, disk, words in _disks(seen):
        yield Hit(name, words, disk.inodes_used, f"inodes {words['folder']}")


def memory(seen: Seen) -> Iterator[Hit]:
    """Find the memory that programs can still get (percent)."""
    for node, reading in readings(seen):
        if of := reading.memory:
            words = {"free": size(of.available), "total": size(of.total)}
            yield Hit(node.name, words, 100 * of.available / of.total, "memory")


def killed(seen: Seen) -> Iterator[Hit]:
    """Find processes that the kernel killed for want of memory."""
    for node, reading in readings(seen):
        if reading.killed is not None:
            yield Hit(node.name, {"booted": moment(reading.booted)}, reading.killed, "killed")


def load(seen: Seen) -> Iterator[Hit]:
    """Find the load of 15 minutes, for each CPU."""
    for node, reading in readings(seen):
        if reading.load and reading.cpus:
            words = {"load": f"{reading.load[2]:.0f}", "cpus": count(reading.cpus, "CPU")}
            yield Hit(node.name, words, reading.load[2] / reading.cpus, "load")


def offset(seen: Seen) -> Iterator[Hit]:
    """Find how far chrony says that the clock is off (seconds)."""
    for node, reading in readings(seen):
        if of := reading.clock:
            yield Hit(node.name, {"source": of.source or "itself"}, abs(of.offset), "clock")


def ahead(seen: Seen) -> Iterator[Hit]:
    """Find how far the clock is at least away from the asking machine's (seconds)."""
    for node, _ in readings(seen):
        words = {"way": "ahead of" if node.ahead > 0 else "behind"}
        yield Hit(node.name, words, abs(node.ahead), "clock")


def loose(seen: Seen) -> Iterator[Hit]:
    """Find clocks that follow nothing."""
    for node, reading in readings(seen):
        if reading.clock and not reading.clock.follows:
            yield Hit(node.name, about="clock")


def reboot(seen: Seen) -> Iterator[Hit]:
    """Find nodes that wait for a reboot."""
    for node, reading in readings(seen):
        if reading.reboot:
            stop = STOPPED[node.kind]
            words = {"reason": "; ".join(reading.reboot), "stop": stop, "node": node.name}
            yield Hit(node.name, words, about="boot")


def security(seen: Seen) -> Iterator[Hit]:
    """Find security updates that wait."""
    for node, reading in readings(seen):
        if of := reading.updates:
            yield Hit(node.name, {"names": some(of.security)}, len(of.security), "updates")


def lists(seen: Seen) -> Iterator[Hit]:
    """Find the age of apt's lists (days)."""
    for node, reading in readings(seen):
        if of := reading.updates:
            yield Hit(node.name, {}, (reading.now - of.listed) / DAY, "lists")


def deaf(seen: Seen) -> Iterator[Hit]:
    """Find queues that somebody must listen on, where nobody does."""
    found = seen.controller.reading.queues if seen.controller.reading else None
    if found is None:
        return
    needed = [(seen.controller, queue, unit) for queue, unit in QUEUES.items()]
    for node in seen.nodes:
        if node.kind != "controller":
            needed.append((node, f"compute.{node.name}", "nova-compute"))
    for node, queue, unit in needed:
        if queue not in found or not found[queue].consumers:
            what = "nobody takes messages from" if queue in found else "there is no"
            words = {"what": f"{what} queue {queue}", "unit": unit}
            yield Hit(node.name, {**words, "without": NEEDED[node.kind][unit]}, about=unit)


def backlog(seen: Seen) -> Iterator[Hit]:
    """Find the messages that wait in queues, without those that nobody will ever take."""
    found = seen.controller.reading.queues if seen.controller.reading else None
    for name, queue in (found or {}).items():
        if queue.consumers or not any(part in name for part in PASSING):
            words = {"queue": name, "consumers": count(queue.consumers, "consumer")}
            yield Hit(seen.controller.name, words, queue.messages, f"queue {name}")


def certificate(seen: Seen) -> Iterator[Hit]:
    """Find the days until a node's certificate ends."""
    for node, reading in readings(seen):
        if until := reading.certificate:
            yield Hit(
                node.name, {"until": moment(until)}, (until - reading.now) / DAY, "certificate"
            )


def public_certificate(seen: Seen) -> Iterator[Hit]:
    """Find the days until the team's own certificate ends."""
    for node, reading in readings(seen):
        if until := reading.public_certificate:
            days = (until - reading.now) / DAY
            yield Hit(node.name, {"until": moment(until)}, days, "public certificate")


def backup_failed(seen: Seen) -> Iterator[Hit]:
    """Find a controller whose last backup failed."""
    for node, reading in readings(seen):
        of = reading.backup
        if of and of.failed:
            words = {"when": moment(of.failed), "reason": of.reason, "last": moment(of.last)}
            yield Hit(node.name, words, about="iaas-backup")


def backup_age(seen: Seen) -> Iterator[Hit]:
    """Find the age of the newest backup, in times that should pass from one to the next."""
    for node, reading in readings(seen):
        of = reading.backup
        if of and of.every:
            seconds = reading.now - (of.last or of.set)
            age = f"is {ago(seconds)} old" if of.last else "was never made"
            words = {"age": age, "every": str(of.every), "place": of.place}
            yield Hit(node.name, words, seconds / (of.every * HOUR), "backup")
