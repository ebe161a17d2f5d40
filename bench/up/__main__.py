"""Measures `pulumi up` of the lab's bare nodes, beside what apt alone takes for the same packages.

`make bench-up` runs it. First apt alone installs, on all nodes at once, the packages that the steps
install, with the steps' settings of apt and dpkg and from a mirror that has all of them already; no
service is started. Then the nodes are bare again, and `pulumi up` runs on them. It fails if a node
does not have the same packages in the same versions both times. It prints both times, their ratio
and where they went, and draws that.

Whatever was on the lab's nodes is lost. The lab is up afterwards, with the cloud of
Pulumi.dev.yaml.
"""

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import yaml

from bench.table import aligned
from bench.up.phases import MOMENTS, ORDER, Phase, phases, shares
from bench.up.picture import Bar, draw
from components.steps import CHECK, COMPUTE, CONTROLLER, DISCOVER, exports, text
from tools.progress import CLOUD, Part, Progress, follow

ROOT = Path(__file__).parents[2]
LAB = ROOT / "lab"
LOGS = ROOT / ".lab" / "log"
STACK = ROOT / "Pulumi.dev.yaml"
PICTURE = Path("up.svg")
REST = 180
"""Seconds that the disks have before each measured part: one of a virtual machine that was written
on for minutes is slower for a while, and the second part would always lose."""
ALONE = "apt alone"
PRE_HOST = "pre-host"
ROWS = {"server": "groups, keys, ports", "floating": "floating addresses"}
"""Names of rows of what is in the cloud, where they are not the kind's."""
STEPS = {step.name for step in (CHECK, *CONTROLLER, *COMPUTE, DISCOVER)}

WARM = """
printf '#!/bin/sh\\nexit 101\\n' >/usr/sbin/policy-rc.d
chmod 0755 /usr/sbin/policy-rc.d
apt_get --error-on=any update
apt_get --download-only install $(packages)
apt-get clean
"""
"""As the steps do it; and the mirror has all packages afterwards."""
INSTALL = r"""
echo "$(date +%s) installing packages"
apt_get $(systemd-detect-virt --quiet --container && echo -o Dpkg::Options::=--force-unsafe-io) \
  install $(packages)
echo "$(date +%s) done"
"""
PROCESSOR = "awk '$1 == \"usage_usec\" { print $2 }' /sys/fs/cgroup/cpu.stat"
"""Prints the microseconds of a processor that the node has had since its start."""
PACKAGES = "dpkg-query -W -f '${db:Status-Status} ${Package} ${Version}\\n'"


class BenchError(Exception):
    """It cannot be measured; the message says why."""


