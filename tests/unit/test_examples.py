"""The examples: each is as its README says, and its settings have no problem."""

import subprocess
from collections.abc import Mapping
from contextlib import chdir
from pathlib import Path
from typing import NamedTuple

import pytest
import yaml

from components.settings import Settings, load
from tests.unit.examples import SECRET, as_pulumi, public_key
from tests.unit.test_docs import BLOCK

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "examples"


class Example(NamedTuple):
    """A stack of the examples, and how many there are of what it makes."""

    name: str
    counts: Mapping[str, int]


TABLE = (
    Example(
        "team", {"other_computes": 2, "projects": 3, "networks": 3, "routers": 1, "servers": 5}
    ),
    Example(
        "classroom",
        {"other_computes": 3, "projects": 30, "networks": 31, "routers": 30, "servers": 60},
    ),
    Example(
        "single", {"other_computes": 0, "projects": 1, "networks": 2, "routers": 1, "servers": 1}
    ),
)


def students() -> list[str]:
    """Return the names on the classroom's list."""
    return (EXAMPLES / "classroom/students.txt").read_text().split()


def laid(name: str, folder: Path) -> dict[str, object]:
    """Lay an example's files in a folder by its README's commands; return its config."""
    (folder / "examples").symlink_to(EXAMPLES)
    (block,) = (m[3] for m in BLOCK.finditer((EXAMPLES / name / "README.md").read_text()))
    subprocess.run(["sh", "-euc", block], cwd=folder, check=True)
    if name == "classroom":
        keys = folder / name / "keys"
        keys.mkdir()
        for student in students():
            (keys / f"{student}.pub").write_text(public_key(student))
    config = yaml.safe_load((folder / f"Pulumi.{name}.yaml").read_text())["config"]
    return {key.removeprefix("iaas:"): value for key, value in config.items()}


def test_every_example_with_settings_is_in_the_table() -> None:
    stacks = {path.parent.name for path in EXAMPLES.glob("*/Pulumi.*.yaml")}
    assert stacks == {example.name for example in TABLE} | {"package"}
    pages = {path.parent.name for path in EXAMPLES.glob("*/README.md")}
    listed = (EXAMPLES / "README.md").read_text()
    assert all(f"({name}/README.md)" in listed for name in pages | stacks)


@pytest.fixture(scope="module")
def read(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Settings]:
    """The settings of each example, by its name."""
    found: dict[str, Settings] = {}
    for example in TABLE:
        with chdir(tmp_path_factory.mktemp(example.name)):
            config = {**laid(example.name, Path.cwd()), "secret": SECRET}
            found[example.name] = load(as_pulumi(config))
    return found


@pytest.mark.parametrize("example", TABLE, ids=lambda one: one.name)
def test_an_example_is_a_cloud(example: Example, read: Mapping[str, Settings]) -> None:
    settings = read[example.name]
    assert {key: len(getattr(settings, key)) for key in example.counts} == example.counts


def test_every_student_has_what_the_others_have(read: Mapping[str, Settings]) -> None:
    settings = read["classroom"]
    has = {
        one.name: (
            [network.cidr for network in settings.networks if network.project == one.name],
            [router.external for router in settings.routers if router.project == one.name],
            [bool(s.floating_ip) for s in settings.servers if s.project == one.name],
        )
        for one in settings.projects
    }
    assert list(has) == sorted(students())
    first, *others = has.values()
    assert all(other == first for other in others)
    assert [len(part) for part in first] == [1, 1, 2]


def test_who_is_not_on_the_list_has_no_file(tmp_path: Path) -> None:
    laid("classroom", tmp_path)
    folder = tmp_path / "classroom"
    (folder / "students.txt").write_text("ada\nnoether\n")
    subprocess.run([folder / "enroll"], check=True)
    assert {path.stem for path in (folder / "tenants").iterdir()} == {"ada", "noether"}
    assert "STUDENT" not in (folder / "tenants/noether.yaml").read_text()
