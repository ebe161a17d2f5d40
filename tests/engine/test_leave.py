"""In which order the engine takes nodes away: what is on them first, the controller last."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.engine.conftest import Stack
from tests.unit.configs import GONE, changed


@pytest.fixture
def stack(whole: Stack, config: dict[str, object]) -> Iterator[Stack]:
    """The stack with everything in its state; its settings are put back after the test."""
    yield whole
    whole.configure(config)


def deleted(stack: Stack, *words: str) -> list[str]:
    """Return the URNs of what is deleted, in the engine's order, without components."""
    shown = json.loads(stack.pulumi(*words, "--json"))
    urns = [str(step["urn"]) for step in shown["steps"] if step["op"] == "delete"]
    return [
        urn for urn in urns if not urn.rsplit("::", 2)[-2].rpartition("$")[2].startswith("iaas:")
    ]


def place(order: list[str], name: str) -> int:
    """Return the place of a resource."""
    (found,) = [number for number, urn in enumerate(order) if urn.endswith(f"::{name}")]
    return found


def test_destroy_cleans_computes_after_their_servers_and_the_controller_last(
    stack: Stack, config: dict[str, object], files: Path
) -> None:
    stack.configure(changed(config, {"allowDeletion": {"controller": True}}, files))
    order = deleted(stack, "destroy", "--preview-only", "--run-program")
    last = place(order, "controller-clean")
    for node in ("compute", "compute2"):
        clean = place(order, f"{node}-clean")
        assert place(order, f"{node}-leave") < clean < last
        assert place(order, "server-web1-server") < clean
    assert not [urn for urn in order[last:] if "openstack:" in urn.rsplit("::", 2)[-2]]


def test_the_cloud_lets_a_compute_go_before_that_is_cleaned(
    stack: Stack, config: dict[str, object], files: Path
) -> None:
    stack.configure(changed(config, {"computes[1]": GONE}, files))
    order = deleted(stack, "preview")
    assert place(order, "compute2-leave") < place(order, "compute2-clean")
