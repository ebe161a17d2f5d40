"""What keeps a large program fast promises: no work that nobody asked for."""

import asyncio
import atexit
import gc
import traceback
from collections.abc import Callable, Collection
from unittest.mock import patch

import grpc.aio  # type: ignore[import-untyped]
import pulumi
import pulumi_openstack as openstack
import pytest
from pulumi.runtime.settings import set_root_resource
from pulumi.runtime.stack import run_in_stack

from components import scale
from tests.unit.mocks import TAKEN, deploy


@pytest.mark.parametrize(("asked", "sent"), [("", False), ("1", True)])
def test_debug_messages_are_sent_to_who_asks_for_them(
    asked: str, sent: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Pulumi waits for an answer to each."""
    said: list[str] = []
    monkeypatch.setattr(pulumi.log, "debug", lambda message, *_: said.append(message))
    monkeypatch.setenv("IAAS_DEBUG", asked)

    def program() -> None:
        scale.prepare()
        pulumi.log.debug("a message")

    deploy(program)
    assert ("a message" in said) is sent


def notes_calls(prepare: Callable[[], None]) -> bool:
    """Look whether Pulumi notes the calls that led to a resource."""
    found: list[bool] = []

    def program() -> None:
        prepare()
        with patch("traceback.extract_stack", wraps=traceback.extract_stack) as extract:
            openstack.identity.Project("p")
        found.append(extract.called)

    deploy(program)
    return found == [True]


@pytest.mark.parametrize(("asked", "noted"), [("", False), ("1", True)])
def test_the_calls_that_led_to_a_resource_are_noted_for_who_asks_for_them(
    asked: str, noted: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each looks at a file."""
    monkeypatch.setenv("IAAS_DEBUG", asked)
    assert notes_calls(scale.prepare) is noted


def servers_of_hooks(prepare: Callable[[], None], number: int) -> int:
    """Return how many servers Pulumi starts for so many hooks."""

    def program() -> None:
        prepare()
        for i in range(number):
            hook = pulumi.ResourceHook(f"h{i}", lambda _: None)
            hooks = pulumi.ResourceHookBinding(before_create=[hook])
            openstack.identity.Project(f"p{i}", opts=pulumi.ResourceOptions(hooks=hooks))

    with patch("grpc.aio.server", wraps=grpc.aio.server) as server:
        assert len(deploy(program)) == number
    return server.call_count


def test_all_hooks_have_one_server() -> None:
    """Each opens files, and more than 1,024 are too many."""
    assert servers_of_hooks(scale.prepare, 5) == 1


def test_python_does_not_look_for_garbage_in_the_graph() -> None:
    looks: list[bool] = []

    def program() -> None:
        scale.prepare()
        looks.append(gc.isenabled())

    deploy(program)
    assert looks == [False]


def test_python_does_not_look_for_garbage_at_its_exit(monkeypatch: pytest.MonkeyPatch) -> None:
    at_exit: list[Callable[[], object]] = []
    monkeypatch.setattr(atexit, "register", at_exit.append)
    deploy(scale.prepare)
    gc.unfreeze()
    try:
        for call in at_exit:
            call()
        assert gc.get_freeze_count() > 0
    finally:
        gc.unfreeze()


def waits(prepare: Callable[[], None], monkeypatch: pytest.MonkeyPatch, number: int) -> int:
    """Return how often a program waits for so many outputs, each of which waits for the last."""
    found: list[int] = []
    wait = asyncio.wait

    async def noted(
        outputs: Collection[asyncio.Task[object]], *, return_when: str
    ) -> tuple[set[asyncio.Task[object]], set[asyncio.Task[object]]]:
        found.append(len(outputs))
        return await wait(outputs, return_when=return_when)

    def program() -> None:
        prepare()
        description: pulumi.Input[str] = "the first"
        for i in range(number):
            description = openstack.identity.Project(f"p{i}", description=description).id

    deploy(lambda: None)  # the mocks stay; it is run as the engine does
    set_root_resource(None)  # type: ignore[arg-type]
    monkeypatch.setattr(asyncio, "wait", noted)
    for module, name in TAKEN:
        monkeypatch.setattr(module, name, getattr(module, name))  # as it was, after the test
    try:
        asyncio.get_event_loop().run_until_complete(run_in_stack(program))
    finally:
        gc.enable()
    return len(found)


def test_a_program_does_not_wait_again_for_all_outputs_when_one_is_known(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """That would take the square of their number."""
    assert waits(scale.prepare, monkeypatch, 20) < 20
