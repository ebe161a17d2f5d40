"""Nodes that fail or hang during an `up`: what is made nevertheless, and what the next `up` does.

The real engine, program, plugin and logins; each node is an sshd whose steps are only told to end.
There is nothing in the cloud: that a server waits for no compute is shown in `tests/unit`.
"""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from bench.nodes import sshd
from bench.nodes.stand_ins import StandIns
from components.steps import COMPUTE, CONTROLLER
from pull_requests.jobs import ONCE
from tests.engine.conftest import ROOT, Stack, allow_loopback, made
from tests.unit.examples import SECRET

ADDRESSES = {name: f"127.0.1.{i}" for i, name in enumerate(("controller", "c1", "c2", "c3"), 1)}
UP = ("up", "--yes", "--skip-preview", "--non-interactive")
LIMIT = 'limit = f"{minutes + REACHED}m"'

# A network and processes of its own: what hangs on a node ends with it.
ALONE = ["unshare", "--net", "--pid", "--fork", "--kill-child", "--mount-proc"]
ALONE += ["sh", "-c", 'ip link set lo up && exec "$@"', "alone"]

pytestmark = pytest.mark.skipif(os.getuid() != 0, reason="an sshd of many users needs root")


def require_sshd() -> None:
    """Fail where there is none: `make test-go` installs it."""
    if not Path(sshd.SSHD).exists():
        pytest.fail("sshd is not there: run tools/install openssh-server", pytrace=False)


@pytest.fixture(scope="module")
def there(tmp_path_factory: pytest.TempPathFactory) -> StandIns:
    """The nodes."""
    require_sshd()
    return StandIns(tmp_path_factory.mktemp("nodes") / "nodes", ADDRESSES)


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory, there: StandIns) -> Stack:
    """A stack of these nodes, on which nothing may take longer than half a minute."""
    controller, *computes = (
        {"name": name, "host": host, "hostKey": there.host_keys[name]}
        for name, host in ADDRESSES.items()
    )
    config = {"controller": controller, "computes": computes, "secret": SECRET}
    config["ssh"] = {"privateKeyFile": str(there.login)}
    stack = made(tmp_path_factory.mktemp("stack"), config)
    allow_loopback(stack)
    node = stack.folder / "project/components/nodes/node.py"
    text = node.read_text()
    assert LIMIT in text
    node.write_text(text.replace(LIMIT, 'limit = "30s"'))
    return stack


def run(stack: Stack, there: StandIns, *words: str) -> subprocess.CompletedProcess[str]:
    """Run Pulumi beside the nodes."""
    beside = [sys.executable, str(ROOT / "bench/nodes/sshd.py"), str(there.folder)]
    return subprocess.run(
        [*ALONE, *beside, *stack.command(*words)],
        cwd=stack.folder / "project",
        env={**stack.environment, **ONCE},  # as `make apply` runs it
        capture_output=True,
        text=True,
        check=False,
    )


def state(stack: Stack) -> Mapping[str, dict[str, Any]]:
    """Return what is in the state, by name."""
    resources = json.loads(stack.pulumi("stack", "export"))["deployment"]["resources"]
    return {resource["urn"].rpartition("::")[2]: resource for resource in resources}


def test_what_fails_or_hangs_on_one_node_holds_up_no_other(stack: Stack, there: StandIns) -> None:
    there.fault("fails", "c2", "iaas-install-nova-compute.sh")
    there.fault("hangs", "c3", "iaas-pre-host.sh")
    # As `make apply` does: of a plan nothing may differ.
    plan = stack.folder / "plan.json"
    stack.pulumi("preview", f"--save-plan={plan}")
    failed = run(stack, there, *UP, "--continue-on-error", f"--plan={plan}")
    said = failed.stdout + failed.stderr
    assert failed.returncode != 0
    assert "c2: iaas-install-nova-compute.sh fails, as it was told to" in said
    assert "cancelled: the connection is closed" in said, "a node that hangs is waited for"
    assert "violates plan" not in said
    made_of = state(stack)
    steps = {
        *(f"controller-{step.name}" for step in CONTROLLER),
        *(f"c1-{step.name}" for step in COMPUTE),
        *("c2-mysql-client", "c2-neutron-compute", "hosts-discover", "cloud-admin"),
    }
    assert steps - made_of.keys() == set()
    assert {"c2-nova-compute", "c3-pre-host", "c3-mysql-client"} & made_of.keys() == set()

    there.mend("c2")
    there.mend("c3")
    there.log()
    mended = run(stack, there, *UP)
    assert mended.returncode == 0, mended.stdout + mended.stderr
    assert {*there.log()} == {"+ c2", "- c2", "+ c3", "- c3"}, "what is done is done"
    nothing = stack.run("preview", "--expect-no-changes")
    assert nothing.returncode == 0, nothing.stdout + nothing.stderr


def test_a_dead_compute_keeps_a_change_from_no_other_node(stack: Stack, there: StandIns) -> None:
    """It is there already: its own files can't be changed, and new servers do not need it."""
    there.fault("fails", "c3", "openrc.sh")
    config = stack.file.read_text()
    more = "iaas:provider: {maxvlan: 300, minvlan: 100}"
    stack.file.write_text(config.replace("config:\n", f"config:\n  {more}\n"))
    failed = run(stack, there, *UP, "--continue-on-error")
    assert failed.returncode != 0
    stdin = {name: one.get("inputs", {}).get("stdin", "") for name, one in state(stack).items()}
    assert {name for name in ADDRESSES if "maxvlan=300" in stdin[f"{name}-openrc.sh"]} == {
        *("controller", "c1", "c2")
    }
    assert "maxvlan=300" in stdin["controller-neutron-controller"]
