"""Interrupts steps of nodes at points that are drawn from a seed, in three ways.

A watcher on the node reads what a step writes, and at the line that was drawn kills the step's
shell, or all that the step runs, or restarts the node at once, as a power cut would.
"""

import itertools
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from random import Random

from components.steps import COMPUTE, CONTROLLER, DISCOVER

HOWS = ("shell", "all", "reboot")
DELAYS = (0.0, 0.1, 0.3, 1.0)
"""Seconds between a line and the cut-off, so that it hits different commands after the line."""
LINES = (3, 5, 8, 12, 17, 23)
"""The lines of a step's log at which it is cut off, besides the first one, which it begins with.

A step that ends before its next point is finished: its later points are left out.
"""
PACKAGES = (
    ("unpacked", 1, "all"),
    ("unpacked", 60, "reboot"),
    ("unpacked", 150, "all"),
    ("installed", 1, "reboot"),
    ("installed", 60, "all"),
    ("installed", 150, "shell"),
)
"""While packages are installed: how many dpkg has unpacked or set up since the step began.

The way that lets apt finish comes last.
"""


@dataclass(frozen=True)
class Point:
    """Where and how a step is cut off: `delay` seconds after `count` lines that match in a file."""

    step: str
    how: str
    count: int
    delay: float = 0.0
    file: str = ""
    pattern: str = r"^(===|\[ *[0-9]+ s\]) "

    @property
    def words(self) -> tuple[str, ...]:
        """The watcher's arguments."""
        log = self.file or f"/var/log/iaas/{LOGS.get(self.step, self.step)}.log"
        script = SCRIPTS[self.step]
        return (self.step, script, self.how, str(self.count), str(self.delay), log, self.pattern)


LOGS = {DISCOVER.name: "discover-hosts"}
SCRIPTS = {step.name: step.script for step in (*CONTROLLER, *COMPUTE, DISCOVER)}


def packages(how: str, status: str, count: int) -> Point:
    """Return a point during the installation of a node's packages."""
    return Point("pre-host", how, count, file="/var/log/dpkg.log", pattern=f" status {status} ")


def points(step: str, random: Random) -> Iterable[Point]:
    """Yield where to cut a step off: in each way as it begins, then in turns at later lines."""
    if step == "pre-host":
        yield from (packages(how, status, count) for status, count, how in PACKAGES)
    yield from (Point(step, how, 1) for how in HOWS)
    turns = itertools.cycle(random.sample(HOWS, len(HOWS)))
    for line in LINES:
        yield Point(step, next(turns), line, random.choice(DELAYS))


@dataclass
class Plan:
    """The points of each node's steps that are not reached yet."""

    left: dict[str, dict[str, deque[Point]]] = field(default_factory=dict)

    def armed(self, node: str) -> list[Point]:
        """Return the next point of each of a node's steps."""
        return [points[0] for points in self.left.get(node, {}).values() if points]

    def passed(self, node: str, step: str) -> None:
        """Remove the point at which a step was cut off."""
        self.left[node][step].popleft()

    def add(self, node: str, point: Point) -> None:
        """Add a point after those of its step."""
        self.left.setdefault(node, {}).setdefault(point.step, deque()).append(point)


def everything(tables: Mapping[str, Sequence[str]], random: Random) -> Plan:
    """Return a plan that cuts off all steps of these nodes."""
    plan = Plan()
    for node, steps in tables.items():
        for step in steps:
            for point in points(step, random):
                plan.add(node, point)
    return plan


def share(tables: Mapping[str, Sequence[str]], random: Random) -> Plan:
    """Return a plan that cuts off each node's package installation, and three more steps."""
    plan = Plan()
    hows = itertools.cycle(random.sample(HOWS, len(HOWS)))
    for node in tables:
        plan.add(node, packages(next(hows), "unpacked", random.randint(1, 150)))
    others = [(node, step) for node, steps in tables.items() for step in steps]
    others = [(node, step) for node, step in others if step != "pre-host"]
    for node, step in random.sample(others, len(HOWS)):
        plan.add(node, Point(step, next(hows), random.choice((1, LINES[0]))))
    return plan


CUTS = "/var/lib/iaas-cuts"
"""The file on a node that lists the cut-offs: a line `STEP HOW COUNT` for each."""

WATCHER = r"""
set -eu
step=$1 script=$2 how=$3 count=$4 delay=$5 file=$6 pattern=$7
tail -n 0 -F "$file" 2>/dev/null | grep --line-buffered -E "$pattern" | {
  for ((seen = 0; seen < count; seen++)); do IFS= read -r _; done
  sleep "$delay"
  # The step itself, not what an earlier one left running: `timeout` has started it.
  pid=$(pgrep -f "^(/usr/bin/)?bash /usr/local/bin/$script" -P "$(pgrep -d, -x timeout)") || exit 0
  echo "$step $how $count" >>CUTS
  sync CUTS
  case $how in
    shell) kill -KILL "$pid" ;;
    all) kill -KILL -- "-$(ps -o pgid= -p "$pid" | tr -d ' ')" ;;
    reboot) systemctl reboot --force --force ;;
  esac
  kill 0
}
""".replace("CUTS", CUTS)


def arming(points: Iterable[Point]) -> str:
    """Return the script that makes a node wait for these points only, or for none."""
    lines = [
        "set -eu",
        "systemctl stop 'iaas-cut-*'",
        f"rm -f {CUTS}",
        f"cat >/run/iaas-cut <<'EOF'{WATCHER}EOF",
        "install -d -m 0750 /var/log/iaas",
    ]
    for point in points:
        words = " ".join(f"'{word}'" for word in point.words)
        unit = f"--unit iaas-cut-{point.step} --collect --quiet"
        lines.append(f"systemd-run {unit} bash /run/iaas-cut {words}")
    return "\n".join(lines)
