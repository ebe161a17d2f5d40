"""The jobs of a pull request, as make targets in a checkout of the program, on the real engine.

The forge and the cloud are small servers of the tests. The settings' nodes are there already and
stay as they are: only flavors come, change and go.
"""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from pull_requests.mark import marked
from tests.engine.conftest import ENGINE, OFFLINE, ROOT, Stack, allow_loopback, fill, made
from tests.engine.nova import flavor
from tests.engine.test_comment import BASE, stand_in
from tests.unit.examples import SECRET
from tests.unit.forges import Entry, Forge, forge

STACK = "test"
CONTROLLER = {**dict[str, object](BASE["controller"]), "host": "127.0.0.1"}  # type: ignore[call-overload]


@dataclass
class Team:
    """A checkout with a stack, and the forge and the cloud that it is for."""

    stack: Stack
    forge: Forge
    cloud: Path
    """The cloud's flavors, by id."""

    def settings(self, **ram: int) -> None:
        """Let the settings have these flavors, each of so many MiB."""
        flavors = [{"name": n, "vcpus": 1, "ram": size, "disk": 1} for n, size in ram.items()]
        self.stack.configure(
            {
                "controller": CONTROLLER,
                "provider": BASE["provider"],
                "secret": SECRET,
                "tls": {"enabled": False},  # as the small cloud answers
                "flavors": flavors,
            }
        )

    def nodes(self, said: str) -> None:
        """Let each node say this when it is asked what differs."""
        ssh = self.stack.folder / "nodes" / "ssh"
        ssh.parent.mkdir(exist_ok=True)
        ssh.write_text(f"#!/bin/sh\ncat >/dev/null\ncat <<'END'\n{said}END\n")
        ssh.chmod(0o755)

    def flavors(self) -> dict[str, int]:
        """Return the cloud's flavors, and how many MiB each has."""
        found = json.loads(self.cloud.read_text()).values()
        return {entry["name"]: entry["ram"] for entry in found}

    def make(self, target: str, **variables: str) -> tuple[int, str]:
        """Run a make target as a job does; return the status and what was printed.

        variables: what somebody says by hand, on the command line.
        """
        folder = self.stack.folder
        passed = ("PATH", "HOME", "LANG", "GOFLAGS", "GOPROXY")
        done = subprocess.run(
            ["make", "--silent", target, *(f"{key}={value}" for key, value in variables.items())],
            cwd=folder / "project",
            env={name: os.environ[name] for name in passed if name in os.environ}
            | self.forge.environment(folder)
            | {
                "STACK": STACK,
                "PATH": f"{folder}/nodes:{os.environ['PATH']}",
                "PULUMI": str(folder / "pulumi"),
                "PULUMI_BACKEND_URL": f"file://{folder}/state",
                "PULUMI_CONFIG_PASSPHRASE": "of the tests",
                "TMPDIR": str(folder / "tmp"),
                "no_proxy": "*",
            },
            capture_output=True,
            text=True,
            check=False,
        )
        assert list((folder / "tmp").iterdir()) == []  # the plan is gone
        return done.returncode, done.stdout + done.stderr


@pytest.fixture
def beginners(tmp_path: Path) -> Iterator[Team]:
    """A team with nothing in its state."""
    with forge("github") as found:
        stack = made(tmp_path, BASE)
        project = tmp_path / "project"
        stand_in(project)
        steps = "components/steps/lib/step.sh"
        shutil.copy(ROOT / steps, project / steps)  # by it the nodes' steps can compare
        allow_loopback(stack)  # the cloud is there
        for name in ("engine", "pull_requests", "tools", "wording"):
            shutil.copytree(ROOT / name, project / name)
        for name in ("Makefile", "pyproject.toml", "requirements.txt", "requirements-dev.txt"):
            shutil.copy(ROOT / name, project)
        if (ROOT / ".engine").exists():
            (project / ".engine").symlink_to(ROOT / ".engine")
        (tmp_path / "tmp").mkdir()
        cloud = tmp_path / "flavors.json"
        pulumi = tmp_path / "pulumi"
        server = [sys.executable, str(ROOT / "tests/engine/nova.py"), str(cloud)]
        pulumi.write_text(f"""#!/usr/bin/env python3
import os, sys
os.execvp("unshare", {[*OFFLINE, *server, *ENGINE, "pulumi"]!r} + sys.argv[1:])
""")
        pulumi.chmod(0o755)
        cloud.write_text("{}")
        yield Team(stack, found, cloud)


@pytest.fixture
def team(beginners: Team) -> Team:
    """A team whose cloud is as its settings say: with one flavor, a, of 256 MiB."""
    beginners.settings(a=256)
    fill(beginners.stack)
    number = "id of flavor-a-flavor"
    beginners.cloud.write_text(json.dumps({number: flavor(number, name="a")}))
    return beginners


