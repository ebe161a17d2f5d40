"""What the guard promises: nothing in use goes without the word of the same change."""

import asyncio
from pathlib import Path
from typing import Any

import pulumi
import pytest

from components.guard import Guard
from components.settings import DeletionSettings, ServerSettings
from tests.unit.configs import GONE, Change, changed
from tests.unit.examples import public_key
from tests.unit.mocks import Deployment, deploy, fresh

SERVER = ServerSettings(
    name="web1",
    project="web",
    image="guest",
    flavor="tiny",
    network="front",
    public_key=public_key("web1"),
)
HERE = {"connection": {"host": "10.0.0.1"}}
THERE = {"connection": {"host": "10.0.0.2"}}

Inputs = dict[str, Any] | None


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The warnings."""
    found: list[str] = []
    monkeypatch.setattr(pulumi.log, "warn", found.append)
    return found


def hooks_of(allowed: DeletionSettings) -> dict[str, pulumi.ResourceHook]:
    """Return the hooks of a program with one server."""
    guards: list[Guard] = []
    deploy(lambda: guards.append(Guard(allowed, [SERVER])))
    guard = guards[0]
    network, image = guard.network("front"), guard.image("guest")
    assert network
    assert image
    return {
        "network": network,
        "image": image,
        "controller": guard.controller,
        "server": guard.server,
    }


def ask(hook: str, allowed: DeletionSettings, old: Inputs, new: Inputs = None) -> None:
    """Ask a hook, as Pulumi would."""
    args = pulumi.ResourceHookArgs("urn", "id", "name", "type", old_inputs=old, new_inputs=new)
    answer = hooks_of(allowed)[hook](args)
    if answer is not None:
        asyncio.get_event_loop().run_until_complete(answer)


NOTHING = DeletionSettings()


@pytest.mark.parametrize(
    ("hook", "old", "new", "words", "allowed"),
    [
        pytest.param(
            "network",
            {"name": "front"},
            None,
            r"network front has servers.* networks: \[front\]",
            DeletionSettings(networks=("front",)),
            id="a network",
        ),
        pytest.param(
            "image",
            {"name": "old"},
            None,
            r"image old is in use.* images: \[old\]",
            DeletionSettings(images=("old",)),
            id="an image",
        ),
        pytest.param(
            "controller",
            HERE,
            THERE,
            "the controller moves from 10.0.0.1 to 10.0.0.2.* controller: true",
            DeletionSettings(controller=True),
            id="the controller on another machine",
        ),
        pytest.param(
            "controller",
            HERE,
            None,
            "the controller at 10.0.0.1 is removed.* controller: true",
            DeletionSettings(controller=True),
            id="the controller",
        ),
    ],
)
def test_what_is_in_use_goes_only_when_the_settings_allow_it(
    hook: str, old: Inputs, new: Inputs, words: str, allowed: DeletionSettings, said: list[str]
) -> None:
    others = DeletionSettings(networks=("other",), images=("other",))
    for refusing in (NOTHING, others):
        with pytest.raises(ValueError, match=f"{words}.* in the same change"):
            ask(hook, refusing, old, new)
    ask(hook, allowed, old, new)
    ask(hook, DeletionSettings(controller=True), old, new)
    assert said


@pytest.mark.parametrize(
    ("hook", "old", "new"),
    [
        pytest.param("image", {"name": "guest"}, None, id="an image with new content"),
        pytest.param("controller", HERE, HERE, id="a controller whose check runs again"),
    ],
)
def test_an_ordinary_change_is_not_refused(
    hook: str, old: Inputs, new: Inputs, said: list[str]
) -> None:
    ask(hook, NOTHING, old, new)
    assert said == []


def test_a_preview_refuses_what_up_would_refuse() -> None:
    """What it does not refuse, `up` would refuse halfway."""
    for name, hook in hooks_of(NOTHING).items():
        assert hook.opts, name
        assert hook.opts.on_dry_run, name


def test_a_deleted_server_is_told_what_is_lost(said: list[str]) -> None:
    ask("server", NOTHING, {"name": "web1"})
    assert said == ["server web1 is deleted or replaced, its disk is lost"]


def test_every_run_warns_of_what_may_be_deleted(said: list[str]) -> None:
    ask("image", DeletionSettings(controller=True, networks=("a", "b")), {"name": "guest"})
    assert said == [
        "iaas:allowDeletion allows to delete the controller and all of its cloud, network a,"
        " network b; remove it after this change"
    ]


def guarded(deployment: Deployment) -> dict[str, tuple[str, ...]]:
    """Return the resources that a guard is asked about before they are deleted."""
    return {
        r.name: hooks for r in deployment if (hooks := r.hooks.get("before_delete")) is not None
    }


NETWORKS = {
    f"network-{name}-{part}": ("keep-network",)
    for name in ("front", "data")
    for part in ("network", "subnet")
}
SERVERS = {f"server-{name}-server": ("say-what-is-lost",) for name in ("web1", "db1")}
CONTROLLER = {"controller-check": ("keep-controller",)}
IMAGES = {f"image-{name}-image": ("keep-image",) for name in ("guest", "other")}


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        pytest.param({}, CONTROLLER | NETWORKS | IMAGES | SERVERS, id="all that is in use"),
        pytest.param({"servers": GONE}, CONTROLLER, id="the controller alone without servers"),
    ],
)
def test_the_program_guards_exactly_what_is_in_use(
    change: Change,
    expected: dict[str, tuple[str, ...]],
    config: dict[str, object],
    files: Path,
) -> None:
    deployment = fresh(changed(config, change, files))
    assert guarded(deployment) == expected
    updates = {r.name for r in deployment if "before_update" in r.hooks}
    assert {name for name in updates if not name.startswith("server-")} == {"controller-check"}
