"""What a change does to networks, routers and floating addresses, and to stacks of before them."""

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.engine.conftest import Stack, fill, made
from tests.engine.shown import each, operations, updated
from tests.unit.configs import GONE, Change, changed
from tests.unit.routed import APP, routed_config

QUOTAS = {"router": 10, "floatingip": 50}
"""OpenStack's own, of a project for which nobody gave others."""

FLOATING = "floating-10.101.0.50 floating-10.101.0.50-address"
NO_FLOATING: Change = {"servers[2].floatingIp": GONE, "servers[3].floatingIp": GONE}

# A promise, a change of the settings, and all that is done because of it.
CHANGES: tuple[tuple[str, Change, Mapping[str, str]], ...] = (
    ("nothing is done for the same settings", {}, {}),
    (
        "a floating address moves in place",
        {"servers[2].floatingIp": GONE, "servers[0].network": "inside"}
        | {"servers[0].address": "10.10.0.10", "servers[0].floatingIp": "10.101.0.50"},
        {
            **each("replace", "server-web1-port server-web1-server"),
            **updated("server-web1 " + FLOATING),
        },
    ),
    (
        "another floating address comes instead of the old one",
        {"servers[2].floatingIp": "10.101.0.51"},
        each("replace", "floating-10.101.0.51-address"),
    ),
    (
        "a floating address that Neutron may choose is kept",
        {"servers[2].floatingIp": True},
        {},
    ),
    (
        "a floating address follows the address of its server",
        {"servers[2].address": "10.10.0.12"},
        updated("server-app1-port floating-10.101.0.50-address"),
    ),
    (
        "an external network keeps its routers and floating addresses under another name",
        {"networks[0].name": "wide", "servers[0].network": "wide", "routers[0].external": "wide"},
        updated("network-wide-network network-wide-subnet server-web1"),
    ),
    (
        "a router keeps its networks under another name",
        {"routers[0].name": "rim"},
        updated("router-rim-router"),
    ),
    (
        "a router that goes takes its floating addresses with it, and no network",
        {"routers": [], **NO_FLOATING},
        each(
            "delete",
            f"{FLOATING} floating-app2 floating-app2-address router-edge router-edge-router"
            " router-edge/inside-interface",
        ),
    ),
    (
        "a network on a router is one interface more",
        {"networks[3].gateway": "10.11.0.1", "routers[0].networks[1]": "alone"},
        {
            **updated("network-alone-subnet"),
            **each("create", "router-edge/alone-interface"),
        },
    ),
    (
        "a new server gets the floating address of one that goes",
        {"servers[2]": {**APP, "name": "app3", "floatingIp": "10.101.0.50"}},
        {
            **each("create", "server-app3 server-app3-group server-app3-key server-app3-port"),
            **each("create", "server-app3-server"),
            **each("delete", "server-app1 server-app1-group server-app1-key server-app1-port"),
            **each("delete", "server-app1-server"),
            **updated(FLOATING),
        },
    ),
)


@pytest.fixture(scope="module")
def routed(tmp_path_factory: pytest.TempPathFactory, files: Path) -> Stack:
    """A stack whose state has a router, floating addresses, and a network of each kind."""
    stack = made(tmp_path_factory.mktemp("routed"), routed_config(files))
    fill(stack)
    return stack


@pytest.mark.parametrize(
    ("change", "expected"), [pytest.param(c, done, id=name) for name, c, done in CHANGES]
)
def test_a_change_does_just_this(
    change: Change, expected: Mapping[str, str], routed: Stack, files: Path
) -> None:
    routed.configure(changed(routed_config(files), change, files))
    assert operations(json.loads(routed.pulumi("preview", "--json"))) == expected


def test_a_stack_of_before_routers_only_gets_quotas_for_them(
    tmp_path: Path, config: dict[str, object]
) -> None:
    stack = made(tmp_path, config)
    fill(stack)
    state = json.loads(stack.pulumi("stack", "export"))
    for resource in state["deployment"]["resources"]:
        if resource["type"].endswith(":Network"):
            del resource["inputs"]["external"]  # the cloud's answer has it
        elif resource["type"].endswith("networking/quotaV2:QuotaV2"):
            resource["outputs"] |= QUOTAS
            for key in QUOTAS:
                del resource["inputs"][key]
    stack.pulumi("stack", "import", text=json.dumps(state))
    shown = json.loads(stack.pulumi("preview", "--json"))
    assert operations(shown) == updated("project-web-network-quota project-db-network-quota")
