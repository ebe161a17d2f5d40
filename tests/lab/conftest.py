"""The lab for its tests: bare nodes, installed by runs of `up` whose steps are cut off.

CUTOFFS names steps, which are cut off at many points on every node; `all` stands for all of them.
Without it the commit draws a few, or the text in CUTOFFS_SEED.
"""

import dataclasses
import json
import os
import re
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest
import yaml

from components.steps import COMPUTE, CONTROLLER, DISCOVER
from tests.lab import cutoffs

ROOT = Path(__file__).resolve().parents[2]
LAB = ROOT / "lab"
STORE = ROOT / ".lab"
STACK = Path(os.environ.get("LAB_STACK") or ROOT / "Pulumi.dev.yaml")
CONFIG = yaml.safe_load(STACK.read_text(encoding="utf-8"))["config"]
COMPUTES = tuple(node["name"] for node in CONFIG["iaas:computes"])
ADDRESSES = {n["name"]: n["host"] for n in (CONFIG["iaas:controller"], *CONFIG["iaas:computes"])}
NODES = tuple(ADDRESSES)
STEPS = {
    "controller": [step.name for step in (*CONTROLLER, DISCOVER)],
    **{name: [step.name for step in COMPUTE] for name in COMPUTES},
}
PATIENCE = 300  # seconds that something may take that is certain to come

Result = subprocess.CompletedProcess[str]
MakeStack = Callable[[Callable[[dict[str, Any]], None]], Path]
"""Makes a stack file of the lab's own, with a change of its config."""


DAYS = (
    *("add", "adopt", "backup", "dashboard", "drain", "drift", "end", "evacuate", "faults"),
    *("key_rotation", "leave", "public_name", "reinstall", "resize", "restore", "update"),
)
"""The tests of all days after the first, by their files: a commit draws one for `make test`.
The variable DAYS has others, or `all`."""
LATE = (
    *("table", "resize", "drain", "add", "leave"),
    *("evacuate", "reinstall", "restore", "end"),
)
"""After the tests of the cloud of `Pulumi.dev.yaml` come the rows, which leave another cloud. What
moves servers and begins with an `up` of its own follows; what throws the controller away, and at
the very end the cloud, comes last."""


def drawn() -> set[str]:
    """Return which of the tests of the days after the first belong to this run."""
    wanted = os.environ.get("DAYS", "").split()
    if wanted:
        return {*DAYS} if wanted == ["all"] else {*wanted}
    return {*Random(git("rev-parse", "HEAD").strip()).sample(DAYS, 1)}


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Begin with the story of the lab from bare nodes on; the other tests need it up."""
    names = {item: item.path.stem.removeprefix("test_") for item in items}
    if "lab" in names.values():
        left_out = {*DAYS} - drawn()
        config.hook.pytest_deselected(items=[item for item in items if names[item] in left_out])
        items[:] = [item for item in items if names[item] not in left_out]
    place = {"lab": 0, **{name: number for number, name in enumerate(LATE, 2)}}
    items.sort(key=lambda item: place.get(names[item], 1))


def run(command: str, *args: str, stdin: str = "", stack: Path | None = None) -> Result:
    """Run a command of the lab; `stack` replaces the lab's own file."""
    words = [str(LAB / command), *args]
    if stack is not None:
        words = ["env", f"LAB_STACK={stack}", *words]
    return subprocess.run(words, input=stdin, capture_output=True, text=True, check=False)


def on(node: str, script: str) -> str:
    """Return what a script prints on a node; it must succeed."""
    result = run("ssh", node, "bash -s", stdin=script)
    assert result.returncode == 0, f"{node}: {script}\n{result.stdout}{result.stderr}"
    return result.stdout


def admin(command: str) -> str:
    """Return the output of a command on the controller, run as the cloud's admin."""
    return on("controller", f". /etc/keystone/admin-openrc.sh\n{command}")


LOOK = """
dpkg-query -W -f 'package ${Package} ${db:Status-Status}\\n' | grep ' installed$'
getent passwd | sed 's/^/account /'
getent group | sed 's/^/group /'
find /etc /var/lib /var/log /usr/local -xdev -printf 'file %p %M %u:%g %l\\n' | sed 's/ *$//'
ip -brief link | sed -E 's/@if[0-9]+/ /; s/ +/ /g; s/^/link /'
ip -brief address | sed -E 's/@if[0-9]+/ /; s/ +/ /g; s/^/address /'
nft list ruleset | grep -v '^ *}$' | sed 's/^/nft /'
systemctl list-unit-files --state=enabled --no-legend | awk '{ print "enabled " $1 }'
sed 's/^/hosts /' /etc/hosts
echo "name $(hostname) $(cat /etc/hostname)"
sysctl -a 2>/dev/null | grep -E '^net.ipv6.conf.[^.]*.disable_ipv6' | sed 's/^/kernel /'
"""
"""What is on a node, a line each: packages, accounts, files, network, firewall, services.

The numbers of the other ends of NICs change with each start of the node.
"""


def here(node: str) -> set[str]:
    """Return what is on a node."""
    return set(on(node, LOOK).splitlines())


