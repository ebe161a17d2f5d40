"""What another project can do with the folder: call itself and the package as it likes."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pulumi
import pytest

from components.settings import SettingsError, load
from tests.unit.configs import GONE, Change, changed
from tests.unit.examples import as_pulumi
from tests.unit.mocks import ROOT, Deployment, deploy, main

PROJECT = "shop"


def test_a_project_has_its_settings_in_a_namespace_of_its_name(
    whole: Deployment, config: dict[str, object]
) -> None:
    seen = deploy(main, config, project=PROJECT)
    assert {r.name: r.type for r in seen} == {r.name: r.type for r in whole}


WRONG: tuple[tuple[Change, str], ...] = (
    (
        {"projects[1].quota": {"instances": 0}},
        "shop:projects[1].quota.instances: 0 is outside 1..2147483647",
    ),
    (
        {"controller.port": 22},
        "shop:controller.port: is no known key; the port is the same on all nodes: `shop:ssh.port`",
    ),
    ({"controller": GONE}, "shop:controller: is missing: "),
)


@pytest.mark.parametrize(("change", "line"), WRONG, ids=[line for _, line in WRONG])
def test_its_messages_have_that_name(
    change: Change, line: str, config: dict[str, object], files: Path
) -> None:
    wrong = changed(config, change, files)
    with pytest.raises(pulumi.RunError) as caught:
        deploy(main, wrong, project=PROJECT)
    assert f"  {line}" in str(caught.value)
    assert "iaas:" not in str(caught.value)
    with pytest.raises(SettingsError) as same:
        load(as_pulumi(wrong, PROJECT), project=PROJECT)
    assert str(same.value) == str(caught.value)


def test_what_it_refuses_and_allows_has_that_name(
    config: dict[str, object], files: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    state = deploy(main, config, project=PROJECT).exported()
    fewer = changed(config, {"computes[1]": GONE}, files)
    with pytest.raises(pulumi.RunError, match=r"\n  shop:computes: compute2 is taken out, but"):
        deploy(main, fewer, state=state, project=PROJECT, on={"compute2": ["web1"]})
    said: list[str] = []
    monkeypatch.setattr(pulumi.log, "warn", lambda text, *_: said.append(text))
    deploy(main, {**config, "allowDeletion": {"images": ["old"]}}, project=PROJECT)
    assert any(text.startswith("shop:allowDeletion allows to delete image old") for text in said)


def test_keys_of_another_project_are_not_read(config: dict[str, object]) -> None:
    with pytest.raises(SettingsError, match="shop:controller: is missing"):
        load(as_pulumi(config), project=PROJECT)


IMPORTED = """
import importlib, json, pkgutil, sys
import openstack_nodes
for module in pkgutil.walk_packages(openstack_nodes.__path__, "openstack_nodes."):
    importlib.import_module(module.name)
assert "components" not in sys.modules
from openstack_nodes.settings import load
from openstack_nodes.steps import CONTROLLER, text
assert all(text(step.source) for step in CONTROLLER)
settings = load(json.load(sys.stdin), project="shop")
print([server.name for server in settings.servers])
"""


def test_the_folder_is_a_package_of_any_name(config: dict[str, object], tmp_path: Path) -> None:
    ignore = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "components", tmp_path / "openstack_nodes", ignore=ignore)
    done = subprocess.run(
        [sys.executable, "-c", IMPORTED],
        input=json.dumps(as_pulumi(config, PROJECT)),
        capture_output=True,
        text=True,
        cwd=tmp_path,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout == "['web1', 'db1']\n"
