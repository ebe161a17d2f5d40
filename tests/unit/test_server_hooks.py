"""What the provider is kept from, when a server loses metadata."""

import asyncio
from collections.abc import Coroutine
from typing import cast

import pulumi
import pytest

from components.cloud.server_hooks import keep_labels
from tests.unit.clouds import parts
from tests.unit.mocks import deploy
from tests.unit.services import Seen, service
from tests.unit.test_cloud_faults import TOKEN

PATH = "/nova/servers/5/metadata"


def asked(old: object, new: object) -> list[Seen]:
    """Return what Nova is asked before a server's metadata changes."""
    with service({**TOKEN, PATH: {"metadata": {}}}) as (base, seen):
        made = []
        deploy(lambda: made.append(parts(url=f"{base}/v3").project))
        args = pulumi.ResourceHookArgs(
            *("urn", "5", "s-server", "openstack:compute/instance:Instance"),
            new_inputs={"metadata": new},
            old_outputs={"metadata": old},
        )
        done = cast(Coroutine[None, None, None], keep_labels(made[0])(args))
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
