"""What is in use stays: also where the settings no longer have it, and in `pulumi destroy`."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.engine.conftest import Stack
from tests.unit.configs import GONE, Change, changed

ALL: Change = {"allowDeletion": {"controller": True}}
NETWORKS = [f"network {name} has servers" for name in ("front", "data")]
CONTROLLER = ["iaas:controller.name: controller -> head: "]


@pytest.fixture
def stack(whole: Stack, config: dict[str, object]) -> Iterator[Stack]:
    """The stack with everything in its state; its settings are put back after the test."""
    yield whole
    whole.configure(config)


def test_pulumi_destroy_asks_the_program_first(stack: Stack) -> None:
    done = stack.run("destroy", "--preview-only")
    assert done.returncode != 0
    assert "--run-program" in done.stderr


@pytest.mark.parametrize(("change", "refused"), [({}, NETWORKS), (ALL, [])])
def test_pulumi_destroy_takes_what_is_in_use_only_when_allowed(
    change: Change, refused: list[str], stack: Stack, config: dict[str, object], files: Path
) -> None:
    stack.configure(changed(config, change, files))
    done = stack.run("destroy", "--preview-only", "--run-program")
    assert bool(done.returncode) == bool(refused)
    if refused:  # Pulumi stops at the first
        assert any(words in done.stdout for words in refused)


def test_a_network_without_servers_goes(
    stack: Stack, config: dict[str, object], files: Path
) -> None:
    network = {"name": "spare", "segment": 170, "cidr": "10.170.0.0/24", "shared": True}
    stack.configure(changed(config, {"networks[2]": network}, files))
    stack.pulumi("preview")


@pytest.mark.parametrize(
    ("change", "refused"),
    [
        pytest.param({"servers": GONE, "networks": GONE}, NETWORKS, id="networks with servers"),
        pytest.param({"controller.name": "head"}, CONTROLLER, id="another controller"),
    ],
)
def test_a_change_that_would_lose_something_is_refused(
    change: Change, refused: list[str], stack: Stack, config: dict[str, object], files: Path
) -> None:
    stack.configure(changed(config, change, files))
    done = stack.run("preview")
    assert done.returncode != 0
    assert any(words in done.stdout for words in refused), "Pulumi stops at the first"
