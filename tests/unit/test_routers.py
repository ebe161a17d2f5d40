"""Project networks, routers and floating addresses: which settings are refused, and why."""

import re
from pathlib import Path

import pytest
import yaml

from components.settings import load
from tests.unit.configs import GONE, Change, changed, problems
from tests.unit.examples import as_pulumi
from tests.unit.routed import APP2, EDGE, INSIDE, routed_config

ROOT = Path(__file__).parents[2]

OTHER: dict[str, object] = {
    **{"name": "other", "cidr": "10.12.0.0/24", "gateway": "10.12.0.1", "project": "web"}
}

WRONG: tuple[tuple[str, Change, tuple[str, ...]], ...] = (
    (
        "a project's own network for all",
        {"networks[3].shared": True, "networks[3].project": GONE},
        ("networks[3].shared: a project's own network is for one project; give it a segment",),
    ),
    (
        "a network of nobody",
        {"networks[3].project": GONE},
        ("networks[3].project: is missing: a network without a segment is a project's own;",),
    ),
    (
        "a project's own network that is external",
        {"networks[3].external": True},
        ("networks[3].external: routers join VLANs alone; give the network a segment",),
    ),
    (
        "addresses of another network of the project",
        {"networks[3].cidr": "10.10.0.128/25"},
        ("networks[3].cidr: 10.10.0.128/25 overlaps 10.10.0.0/24 of networks[2]; take another",),
    ),
    (
        "addresses of a node",
        {"networks[3].cidr": "192.168.100.0/24"},
        (
            "networks[3].cidr: 192.168.100.0/24 holds 192.168.100.10 of controller",
            "networks[3].cidr: 192.168.100.0/24 holds 192.168.100.20 of computes[0]",
            "networks[3].cidr: 192.168.100.0/24 holds 192.168.100.21 of computes[1]",
        ),
    ),
    (
        "addresses of the router's external network",
        {"networks[2].cidr": "10.101.0.0/25", "networks[2].gateway": "10.101.0.1"}
        | {"networks[2].pool": GONE, "servers[2].address": GONE},
        ("routers[0].networks[0]: 10.101.0.0/25 of 'inside' overlaps 10.101.0.0/24 of its extern",),
    ),
    (
        "an external network that is none",
        {"routers[0].external": "data"},
        ("routers[0].external: 'data' is not `external: true`; there is 'front'",),
    ),
    (
        "no external network at all",
        {"networks[0].external": GONE},
        ("routers[0].external: 'front' is not `external: true`; give that to one with a segment",),
    ),
    (
        "an external network that is not there",
        {"routers[0].external": "frnt", "servers[2].floatingIp": GONE, "servers[3]": GONE},
        ("routers[0].external: 'frnt' is not among the networks; did you mean front?",),
    ),
    (
        "a network that is not there",
        {"routers[0].networks[1]": "insde"},
        ("routers[0].networks[1]: 'insde' is not among the networks; did you mean inside?",),
    ),
    (
        "a VLAN on a router",
        {"routers[0].networks[1]": "data"},
        ("routers[0].networks[1]: 'data' is VLAN 150; a router joins projects' own networks",),
    ),
    (
        "another's network on a router",
        {"routers[0].networks[1]": "other", "networks[4]": {**OTHER, "project": "db"}},
        ("routers[0].networks[1]: 'other' belongs to project 'db', not to 'web'",),
    ),
    (
        "a network without a gateway on a router",
        {"routers[0].networks[1]": "alone"},
        ("routers[0].networks[1]: 'alone' has no gateway; give it one, such as 10.11.0.1",),
    ),
    (
        "a network twice on a router",
        {"routers[0].networks[1]": "inside"},
        ("routers[0].networks[1]: 'inside' is there twice; leave one out",),
    ),
    (
        "a network on two routers",
        {"routers[1]": {"name": "two", "project": "web", "networks": ["inside"]}},
        ("routers[1].networks[0]: 'inside' is on routers[0] too; a network is on one router",),
    ),
    (
        "two routers of one name",
        {"routers[1]": {"name": "EDGE", "project": "web"}},
        ("routers[1].name: 'EDGE' is for OpenStack's database the same as 'edge' of routers[0]",),
    ),
    (
        "Terraform's word for SNAT",
        {"routers[0].enableSnat": True},
        ("routers[0].enableSnat: is no known key; it is `snat`",),
    ),
    (
        "Terraform's word for a router's address",
        {"routers[0].externalFixedIps": []},
        ("routers[0].externalFixedIps: is no known key; its address on the external network is `",),
    ),
    (
        "what means nothing without an external network",
        {"routers[1]": {"name": "two", "project": "db", "snat": False, "address": "10.101.0.5"}},
        (
            "routers[1].address: is of the external network; give the router `external`, or leave",
            "routers[1].snat: is of the external network; give the router `external`, or leave",
        ),
    ),
    (
        "a router's address that is not of its external network",
        {"routers[0].address": "10.150.0.5"},
        ("routers[0].address: 10.150.0.5 is no machine's address in 10.101.0.0/24: 10.101.0.1 to",),
    ),
    (
        "the gateway as a router's address",
        {"routers[0].address": "10.101.0.1"},
        ("routers[0].address: 10.101.0.1 is the gateway of 'front'; take another",),
    ),
    (
        "a server's address as a router's",
        {"routers[0].address": "10.101.0.11"},
        ("routers[0].address: 10.101.0.11 is the address of iaas:servers[0]; take another",),
    ),
    (
        "a router's address as a floating one",
        {"routers[0].address": "10.101.0.50"},
        ("servers[2].floatingIp: 10.101.0.50 is the external address of routers[0] too; take an",),
    ),
    (
        "a router's address that Neutron may give to another",
        {"routers[0].address": "10.101.0.150"},
        ("routers[0].address: 10.101.0.150 may be given to another first: 'front' gives out",),
    ),
    (
        "the same addresses on one external network, and no SNAT",
        {
            "networks[4]": {
                **OTHER,
                "cidr": "10.10.0.0/25",
                "gateway": "10.10.0.1",
                "project": "db",
            },
            "routers[0].snat": False,
            "routers[1]": {**EDGE, "name": "two", "project": "db", "networks": ["other"]}
            | {"snat": False},
        },
        (
            "routers[1].networks[0]: 10.10.0.0/25 of 'other' overlaps 10.10.0.0/24 of 'inside',"
            " and neither router has SNAT; take another",
        ),
    ),
    (
        "a floating address on a VLAN",
        {"servers[0].floatingIp": True},
        ("servers[0].floatingIp: needs a router: its network 'front' is on none; a project's own",),
    ),
    (
        "a floating address without a router",
        {"servers[2].network": "alone", "servers[2].address": GONE},
        ("servers[2].floatingIp: needs a router: its network 'alone' is on none; add it to one",),
    ),
    (
        "a floating address without an external network",
        {"routers[0].external": GONE, "servers[3].floatingIp": GONE},
        ("servers[2].floatingIp: needs an external network: router 'edge' of its network",),
    ),
    (
        "a floating address elsewhere",
        {"servers[2].floatingIp": "10.10.0.50"},
        (
            "servers[2].floatingIp: 10.10.0.50 is no machine's address in 10.101.0.0/24: 10.101.0.1"
            " to 10.101.0.254, of the external network 'front'",
        ),
    ),
    (
        "the gateway as a floating address",
        {"servers[2].floatingIp": "10.101.0.1"},
        ("servers[2].floatingIp: 10.101.0.1 is the gateway of 'front'; take another",),
    ),
    (
        "a server's address as a floating address",
        {"servers[2].floatingIp": "10.101.0.11"},
        ("servers[2].floatingIp: 10.101.0.11 is the address of iaas:servers[0]; take another",),
    ),
    (
        "a floating address twice",
        {"servers[3].floatingIp": "10.101.0.50"},
        ("servers[3].floatingIp: 10.101.0.50 is the floating address of servers[2] too; take ano",),
    ),
    (
        "a floating address that Neutron may give to another",
        {"servers[2].floatingIp": "10.101.0.150"},
        (
            "servers[2].floatingIp: 10.101.0.150 may be given to another first: 'front' gives out"
            " 10.101.0.100 to 10.101.0.199; take one outside of the pool",
        ),
    ),
    (
        "an address that Neutron may give to the router",
        {"servers[0].address": "10.101.0.150"},
        ("servers[0].address: 10.101.0.150 may be given to another first: 'front' gives out",),
    ),
    (
        "too few addresses for the router and the floating ones",
        {"networks[0].pool": {"start": "10.101.0.100", "end": "10.101.0.101"}},
        (
            "networks[0].pool: has 2 addresses to give out, too few for 1 routers, 1 floating"
            " addresses and Neutron's own one (DHCP); make it larger",
        ),
    ),
    (
        "no floating address, in words",
        {"servers[2].floatingIp": False},
        ("servers[2].floatingIp: false is no value; leave floatingIp out where there is none",),
    ),
    (
        "a floating address that is none",
        {"servers[2].floatingIp": 50},
        ("servers[2].floatingIp: 50 is not an IPv4 address such as 10.101.0.50, and not true",),
    ),
    (
        "a key of Terraform's",
        {"servers[2].floating_ips": []},
        ("servers[2].floating_ips: is no known key; a server's floating address is its `floatin",),
    ),
    (
        "a key of Neutron's",
        {"servers[2].floating_ip": True},
        ("servers[2].floating_ip: is no known key; did you mean floatingIp?",),
    ),
)


