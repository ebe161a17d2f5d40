"""The wheel of the components, in a project of somebody else: another name, a fresh environment."""

import json
import shutil
import subprocess
import zipfile
from pathlib import Path

import pytest

from pull_requests.preview import name
from tests.engine.conftest import ROOT, Stack
from tests.engine.shown import operations
from tests.engine.wheels import Other, environment_with

EXAMPLE = ROOT / "examples/package"
NOT_IN_IT = "settings/generate/"
"""It writes files of this repository."""


@pytest.fixture(scope="session")
def shop(tmp_path_factory: pytest.TempPathFactory, wheel: Path) -> Stack:
    """A stack of the example."""
    stack = Other(tmp_path_factory.mktemp("shop"), "dev")
    shutil.copytree(EXAMPLE, stack.folder / "project")
    environment_with(wheel, stack.folder / "project/.venv")
    stack.begin()
    return stack


def in_the_shop(shop: Stack, *words: str) -> str:
    """Run Python in the example's folder and environment; return what it says, and its status."""
    done = subprocess.run(
        [".venv/bin/python", *words],
        cwd=shop.folder / "project",
        env=shop.environment,
        capture_output=True,
        text=True,
        check=False,
    )
    return f"{done.stdout}{done.stderr}status {done.returncode}"


def test_the_wheel_has_all_of_the_components_under_one_name(wheel: Path) -> None:
    known = subprocess.run(
        ["git", "-C", ROOT / "components", "ls-files"], capture_output=True, text=True, check=True
    )
    files = {f"iaas/{file}" for file in known.stdout.split() if not file.startswith(NOT_IN_IT)}
    with zipfile.ZipFile(wheel) as content:
        packed = {file for file in content.namelist() if ".dist-info/" not in file}
    assert packed == files


def test_nothing_is_there_under_the_name_that_it_has_here(shop: Stack) -> None:
    assert "No module named 'components'" in in_the_shop(shop, "-c", "import components")


def test_the_example_previews(shop: Stack) -> None:
    shown = json.loads(shop.pulumi("preview", "--json"))
    assert set(operations(shown).values()) == {"create"}
    made = {(s["newState"]["type"], name(s["urn"])) for s in shown["steps"]}
    assert made >= {
        ("iaas:nodes:Controller", "controller"),
        ("iaas:nodes:Compute", "compute"),
        ("iaas:cloud:ProviderNetwork", "front"),
        ("iaas:cloud:Server", "www"),
    }
    assert all("::shop::" in step["urn"] for step in shown["steps"])


def test_the_examples_settings_are_refused_by_its_own_name(shop: Stack) -> None:
    before = shop.file.read_text()
    try:
        shop.file.write_text(before.replace("segment: 101", "segment: 4095"))
        done = shop.run("preview")
    finally:
        shop.file.write_text(before)
    assert "shop:networks[0].segment: " in done.stdout + done.stderr


def test_the_examples_own_test_passes(shop: Stack) -> None:
    assert "1 passed" in in_the_shop(shop, "-m", "pytest", "-q")


def test_the_examples_types_are_checked(shop: Stack) -> None:
    wrong = shop.folder / "project/wrong.py"
    wrong.write_text("from iaas.passwords import Passwords\n\nPasswords(1)\n")
    said = in_the_shop(
        shop,
        *("-m", "mypy", "--strict", "--config-file=", f"--cache-dir={ROOT}/.mypy_cache/package"),
        *("__main__.py", "wrong.py"),
    )
    errors = [line for line in said.splitlines() if ": error: " in line]
    assert len(errors) == 1 and errors[0].startswith("wrong.py:3: "), said
