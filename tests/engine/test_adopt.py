"""A state that is lost comes back from the cloud, with the real engine and OpenStack provider.

The cloud only answers: what the tests lose is what it shows, and a change of it would be refused.
"""

import hashlib
import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.engine import lost
from tests.engine.conftest import ENGINE, OFFLINE, ROOT, Stack, allow_loopback, fill, made
from tests.engine.openstack import PASSWORDS
from tests.engine.shown import operations
from tests.unit.configs import GONE, Change, changed
from tests.unit.examples import SECRET
from tests.unit.routed import routed_config

BY_HAND = "0b1e5f2c-77d0-4b1e-9c3a-5a1d2f3e4b5c"
REPEATED = ("roleAssignment:RoleAssignment", "quotaSetV2:QuotaSetV2", "quotaV2:QuotaV2")
"""What is the same if it is made again."""
ALL: Change = {
    "controller.host": "127.0.0.1",
    "tls": {"enabled": False},
    "images[1].sha256": hashlib.sha256(lost.CONTENT.encode()).hexdigest(),
    "networks[1].routes": [{"to": "10.9.0.0/24", "via": "10.150.0.9"}],
    "securityGroups": [
        {
            **{"name": "peers", "project": "web"},
            "ingress": [{"protocol": "tcp", "port": 8080, "from": {"group": "peers"}}],
            "egress": [{"protocol": "any", "cidr": "0.0.0.0/0"}],
        }
    ],
    "serverGroups": [{"name": "apart", "project": "web", "policy": "soft-anti-affinity"}],
    "servers[0].network": GONE,
    "servers[0].address": GONE,
    "servers[0].networks": [
        {"network": "front", "address": "10.101.0.11", "securityGroups": ["peers"]},
        {"network": "inside"},
    ],
    "servers[0].metadata": {"role": "front"},
    "servers[0].serverGroup": "apart",
    "servers[1].egress": [{"protocol": "tcp", "port": 443, "cidr": "0.0.0.0/0"}],
    "servers[1].configDrive": True,
}
"""What makes the good config one with all that the program can make in a cloud."""


@dataclass
class Lost:
    """A stack without the cloud's part of its state, and the cloud."""

    stack: Stack
    content: dict[str, Any]
    ids: dict[str, str]
    """What the adopted things must have, by name."""

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        """Run a command beside the cloud."""
        file = self.stack.folder / "cloud.json"
        file.write_text(json.dumps(self.content))
        server = [sys.executable, str(ROOT / "tests/engine/openstack.py"), str(file)]
        done = subprocess.run(
            [*OFFLINE, *server, *ENGINE, *command],
            cwd=self.stack.folder / "project",
            env={**self.stack.environment, "PYTHONPATH": str(ROOT), "no_proxy": "*"},
            capture_output=True,
            text=True,
            check=False,
        )
        assert Path(f"{file}.changes").read_text() == ""
        return done

    def adopt(self, *variables: str) -> subprocess.CompletedProcess[str]:
        """Run `make adopt`'s program."""
        return self.run("env", *variables, sys.executable, "-m", "tools.adopt")

    def adopted(self, *variables: str) -> str:
        """Run it to a good end, and return what it says."""
        done = self.adopt(*variables)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def resources(self) -> dict[str, dict[str, Any]]:
        """Return what OpenStack's provider has in the state, by name."""
        state = json.loads(self.stack.pulumi("stack", "export"))
        return {
            raw["urn"].rsplit("::", 1)[-1]: raw
            for raw in state["deployment"].get("resources") or ()
            if raw["type"].startswith("openstack:")
        }

    def item(self, path: str, name: str) -> dict[str, Any]:
        """Return a thing in the cloud, to change it."""
        found: list[dict[str, Any]] = [i for i in self.content[path] if i["name"] == name]
        return found[0]

    def preview(self) -> dict[str, str]:
        """Return what `up` would do with things in the cloud."""
        shown = json.loads(self.stack.pulumi("preview", "--json"))
        parts = (step["urn"].split("::") for step in shown["steps"])
        kinds = {part[-1]: part[2] for part in parts}
        return {
            name: op
            for name, op in operations(shown).items()
            if "openstack:" in kinds[name] and not kinds[name].endswith(REPEATED)
        }


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory, files: Path) -> Lost:
    """A stack whose state and cloud have everything."""
    stack = made(tmp_path_factory.mktemp("lost"), changed(routed_config(files), ALL, files))
    allow_loopback(stack)
    fill(stack)
    state = json.loads(stack.pulumi("stack", "export", "--show-secrets"))
    content, ids = lost.cloud(lost.numbered(state))
    return Lost(stack, content, ids)