def up(stack: Path | None = None) -> Result:
    """`pulumi up`, without asking and without a preview before it."""
    return run("pulumi", "up", "--yes", "--skip-preview", "--non-interactive", stack=stack)


def done(result: Result) -> Result:
    """The result of a command that must have succeeded."""
    assert result.returncode == 0, result.stdout + result.stderr
    return result


def changes(stack: Path | None = None) -> dict[str, str]:
    """What a preview would do: the operation of each resource that does not stay the same."""
    shown = done(run("pulumi", "preview", "--json", stack=stack))
    steps = json.loads(shown.stdout)["steps"]
    return {s["urn"].rsplit("::", 1)[-1]: s["op"] for s in steps if s["op"] != "same"}


def ping(address: str, vlan: int, gateway: str, wait: int = 30) -> Result:
    """Ask an address on a VLAN of the provider wire."""
    options = ("--vlan", str(vlan), "--source", gateway, "--wait", str(wait))
    return run("wire", "ping", *options, address)


@pytest.fixture
def stack(tmp_path: Path) -> MakeStack:
    """A function that makes a stack file: the lab's own with a change of its config."""

    def changed(change: Callable[[dict[str, Any]], None]) -> Path:
        content = yaml.safe_load(STACK.read_text(encoding="utf-8"))
        change(content["config"])
        path = tmp_path / "Pulumi.dev.yaml"
        path.write_text(yaml.safe_dump(content), encoding="utf-8")
        return path

    return changed


def command(node: str, step: str) -> str:
    """The name of a step's command: one step belongs to the computes together."""
    return f"hosts-{step}" if step == DISCOVER.name else f"{node}-{step}"


@dataclasses.dataclass(frozen=True)
class Run:
    """A run of `up`, and the points at which steps were cut off in it, by node."""

    cuts: dict[str, list[cutoffs.Point]]
    result: Result

    @property
    def failed(self) -> set[str]:
        """The names of the commands that failed, by what Pulumi says at the end."""
        said = self.result.stdout.partition("\nDiagnostics:\n")[2]
        _, *found = re.split(r"^ *command:remote:Command \((\S+)\):$", said, flags=re.MULTILINE)
        return {
            name
            for name, text in zip(found[::2], found[1::2], strict=True)
            if re.search(r"^ *error:", text, re.MULTILINE)
        }


@dataclasses.dataclass(frozen=True)
class Beginning:
    """The runs on bare nodes, up to the first one without a cut-off."""

    git_status: str
    steps: set[str]
    """The steps that were to be cut off."""
    runs: list[Run]
    bare: dict[str, set[str]]
    """What was on each node before the first run (`here`)."""


def git(*words: str) -> str:
    """What git prints."""
    return subprocess.run(
        ["git", "-C", str(ROOT), *words], capture_output=True, text=True, check=True
    ).stdout


def git_status() -> str:
    """What git sees that is not committed."""
    return git("status", "--porcelain")


def await_nodes() -> None:
    """Wait until each node takes logins; services that no step has set up yet may never start."""
    for node in NODES:
        until = time.monotonic() + PATIENCE
        while run("ssh", node, "true").returncode:
            assert time.monotonic() < until, f"{node} does not come back"
            time.sleep(0.5)


def cut_off_run(plan: cutoffs.Plan) -> Run:
    """Run `up` with each node's next points armed, and remove those that were reached."""
    for node in NODES:
        on(node, cutoffs.arming(plan.armed(node)))
    result = up()
    await_nodes()
    cuts: dict[str, list[cutoffs.Point]] = {}
    for node in NODES:
        steps = {line.split()[0] for line in on(node, f"cat {cutoffs.CUTS} || true").splitlines()}
        cuts[node] = [point for point in plan.armed(node) if point.step in steps]
        for step in steps:
            plan.passed(node, step)
    return Run(cuts, result)


@pytest.fixture(scope="session", autouse=True)
def beginning() -> Iterator[Beginning]:
    """Bare nodes, then `up` until no step is cut off."""
    status = git_status()
    done(run("up", "--bare"))
    bare = {node: here(node) for node in NODES}
    done(run("guest-image"))
    seed = os.environ.get("CUTOFFS_SEED") or git("rev-parse", "HEAD").strip()
    print(f"cut-offs drawn from {seed}")
    wanted = os.environ.get("CUTOFFS", "").split()
    if wanted:
        tables = {
            n: [s for s in steps if s in wanted or "all" in wanted] for n, steps in STEPS.items()
        }
        plan = cutoffs.everything(tables, Random(seed))
    else:
        plan = cutoffs.share(STEPS, Random(seed))
    steps = {step for points in plan.left.values() for step in points}
    runs: list[Run] = []
    while not runs or (runs[-1].result.returncode and any(runs[-1].cuts.values())):
        runs.append(cut_off_run(plan))
        cut = [f"{command(n, p.step)} {p.how}" for n, cuts in runs[-1].cuts.items() for p in cuts]
        print(f"run {len(runs)}, status {runs[-1].result.returncode}: {', '.join(cut)}", flush=True)
    for node in NODES:
        on(node, cutoffs.arming([]))
    yield Beginning(status, steps, runs, bare)
    done(run("down"))
