"""What `pulumi preview` shows of tenants' files."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from components.passwords import Passwords
from pull_requests.cli import OPTIONS, parse_preview
from pull_requests.page import comment
from tests.engine.conftest import Stack, fill, made, tenant_stack
from tests.engine.shown import operations
from tests.unit.examples import OTHER_SECRET, SECRET, good_config
from tests.unit.tenants import moved
from wording import WORDS


@pytest.fixture
def tenants(whole: Stack) -> Path:
    """The stack's folder of tenants, empty."""
    folder = whole.file.parent / "tenants"
    folder.mkdir(exist_ok=True)
    for file in folder.iterdir():
        file.unlink()
    return folder


def test_a_tenant_moves_into_a_file_without_a_change(
    whole: Stack, config: dict[str, object], tenants: Path
) -> None:
    rest, files = moved(config, {"db": "db.yaml", "web": "web.yaml"})
    for name, text in files.items():
        (tenants / name).write_text(text)
    whole.configure({**rest, "tenants": "tenants"})
    whole.pulumi("preview", "--expect-no-changes")


def test_a_new_file_is_a_new_tenant(whole: Stack, config: dict[str, object], tenants: Path) -> None:
    network = {"name": "watch", "segment": 103, "cidr": "10.103.0.0/24"}
    (tenants / "ops.yaml").write_text(yaml.safe_dump({"networks": [network]}))
    whole.configure({**config, "tenants": "tenants"})
    done = operations(json.loads(whole.pulumi("preview", "--json")))
    assert set(done.values()) == {"create"}
    parts = ("project", "user", "member", "quota", "network-quota")
    assert set(done) == {
        *("project-ops", "network-watch", "network-watch-network", "network-watch-subnet"),
        *(f"project-ops-{part}" for part in parts),
    }


def test_a_mistake_in_a_file_is_said_before_anything(
    whole: Stack, config: dict[str, object], tenants: Path
) -> None:
    (tenants / "ops.yaml").write_text("servers: [\n")
    whole.configure({**config, "tenants": "tenants"})
    done = whole.run("preview")
    assert done.returncode != 0
    assert "  tenants/ops.yaml: line 2: " in done.stdout + done.stderr
    assert "Traceback" not in done.stdout + done.stderr


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory, files: Path) -> Stack:
    """An existing cloud whose tenants have their own stacks for servers."""
    config = good_config(files) | {"tenantStacks": True}
    stack = made(tmp_path_factory.mktemp("cloud"), config)
    fill(stack)
    return stack


def test_a_tenants_stack_has_its_servers_in_the_cloud_of_another(cloud: Stack) -> None:
    assert "iaas:cloud:Server" not in cloud.pulumi("stack", "export")
    tenant = tenant_stack(cloud, "db")
    done = operations(json.loads(tenant.pulumi("preview", "--json")))
    server = {f"server-db1{part}" for part in ("", "-group", "-key", "-port", "-server")}
    assert {name for name, op in done.items() if op == "create"} == {
        *("iaas-test-db", "project-db-provider"),
        *server,
    }
    line = "`project db: + server db1 (small, an address of Neutron's choice, VLAN 150)`"
    assert line in comment(parse_preview(tenant.run("preview", *OPTIONS), WORDS))


def test_a_tenants_stack_needs_no_passphrase_but_its_own(cloud: Stack) -> None:
    """So its users can read neither the cloud's secret nor another tenant's password."""
    tenant = tenant_stack(replace(cloud, passphrase="a tenant"), "web")  # noqa: S106
    done = operations(json.loads(tenant.pulumi("preview", "--json")))
    assert done["server-web1-port"] == "create"
    read = tenant.run("config", "get", "secret", "--stack", cloud.name)
    assert (read.returncode, "incorrect passphrase" in read.stderr) == (1, True)
    assert SECRET not in tenant.pulumi("stack", "export", "--show-secrets")


def test_a_wrong_password_is_refused_in_a_preview(cloud: Stack) -> None:
    tenant = tenant_stack(cloud, "db")
    wrong = Passwords(OTHER_SECRET).plain("project db")
    tenant.pulumi("config", "set", "--secret", "password", text=wrong)
    done = tenant.run("preview")
    assert done.returncode != 0
    said = "iaas:password: is not the current password of project db in the cloud of stack"
    assert said in done.stdout + done.stderr
    assert "Traceback" not in done.stdout + done.stderr


def test_a_tenants_stack_waits_for_its_cloud(
    tmp_path_factory: pytest.TempPathFactory, files: Path
) -> None:
    cloud = made(tmp_path_factory.mktemp("new"), good_config(files) | {"tenantStacks": True})
    done = tenant_stack(cloud, "db").run("preview")
    assert done.returncode != 0
    assert "run `pulumi up --stack test` first" in done.stdout + done.stderr
    assert "Traceback" not in done.stdout + done.stderr
