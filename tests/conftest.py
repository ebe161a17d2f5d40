"""What all tests share: an environment without surprises, and the good config."""

import os
from pathlib import Path

import pulumi
import pytest

from tests.unit.examples import good_config

# A failed assertion in these says what it compared, as in a test.
pytest.register_assert_rewrite("tests.unit.configs", "tests.unit.jobs")

# The settings are those of the running program's project, in what is read at collection too.
pulumi.runtime.configure(pulumi.runtime.Settings(project="iaas", stack="test"))


@pytest.fixture(scope="session", autouse=True)
def clean_environment() -> None:
    """No login of whoever runs the tests, and no proxy between them and 127.0.0.1."""
    for name in [name for name in os.environ if name.startswith("OS_")]:
        del os.environ[name]
    os.environ["no_proxy"] = "*"


@pytest.fixture(scope="session")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the files that the good config names."""
    return tmp_path_factory.mktemp("files")


@pytest.fixture
def config(files: Path) -> dict[str, object]:
    """The good config; its files are as they were."""
    return good_config(files)
