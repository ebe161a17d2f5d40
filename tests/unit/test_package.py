"""What pyproject.toml says of the package: its version, what it requires, what is in it."""

import re
import tomllib
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
SAID = tomllib.loads((ROOT / "pyproject.toml").read_text())
VERSION = SAID["project"]["version"]


def pinned(file: str) -> list[Requirement]:
    """Return the requirements of a file, in its order."""
    found = re.findall(r"^(\S+==\S+)", (ROOT / file).read_text(), re.MULTILINE)
    return [Requirement(one) for one in found]


def test_the_changelog_has_the_version() -> None:
    versions = re.findall(r"^## (\S+)$", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)
    assert versions[0] == VERSION, "its first section is that of pyproject.toml"


def test_the_example_has_the_version() -> None:
    folder = ROOT / "examples/package"
    assert (folder / "requirements.txt").read_text() == f"iaas=={VERSION}\n"
    assert f"iaas-{VERSION}-py3-none-any.whl" in (folder / "README.md").read_text()


def test_it_requires_what_the_program_runs_with() -> None:
    said = (ROOT / "requirements.txt").read_text()
    assert said.startswith("# What the program runs with. The first seven are used by it")
    used = {canonicalize_name(one.name): one.specifier for one in pinned("requirements.txt")[:7]}
    required = [Requirement(one) for one in SAID["project"]["dependencies"]]
    assert {canonicalize_name(one.name) for one in required} == used.keys()
    for one in required:
        (pin,) = used[canonicalize_name(one.name)]
        assert one.specifier.contains(pin.version), f"{one} is not what is tested: {pin.version}"


def test_its_build_is_pinned() -> None:
    assert SAID["build-system"]["requires"] == [
        str(one) for one in pinned("requirements-build.txt")
    ]


def test_it_has_all_packages_but_what_writes_the_docs() -> None:
    folders = {path.parent for path in (ROOT / "components").rglob("__init__.py")}
    names = {".".join(("iaas", *path.relative_to(ROOT / "components").parts)) for path in folders}
    assert names == {*SAID["tool"]["setuptools"]["packages"], "iaas.settings.generate"}
