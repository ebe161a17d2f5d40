"""What we use of Pulumi's SDK that it promises nobody: what must still be so, and who needs it.

Each fails in words when a newer SDK does otherwise. What is the engine's or a provider's stands in
`tests/engine/test_private_doors.py`.
"""

import asyncio
import inspect
from collections.abc import Callable
from typing import NamedTuple

import pulumi
import pytest
from pulumi import runtime
from pulumi.runtime import config

from components import scale
from tests.unit.mocks import deploy
from tests.unit.test_scale import notes_calls, servers_of_hooks, waits


class Door(NamedTuple):
    """Something private that a file of ours relies on."""

    file: str
    needs: str
    """What must be so."""
    holds: Callable[[pytest.MonkeyPatch], bool]
    otherwise: str
    """What to do when it is not so any more."""


def debug_takes_the_same(_: pytest.MonkeyPatch) -> bool:
    """Compare the parameters of the function that is replaced with ours."""
    theirs, ours = (inspect.signature(f).parameters for f in (pulumi.log.debug, scale._discard))
    return [(p.name, p.kind, p.default) for p in theirs.values()] == [
        (p.name, p.kind, p.default) for p in ours.values()
    ]


def debug_messages(prepare: Callable[[], None], monkeypatch: pytest.MonkeyPatch) -> int:
    """Return how often the engine is asked to log for one resource."""
    asked: list[object] = []

    class Engine:
        """Notes each request."""

        Log = staticmethod(asked.append)

    def program() -> None:
        prepare()
        asked.clear()
        pulumi.ComponentResource("tests:any:Component", "any")

    monkeypatch.setattr(pulumi.log, "get_engine", Engine)
    deploy(program)
    return len(asked)


def debug_asks_the_engine(monkeypatch: pytest.MonkeyPatch) -> bool:
    """Register a resource in a program that does without `scale.prepare`."""
    return debug_messages(lambda: None, monkeypatch) > 0


def debug_is_replaced_for_all(monkeypatch: pytest.MonkeyPatch) -> bool:
    """Register a resource after `scale.prepare`."""
    return debug_messages(scale.prepare, monkeypatch) == 0


def calls_are_noted(_: pytest.MonkeyPatch) -> bool:
    """Register a resource in a program that does without `scale.prepare`."""
    return notes_calls(lambda: None)


def calls_are_noted_by_what_is_replaced(monkeypatch: pytest.MonkeyPatch) -> bool:
    """Register a resource after `scale.prepare`."""
    monkeypatch.setenv("IAAS_DEBUG", "")
    return not notes_calls(scale.prepare)


def each_hook_has_a_server(_: pytest.MonkeyPatch) -> bool:
    """Count the servers of a program that does without `scale.prepare`."""
    return servers_of_hooks(lambda: None, 5) == 5


def hooks_share_what_is_replaced(_: pytest.MonkeyPatch) -> bool:
    """Count the servers of a program after `scale.prepare`."""
    return servers_of_hooks(scale.prepare, 5) == 1


def unprepared_programs_wait(monkeypatch: pytest.MonkeyPatch) -> bool:
    """Look whether a program without `scale.prepare` waits as often as it has outputs."""
    return waits(lambda: None, monkeypatch, 20) >= 20


def config_has_all_keys(_: pytest.MonkeyPatch) -> bool:
    """Look into the config as the SDK keeps it."""
    runtime.set_all_config({"iaas:one": "1", "iaas:two": "2"}, [])
    try:
        return config.CONFIG.get() == {"iaas:one": "1", "iaas:two": "2"}
    finally:
        runtime.set_all_config({}, [])


def outputs_can_be_awaited(_: pytest.MonkeyPatch) -> bool:
    """Await a secret value."""

    async def value() -> str | None:
        return await pulumi.Output.secret("hidden").future()

    loop = asyncio.new_event_loop()
    try:
        return loop.run_until_complete(value()) == "hidden"
    finally:
        loop.close()


DOORS = (
    Door(
        "components/scale.py",
        "the SDK logs each debug message by `pulumi.log.debug`, looked up at that moment",
        debug_is_replaced_for_all,
        "replace what the SDK calls now, and measure with `make bench-preview`",
    ),
    Door(
        "components/scale.py",
        "`pulumi.log.debug` has the parameters of `_discard`, which takes its place",
        debug_takes_the_same,
        "give `_discard` the parameters that it has now",
    ),
    Door(
        "components/scale.py",
        "the SDK asks the engine to log each debug message, though nobody reads it",
        debug_asks_the_engine,
        "take `_discard` out: the SDK's own function may do now",
    ),
    Door(
        "components/scale.py",
        "`pulumi.runtime.resource._get_stack_trace` notes the calls that led to a resource",
        calls_are_noted_by_what_is_replaced,
        "replace what notes them now, and measure with `make bench-preview`",
    ),
    Door(
        "components/scale.py",
        "the SDK notes the calls that led to each resource",
        calls_are_noted,
        "take `_get_stack_trace` out: the SDK may do without it now",
    ),
    Door(
        "components/scale.py",
        "a hook asks `pulumi.runtime.resource._get_callbacks` for its server",
        hooks_share_what_is_replaced,
        "replace what starts the server now: a thousand are more than a process may open",
    ),
    Door(
        "components/scale.py",
        "the SDK starts a server for each hook",
        each_hook_has_a_server,
        "take `_get_callbacks` out: the SDK's hooks share a server now",
    ),
    Door(
        "components/scale.py",
        "a program waits for all of its outputs again whenever one becomes known",
        unprepared_programs_wait,
        "take `_yield_once` out: the SDK may do without it now",
    ),
    Door(
        "components/settings/stack.py",
        "`pulumi.runtime.config.CONFIG` has every key of the config",
        config_has_all_keys,
        "read all keys, unknown ones too, where the SDK has them now",
    ),
    Door(
        "components/guard.py and components/cloud/server_hooks.py",
        "`Output.future` gives an output's value, a secret one too",
        outputs_can_be_awaited,
        "await outputs as the SDK has it now",
    ),
)


@pytest.mark.parametrize("door", [pytest.param(door, id=door.needs) for door in DOORS])
def test_the_sdk_still_does_what_we_rely_on(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    assert door.holds(monkeypatch), (
        f"Pulumi's SDK has changed. {door.file} needs this: {door.needs}."
        f" It is not so any more; {door.otherwise}."
    )
