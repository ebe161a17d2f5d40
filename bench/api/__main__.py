"""Measures how many requests the lab's APIs answer, and how fast, and prints a table.

`make bench-api` runs it on a lab that is up. It asks for tokens, lists servers, makes and deletes
ports, and asks for a server's metadata, as 1, 8 and 64 clients; at last for metadata a thousand
times at once, as when a rack reboots. All of it with the numbers that the services have on the
lab (`sized`), with those that were fixed before (`fixed`), and with those of Debian's packages
(`package`), in turn. At the end, also after an interruption, the steps write their own again.

The requests come from a compute, which may ask for metadata as its agent does.
"""

import argparse
import contextlib
import json
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import FrameType
from typing import Any

import yaml

from bench.api import client
from bench.api.sets import NAMES, NUMBERS, RESTARTED, SCRIPTS, SET, SIZED, lines
from bench.api.table import errors, table

ROOT = Path(__file__).parents[2]
LAB = ROOT / "lab"
STACK = ROOT / ".lab" / "Pulumi.dev.yaml"
"""The stack's file of the last command of `lab/pulumi`."""
CLIENTS = (1, 8, 64)
BURST = 1000
WARM = 2.0
"""Seconds of requests before each kind is measured."""

ACCOUNT = r"""
set -eu
. /etc/keystone/admin-openrc.sh
env -0 | tr '\0' '\n' | grep ^OS_
echo
if [ "${OS_CACERT-}" ]; then cat "$OS_CACERT"; fi
"""
"""Prints the variables of a login, and after an empty line the certificates that it trusts."""
METADATA = r"""
import configparser
found = configparser.ConfigParser(strict=False, interpolation=None)
found.read("/etc/neutron/neutron_ovn_metadata_agent.ini")
print(*(f"{key} {value}" for key, value in found["DEFAULT"].items()), sep="\n")
"""
"""Prints what a compute's metadata agent is set to: a key and its value a line."""
MEMORY = "cat /proc/[0-9]*/smaps_rollup 2>/dev/null | awk '/^Pss:/ { sum += $2 } END { print sum }'"
"""Prints how much memory all processes have (KiB); pages that they share count once."""


class BenchError(Exception):
    """It cannot be measured; the message says why."""


def say(text: str) -> None:
    """Print progress to stderr, apart from the table."""
    print(f"bench: {text}", file=sys.stderr, flush=True)


def on(node: str, *words: str, stdin: str = "") -> str:
    """Return what a command prints on a node of the lab, which must be up (BenchError)."""
    command = [str(LAB / "ssh"), node, shlex.join(words)]
    done = subprocess.run(command, input=stdin, capture_output=True, text=True, check=False)
    if done.returncode:
        said = (done.stderr or done.stdout).strip()
        raise BenchError(f"{node}: {words[0]}: status {done.returncode}\n{said[-2000:]}")
    return done.stdout


def nodes(stack: Path) -> tuple[str, str]:
    """Return the names of the controller and the first compute of a stack's file (BenchError)."""
    if not stack.exists():
        raise BenchError("there is no lab: `make lab` makes one")
    config = yaml.safe_load(stack.read_text(encoding="utf-8"))["config"]
    computes = config.get("iaas:computes") or []
    if not computes:
        raise BenchError("the lab has no compute, from which requests come")
    return config["iaas:controller"]["name"], computes[0]["name"]


def work(account: str, agent: str, options: argparse.Namespace) -> dict[str, Any]:
    """Return what the client does, from what ACCOUNT and METADATA have printed."""
    variables, _, ca = account.partition("\n\n")
    said = dict(line.partition(" ")[::2] for line in agent.splitlines())
    protocol = said.get("nova_metadata_protocol", "http")
    host, port = said["nova_metadata_host"], said.get("nova_metadata_port", "8775")
    return {
        "account": dict(line.partition("=")[::2] for line in variables.splitlines()),
        "ca": ca.strip(),
        "metadata": {
            "url": f"{protocol}://{host}:{port}",
            "secret": said["metadata_proxy_shared_secret"],
        },
        "clients": options.clients,
        "burst": options.burst,
        "seconds": options.seconds,
        "warm": WARM,
    }


def program(of: Mapping[str, Any]) -> str:
    """Return the client with its work, for `python3 -`."""
    text = Path(client.__file__).read_text(encoding="utf-8")
    return f"{text}\n\nraise SystemExit(main(json.loads({json.dumps(of)!r})))\n"


