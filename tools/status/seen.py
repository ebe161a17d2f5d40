"""What was found: the readings of the nodes, and what the cloud's services answered."""

from typing import Literal

from pydantic import BaseModel, ConfigDict

Kind = Literal["controller", "compute", "controller and compute"]
Service = Literal["keystone", "nova", "neutron", "placement", "glance"]


class Found(BaseModel):
    """Frozen; a key that it does not know is no error, as another version may have written it."""

    model_config = ConfigDict(frozen=True)


class Disk(Found):
    """A file system (bytes), and which of the folders that fill are on it."""

    folders: tuple[str, ...]
    size: int
    free: int
    inodes: int
    inodes_free: int

    @property
    def used(self) -> float:
        """Percent, as df says it."""
        return percent(self.size - self.free, self.size)

    @property
    def inodes_used(self) -> float:
        """Percent; 0 where the file system makes them as it needs them."""
        return percent(self.inodes - self.inodes_free, self.inodes)


class Memory(Found):
    """Bytes."""

    total: int
    available: int


class Updates(Found):
    """Packages that wait: names from the security suite, the number of all, and their names."""

    security: tuple[str, ...]
    all: int
    names: tuple[str, ...] = ()
    held: tuple[str, ...] = ()
    """Packages that a person holds back."""
    listed: float
    """When apt got its lists (seconds since 1970)."""


class Clock(Found):
    """Seconds that chrony still corrects; whether it follows a source, and which."""

    offset: float
    source: str
    follows: bool


class StepRun(Found):
    """The last run of a step; `began` is None where the log does not say it."""

    began: float | None
    well: bool
    runs: bool


class Units(Found):
    """Names of failed units; the services that are not inactive, without `.service`."""

    failed: tuple[str, ...]
    services: dict[str, str]

    def state(self, unit: str) -> str:
        """Return the state of a service; systemd forgets those that do not run."""
        return self.services.get(unit, "inactive")

    def runs(self, unit: str) -> bool:
        """Return whether a service runs, or has done what it does at the boot."""
        return self.state(unit).startswith(("active", "reloading"))


class Queue(Found):
    """Messages that wait, and connections that take them."""

    messages: int
    consumers: int


class Backup(Found):
    """Backups of the controller: every so many hours, 0 by hand alone.

    `set` is when that was last changed, `last` when the newest was begun, `failed` when the last
    run failed; None: none was made, it did not fail.
    """

    every: int
    place: str
    set: float
    last: float | None
    size: int
    failed: float | None
    reason: str


class Reading(Found):
    """What a node says of itself (`reading.py`). A part that is None could not be read."""

    name: str
    now: float
    booted: float | None
    cpus: int | None
    reboot: tuple[str, ...] | None
    disks: tuple[Disk, ...] | None
    memory: Memory | None
    killed: int | None
    load: tuple[float, float, float] | None
    updates: Updates | None
    clock: Clock | None
    steps: dict[str, StepRun] | None
    units: Units | None
    queues: dict[str, Queue] | None
    backup: Backup | None
    certificate: float | None = None
    """When the node's certificate ends (seconds since 1970)."""
    public_certificate: float | None = None
    """When the team's own certificate ends; None: there is none."""
    unread: dict[str, str]


class Unreached(Found):
    """Why there is no reading: a cause of `nodes.CAUSES`, and what ssh or the node said."""

    cause: str
    said: str


class NodeSeen(Found):
    """A node of the settings, and its reading or why there is none."""

    name: str
    kind: Kind
    host: str
    reading: Reading | None = None
    unreached: Unreached | None = None
    ahead: float = 0
    """Seconds that its clock is at least ahead of the asking machine's; negative: behind."""


class NovaService(Found):
    """A Nova service."""

    id: str
    binary: str
    host: str
    up: bool
    enabled: bool
    forced_down: bool
    disabled_reason: str


class Agent(Found):
    """A Neutron agent."""

    id: str
    binary: str
    host: str
    alive: bool
    enabled: bool


class Hypervisor(Found):
    """A compute as Nova's cell lists it."""

    name: str
    up: bool


class Server(Found):
    """A server. `compute` is empty as long as none was chosen; `fault` is Nova's reason."""

    id: str
    name: str
    project: str
    status: str
    task: str
    compute: str
    updated: float
    fault: str = ""


class Room(Found):
    """What Placement may give away of a compute, and has given: VCPU, MEMORY_MB, DISK_GB."""

    compute: str
    capacity: dict[str, int]
    used: dict[str, int]


class Images(Found):
    """Glance's images: how many by status, and their bytes."""

    by_status: dict[str, int]
    size: int


REFUSED = "it refuses the admin's password"
"""Why a service did not answer that answers others."""


class CloudSeen(Found):
    """What the services answered; None: that list was not given, and `unanswered` says why."""

    services: tuple[NovaService, ...] | None = None
    hypervisors: tuple[Hypervisor, ...] | None = None
    agents: tuple[Agent, ...] | None = None
    servers: tuple[Server, ...] | None = None
    room: tuple[Room, ...] | None = None
    images: Images | None = None
    unanswered: dict[Service, str] = {}


class Seen(Found):
    """Everything that was found at one time (seconds since 1970)."""

    stack: str
    time: float
    nodes: tuple[NodeSeen, ...]
    cloud: CloudSeen

    @property
    def names(self) -> frozenset[str]:
        """Of the nodes in the settings."""
        return frozenset(node.name for node in self.nodes)

    @property
    def controller(self) -> NodeSeen:
        """The node of the services."""
        return next(node for node in self.nodes if node.kind != "compute")


def percent(part: float, whole: float) -> float:
    """Return the part in percent; of nothing, 0."""
    return 100 * part / whole if whole else 0
