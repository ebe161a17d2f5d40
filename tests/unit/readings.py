"""What a cloud's status finds: a healthy cloud of three nodes, or more, and changes of it."""

from typing import Any

from components.settings import NodeSettings, SshSettings
from tests.unit.examples import public_key
from tools.stack import Stack
from tools.status.judge import Finding, Hands, judge
from tools.status.on_nodes import expected
from tools.status.report import Report, report
from tools.status.seen import CloudSeen, Kind, NodeSeen, Reading, Seen
from tools.status.units import NEEDED, QUEUES

NOW = 1_790_000_000.0
GIB = 2**30
PASSWORD = "the-admins-password"  # noqa: S105

Json = dict[str, Any]


def reading(
    called: str, kind: Kind = "compute", computes: tuple[str, ...] = (), **more: object
) -> Json:
    """Return what a healthy node says; `more` replaces parts of it."""
    queues = {queue: {"messages": 0, "consumers": 1} for queue in QUEUES}
    queues |= {f"compute.{c}": {"messages": 0, "consumers": 1} for c in computes}
    return {
        "name": called,
        "now": NOW,
        "booted": NOW - 86400,
        "cpus": 4,
        "reboot": [],
        "disks": [disk()],
        "memory": {"total": 16 * GIB, "available": 8 * GIB},
        "killed": 0,
        "load": [0.5, 0.5, 0.5],
        "updates": {"security": [], "all": 0, "listed": NOW - 3600},
        "clock": {"offset": 0.001, "source": "10.0.0.10", "follows": True},
        "steps": {s: {"began": NOW - 7200, "well": True, "runs": False} for s in expected(kind)},
        "units": {"failed": [], "services": dict.fromkeys(NEEDED[kind], "active (running)")},
        "queues": queues if kind == "controller" else None,
        "backup": backup() if kind == "controller" else None,
        "certificate": NOW + 400 * 86400,
        "unread": {},
        **more,
    }


def backup(**more: object) -> Json:
    """Return what a controller says of its backups; `more` replaces parts of it."""
    return {
        "every": 24, "place": "/var/backups/iaas", "set": NOW - 30 * 86400, "last": NOW - 3600,
        "size": 2 * GIB, "failed": None, "reason": "", **more,
    }  # fmt: skip


def disk(used: float = 40, size: int = 100 * GIB, inodes: float = 10) -> Json:
    """Return a file system that has all of a node; `used` and `inodes` in percent."""
    free = size - round(size * used / 100)
    left = 1000 - round(10 * inodes)
    folders = ["/", "/var", "/var/lib/nova/instances"]
    return {
        "folders": folders, "size": size, "free": free, "inodes": 1000, "inodes_free": left,
    }  # fmt: skip


def names(computes: int) -> tuple[str, ...]:
    """Return the names of computes."""
    return tuple(f"c{number}" for number in range(1, computes + 1))


def stack(computes: int = 2, user: str = "root", name: str = "", **ssh: object) -> Stack:
    """Return the stack of the cloud."""

    def node(called: str) -> NodeSettings:
        raw = {"name": called, "host": host(called), "hostKey": public_key(called)}
        return NodeSettings.model_validate(raw)

    others = tuple(node(called) for called in names(computes))
    settings = SshSettings.model_validate({"user": user, **ssh})
    return Stack(name, node("controller"), others, settings, "RegionOne", PASSWORD)


def server(number: int, compute: str = "c1", **more: object) -> Json:
    """Return a server that runs."""
    return {
        "id": f"id-{number}",
        "name": f"web{number}",
        "project": "web",
        "status": "ACTIVE",
        "task": "",
        "compute": compute,
        "updated": NOW - 86400,
        **more,
    }


def cloud(computes: int = 2, servers: int = 2, **more: object) -> Json:
    """Return what the services of a healthy cloud answer; `more` replaces lists."""
    there = names(computes)

    def service(binary: str, host: str) -> Json:
        made = {"up": True, "enabled": True, "forced_down": False, "disabled_reason": ""}
        return {"id": f"{binary}-{host}", "binary": binary, "host": host, **made}

    def agent(binary: str, host: str) -> Json:
        made = {"alive": True, "enabled": True}
        return {"id": f"{binary}-{host}", "binary": binary, "host": host, **made}

    controllers = [service(binary, "controller") for binary in ("nova-conductor", "nova-scheduler")]
    capacity = {"VCPU": 16, "MEMORY_MB": 16384, "DISK_GB": 100}
    used = {"VCPU": 1, "MEMORY_MB": 1024, "DISK_GB": 10}
    return {
        "services": controllers + [service("nova-compute", name) for name in there],
        "hypervisors": [{"name": name, "up": True} for name in there],
        "agents": [
            *(agent("ovn-controller", name) for name in ("controller", *there)),
            *(agent("neutron-ovn-metadata-agent", name) for name in there),
        ],
        "servers": [server(n, there[n % len(there)]) for n in range(servers)],
        "room": [{"compute": name, "capacity": capacity, "used": used} for name in there],
        "images": {"by_status": {"active": 2}, "size": 3 * GIB},
        "unanswered": {},
        **more,
    }


def host(name: str) -> str:
    """Return the address of a node."""
    return f"10.0.0.{10 if name == 'controller' else 19 + int(name[1:])}"


def node(given: Json | None, name: str, kind: Kind, **more: object) -> NodeSeen:
    """Return a node with this reading."""
    found = Reading.model_validate(given) if given else None
    raw = {"name": name, "kind": kind, "host": host(name), "reading": found, **more}
    return NodeSeen.model_validate(raw)


def seen(computes: int = 2, changed: Json | None = None, answers: Json | None = None) -> Seen:
    """Return a cloud; `changed` has, by node, parts of its reading, or of the node itself.

    A node whose `unreached` is changed has no reading. `answers` replaces the services' lists.
    """
    there = names(computes)
    nodes = []
    for name in ("controller", *there):
        kind: Kind = "controller" if name == "controller" else "compute"
        of = {**(changed or {}).get(name, {})}
        own = {key: of.pop(key) for key in ("unreached", "ahead") if key in of}
        given = None if "unreached" in own else reading(name, kind, there, **of)
        nodes.append(node(given, name, kind, **own))
    answered = CloudSeen.model_validate({**cloud(computes), **(answers or {})})
    return Seen(stack="", time=NOW, nodes=tuple(nodes), cloud=answered)


def judged(found: Seen, asked: Stack | None = None) -> tuple[Finding, ...]:
    """Return the findings of a cloud."""
    return judge(found, Hands(asked or stack()))


def reported(found: Seen, asked: Stack | None = None) -> Report:
    """Return the report of a cloud."""
    return report(found, judged(found, asked))