@pytest.mark.parametrize(
    ("change", "lines"), [pytest.param(c, lines, id=name) for name, c, lines in WRONG]
)
def test_each_mistake_is_named_at_its_place(
    change: Change, lines: tuple[str, ...], files: Path
) -> None:
    found = problems(as_pulumi(changed(routed_config(files), change, files)))
    assert len(found) == len(lines), found
    for line, words in zip(found, lines, strict=True):
        assert line.startswith(words)


DB_NETWORK = {**INSIDE, "name": "inside2", "project": "db"}

RIGHT: tuple[tuple[str, Change], ...] = (
    ("each kind", {}),
    ("addresses of another project's own network", {"networks[4]": DB_NETWORK}),
    ("addresses of a VLAN that its router does not reach", {"networks[3].cidr": "10.150.0.0/24"}),
    ("a router with nothing on it", {"routers[1]": {"name": "two", "project": "db"}}),
    (
        "a router that joins networks alone",
        {
            "routers[1]": {"name": "two", "project": "web", "networks": ["other"]},
            "networks[4]": OTHER,
        },
    ),
    (
        "a router's address and no SNAT",
        {"routers[0].address": "10.101.0.5", "routers[0].snat": False},
    ),
    (
        "the same addresses on one external network, where one router has SNAT",
        {
            "networks[4]": {
                **OTHER,
                "cidr": "10.10.0.0/25",
                "gateway": "10.10.0.1",
                "project": "db",
            },
            "routers[1]": {**EDGE, "name": "two", "project": "db", "networks": ["other"]}
            | {"snat": False},
        },
    ),
    (
        "two routers on one external network",
        {"routers[1]": {**EDGE, "name": "two", "project": "db", "networks": []}},
    ),
)


