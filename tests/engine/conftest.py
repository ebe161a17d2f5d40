"""The real program on the real engine: each test has its own stack and folder.

Everything runs in a network namespace with nothing in it but a loopback of its own, without an
ssh agent and without variables of whoever runs the tests.
"""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import yaml

from components.passwords import Passwords
from tests.engine import checkpoint
from tests.unit.examples import OTHER_SECRET, SECRET, good_config

ROOT = Path(__file__).parents[2]

# As root a namespace is to be had directly, for others inside one of users.
OFFLINE = ["unshare", "--net", *(["--map-root-user"] if os.getuid() else [])]
OFFLINE += ["sh", "-c", 'ip link set lo up && exec "$@"', "offline"]
ENGINE = ["bash", "-c", f'. "{ROOT}/tools/env.sh" && exec "$@"', "engine"]


@dataclass
class Stack:
    """A stack of a copy of the project."""

    folder: Path
    name: str = "test"
    passphrase: str = "of the tests"  # noqa: S105
    keys: dict[str, object] = field(default_factory=dict)
    """The stack file's keys that only Pulumi can make: the salt, and each secret encrypted."""

    def run(
        self, *arguments: str, offline: bool = True, text: str = ""
    ) -> subprocess.CompletedProcess[str]:
        """Run the Pulumi CLI on the stack."""
        return subprocess.run(
            [*(OFFLINE if offline else []), *self.command(*arguments)],
            cwd=self.folder / "project",
            env=self.environment,
            input=text,
            capture_output=True,
            text=True,
            check=False,
        )

    def command(self, *arguments: str) -> list[str]:
        """Return the words that run the Pulumi CLI, in the project and with the environment."""
        return [*ENGINE, "pulumi", *arguments]

    @property
    def environment(self) -> dict[str, str]:
        """All environment variables of a run."""
        passed = ("PATH", "HOME", "LANG", "TMPDIR")
        return {name: os.environ[name] for name in passed if name in os.environ} | {
            "PULUMI_BACKEND_URL": f"file://{self.folder}/state",
            "PULUMI_CONFIG_PASSPHRASE": self.passphrase,
            "PULUMI_OPTION_STACK": self.name,
            "PULUMI_SKIP_UPDATE_CHECK": "true",
            "NO_COLOR": "1",
        }

    def pulumi(self, *arguments: str, offline: bool = True, text: str = "") -> str:
        """Run a command that must succeed, and return its stdout."""
        done = self.run(*arguments, offline=offline, text=text)
        assert done.returncode == 0, f"pulumi {' '.join(arguments)}:\n{done.stdout}{done.stderr}"
        return done.stdout

    def encrypt(self, secret: str) -> None:
        """Let Pulumi encrypt a secret, and keep the encrypted text."""
        self.pulumi("config", "set", "--secret", "secret", text=secret)
        made = yaml.safe_load(self.file.read_text())
        self.keys |= {"salt": made["encryptionsalt"], secret: made["config"]["iaas:secret"]}

    def configure(self, config: Mapping[str, object]) -> None:
        """Write the stack's file; the secret must be one that was encrypted before."""
        values = {**config, "secret": self.keys[str(config["secret"])]}
        content = {
            "encryptionsalt": self.keys["salt"],
            "config": {f"iaas:{key}": value for key, value in values.items()},
        }
        self.file.write_text(yaml.safe_dump(content, sort_keys=False))

    @property
    def file(self) -> Path:
        """The stack's config."""
        return self.folder / f"project/Pulumi.{self.name}.yaml"


@pytest.fixture(scope="session")
def empty(tmp_path_factory: pytest.TempPathFactory, files: Path) -> Stack:
    """A stack with nothing in its state."""
    return made(tmp_path_factory.mktemp("empty"), good_config(files))


@pytest.fixture(scope="session")
def first(empty: Stack) -> dict[str, Any]:
    """What `pulumi preview --json` says before there is anything."""
    found: dict[str, Any] = json.loads(empty.pulumi("preview", "--json"))
    return found


@pytest.fixture(scope="session")
def whole(tmp_path_factory: pytest.TempPathFactory, files: Path) -> Stack:
    """A stack whose state has all resources."""
    stack = made(tmp_path_factory.mktemp("whole"), good_config(files))
    fill(stack)
    return stack


def fill(stack: Stack) -> None:
    """Make the state what an `up` of the config would leave."""
    plan = stack.folder / "plan.json"
    preview = stack.pulumi("preview", "--json", f"--save-plan={plan}", "--show-secrets=true")
    state = json.loads(stack.pulumi("stack", "export"))
    state["deployment"]["resources"] = checkpoint.resources(
        json.loads(preview), json.loads(plan.read_text())
    )
    stack.pulumi("stack", "import", text=json.dumps(state))


def made(folder: Path, config: Mapping[str, object]) -> Stack:
    """Make a stack with a config and an empty state, of a copy of the program."""
    project = folder / "project"
    ignore = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "components", project / "components", ignore=ignore)
    for name in ("Pulumi.yaml", "__main__.py"):
        shutil.copy(ROOT / name, project)
    (project / ".venv").symlink_to(sys.prefix)
    (folder / "state").mkdir()
    stack = Stack(folder)
    if stack.run("version").returncode:
        pytest.fail("the Pulumi engine is not there: run engine/build", pytrace=False)
    stack.pulumi("stack", "init")
    stack.encrypt(OTHER_SECRET)
    stack.encrypt(SECRET)
    stack.configure(config)
    return stack


def allow_loopback(stack: Stack) -> None:
    """Remove the rule from a stack's copy of the program that no node is at 127.0.0.0/8."""
    rules = stack.folder / "project/components/settings/addresses.py"
    text = rules.read_text()
    loopback = '    IPv4Network("127.0.0.0/8"): "loopback: each machine\'s own",\n'
    assert loopback in text
    rules.write_text(text.replace(loopback, ""))


def tenant_stack(cloud: Stack, tenant: str, secret: str = SECRET) -> Stack:
    """Make the stack of a tenant of a cloud, by the commands of docs/tenants.md."""
    stack = Stack(cloud.folder, f"{cloud.name}-{tenant}", cloud.passphrase)
    stack.pulumi("stack", "select", "--create")
    stack.pulumi("config", "set", "cloud", cloud.name)
    stack.pulumi("config", "set", "tenant", tenant)
    password = Passwords(secret).plain(f"project {tenant}")
    stack.pulumi("config", "set", "--secret", "password", text=password)
    return stack


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, as `make wheel` makes it. This alone asks a registry: for what builds it."""
    folder = tmp_path_factory.mktemp("dist")
    environment = {key: value for key, value in os.environ.items() if key != "no_proxy"}
    subprocess.run([ROOT / "tools/wheel", folder], env=environment, check=True)
    (made,) = folder.iterdir()
    return made
