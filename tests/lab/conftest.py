"""The lab for its tests: bare nodes, brought up by an `up` whose steps are cut off once."""

import dataclasses
import json
import os
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
LAB = ROOT / "lab"
STORE = ROOT / ".lab"
STACK = Path(os.environ.get("LAB_STACK") or ROOT / "Pulumi.dev.yaml")
CONFIG = yaml.safe_load(STACK.read_text(encoding="utf-8"))["config"]
COMPUTES = tuple(node["name"] for node in CONFIG["iaas:computes"])
ADDRESSES = {n["name"]: n["host"] for n in (CONFIG["iaas:controller"], *CONFIG["iaas:computes"])}
NODES = tuple(ADDRESSES)
PATIENCE = 300  # seconds that something may take that is certain to come

Result = subprocess.CompletedProcess[str]


def run(command: str, *args: str, stdin: str = "", stack: Path | None = None) -> Result:
    """Run a command of the lab; `stack` names another file than the lab's own."""
    words = [str(LAB / command), *args]
    if stack is not None:
        words = ["env", f"LAB_STACK={stack}", *words]
    return subprocess.run(words, input=stdin, capture_output=True, text=True, check=False)


def on(node: str, script: str) -> str:
    """What a script prints on a node; it must succeed."""
    result = run("ssh", node, "bash -s", stdin=script)
    assert result.returncode == 0, f"{node}: {script}\n{result.stdout}{result.stderr}"
    return result.stdout


def admin(command: str) -> str:
    """What the cloud's admin gets for a command, on the controller."""
    return on("controller", f". /etc/keystone/admin-openrc.sh\n{command}")


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
def stack(tmp_path: Path) -> Callable[[Callable[[dict[str, list[dict[str, object]]]], None]], Path]:
    """A function that makes a stack file: the lab's own with a change of its config."""

    def changed(change: Callable[[dict[str, list[dict[str, object]]]], None]) -> Path:
        content = yaml.safe_load(STACK.read_text(encoding="utf-8"))
        change(content["config"])
        path = tmp_path / "Pulumi.dev.yaml"
        path.write_text(yaml.safe_dump(content), encoding="utf-8")
        return path

    return changed


@dataclasses.dataclass(frozen=True)
class Beginning:
    """The first two runs on bare nodes: the one whose steps were killed, and the next."""

    git_status: str
    cut_off: Result
    completed: Result


def git_status() -> str:
    """What git sees that is not committed."""
    words = ["git", "-C", str(ROOT), "status", "--porcelain"]
    return subprocess.run(words, capture_output=True, text=True, check=True).stdout


def installing(node: str) -> bool:
    """Whether the node is in the midst of its packages."""
    unpacked = run("ssh", node, "grep -c ' status unpacked ' /var/log/dpkg.log")
    return int(unpacked.stdout.strip() or 0) > 100


@pytest.fixture(scope="session", autouse=True)
def beginning() -> Iterator[Beginning]:
    """Bare nodes, then `up` with each node's step killed midway, then `up` again."""
    status = git_status()
    done(run("up", "--bare"))
    done(run("guest-image"))
    words = [str(LAB / "pulumi"), "up", "--yes", "--skip-preview", "--non-interactive"]
    first = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    for node in NODES:
        until = time.monotonic() + PATIENCE
        while not installing(node):
            assert first.poll() is None and time.monotonic() < until, "no packages are installed"
            time.sleep(0.5)
    for node in NODES:
        on(node, "kill -9 $(pgrep 'apt-get|dpkg|iaas-pre-host')")
    output, _ = first.communicate(timeout=PATIENCE)
    cut_off = subprocess.CompletedProcess(words, first.returncode, output, "")
    yield Beginning(status, cut_off, up())
    done(run("down"))
