"""Measures previews and plans of clouds of several sizes, and prints two tables.

`make bench-preview` runs it. Each command runs once for its memory, which also warms the
machine's caches, and then several times for its seconds, in turn with the others.
"""

import argparse
import json
import os
import platform
import re
import signal
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path
from types import FrameType

from bench.measure import NOTHING, Command, CommandError, Peak, end_all, timed, watched
from bench.opentofu import Resources, configuration
from bench.settings import Size, config, write_tenants
from bench.table import Row, table
from components.settings import load
from tests.engine.conftest import ENGINE, Stack, fill, made, tenant_stack
from tests.unit.examples import as_pulumi

STORE = Path(__file__).parents[1] / ".bench"
TOFU = STORE / "bin/tofu"
FEWEST_NODES = 2  # servers need a compute, and that a controller

SIGNALS = (signal.SIGHUP, signal.SIGINT, signal.SIGTERM)

TOFU_ENVIRONMENT = {"PATH": os.environ["PATH"], "TF_CLI_CONFIG_FILE": os.devnull}
"""Without the settings of whoever runs it."""

TABLES = (
    (
        "Servers, with a node for every ten",
        (Size(10, 1, 2), Size(100, 1, 10), Size(1000, 10, 100)),
        True,
    ),
    (
        "Servers on networks of their tenants' own, with routers, groups and floating addresses",
        (Size(100, 1, 10, own_networks=True), Size(1000, 10, 100, own_networks=True)),
        True,
    ),
    ("Tenants, with a server each", (Size(1, 1, 2), Size(10, 10, 2), Size(100, 100, 2)), False),
)
"""Each table's title and sizes, and whether its previews are of more than an empty state."""

CREATED, SAME = r"^ +\+ (\d+) to create$", r"^ +(\d+) unchanged$"
PLANNED = r"^Plan: (\d+) to add, 0 to change, 0 to destroy\.$"
"""Where a command prints its number of resources."""

LEGEND = """\
A preview is of an empty state, or else says that nothing changed; a plan is of an empty state. Each
is timed as a whole process, in turn with the others of its size. The cloud's and one tenant's
are of a cloud whose tenants have stacks of their own.

nodes         those that the command knows of; OpenTofu has no peer of them
resources     all that it declares: Pulumi's components, providers and steps of nodes too
of OpenStack  those of them that are in OpenStack
per 1,000     median seconds for 1,000 of its resources
all MiB       peak memory of all its processes, in a run of its own; shared pages count once (PSS)
plugins       processes of provider plugins at once, with their memory as PSS and as RSS (MiB)"""


@dataclass
class Entry:
    """A command that is measured, and what came of it."""

    title: str
    nodes: int
    command: Command
    count: str
    """What it says of the number of resources, as a pattern."""
    peers: int = 0
    """Those of its resources that are in OpenStack."""
    resources: int = 0
    peak: Peak = NOTHING
    seconds: tuple[float, ...] = ()

    def watch(self) -> None:
        """Run it once for its memory and its resources."""
        said, self.peak = watched(self.command)
        found = re.findall(self.count, said, re.MULTILINE)
        if len(found) != 1:
            raise CommandError(f"{self.title}: no number of resources ({self.count}) in\n{said}")
        self.resources = int(found[0])


def cut_off(number: int, _: FrameType | None) -> None:
    """Exit through all cleanups, which no signal interrupts."""
    for each in SIGNALS:
        signal.signal(each, signal.SIG_IGN)
    sys.exit(128 + number)


def say(text: str) -> None:
    """Print progress to stderr, apart from the tables."""
    print(f"bench: {text}", file=sys.stderr, flush=True)


def preview(nodes: int, stack: Stack, whose: str = "") -> Entry:
    """Return a preview of a stack with an empty state."""
    command = Command(stack.command("preview"), stack.folder / "project", stack.environment)
    return Entry(f"pulumi preview{whose}", nodes, command, CREATED)


def unchanged(nodes: int, stack: Stack) -> Entry:
    """Return a preview of a stack in whose state everything is."""
    words = stack.command("preview", "--expect-no-changes")
    command = Command(words, stack.folder / "project", stack.environment)
    return Entry("pulumi preview, unchanged", nodes, command, SAME)


def plan(folder: Path, declares: Resources) -> Entry:
    """Return OpenTofu's plan, initialized in a folder."""
    folder.mkdir()
    (folder / "main.tf.json").write_text(json.dumps(declares.content))
    environment = {**TOFU_ENVIRONMENT, "HOME": str(folder), "TMPDIR": tempfile.gettempdir()}
    options = ("-no-color", "-input=false")
    init = [str(TOFU), "init", f"-plugin-dir={STORE / 'mirror'}", *options]
    timed(Command(init, folder, environment))
    command = Command([str(TOFU), "plan", *options], folder, environment)
    return Entry("tofu plan", 0, command, PLANNED)


def declared(stack: Stack) -> Counter[str]:
    """Return how many resources of each type of OpenStack's are in a stack's state."""
    state = json.loads(stack.pulumi("stack", "export"))["deployment"]["resources"]
    return Counter(r["type"] for r in state if r["type"].startswith("openstack:"))


