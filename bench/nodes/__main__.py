"""Measures `pulumi up` of clouds of several numbers of nodes, and prints a table.

`make bench-nodes` runs it. The nodes are sshds whose steps only take their time; the program, the
engine and the logins are the real ones. There is nothing in the cloud.
"""

import argparse
import json
import os
import re
import resource
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from ipaddress import IPv4Address
from itertools import count
from pathlib import Path
from typing import Any

from bench.__main__ import SIGNALS, cut_off, say
from bench.measure import Command, CommandError, end_all, watched
from bench.nodes.sshd import PORT, serving
from bench.nodes.stand_ins import AGAIN, SECONDS, StandIns, at_once
from bench.nodes.table import LEGEND, Row, table
from bench.settings import FIRST_NODE
from pull_requests.jobs import ONCE
from tests.engine.conftest import made
from tests.unit.examples import SECRET

SIZES = (10, 30, 100)
NETWORK = "192.168.0.1/16"
"""Of the nodes' addresses. As it is on `lo`, each address in it is this machine's."""
PAUSE = 0.2  # seconds between two looks
UP = ("up", "--yes", "--skip-preview", "--non-interactive")
OTHER: dict[str, Any] = {"provider": {"maxvlan": 300}}
"""A setting that each node has and one step reads."""
TCP, ESTABLISHED = Path("/proc/net/tcp"), "01"
STATE = ".pulumi/stacks/*/*.json"


def config(names: Sequence[str], there: StandIns, more: Mapping[str, object]) -> dict[str, object]:
    """Return the config of a cloud with these nodes, the first as its controller, and no more."""
    controller, *computes = (
        {"name": name, "host": str(host), "hostKey": there.host_keys[name]}
        for name, host in zip(names, hosts(), strict=False)
    )
    return {
        "ssh": {"privateKeyFile": str(there.login)},
        "controller": controller,
        "computes": computes,
        "secret": SECRET,
        **more,
    }


def hosts() -> Iterator[IPv4Address]:
    """Yield the nodes' addresses."""
    return (FIRST_NODE + i for i in count())


def changed(said: str) -> int:
    """Return how many resources an `up` says that it made or changed."""
    return sum(int(number) for number in re.findall(r"^ +[+~] (\d+) \w+d$", said, re.MULTILINE))


def connections(table: str) -> int:
    """Return how many connections to sshds are open, of what /proc/net/tcp says."""
    rows = (line.split() for line in table.splitlines()[1:])
    return sum(row[1].endswith(f":{PORT:04X}") and row[3] == ESTABLISHED for row in rows)


class Cloud:
    """A stack whose nodes are stand-ins."""

    def __init__(self, nodes: int, folder: Path, environment: Mapping[str, str]) -> None:
        self.names = ["controller", *(f"compute{i}" for i in range(1, nodes + 1))]
        """One more than there are at first."""
        self.nodes = nodes
        self.environment = environment
        """What Pulumi has beside that of a stack of the tests."""
        hosts_by_name = dict(zip(self.names, map(str, hosts()), strict=False))
        self.there = StandIns(folder / "nodes", hosts_by_name)
        (folder / "stack").mkdir()
        self.stack = made(folder / "stack", self.config())

    def config(self, others: int = 0, **more: object) -> dict[str, object]:
        """Return its config with more nodes, and with other settings."""
        return config(self.names[: self.nodes + others], self.there, more)

    def measured(self, command: str, *words: str) -> Row:
        """Run Pulumi and measure it (CommandError)."""
        environment = {**self.stack.environment, **self.environment}
        run = Command(self.stack.command(*words), self.stack.folder / "project", environment)
        most = 0

        def look() -> None:
            nonlocal most
            most = max(most, connections(TCP.read_text()))

        self.there.log()
        begin, cpu = time.perf_counter(), _cpu()
        said, peak = watched(run, PAUSE, look)
        seconds, cpu = time.perf_counter() - begin, _cpu() - cpu
        nodes, commands = at_once(self.there.log())
        (state,) = (self.stack.folder / "state").glob(STATE)
        text = state.read_text()
        resources = len(json.loads(text)["checkpoint"]["latest"]["resources"])
        say(f"{self.nodes} nodes: {command}: {seconds:.1f} s")
        return Row(
            *(self.nodes, command, changed(said), resources, commands, nodes),
            *(most, seconds, cpu, peak, len(text)),
        )

    def rows(self, divisor: float) -> Iterator[Row]:
        """Measure all that is measured of it, in turn."""
        self.there.take(SECONDS, divisor)
        yield self.measured("up, from bare nodes", *UP)
        yield self.measured("up, nothing changed", *UP)
        yield self.measured("preview, nothing changed", "preview")
        self.there.take(dict.fromkeys(SECONDS, AGAIN), divisor)
        self.stack.configure(self.config(**OTHER))
        yield self.measured("up, another maxvlan", *UP)
        self.stack.configure(self.config(others=1, **OTHER))
        yield self.measured("up, one node more", *UP)


def _cpu() -> float:
    """Return the CPU seconds of all processes that have ended and were waited for."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def main(arguments: Sequence[str]) -> int:
    """Print the table; return 0, or 1 where a command failed, or 130 where it was cut off."""
    parser = argparse.ArgumentParser(prog="bench/run nodes", description=__doc__)
    parser.add_argument(
        "--up-to", type=int, default=max(SIZES), metavar="NODES", help="leave out larger clouds"
    )
    parser.add_argument(
        "--divide",
        type=float,
        default=10,
        metavar="FACTOR",
        help="how much faster the steps are than on real nodes (default: 10)",
    )
    parser.add_argument(
        "--parallel",
        type=int,
        metavar="TASKS",
        help="as of pulumi; default: as tools/env.sh has it",
    )
    parser.add_argument(
        "--checkpoints",
        action="store_true",
        help="let Pulumi write the state around each change, as by hand, not as `make apply` does",
    )
    options = parser.parse_args(arguments)
    environment = {} if options.checkpoints else {**ONCE}
    if options.parallel:
        environment["PULUMI_PARALLEL"] = str(options.parallel)
    if os.getpid() != 1 or os.getuid():
        parser.error("needs root, and namespaces of its own: run bench/run nodes")
    for number in SIGNALS:
        signal.signal(number, cut_off)
    subprocess.run(["ip", "address", "add", NETWORK, "dev", "lo"], check=True)
    rows: list[Row] = []
    with tempfile.TemporaryDirectory(prefix="iaas-bench-") as name:
        tempfile.tempdir = os.environ["TMPDIR"] = name  # of plugins' sockets and logs too
        try:
            for nodes in SIZES:
                if nodes <= options.up_to:
                    cloud = Cloud(nodes, Path(name, str(nodes)), environment)
                    with serving(cloud.there.folder):
                        rows += cloud.rows(options.divide)
        except (CommandError, RuntimeError) as error:
            say(str(error))
            return 1
        finally:
            end_all()
    load = " ".join(f"{one:.1f}" for one in os.getloadavg())
    given = "".join(f", {name}={value}" for name, value in environment.items())
    print(
        f"{os.cpu_count()} cores, steps' time divided by {options.divide:g}{given}, load {load}\n"
    )
    print(f"{table(rows)}\n\n{LEGEND}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