def test_what_was_reviewed_is_carried_out_once(team: Team) -> None:
    team.settings(a=512, b=256)
    assert team.make("preview") == (0, "the comment is in preview.md\n")
    assert team.make("comment") == (0, "request 7: commented\n")
    team.forge.merge()
    status, said = team.make("apply")
    assert status == 0, said
    assert "test: the preview is the reviewed one (request 7)" in said
    assert "`flavor a is replaced, because ram 256 -> 512`" in said
    assert team.flavors() == {"a": 512, "b": 256}
    before = team.cloud.read_text()
    status, said = team.make("apply")
    assert status == 0, said
    assert said.startswith("test: nothing to do in the cloud\n")
    assert team.cloud.read_text() == before


def test_a_preview_that_has_changed_since_is_carried_out_only_by_hand(team: Team) -> None:
    team.settings(a=256, b=256)
    team.make("preview")
    team.make("comment")
    team.forge.merge()
    team.settings(a=256, b=384)
    status, said = team.make("apply")
    assert status != 0
    assert "the fresh preview is not the one that was reviewed; nothing was changed" in said
    assert "`flavor b: + new (1 vCPU, 384 MiB, 1 GiB)`" in said
    assert team.flavors() == {"a": 256}
    fresh = marked((team.stack.folder / "project/preview.md").read_text())
    assert fresh is not None
    assert f"DIGEST={fresh.digest}" in said
    status, said = team.make("apply", DIGEST=fresh.digest)
    assert status == 0, said
    assert team.flavors() == {"a": 256, "b": 384}


def test_other_changes_carried_out_meanwhile_do_not_change_what_was_reviewed(team: Team) -> None:
    team.settings(a=256, b=256)
    team.make("preview")
    team.make("comment")
    team.settings(a=256, c=256)
    team.make("preview")
    other = marked((team.stack.folder / "project/preview.md").read_text())
    assert other is not None
    assert team.make("apply", DIGEST=other.digest)[0] == 0
    team.forge.merge()
    team.settings(a=256, b=256, c=256)
    status, said = team.make("apply")
    assert status == 0, said
    assert team.flavors() == {"a": 256, "b": 256, "c": 256}


def test_what_is_protected_changes_by_review(beginners: Team) -> None:
    stack = beginners.stack
    stack.configure(BASE)
    fill(stack)
    stack.configure({**BASE, "rules": {"protectedNetworks": ["front"]}})
    assert "not the one that was reviewed" in beginners.make("apply", DIGEST="0" * 64)[1]
    fresh = marked((stack.folder / "project/preview.md").read_text())
    assert fresh is not None
    status, said = beginners.make("apply", DIGEST=fresh.digest)
    assert status == 0, said
    assert "`network front: protection none -> true;" in said
    state = json.loads(stack.pulumi("stack", "export"))
    protected = {r["urn"] for r in state["deployment"]["resources"] if r.get("protect")}
    assert {urn.rpartition("::")[2] for urn in protected} == {
        "network-front",
        "network-front-network",
        "network-front-subnet",
    }


def test_what_somebody_changed_in_the_cloud_is_an_issue_until_it_is_undone(team: Team) -> None:
    before = team.cloud.read_text()
    team.nodes("== files\n")
    assert team.make("drift") == (0, "test: no drift\n")
    team.cloud.write_text(before.replace("256", "512"))
    assert team.make("drift") == (0, "test: drift; opened an issue\n")
    (issue,) = team.forge.issues
    assert isinstance(issue, Entry)
    assert "`flavor a is replaced, because ram 512 -> 256`" in issue.body
    team.cloud.write_text("{}")
    assert team.make("drift") == (0, f"test: drift; edited issue {issue.id}\n")
    assert "`flavor a: + new (1 vCPU, 256 MiB, 1 GiB)`" in issue.body
    team.cloud.write_text(before)
    team.nodes("== files\n== pre-host\nchrony.service does not run\n")
    assert team.make("drift") == (0, f"test: drift; edited issue {issue.id}\n")
    assert "  pre-host:\n    chrony.service does not run\n" in issue.body
    team.nodes("== files\n")
    assert team.make("drift") == (0, f"test: no drift; closed issue {issue.id}\n")


def test_a_plan_has_no_secret_in_it(team: Team) -> None:
    team.settings(b=256)
    plan = team.stack.folder / "plan.json"
    team.stack.pulumi("preview", "--json", f"--save-plan={plan}", "--show-secrets=false")
    assert SECRET not in plan.read_text()
    assert '"ciphertext"' in plan.read_text()
