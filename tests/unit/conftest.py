"""What several unit tests share: what the program registers, and the jobs of both forges."""

from pathlib import Path

import pytest

from tests.unit.clouds import serve
from tests.unit.examples import good_config
from tests.unit.jobs import at, run
from tests.unit.mocks import Deployment, deploy, fresh

__all__ = ["at", "here", "in_the_folder", "root", "run", "served", "whole"]


@pytest.fixture(scope="session")
def whole(files: Path) -> Deployment:
    """The program's resources."""
    return fresh(good_config(files))


@pytest.fixture(scope="session")
def served() -> Deployment:
    """What a server in a cloud that is there registers."""
    return deploy(serve())


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """The folders of a node, of which nothing is real."""
    for folder in ("etc", "var/lib/iaas/before/etc", "var/log", "var/cache", "usr/local/share"):
        (tmp_path / folder).mkdir(parents=True)
    return tmp_path


@pytest.fixture
def in_the_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Paths of the config begin in the test's folder, as they do in the project's."""
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def here(in_the_folder: None) -> Path:
    """The test's folder by a path that is always short, as a message quotes no long one."""
    return Path()