def with_state(whole: Lost, state: dict[str, Any]) -> Lost:
    """Give the stack this state, and return it with a cloud of its own."""
    whole.stack.pulumi("stack", "import", text=json.dumps(state))
    return Lost(whole.stack, json.loads(json.dumps(whole.content)), whole.ids)


@pytest.fixture
def empty(whole: Lost) -> Lost:
    """The stack with nothing in its state."""
    state = json.loads(whole.stack.pulumi("stack", "export"))
    state["deployment"]["resources"] = []
    return with_state(whole, state)


@pytest.fixture(scope="module")
def back(whole: Lost) -> tuple[dict[str, Any], str]:
    """The state that came back from the cloud, and what was said of it."""
    state = json.loads(whole.stack.pulumi("stack", "export"))
    state["deployment"]["resources"] = []
    said = with_state(whole, state).adopted()
    return json.loads(whole.stack.pulumi("stack", "export")), said


@pytest.fixture
def adopted(whole: Lost, back: tuple[dict[str, Any], str]) -> Lost:
    """The stack whose state came back."""
    return with_state(whole, back[0])


def test_a_lost_state_comes_back_and_a_second_run_changes_nothing(
    adopted: Lost, back: tuple[dict[str, Any], str]
) -> None:
    before = adopted.resources()
    assert {name: raw["id"] for name, raw in before.items()} == adopted.ids
    assert adopted.preview() == {}
    assert "adopted" not in adopted.adopted()
    assert adopted.resources() == before
    assert "unclear" not in back[1]
    shown = adopted.stack.pulumi("stack", "export") + back[1]
    for secret in (SECRET, *adopted.content[PASSWORDS].values(), "#cloud-config"):
        assert secret not in shown


def test_what_a_cut_off_run_took_in_is_read_by_the_next(adopted: Lost) -> None:
    before = adopted.resources()
    state = json.loads(adopted.stack.pulumi("stack", "export"))
    for raw in state["deployment"]["resources"]:
        if raw["urn"].endswith(("-port", "-server", "-address")):
            for key in ("id", "allFixedIps", "__pulumi_raw_state_delta"):
                raw["outputs"].pop(key, None)
    lost = [r for r in state["deployment"]["resources"] if not r["urn"].endswith("-address")]
    state["deployment"]["resources"] = lost
    adopted.stack.pulumi("stack", "import", text=json.dumps(state))
    adopted.adopted()
    after = adopted.resources()
    assert {name: raw["id"] for name, raw in after.items()} == adopted.ids
    for name, raw in before.items():
        assert after[name]["outputs"].keys() == raw["outputs"].keys()
    assert adopted.preview() == {}


def test_what_differs_is_a_change_and_what_is_there_twice_is_named(empty: Lost) -> None:
    empty.item("network/v2.0/networks", "alone")["mtu"] = 1400
    empty.item("network/v2.0/ports", "db1")["security_groups"] = []
    empty.item("image/v2/images", "other")["content"] = "another content"
    empty.item("compute/v2.1/servers/detail", "web1")["metadata"] = {}
    empty.item("v3/projects", "web")["description"] = "by hand"
    keys, ports = (empty.content[p] for p in ("compute/v2.1/os-keypairs", "network/v2.0/ports"))
    ports.append({**empty.item("network/v2.0/ports", "app1"), "id": "another"})
    keys.remove(empty.item("compute/v2.1/os-keypairs", "app2"))
    rules = empty.content["network/v2.0/security-group-rules"]
    group = empty.ids["server-web1-group"]
    (icmp,) = (r for r in rules if r["id"] == empty.ids["server-web1-icmp-0.0.0.0-0"])
    rules.append({**icmp, "id": "by-hand", "protocol": "udp", "security_group_id": group})
    done = empty.adopt()
    assert done.returncode == 1, done.stdout + done.stderr
    there = f"server-app1-port there are several: {empty.ids['server-app1-port']} another"
    assert there in " ".join(done.stdout.split())
    assert "ingress udp from 0.0.0.0/0 is not in the settings" in done.stdout
    assert "but nothing is that its networks would be" in done.stdout
    assert empty.preview() == {
        "network-alone-network": "update",
        "server-db1-port": "update",
        "image-other-image": "replace",
        "server-web1-server": "update",
        "project-web-project": "update",
        "server-app1-port": "create",
        "server-app1-server": "create",
        "floating-10.101.0.50-address": "create",
        "server-app2-key": "create",
    }


