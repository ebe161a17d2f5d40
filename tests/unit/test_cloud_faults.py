"""What a failed server promises: it says why, and waits for no service without end."""

import asyncio
import socket
from collections.abc import Callable, Coroutine, Mapping
from pathlib import Path
from typing import cast

import pulumi
import pytest

from components.cloud import Server
from components.state import INSTANCE
from tests.unit.clouds import CONTENT, PASSWORDS, SERVER, parts
from tests.unit.mocks import deploy
from tests.unit.services import service
from tests.unit.test_cloud_image import fetch


@pytest.fixture
def errors(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, pulumi.Resource]]:
    """What is said to whoever runs Pulumi, and of which resource."""
    said: list[tuple[str, pulumi.Resource]] = []
    monkeypatch.setattr(pulumi.log, "error", lambda *args: said.append(args))
    return said


def fault_of(url: str, monkeypatch: pytest.MonkeyPatch) -> tuple[Server, pulumi.ErrorHook]:
    """Return a server in the cloud at this URL, and the hook for when it fails."""
    servers: list[Server] = []
    hooks: list[pulumi.ErrorHook] = []

    class Hook(pulumi.ErrorHook):
        def __init__(self, name: str, func: Callable[[pulumi.ErrorHookArgs], bool]) -> None:
            super().__init__(name, func)
            hooks.append(self)

    monkeypatch.setattr(pulumi, "ErrorHook", Hook)
    deploy(lambda: servers.append(Server("s", SERVER, *parts(url=url))))
    return servers[0], hooks[0]


def ask(hook: pulumi.ErrorHook) -> bool:
    """Run the hook of a server that failed; say whether Pulumi shall try again."""
    asked = hook.callback(pulumi.ErrorHookArgs("urn", "", "s-server", INSTANCE))
    return asyncio.get_event_loop().run_until_complete(cast(Coroutine[None, None, bool], asked))


LIST = "/nova/servers?name=%5Ewww%24&status=ERROR"
TOKEN: dict[str, object] = {
    "/v3/auth/tokens": {
        "token": {
            "expires_at": "2999-01-01T00:00:00Z",
            "catalog": [
                {
                    "type": "compute",
                    "endpoints": [
                        {"interface": interface, "region": region, "url": f"BASE/{path}"}
                        for interface, region, path in (
                            ("internal", "Region2", "inside"),
                            ("public", "Region1", "elsewhere"),
                            ("public", "Region2", "nova"),
                        )
                    ],
                }
            ],
        }
    }
}


@pytest.mark.parametrize(
    ("answers", "said"),
    [
        pytest.param(
            {
                **TOKEN,
                LIST: {"servers": [{"id": "5"}]},
                "/nova/servers/5": {"server": {"fault": {"message": "No valid host was found."}}},
            },
            ["server www: No valid host was found."],
            id="Nova's reason",
        ),
        pytest.param(
            {
                **TOKEN,
                LIST: {"servers": [{"id": "5"}]},
                "/nova/servers/5": {"server": {"status": "ERROR"}},
            },
            ["server www: it is in ERROR, and Nova gives no reason"],
            id="none is given",
        ),
        pytest.param({**TOKEN, LIST: {"servers": []}}, [], id="no server is in ERROR"),
        pytest.param(
            TOKEN, ["server www: Nova does not say why it failed: "], id="Nova does not answer"
        ),
        pytest.param(
            {}, ["server www: Nova does not say why it failed: "], id="Keystone does not answer"
        ),
    ],
)
def test_a_failed_server_says_why(
    answers: Mapping[str, object],
    said: list[str],
    errors: list[tuple[str, pulumi.Resource]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with service(answers) as (base, seen):
        server, hook = fault_of(f"{base}/v3", monkeypatch)
        again = ask(hook)
    assert again is False, "the same would happen again"
    assert len(errors) == len(said)
    for (error, resource), start in zip(errors, said, strict=True):
        assert error == start or (start.endswith(": ") and error.startswith(start))
        assert resource is server
    auth, domain = seen[0].body["auth"], {"name": "Default"}
    assert auth["scope"] == {"project": {"name": "web", "domain": domain}}
    assert auth["identity"]["password"]["user"] == {
        "name": "web",
        "domain": domain,
        "password": PASSWORDS.plain("project web"),
    }
    assert all(request.token == "a token" for request in seen[1:])  # noqa: S105


def test_no_service_is_waited_for_without_end(
    tmp_path: Path, errors: list[tuple[str, pulumi.Resource]], monkeypatch: pytest.MonkeyPatch
) -> None:
    limits: list[float | None] = []
    with service({**TOKEN, LIST: {"servers": []}, "/guest": CONTENT}) as (base, _):
        _, hook = fault_of(f"{base}/v3", monkeypatch)
        monkeypatch.setattr(socket.socket, "settimeout", lambda _, limit: limits.append(limit))
        for call in (lambda: ask(hook), lambda: fetch(f"{base}/guest", tmp_path / "image")):
            limits.clear()
            call()
            assert limits
            assert all(limit is not None and 0 < limit <= 60 for limit in limits)
    assert errors == []