def prepared(size: Size, folder: Path, thorough: bool) -> list[Entry]:
    """Return what is measured of a size.

    `thorough`: with the fewest nodes too, and with all in the state already; or else with a stack
    for each tenant.
    """
    own = ", on networks of their own" if size.own_networks else ""
    say(f"servers {size.servers:,}, tenants {size.tenants}{own}: making stacks")
    tenants = folder / "tenants"
    folder.mkdir()
    write_tenants(size, tenants)

    def stack(name: str, nodes: int, **more: object) -> Stack:
        (folder / name).mkdir()
        settings = config(replace(size, nodes=nodes), tenants)
        return made(folder / name, settings | more)

    peer = configuration(load(as_pulumi(config(size, tenants)), project="iaas"))
    entries = [preview(size.nodes, stack("empty", size.nodes))]
    if thorough:
        if size.nodes > FEWEST_NODES:
            entries.append(preview(FEWEST_NODES, stack("few", FEWEST_NODES)))
        full = stack("full", size.nodes)
        fill(full)
        if declared(full) != peer.peers():
            raise CommandError(
                f"the program declares {declared(full)}, OpenTofu's peer {peer.peers()}"
            )
        entries.append(unchanged(size.nodes, full))
    entries.append(plan(folder / "tofu", peer))
    for entry in entries:
        entry.peers = peer.peers().total()
    if not thorough:
        there = stack("there", size.nodes, tenantStacks=True)
        cloud = preview(size.nodes, stack("cloud", size.nodes, tenantStacks=True), ", the cloud's")
        fill(there)
        cloud.peers = declared(there).total()
        tenant = preview(0, tenant_stack(there, "tenant0"), ", one tenant's")
        tenant.peers = (entries[0].peers - cloud.peers) // size.tenants
        entries += [cloud, tenant]
    return entries


def measured(size: Size, folder: Path, runs: int, thorough: bool) -> list[Row]:
    """Measure all that there is of a size."""
    name = f"{size.servers}-{size.tenants}-{size.nodes}{'-own' * size.own_networks}"
    entries = prepared(size, folder / name, thorough)
    for entry in entries:
        say(f"{entry.title}: memory")
        entry.watch()
    for run in range(1, runs + 1):
        for entry in entries:
            entry.seconds += (timed(entry.command),)
            say(f"{entry.title}: run {run} of {runs}: {entry.seconds[-1]:.2f} s")
    return [Row(size, e.title, e.nodes, e.resources, e.peers, e.seconds, e.peak) for e in entries]


def machine(runs: int) -> str:
    """Return what it runs on and with."""

    def answer(words: Sequence[str], environment: Mapping[str, str] = os.environ) -> str:
        return subprocess.run(
            words, env=environment, capture_output=True, text=True, check=True
        ).stdout.strip()

    tofu = json.loads(answer([str(TOFU), "version", "-json"], TOFU_ENVIRONMENT))
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 2**30
    python = f"Python {platform.python_version()}, pulumi {version('pulumi')}"
    return "\n".join(
        (
            f"{os.cpu_count()} cores, {memory:.0f} GiB, Linux {platform.release()}, offline",
            f"Pulumi {answer([*ENGINE, 'pulumi', 'version'])}, {python},"
            f" pulumi_openstack {version('pulumi_openstack')}",
            f"OpenTofu v{tofu['terraform_version']}, its OpenStack provider {provider_version()}",
            f"timed runs of each command: {runs}",
        )
    )


def provider_version() -> str:
    """Return the version of OpenTofu's OpenStack provider."""
    found = [path.parent.name for path in (STORE / "mirror").glob("*/*/*/*/*")]
    return "v" + "".join(found)


def main(arguments: Sequence[str]) -> int:
    """Print the tables; return 0, or 1 where a command failed, or 130 where it was cut off."""
    parser = argparse.ArgumentParser(prog="bench/run", description=__doc__)
    parser.add_argument("--runs", type=int, default=3, help="of each command (default: 3)")
    parser.add_argument(
        "--up-to", type=int, default=1000, metavar="SERVERS", help="leave out larger clouds"
    )
    options = parser.parse_args(arguments)
    if os.getpid() != 1:
        parser.error("needs a namespace of processes of its own: run bench/run")
    for number in SIGNALS:
        signal.signal(number, cut_off)
    with tempfile.TemporaryDirectory(prefix="iaas-bench-") as name:
        tempfile.tempdir = os.environ["TMPDIR"] = name  # of plugins' sockets and logs too
        try:
            print(machine(options.runs), flush=True)
            for title, sizes, thorough in TABLES:
                rows = [
                    row
                    for size in sizes
                    if size.servers <= options.up_to
                    for row in measured(size, Path(name), options.runs, thorough)
                ]
                print(f"\n{title}\n\n{table(rows)}", flush=True)
        except CommandError as error:
            say(str(error))
            return 1
        finally:
            end_all()
    print(f"\n{LEGEND}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