def test_a_cloud_that_does_not_answer_leaves_the_state(empty: Lost) -> None:
    done = subprocess.run(
        [*OFFLINE, *ENGINE, sys.executable, "-m", "tools.adopt"],
        cwd=empty.stack.folder / "project",
        env={**empty.stack.environment, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr.startswith("the cloud cannot be asked: ")
    assert len(done.stderr.splitlines()) == 1
    assert empty.resources() == {}


def test_what_was_made_by_hand_becomes_settings_without_a_change(adopted: Lost) -> None:
    before = adopted.stack.file.read_text()
    common = {"description": "", "tags": [], "shared": True, "project_id": lost.ADMIN}
    network = {**adopted.item("network/v2.0/networks", "front"), **common, "id": "made-by-hand"}
    subnet = {
        **adopted.item("network/v2.0/subnets", "front"),
        "id": "its-subnet",
        "project_id": lost.ADMIN,
    }
    adopted.content["network/v2.0/networks"].append(
        {**network, "name": "lab", "provider:segmentation_id": 180, "router:external": False}
    )
    adopted.content["network/v2.0/subnets"].append(
        {
            **{**subnet, "name": "lab", "network_id": "made-by-hand", "cidr": "10.180.0.0/24"},
            **{"gateway_ip": None, "dns_nameservers": []},
            "allocation_pools": [{"start": "10.180.0.1", "end": "10.180.0.254"}],
        }
    )
    adopted.content["compute/v2.1/flavors/detail"].append(
        {
            **adopted.item("compute/v2.1/flavors/detail", "tiny"),
            "id": "huge",
            "name": "huge",
            "ram": 512,
        }
    )
    shop = {"id": "of-shop", "name": "shop", "domain_id": "default", "enabled": True}
    adopted.content["v3/projects"].append({**shop, "description": ""})
    adopted.content["v3/users"].append({**shop, "id": "user-shop", "default_project_id": "of-shop"})
    adopted.content["compute/v2.1/os-quota-sets"] = [
        {"id": "of-shop", "instances": 10, "cores": 20, "ram": 51200}
    ]
    servers = "compute/v2.1/servers/detail"
    of_shop = {"project_id": "of-shop", "tenant_id": "of-shop"}
    adopted.content[servers].append(
        {
            **{**adopted.item(servers, "web1"), **of_shop, "id": BY_HAND, "name": "by hand"},
            **{"status": "SHUTOFF", "key_name": "of somebody", "flavor": {"id": "huge"}},
            **{"metadata": {"made": "by hand"}, "config_drive": "True"},
        }
    )
    content = "\0" * 512
    digest = hashlib.sha512(content.encode()).hexdigest()
    adopted.content["image/v2/images"].append(
        {
            **adopted.item("image/v2/images", "other"),
            **{"id": "raw", "name": "raw", "disk_format": "raw", "content": content},
            "os_hash_value": digest,
        }
    )
    try:
        said = adopted.adopted("WRITE=1")
        assert {line.split()[2] for line in said.splitlines() if line.startswith("written")} == {
            *("shop", "lab", "huge", "raw", "by")
        }
        assert "network-lab-network" not in adopted.resources()
        assert "server by hand of adoptedServers is not in the state" in adopted.stack.pulumi(
            "preview", "--non-interactive"
        )
        adopted.adopted()
        made = adopted.resources()
        assert made["network-lab-network"]["id"] == "made-by-hand"
        assert made["flavor-huge-flavor"]["id"] == "huge"
        assert made["image-raw-image"]["id"] == "raw"
        assert made[f"adopted-{BY_HAND}-server"]["id"] == BY_HAND
        # Nobody knows the password that it has, so it gets the derived one.
        assert adopted.preview() == {"project-shop-user": "update"}
        assert "written" not in adopted.adopted("WRITE=1")
    finally:
        adopted.stack.file.write_text(before)
