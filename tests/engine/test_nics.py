"""What a change does to the NICs of a server, and to stacks of before there were several."""

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.engine.conftest import Stack, fill, made
from tests.engine.shown import each, operations, updated
from tests.unit.configs import GONE, Change, changed
from tests.unit.several_nics import ALONE, FRONT, INSIDE, config_of_two

NIC = "server-web1/inside"

# A promise, a change of the settings, and all that is done because of it.
CHANGES: tuple[tuple[str, Change, Mapping[str, str]], ...] = (
    ("nothing is done for the same settings", {}, {}),
    (
        "one more NIC is plugged in",
        {"servers[0].networks": [FRONT, INSIDE, ALONE]},
        each("create", "server-web1/alone-port server-web1/alone-plug"),
    ),
    (
        "a NIC is taken out",
        {"servers[0].networks": [FRONT]},
        each("delete", f"{NIC}-port {NIC}-plug"),
    ),
    (
        "the short form of the first NIC takes the other out",
        {"servers[0].networks": GONE, "servers[0].network": "front"}
        | {"servers[0].address": "10.101.0.11"},
        each("delete", f"{NIC}-port {NIC}-plug"),
    ),
    (
        "a later NIC goes to another network",
        {"servers[0].networks[1]": ALONE},
        {
            **each("create", "server-web1/alone-port server-web1/alone-plug"),
            **each("delete", f"{NIC}-port {NIC}-plug"),
        },
    ),
    (
        "a later NIC gets another address",
        {"servers[0].networks[1].address": "10.10.0.22"},
        updated(f"{NIC}-port"),
    ),
    (
        "the first NIC's network is the server's",
        {"servers[0].networks[0]": ALONE},
        {
            **each("replace", "server-web1-port server-web1-server"),
            **each("replace", f"{NIC}-plug"),
            **updated("server-web1"),
        },
    ),
    (
        "a network with another name keeps its NICs",
        {
            **{"networks[2].name": "within", "routers[0].networks": ["within"]},
            **{f"servers[{i}].network": "within" for i in (2, 3)},
            "servers[0].networks[1].network": "within",
        },
        updated(
            "network-within-network network-within-subnet server-web1/within-port"
            " server-app1 server-app2"
        ),
    ),
    (
        "a NIC may use other addresses",
        {"servers[0].networks[1].allowedAddresses": ["10.10.0.50", "10.10.0.64/28"]},
        updated(f"{NIC}-port"),
    ),
    (
        "a NIC loses its filter",
        {"servers[0].networks[1].portSecurity": False},
        updated(f"{NIC}-port"),
    ),
    (
        "the first NIC loses its filter",
        {"servers[0].networks[0].portSecurity": False},
        updated("server-web1-port"),
    ),
    (
        "another image replaces the server, whose NICs stay",
        {"servers[0].image": "other"},
        {
            **each("replace", f"server-web1-server {NIC}-plug"),
            **updated("server-web1"),
        },
    ),
)


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory, files: Path) -> Stack:
    """A stack whose state has a server with two NICs."""
    stack = made(tmp_path_factory.mktemp("two"), config_of_two(files))
    fill(stack)
    return stack


@pytest.mark.parametrize(
    ("change", "expected"), [pytest.param(c, done, id=name) for name, c, done in CHANGES]
)
def test_a_change_does_just_this(
    change: Change, expected: Mapping[str, str], two: Stack, files: Path
) -> None:
    two.configure(changed(config_of_two(files), change, files))
    assert operations(json.loads(two.pulumi("preview", "--json"))) == expected


def test_a_stack_of_before_has_nothing_to_do(tmp_path: Path, config: dict[str, object]) -> None:
    stack = made(tmp_path, config)
    fill(stack)
    state = json.loads(stack.pulumi("stack", "export"))
    for resource in state["deployment"]["resources"]:
        if resource["type"].endswith(":Port"):
            del resource["inputs"]["portSecurityEnabled"]  # the cloud's answer has it
    stack.pulumi("stack", "import", text=json.dumps(state))
    assert operations(json.loads(stack.pulumi("preview", "--json"))) == {}
