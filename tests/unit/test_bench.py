"""The benchmark compares like with like, and reads right what it measures."""

import json
import os
import re
import sys
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from bench.measure import (
    NOTHING,
    Command,
    CommandError,
    Memory,
    Peak,
    end_all,
    highest,
    timed,
    watched,
)
from bench.measure import memory as memory_of
from bench.opentofu import KINDS, configuration
from bench.opentofu.projects import ROLE
from bench.settings import Size, write_tenants
from bench.settings import config as config_of
from bench.table import Row, table
from components.settings import Settings, load
from tests.unit.configs import Change, changed
from tests.unit.examples import as_pulumi, good_config
from tests.unit.mocks import Deployment, Registration, Secret, fresh
from tests.unit.routed import routed_config
from tests.unit.several_nics import config_of_two

ROOT = Path(__file__).parents[2]
SIZE = Size(servers=5, tenants=2, nodes=3)
OWN = Size(servers=5, tenants=2, nodes=3, own_networks=True)
GROUPED: Change = {
    "servers[0].floatingIp": "10.101.0.60",
    "servers[0].securityGroups": ["near"],
    "servers[0].egress": [{"protocol": "udp", "port": 53, "cidr": "10.101.0.1/32"}],
    "servers[0].networks[1].securityGroups": ["extra"],
    "securityGroups": [
        {"name": "near", "project": "web", "ingress": [{"protocol": "any", "cidr": "10.0.0.0/8"}]},
        {
            "name": "extra",
            "project": "web",
            "description": "What else there is",
            "ingress": [{"protocol": "icmp", "icmpType": 8, "cidr": "10.0.0.0/8"}],
            "egress": [{"protocol": "tcp", "port": 80, "to": {"group": "near"}}],
        },
    ],
}
"""Gives the server with two NICs groups and limits what it reaches."""

# What OpenTofu calls in the singular, a block for each.
SINGULAR = {
    "allocation_pool": "allocationPools",
    "fixed_ip": "fixedIps",
    "network": "networks",
}
META = ("provider", "depends_on", "lifecycle")
ANSWERS = ("id of ", "stdout of ", "10.9.9.9", "${", ROLE)
"""How a value begins that only another resource knows."""


def sized(size: Size, folder: Path) -> dict[str, object]:
    """Return the benchmark's own config; its tenants' files are made in the folder."""
    write_tenants(size, folder / "tenants")
    return config_of(size, folder / "tenants")


CONFIGS: Mapping[str, Callable[[Path, Path], dict[str, object]]] = {
    "the good config": lambda files, _: good_config(files),
    "one with a router": lambda files, _: routed_config(files),
    "one with two NICs": lambda files, _: changed(config_of_two(files), GROUPED, files),
    "the benchmark's": lambda _, folder: sized(SIZE, folder),
    "the benchmark's with own networks": lambda _, folder: sized(OWN, folder),
}
"""Configs, made in a folder with all tests' files, or in one of their own."""


@pytest.fixture(params=CONFIGS)
def each(request: pytest.FixtureRequest, files: Path, tmp_path: Path) -> dict[str, object]:
    """These configs, one after the other."""
    return CONFIGS[request.param](files, tmp_path)


def settings(config: Mapping[str, object]) -> Settings:
    return load(as_pulumi(config))


def peers(deployment: Deployment) -> list[Registration]:
    return [r for r in deployment if r.type.startswith("openstack:")]


def plain(value: object) -> object:
    """Return a value in Pulumi's words, without what other resources answer."""
    if isinstance(value, Secret):
        return plain(value.value)
    if isinstance(value, dict):
        return {camel(key, item): plain(item) for key, item in value.items() if item is not None}
    if isinstance(value, list):
        return [plain(item) for item in value]
    return "an answer" if isinstance(value, str) and value.startswith(ANSWERS) else value


def camel(key: str, value: object = None) -> str:
    plural = SINGULAR.get(key) if isinstance(value, list) else None
    return plural or re.sub("_(.)", lambda found: found[1].upper(), key)


@pytest.mark.parametrize("size", [SIZE, OWN], ids=["shared", "own"])
def test_the_benchmarks_settings_are_as_large_as_they_say(size: Size, tmp_path: Path) -> None:
    made = settings(sized(size, tmp_path))
    assert len(made.servers) == size.servers
    assert len(made.projects) == size.tenants
    assert 1 + len(made.computes) == size.nodes
    shares = Counter(server.project for server in made.servers)
    assert sorted(shares.values()) == [2, 3]


def test_servers_on_own_networks_have_what_a_cloud_offers(tmp_path: Path) -> None:
    made = settings(sized(OWN, tmp_path))
    assert [len(server.nics) for server in made.servers] == [2, 1, 1, 2, 1]
    assert [bool(server.floating_ip) for server in made.servers] == [
        True,
        False,
        False,
        True,
        False,
    ]
    assert {len(server.security_groups) for server in made.servers} == {1}
    assert len(made.routers) == OWN.tenants
    assert {group.group for g in made.security_groups for group in g.ingress} == {
        *(None, "web0", "data0", "web1", "data1")
    }


def test_servers_on_the_shared_network_have_none_of_it(tmp_path: Path) -> None:
    made = settings(sized(SIZE, tmp_path))
    assert {len(server.nics) for server in made.servers} == {1}
    assert not (made.routers or made.security_groups or any(s.floating_ip for s in made.servers))


def test_opentofu_declares_what_the_program_registers(each: dict[str, object]) -> None:
    registered = Counter(r.type for r in peers(fresh(each)))
    assert configuration(settings(each)).peers() == registered