@dataclass(frozen=True)
class Node:
    """One of the lab's nodes."""

    name: str
    host: str
    controller: str
    """The address of the controller."""

    def run(self, script: str) -> list[str]:
        """Return the lines that a script prints there (BenchError)."""
        done = subprocess.run(
            [LAB / "ssh", self.name, "bash -eu -s"],
            input=script,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise BenchError(f"{self.name}: {done.stderr.strip() or done.stdout.strip()}")
        return done.stdout.splitlines()

    def with_steps(self, script: str) -> list[str]:
        """The same with what the steps know of packages."""
        known = {
            "HOST_IP": self.controller,
            "INTERFACE_IP": self.host,
            "RUNS_SERVERS": "false" if self.host == self.controller else "true",
            "STATE": "/var/lib/iaas",
            "LC_ALL": "C.UTF-8",
            "DEBIAN_FRONTEND": "noninteractive",
        }
        library = text("lib/services.sh") + text("lib/before.sh")
        return self.run(exports(known) + library + script)


@dataclass(frozen=True)
class Taken:
    """What was measured of one way to install."""

    seconds: float
    processor: Mapping[str, float]
    """Seconds of a processor that each node has had: a busy machine changes them least."""
    phases: Mapping[str, Sequence[Phase]]
    """Of each node."""
    packages: Mapping[str, Sequence[str]]


def nodes(stack: Path) -> list[Node]:
    """Return the nodes of a stack's file."""
    config = yaml.safe_load(stack.read_text(encoding="utf-8"))["config"]
    every = [config["iaas:controller"], *config["iaas:computes"]]
    return [Node(one["name"], one["host"], every[0]["host"]) for one in every]


def bare() -> None:
    """Make the lab's nodes bare, on disks that have rested."""
    if subprocess.run([LAB / "up", "--bare"], check=False).returncode:
        raise BenchError("the lab does not come up")
    os.sync()
    time.sleep(REST)


def on_all(every: Sequence[Node], script: str) -> dict[str, list[str]]:
    """Run a script with the steps' library on all nodes at once; return what each says."""
    with ThreadPoolExecutor(len(every)) as pool:
        said = pool.map(lambda node: node.with_steps(script), every)
        return {node.name: lines for node, lines in zip(every, said, strict=True)}


def alone(every: Sequence[Node]) -> Taken:
    """Let apt install the packages of all nodes, and nothing else."""
    print("apt alone", flush=True)
    on_all(every, WARM)
    os.sync()
    before = processor(every)
    began, since = time.monotonic(), time.time()
    said = on_all(every, INSTALL)
    took, after = time.monotonic() - began, processor(every)
    moments = on_all(every, MOMENTS)
    found = {name: phases(said[name] + lines, since) for name, lines in moments.items()}
    spent = {name: after[name] - before[name] for name in after}
    return Taken(took, spent, found, on_all(every, PACKAGES))


def processor(every: Sequence[Node]) -> dict[str, float]:
    """Return the seconds of a processor that each node has had."""
    return {node: int(said[0]) / 1e6 for node, said in on_all(every, PROCESSOR).items()}


def up(every: Sequence[Node]) -> tuple[Taken, Progress]:
    """Run `pulumi up` on them."""
    print("pulumi up", flush=True)
    LOGS.mkdir(parents=True, exist_ok=True)
    progress, since = Progress(), time.time()
    command = [str(LAB / "pulumi"), "up", "--yes", "--skip-preview", "--non-interactive"]
    with (LOGS / "pulumi.log").open("wb") as output:
        events = LOGS / "pulumi-events.json"
        status = follow(command, events, progress.take, progress.fill_silence, output)
    took = progress.now
    if status:
        raise BenchError("\n".join([*progress.errors, f"see {LOGS / 'pulumi.log'}"]))
    spent = processor(every)
    found = {name: phases(lines, since) for name, lines in on_all(every, MOMENTS).items()}
    return Taken(took, spent, found, on_all(every, PACKAGES)), progress


def differences(one: Taken, other: Taken) -> list[str]:
    """Return which packages only one of them has, a line each."""
    return [
        f"{node}: only {who} has: {package}"
        for node in one.packages
        for who, mine, theirs in ((ALONE, one, other), ("`up`", other, one))
        for package in sorted({*mine.packages[node]} - {*theirs.packages[node]})
    ]


def table(apt: Taken, run: Taken) -> str:
    """Return the seconds of both, and where apt's went on each node."""
    rows = [
        (
            who,
            (
                *(node, who, f"{taken.processor[node]:.0f}"),
                *(f"{seconds:.0f}" for seconds in shares(found).values()),
            ),
        )
        for who, taken in ((ALONE, apt), ("up", run))
        for node, found in taken.phases.items()
    ]
    return "\n".join([
        aligned(("node", "by", "CPU", *ORDER), rows, ("node", "by")),
        "",
        f"{ALONE} {apt.seconds:.0f} s, `up` {run.seconds:.0f} s:"
        f" {run.seconds / apt.seconds:.2f} times as long",
    ])  # fmt: skip


def bars(parts: Sequence[Part], apt: Taken, run: Taken) -> Iterator[Bar]:
    """Yield the bars of the picture: each node's, then the cloud's by kind."""
    for node, found in apt.phases.items():
        yield from (Bar(ALONE, node, p.began, p.ended, p.name) for p in found)
    parts = sorted(parts, key=lambda part: part.began)
    groups = dict.fromkeys([*run.phases, *(part.group for part in parts)])
    for group in sorted(groups, key=lambda one: one == CLOUD):
        for part in (part for part in parts if part.group == group):
            name = part.name.removeprefix(f"{group}-")
            bar = Bar(group, _row(group, name), part.began, part.ended or run.seconds)
            apts = run.phases.get(group, ()) if name == PRE_HOST else ()
            yield bar
            yield from (Bar(group, name, p.began, p.ended, p.name) for p in apts)


def _row(group: str, name: str) -> str:
    """The row of a part: a step has one of its own."""
    if group != CLOUD:
        return name if name in STEPS else "files"
    kind = name.partition("-")[0]
    return name if name.endswith("-server") else ROWS.get(kind, f"{kind}s")


def main() -> int:
    """Measure, print, draw."""
    parser = argparse.ArgumentParser(prog="bench/up/run", description=__doc__)
    parser.add_argument("--picture", type=Path, default=PICTURE, help="where it is drawn (SVG)")
    picture: Path = parser.parse_args().picture
    every = nodes(STACK)
    try:
        bare()
        if subprocess.run([LAB / "guest-image"], check=False).returncode:
            raise BenchError("the guest's image could not be made")
        apt = alone(every)
        bare()
        run, progress = up(every)
        if differing := differences(apt, run):
            raise BenchError("\n".join(["not the same packages:", *differing]))
    except BenchError as error:
        print(f"bench-up: {error}", file=sys.stderr)
        return 1
    print("\n".join([*progress.table, "", table(apt, run)]))
    title = f"`pulumi up` on bare nodes: {run.seconds:.0f} s"
    drawn = draw(list(bars([*progress.parts.values()], apt, run)), title, {ALONE: apt.seconds})
    picture.write_text(drawn, encoding="utf-8")
    print(f"{picture}: written")
    return 0


if __name__ == "__main__":
    sys.exit(main())
