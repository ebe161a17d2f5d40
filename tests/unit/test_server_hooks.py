"""What the hooks of servers promise: a lost metadata key stops no run, and many cost no time."""

import asyncio
from collections.abc import Coroutine
from typing import cast

import pulumi
import pytest

from components.cloud import ServerHooks
from components.state import INSTANCE
from tests.unit.clouds import parts
from tests.unit.mocks import Deployment, deploy
from tests.unit.services import Seen, service
from tests.unit.test_cloud_faults import TOKEN

PATH = "/nova/servers/5/metadata"


def hooks(url: str) -> pulumi.ResourceHookBinding:
    """Return the hooks of a server in the cloud at this URL, and of one in another."""
    made: list[pulumi.ResourceHookBinding] = []

    def program() -> None:
        both = ServerHooks("both")
        for name, there in (("s", url), ("t", "http://127.0.0.1:1/v3")):
            project = parts(url=there).project
            made.append(both.of(f"{name}-server", "www", project, project, None))

    deploy(program)
    return made[0]


def asked(old: object, new: object) -> list[Seen]:
    """Return what Nova is asked before a server's metadata changes."""
    with service({**TOKEN, PATH: {"metadata": {}}}) as (base, seen):
        hook, *_ = hooks(f"{base}/v3").before_update or []
        assert isinstance(hook, pulumi.ResourceHook)
        args = pulumi.ResourceHookArgs(
            *("urn", "5", "s-server", INSTANCE),
            new_inputs={"metadata": new},
            old_outputs={"metadata": old},
        )
        done = cast(Coroutine[None, None, None], hook.callback(args))
        asyncio.get_event_loop().run_until_complete(done)
    return [request for request in seen if request.path == PATH]


@pytest.mark.parametrize(
    ("old", "new", "again"),
    [
        ({"role": "web", "tier": "1"}, {"tier": "2"}, [{"role": "web"}]),
        ({"role": "web"}, None, [{"role": "web"}]),
        ({"role": "web"}, {"role": "db", "tier": "1"}, []),
        (None, {"role": "web"}, []),
    ],
)
def test_a_key_that_the_provider_deletes_is_there(
    old: object, new: object, again: list[object]
) -> None:
    """It may be gone already, by hand or by a run that was cut off."""
    assert [request.body for request in asked(old, new)] == [{"metadata": one} for one in again]


@pytest.mark.parametrize(
    ("old", "new", "there", "after"),
    [
        (["a", "b"], ["b"], ["a", "b"], ["b"]),
        (["a"], ["a", "b"], ["a", "by hand"], ["a", "b", "by hand"]),
        (["a"], None, ["a"], []),
        (["a"], ["a"], ["a"], None),
    ],
)
def test_a_server_has_its_tags_after_a_change_and_those_of_others(
    old: object, new: object, there: object, after: object
) -> None:
    """The provider would bring back those that an earlier change has removed."""
    path = "/nova/servers/5/tags"
    with service({**TOKEN, path: {"tags": there}}) as (base, seen):
        binding = hooks(f"{base}/v3")
        for hook in (*(binding.before_update or ()), *(binding.after_update or ())):
            assert isinstance(hook, pulumi.ResourceHook)
            args = pulumi.ResourceHookArgs(
                *("urn", "5", "s-server", INSTANCE),
                new_inputs={"tags": new},
                old_outputs={"tags": old},
            )
            done = cast(Coroutine[None, None, None], hook.callback(args))
            asyncio.get_event_loop().run_until_complete(done)
    put = [request.body for request in seen if request.path == path and request.body]
    assert put == ([] if after is None else [{"tags": after}])


def test_nothing_is_asked_of_a_server_that_the_settings_no_longer_have() -> None:
    """Pulumi may call the hook where such a server could not be deleted."""
    with service({}) as (base, seen):
        hook, *_ = hooks(f"{base}/v3").on_error or []
        args = pulumi.ErrorHookArgs("urn", "5", "gone-server", INSTANCE)
        done = cast(Coroutine[None, None, bool], hook.callback(args))
        assert asyncio.get_event_loop().run_until_complete(done) is False
    assert seen == []


def test_a_programs_servers_share_their_hooks(whole: Deployment) -> None:
    """Each hook takes the engine milliseconds, and there may be thousands of servers."""
    servers = [r.hooks for r in whole if r.type == INSTANCE]
    assert len(servers) > 1
    own = {
        "before_update": ("servers-labels",),
        "after_update": ("servers-tags",),
        "on_error": ("servers-fault",),
    }
    assert all(hooks.items() >= own.items() for hooks in servers)
