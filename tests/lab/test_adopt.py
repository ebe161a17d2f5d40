"""A state that was lost comes back from the cloud, which keeps what it is."""

import json
import os
import subprocess
import sys
from typing import Any

from tests.lab.conftest import LAB, ROOT, changes, done, run, up

AGAIN = ("command:", "pulumi:", "iaas:")
"""What nodes' files and steps are, and what they are parts of."""
SAME = (
    "openstack:compute/quotaSetV2:QuotaSetV2",
    "openstack:identity/roleAssignment:RoleAssignment",
    "openstack:networking/quotaV2:QuotaV2",
)
"""What is the same in the cloud if it is made again."""


def state() -> dict[str, Any]:
    """Return the stack's state."""
    found: dict[str, Any] = json.loads(done(run("pulumi", "stack", "export")).stdout)
    return found


def ids(of: dict[str, Any]) -> dict[str, str]:
    """Return the ids of what is in the cloud, by URN."""
    return {
        one["urn"]: one["id"]
        for one in of["deployment"]["resources"]
        if one["type"].startswith("openstack:") and one["type"] not in SAME
    }


def adopt() -> str:
    """Run what `make adopt` runs; return what it says."""
    words = [sys.executable, "-m", "tools.adopt"]
    environment = {**os.environ, "PULUMI": str(LAB / "pulumi")}
    return done(
        subprocess.run(
            words, cwd=ROOT, env=environment, capture_output=True, text=True, check=False
        )
    ).stdout


def test_a_lost_state_comes_back_and_nothing_in_the_cloud_is_made_again() -> None:
    done(up())
    before = state()
    lost = {**before, "deployment": {**before["deployment"], "resources": []}}
    done(run("pulumi", "stack", "import", stdin=json.dumps(lost)))
    try:
        said = adopt()
        assert ids(state()) == ids(before), said
    except AssertionError:
        done(run("pulumi", "stack", "import", stdin=json.dumps(before)))
        raise
    assert "unclear" not in said
    assert "not there" not in said
    assert "adopted" not in adopt()
    shown = json.loads(done(run("pulumi", "preview", "--json")).stdout)["steps"]
    planned = {(one["op"], one["newState"]["type"]) for one in shown if one["op"] != "same"}
    assert {op for op, _ in planned} == {"create"}
    assert {kind for _, kind in planned if not kind.startswith(AGAIN)} == {*SAME}
    done(up())
    assert changes() == {}
    assert ids(state()) == ids(before)