@pytest.mark.parametrize("change", [pytest.param(change, id=name) for name, change in RIGHT])
def test_what_neutron_can_do_is_not_refused(change: Change, files: Path) -> None:
    load(as_pulumi(changed(routed_config(files), change, files)))


def test_a_broken_router_is_reported_once(files: Path) -> None:
    change: Change = {"routers[0].external": 1, "servers[3]": {**APP2, "floatingIp": True}}
    found = problems(as_pulumi(changed(routed_config(files), change, files)))
    assert [line.partition(":")[0] for line in found] == ["routers[0].external"]


def test_a_router_without_an_external_network_has_no_problem_of_a_nameless_one(
    files: Path,
) -> None:
    change: Change = {
        "routers[1]": {"name": "two", "project": "web"},
        "networks[4]": {"name": 1, "segment": 170, "cidr": "10.12.0.0/24", "shared": True},
    }
    found = problems(as_pulumi(changed(routed_config(files), change, files)))
    assert [line.partition(":")[0] for line in found] == ["networks[4].name"]


def test_a_tenants_file_has_its_routers(tmp_path: Path) -> None:
    tenants = tmp_path / "tenants"
    tenants.mkdir()
    (tenants / "ops.yaml").write_text(
        "networks:\n  - {name: in, cidr: 10.10.0.0/24, gateway: 10.10.0.1}\n"
        "routers:\n  - {name: out, external: front, networks: [in]}\n"
    )
    config = changed(routed_config(tmp_path), {"tenants": str(tenants)}, tmp_path)
    settings = load(as_pulumi(config))
    assert (settings.routers[-1].name, settings.routers[-1].project) == ("out", "ops")


def test_the_example_of_the_docs_is_right(files: Path) -> None:
    page = (ROOT / "docs/networks.md").read_text(encoding="utf-8")
    (block,) = re.findall(r"```yaml\n(  iaas:networks:.*?)```", page, re.DOTALL)
    example = {key.removeprefix("iaas:"): value for key, value in yaml.safe_load(block).items()}
    settings = load(as_pulumi({**routed_config(files), "servers": [], **example}))
    joined = settings.routers[0].networks
    kinds = {n.name: (n.segment is None, n.name in joined) for n in settings.networks}
    assert kinds == {"front": (False, False), "inside": (True, True), "alone": (True, False)}