def test_peers_have_the_same_inputs_and_providers(each: dict[str, object]) -> None:
    def text(kind: str, provider: str, inputs: object) -> str:
        return json.dumps([kind, provider, plain(inputs)], sort_keys=True)

    deployment = fresh(each)
    aliases = {"cloud-admin": "openstack.admin"}
    aliases |= {
        f"project-{project.name}-provider": f"openstack.project_{project.name}"
        for project in settings(each).projects
    }
    registered = [
        # The key pair's name is known beforehand here, and not to OpenTofu.
        text(r.type, aliases[r.provider], {**r.inputs, **_key_pair(r)})
        for r in peers(deployment)
    ]
    declared = [
        text(
            KINDS[kind],
            str(body["provider"]),
            {key: value for key, value in body.items() if key not in META},
        )
        for kind, bodies in configuration(settings(each)).bodies.items()
        for body in bodies.values()
    ]
    assert sorted(declared) == sorted(registered)


def _key_pair(resource: Registration) -> dict[str, str]:
    return {"keyPair": ANSWERS[0]} if "keyPair" in resource.inputs else {}


def test_providers_log_in_as_the_programs_do(each: dict[str, object]) -> None:
    registered = [
        sorted((key, plain(value)) for key, value in r.inputs.items() if key != "version")
        for r in fresh(each)
        if r.type == "pulumi:providers:openstack"
    ]
    declared = [
        sorted(
            # A provider's inputs are texts for Pulumi.
            (camel(key), value if isinstance(value, str) else json.dumps(value))
            for key, value in body.items()
            if key != "alias"
        )
        for body in configuration(settings(each)).providers
    ]
    assert sorted(declared) == sorted(registered)


def test_opentofus_references_are_to_what_is_declared(each: dict[str, object]) -> None:
    made = configuration(settings(each))
    declared = {f"{k}.{name}" for k, bodies in made.bodies.items() for name in bodies}
    aliases = {f"openstack.{body['alias']}" for body in made.providers}
    for bodies in made.bodies.values():
        for body in bodies.values():
            assert body["provider"] in aliases
            named = body.get("depends_on", [])
            assert isinstance(named, list)
            found = re.findall(r"\$\{(\w+\.[\w-]+)\.[\w\[\]]+\}", json.dumps(body))
            assert {*named, *found} <= declared


def test_both_are_built_on_the_same_provider() -> None:
    module = "github.com/terraform-provider-openstack/terraform-provider-openstack/v3"
    pins = [
        re.findall(rf"{module} (v\S+)", (ROOT / folder / "go.mod").read_text())
        for folder in ("bench/terraform-provider-openstack", "engine/pulumi-resource-openstack")
    ]
    assert pins[0] == pins[1] != []


ROLLUP = """\
55d0c0000000-7ffd1c5fe000 ---p 00000000 00:00 0                          [rollup]
Rss:               70000 kB
Pss:               40000 kB
Pss_Dirty:         30000 kB
SwapPss:               0 kB
Locked:                0 kB
"""


def test_the_memory_of_a_process_is_read_in_bytes() -> None:
    assert memory_of(ROLLUP) == Memory(pss=40_000 * 1024, rss=70_000 * 1024)


def test_the_peak_is_the_highest_sum_of_one_moment() -> None:
    one = [("pulumi", Memory(5, 9)), ("pulumi-resource-openstack", Memory(2, 4))]
    two = [("pulumi", Memory(1, 1)), *[("terraform-provider-openstack_v3.4.0", Memory(2, 3))] * 2]
    peak = highest(highest(NOTHING, one), two)
    assert peak == Peak(Memory(7, 13), plugins=2, plugin_memory=Memory(4, 6))


def test_a_command_is_timed_and_watched(tmp_path: Path) -> None:
    script = "import time; time.sleep(0.3); print('said')"
    command = Command([sys.executable, "-c", script], tmp_path, {})
    assert 0.3 <= timed(command) < 30
    said, peak = watched(command)
    assert said == "said\n"
    assert peak.memory.pss > 0


def test_a_command_that_fails_says_why(tmp_path: Path) -> None:
    command = Command(["sh", "-c", "echo the reason; exit 3"], tmp_path, os.environ)
    for run in (timed, watched):
        with pytest.raises(CommandError, match=r"status 3\nthe reason"):
            run(command)


def test_nobody_elses_processes_are_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "getpid", lambda: 2)
    monkeypatch.setattr(os, "kill", lambda *_: pytest.fail("it killed"))
    with pytest.raises(RuntimeError, match="not the benchmark's own"):
        end_all()


TABLE = """\
servers  tenants  nodes  command         resources  of OpenStack  s, least  median  per 1,000  all MiB  plugins  their MiB  RSS

  1,000       10    100  pulumi preview      7,000         5,000     19.00   20.00       2.86    1,024       12        512  768
  1,000       10      -  tofu plan           5,000         5,000     26.00   28.00       5.60    1,024       12        512  768

      1        1      2  pulumi preview         50            14      1.00    1.00      20.00    1,024       12        512  768
"""  # noqa: E501


def test_the_table_has_a_line_for_each_command() -> None:
    mib = 2**20
    peak = Peak(Memory(1024 * mib, 2048 * mib), 12, Memory(512 * mib, 768 * mib))
    large, small = Size(1000, 10, 100), Size(1, 1, 2)
    rows = [
        Row(large, "pulumi preview", 100, 7000, 5000, (21.0, 19.0, 20.0), peak),
        Row(large, "tofu plan", 0, 5000, 5000, (28.0, 26.0, 30.0), peak),
        Row(small, "pulumi preview", 2, 50, 14, (1.0,), peak),
    ]
    assert table(rows) == TABLE.rstrip("\n")
