"""What keeps a large program fast promises: no work that nobody asked for."""

import gc

import pulumi
import pytest

from components import scale
from tests.unit.mocks import deploy


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


def test_python_does_not_look_for_garbage_in_the_graph() -> None:
    looks: list[bool] = []

    def program() -> None:
        scale.prepare()
        looks.append(gc.isenabled())

    deploy(program)
    assert looks == [False]
