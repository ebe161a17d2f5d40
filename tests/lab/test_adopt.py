"""A state that was lost comes back from the cloud; a server that was made by hand gets into it."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import yaml

from tests.lab.conftest import LAB, ROOT, MakeStack, admin, changes, done, run, up

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


def adopt(stack: Path | None = None, **variables: str) -> str:
    """Run what `make adopt` runs; return what it says. `stack` replaces the lab's own file."""
    words = [sys.executable, "-m", "tools.adopt"]
    environment = {**os.environ, "PULUMI": str(LAB / "pulumi"), **variables}
    if stack is not None:
        environment |= {"LAB_STACK": str(stack), "PULUMI_OPTION_CONFIG_FILE": str(stack)}
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


BY_HAND = """
openstack role add --project web --user admin admin
openstack keypair create by-hand >/dev/null
openstack --os-project-name web server create --wait -f value -c id \\
  --image guest --flavor tiny --network front --key-name by-hand by-hand
"""
NO_LONGER = """
for name in by-hand 'web 9'; do
  openstack server delete --all-projects --wait "$name" 2>/dev/null || true
done
openstack keypair delete by-hand
openstack role remove --project web --user admin admin
"""
OTHER = {"name": "web 9", "flavor": "small", "metadata": {"role": "web"}, "tags": ["blue"]}


def shown(server: str) -> dict[str, Any]:
    """Return what Nova says of a server."""
    found: dict[str, Any] = json.loads(admin(f"openstack server show {server} -f json"))
    return found


def test_a_server_made_by_hand_is_adopted_changed_in_place_and_deleted(stack: MakeStack) -> None:
    done(up())
    file = stack(lambda _: None)
    try:
        number = admin(BY_HAND).strip()
        said = adopt(file, WRITE="1").splitlines()
        assert [line.split()[:3] for line in said if line.startswith("written")] == [
            ["written", "server", "by-hand"]
        ]
        made = up(file)
        assert made.returncode != 0
        assert "server by-hand of adoptedServers is not in the state" in made.stdout + made.stderr
        assert f"adopted    adopted-{number}-server" in adopt(file)
        assert changes(file) == {}
        before = shown(number)

        content = yaml.safe_load(file.read_text(encoding="utf-8"))
        content["config"]["iaas:adoptedServers"][0] |= OTHER
        file.write_text(yaml.safe_dump(content), encoding="utf-8")
        assert {*changes(file).values()} == {"update"}
        done(up(file))
        assert changes(file) == {}
        after = shown(number)
        assert (after["name"], after["properties"], after["tags"]) == (
            *("web 9", {"role": "web"}, ["blue"]),
        )
        assert after["flavor"]["original_name"] == "small"
        for kept in ("status", "addresses", "image", "key_name", "security_groups"):
            assert after[kept] == before[kept]

        done(up())
        assert number not in admin("openstack server list --all-projects -f value -c ID")
        assert changes() == {}
    finally:
        admin(NO_LONGER)
