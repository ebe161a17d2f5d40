"""What a step proves by the cloud's API: the service's answer has what it asks for."""

import os
import subprocess
import sys

import pytest

from components import steps
from tests.unit.services import service

AGENTS = {
    "agents": [
        {
            "binary": "ovn-controller",
            "host": "c1",
            "alive": True,
            "configurations": {"bridge-mappings": "provider:br-provider"},
        },
        {
            "binary": "ovn-controller",
            "host": "c2",
            "alive": True,
            "configurations": {"bridge-mappings": ""},
        },
        {"binary": "ovn-controller", "host": "c3", "alive": False, "configurations": {}},
    ]
}
CATALOGUE = [
    {
        "type": "network",
        "endpoints": [
            {"interface": "internal", "region_id": "R", "region": "R", "url": "BASE/network"}
        ],
    }
]
TOKEN = {
    "methods": ["password"],
    "user": {"domain": {"id": "default", "name": "Default"}, "id": "1", "name": "neutron"},
    "expires_at": "2999-01-01T00:00:00.000000Z",
    "issued_at": "2020-01-01T00:00:00.000000Z",
    "catalog": CATALOGUE,
}
MAPPED = "configurations.bridge-mappings=provider:br-provider"


@pytest.mark.parametrize(
    ("wanted", "proven"),
    [
        ([], True),
        (["host=c1", "alive=True", MAPPED], True),
        (["host=c2", "alive=True", MAPPED], False),
        (["host=c3", "alive=True"], False),
        (["host=c3", MAPPED], False),
        (["host=c3", "alive.since=today"], False),
        (["host=c4"], False),
        (["alive=True", "--each", "host", "c1 c2"], True),
        (["alive=True", "--each", "host", "c1 c3"], False),
    ],
    ids=[
        *("an answer", "mapped", "not mapped", "dead", "without a key", "no mapping", "no agent"),
        *("each of them", "one of them is dead"),
    ],
)
def test_a_proof_asks_for_all_of_its_values_in_one_item(wanted: list[str], proven: bool) -> None:
    answers = {"/v3/auth/tokens": {"token": TOKEN}, "/network/v2.0/agents": AGENTS}
    with service(answers) as (base, _):
        account = {
            "OS_AUTH_URL": f"{base}/v3",
            "OS_USERNAME": "neutron",
            "OS_PASSWORD": "secret",
            "OS_PROJECT_NAME": "service",
            "OS_USER_DOMAIN_NAME": "Default",
            "OS_PROJECT_DOMAIN_NAME": "Default",
            "OS_REGION_NAME": "R",
        }
        words = ["prove", "network", "/v2.0/agents", *wanted, "--within", "0"]
        done = subprocess.run(
            [sys.executable, "-c", steps.text("lib/cloud.py"), *words],
            env={**os.environ, **account},
            capture_output=True,
            text=True,
            check=False,
        )
    assert (done.returncode == 0) == proven, done.stderr
    if not proven:
        first = dict(one.split("=", 1) for one in wanted if "=" in one)
        missing = first | {"host": "c3"} if "--each" in wanted else first
        assert f"no item with {missing}" in done.stderr


@pytest.mark.parametrize(
    "step",
    ["controller/iaas-install-neutron-controller.sh", "compute/iaas-install-neutron-compute.sh"],
)
def test_a_node_with_a_bridge_is_done_when_neutron_has_its_mapping(step: str) -> None:
    text = steps.text(step)
    assert (
        text.index("\nprovider_bridge\n")
        < text.index("\nas_service ")
        < text.index("\nprove_bridge ")
    )