def measured(said: str) -> Iterator[client.Measured]:
    """Yield what the client has printed (BenchError)."""
    for line in said.splitlines():
        found = json.loads(line)
        if "error" in found:
            raise BenchError(f"the cloud does not answer: {found['error']}")
        yield client.Measured(**found)


def ask(node: str, of: Mapping[str, Any]) -> list[client.Measured]:
    """Let a node ask the cloud, and return what it measured (BenchError)."""
    command = [str(LAB / "ssh"), node, "python3 -"]
    done = subprocess.run(
        command, input=program(of), stdout=subprocess.PIPE, text=True, check=False
    )
    found = list(measured(done.stdout))
    if done.returncode:
        raise BenchError(f"{node}: the client ended with status {done.returncode}")
    return found


def use(controller: str, numbers: str) -> float:
    """Let the services have a set of numbers; return the seconds until they have restarted."""
    begin = time.monotonic()
    if numbers == SIZED:
        for script in SCRIPTS:
            on(controller, script)
    else:
        text = "\n".join(lines(NUMBERS[numbers])) + "\n"
        on(controller, "bash", "-c", SET, "set", *RESTARTED, stdin=text)
    return time.monotonic() - begin


@contextlib.contextmanager
def put_back(controller: str) -> Iterator[None]:
    """Let the steps write their own numbers at the end."""
    try:
        yield
    finally:
        say(f"{controller}: the steps write their own numbers again")
        try:
            use(controller, SIZED)
        except BenchError as error:
            commands = "; ".join(SCRIPTS)
            say(f"{controller} still has other numbers. Run: lab/ssh {controller} '{commands}'")
            say(str(error))


def cut_off(number: int, _: FrameType | None) -> None:
    """Exit through all cleanups."""
    signal.signal(number, signal.SIG_IGN)
    sys.exit(128 + number)


def several(text: str) -> list[int]:
    """Return numbers that stand between commas (ValueError)."""
    return [int(word) for word in text.split(",")]


def names(text: str) -> list[str]:
    """Return names of sets that stand between commas (ArgumentTypeError)."""
    found = text.split(",")
    if wrong := [name for name in found if name not in NAMES]:
        raise argparse.ArgumentTypeError(f"no {wrong[0]!r}; there is {', '.join(NAMES)}")
    return found


def read(arguments: Sequence[str]) -> argparse.Namespace:
    """Return the options of a command line."""
    parser = argparse.ArgumentParser(prog="bench/api/run", description=__doc__)
    parser.add_argument("--runs", type=int, default=1, help="with each set of numbers (default: 1)")
    parser.add_argument("--seconds", type=float, default=6, help="of each measurement (default: 6)")
    parser.add_argument("--clients", type=several, default=list(CLIENTS), metavar="N,…")
    parser.add_argument("--burst", type=int, default=BURST, help=f"calls at once ({BURST})")
    parser.add_argument(
        "--numbers", type=names, default=list(NAMES), metavar="SET,…",
        help=f"sets of numbers, in this order; {SIZED} alone restarts nothing (all)",
    )  # fmt: skip
    return parser.parse_args(arguments)


def compare(options: argparse.Namespace) -> Iterator[str]:
    """Measure, and yield the lines of the answer (BenchError)."""
    controller, compute = nodes(STACK)
    account = on(controller, "sh", "-c", ACCOUNT)
    agent = on(compute, "python3", "-c", METADATA)
    wanted = work(account, agent, options)
    found: dict[str, list[client.Measured]] = {name: [] for name in options.numbers}
    weight: dict[str, str] = {}
    others = options.numbers != [SIZED]
    with put_back(controller) if others else contextlib.nullcontext():
        for run in range(1, options.runs + 1):
            for name in options.numbers:
                took = use(controller, name) if others else 0.0
                say(f"run {run} of {options.runs}: {name}, set in {took:.0f} s")
                found[name] += ask(compute, wanted)
                memory = int(on(controller, "sh", "-c", MEMORY)) // 1024
                weight[name] = f"{memory:,} MiB"
    yield table(found)
    yield ""
    yield "Memory of all processes of the controller at the end of each:"
    yield ", ".join(f"{name} {text}" for name, text in weight.items())
    yield from errors(found)


def main(arguments: Sequence[str]) -> int:
    """Print the table; return 0, or 1 where it cannot be measured."""
    options = read(arguments)
    for number in (signal.SIGHUP, signal.SIGTERM):
        signal.signal(number, cut_off)
    try:
        for line in compare(options):
            print(line, flush=True)
    except BenchError as error:
        say(str(error))
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
