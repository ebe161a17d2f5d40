"""The plugin: its schema, and its component in a program that does not have the package."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml

from pull_requests.preview import name
from tests.engine.conftest import ROOT, Stack
from tests.engine.shown import operations
from tests.engine.wheels import Other, environment_with

LAUNCHER = """#!/bin/sh
folder=$(dirname "$0")
exec "$folder/.venv/bin/python" "$folder" "$@"
"""
"""What Pulumi's language host does for a plugin with a PulumiPlugin.yaml. The one of the engine for
closed networks is too old: it starts the program itself in the plugin's place."""

REMOTE = """\
import json
import pathlib
import pulumi

outputs = dict.fromkeys(["authUrl", "region", "adminPassword", "memberRoleId"])
given = json.loads(pathlib.Path("nodes.json").read_text())
nodes = pulumi.ComponentResource("iaas:index:Nodes", "nodes", {**given, **outputs}, remote=True)
for name in outputs:
    pulumi.export(name, getattr(nodes, name))
"""


@pytest.fixture(scope="session")
def bookshop(tmp_path_factory: pytest.TempPathFactory, wheel: Path) -> Stack:
    """A stack of a program that has the nodes of the example in YAML by the plugin.

    It is in Python, but without the package: it asks the engine for the component by its type.
    """
    stack = Other(tmp_path_factory.mktemp("bookshop"), "dev")
    project = stack.folder / "project"
    project.mkdir()
    shutil.copytree(ROOT / "plugin", stack.folder / "plugin")
    environment_with(wheel, stack.folder / "plugin/.venv")
    launcher = stack.folder / "plugin/pulumi-resource-iaas"
    launcher.write_text(LAUNCHER)
    launcher.chmod(0o755)
    (project / ".venv").symlink_to("../plugin/.venv")
    written = yaml.safe_load((ROOT / "examples/yaml/Pulumi.yaml").read_text())
    written["plugins"]["providers"][0]["path"] = "../plugin"
    nodes = written.pop("resources")["nodes"]
    about = {"name": written["name"], "runtime": "python", "plugins": written["plugins"]}
    (project / "Pulumi.yaml").write_text(yaml.safe_dump(about))
    (project / "nodes.json").write_text(json.dumps(nodes["properties"]))
    (project / "__main__.py").write_text(REMOTE)
    stack.begin()
    return stack


def test_the_engine_reads_the_schema(bookshop: Stack) -> None:
    """By the launcher, as it would install what a folder requires."""
    words = ("package", "get-schema", "../plugin/pulumi-resource-iaas")
    said: dict[str, Any] = json.loads(bookshop.pulumi(*words))
    kept: dict[str, Any] = json.loads((ROOT / "plugin/schema.json").read_text())
    for kind in kept["types"].values():
        for one in kind["properties"].values():
            one.get("items", {}).pop("description", None)  # the engine has it of the list alone
    assert said["types"] == kept["types"]
    (there, here) = (one["resources"]["iaas:index:Nodes"] for one in (said, kept))
    assert there["inputProperties"].keys() == here["inputProperties"].keys()
    for key in ("requiredInputs", "properties", "required"):
        assert there[key] == here[key]


def test_a_program_without_the_package_previews_its_component(bookshop: Stack) -> None:
    shown = json.loads(bookshop.pulumi("preview", "--json"))
    assert set(operations(shown).values()) == {"create"}
    made = {(s["newState"]["type"], name(s["urn"])) for s in shown["steps"]}
    assert made >= {
        ("iaas:index:Nodes", "nodes"),
        ("iaas:nodes:Controller", "controller"),
        ("iaas:nodes:Compute", "compute"),
        ("iaas:nodes:Hosts", "hosts"),
        ("command:remote:Command", "compute-nova-compute"),
    }


def test_the_plugin_refuses_wrong_arguments_by_their_place(bookshop: Stack) -> None:
    file = bookshop.folder / "project/nodes.json"
    before = file.read_text()
    try:
        file.write_text(before.replace('"maxvlan": 200', '"maxvlan": 99'))
        done = bookshop.run("preview")
    finally:
        file.write_text(before)
    assert "nodes:provider.minvlan: 100 is above maxvlan 99" in done.stdout + done.stderr
