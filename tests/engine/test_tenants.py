"""What `pulumi preview` shows of tenants' files."""

import json
from pathlib import Path

import pytest
import yaml

from tests.engine.conftest import Stack
from tests.engine.test_preview import operations
from tests.unit.test_tenants import moved


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
    parts = ("project", "user", "member", "provider", "quota", "network-quota")
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
