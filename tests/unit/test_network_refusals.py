"""What a change may ask of networks, routers and floating addresses that are there."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pulumi
import pytest

from tests.unit.configs import GONE, Change, changed
from tests.unit.mocks import deploy, fresh, judged, main
from tests.unit.routed import APP, APP1, EDGE, INSIDE, routed_config

TWO: dict[str, object] = {"name": "two", "project": "web", "networks": []}
LATE: dict[str, object] = {
    **{"name": "late", "segment": 170, "cidr": "10.170.0.0/24", "shared": True, "external": True}
}
NO_FLOATING: Change = {"servers[2].floatingIp": GONE, "servers[3].floatingIp": GONE}
NO_ROUTER: Change = {"routers": [], **NO_FLOATING}
EXTERNAL = "but router edge has an address of it; take `external` out of the router"
TO_DB: Change = {
    **{"networks[2].project": "db", "routers[0].project": "db"},
    **{"servers[2].project": "db", "servers[3].project": "db"},
    "allowDeletion": {"networks": ["inside"]},
}
CHOSEN = "10.101.0.123"
"""What `mocks` says that Neutron chose."""

REFUSED: tuple[tuple[str, Change, tuple[str, ...]], ...] = (
    (
        "an external network that is none any more, with its router",
        {"networks[0].external": GONE, **NO_ROUTER},
        (f"networks[front].external: true -> false, {EXTERNAL}",),
    ),
    (
        "another VLAN of an external network",
        {"networks[0].segment": 102},
        (f"networks[front].segment: 101 -> 102, {EXTERNAL}",),
    ),
    (
        "another provider network",
        {"provider.physicalName": "wire", "allowDeletion": {"networks": ["front", "data"]}},
        (f"provider.physicalName: provider -> wire, {EXTERNAL}",),
    ),
    (
        "another owner of an external network",
        {"networks[0].shared": GONE, "networks[0].project": "web"},
        (
            f"networks[front].shared: true -> false, {EXTERNAL}",
            f"networks[front].project: none -> web, {EXTERNAL}",
        ),
    ),
    (
        "another gateway of a network on a router",
        {"networks[2].gateway": "10.10.0.2"},
        ("networks[inside].gateway: 10.10.0.1 -> 10.10.0.2, but it is the address of router edge",),
    ),
    (
        "no gateway of a network that leaves its router",
        {"networks[2].gateway": GONE, **NO_ROUTER},
        ("networks[inside].gateway: 10.10.0.1 -> none, but it is the address of router edge",),
    ),
    (
        "a network from one router to another",
        {"routers[0].networks": [], "routers[1]": {**TWO, "networks": ["inside"]}, **NO_FLOATING},
        ("routers[two].networks: inside is still on router edge, which leaves it last",),
    ),
    (
        "a network with addresses of one that leaves the router",
        {
            "networks[2]": {"name": "other", "cidr": "10.10.0.0/23", "gateway": "10.10.0.1"}
            | {"project": "web"},
            **{"routers[0].networks": ["other"], "servers[3]": GONE, "servers[2]": GONE},
        },
        ("routers[edge].networks: 10.10.0.0/23 of other overlaps 10.10.0.0/24 of inside, which",),
    ),
    (
        "another external network of a router with floating addresses",
        {"routers[0].external": "late", "networks[4]": LATE, **NO_FLOATING},
        ("routers[edge].external: front -> late, but floating addresses 10.101.0.123, 10.10",),
    ),
    (
        "no external network of a router with floating addresses",
        {"routers[0].external": GONE, **NO_FLOATING},
        ("routers[edge].external: front -> none, but floating addresses",),
    ),
    (
        "another project of a router and a network with floating addresses",
        TO_DB,
        (
            "routers[edge].project: web -> db, but floating addresses",
            "networks[inside].project: web -> db, but floating addresses",
        ),
    ),
    (
        "two servers that swap their floating addresses",
        {"servers[2].floatingIp": True, "servers[3].floatingIp": "10.101.0.50"},
        (
            "servers[app2].floatingIp: 10.101.0.50 comes while the server still has 10.101.0.123",
            "servers[app1].floatingIp",
        ),
    ),
    (
        "another's floating address for one that has one",
        {"servers[2].floatingIp": GONE, "servers[3].floatingIp": "10.101.0.50"},
        ("servers[app2].floatingIp: 10.101.0.50 comes while the server still has 10.101.0.123",),
    ),
    (
        "the address that Neutron chose for another",
        {
            **{"servers[3].floatingIp": GONE, "servers[2].floatingIp": GONE},
            "servers[4]": {**APP, "name": "app3", "floatingIp": CHOSEN},
            "networks[0].pool": {"start": "10.101.0.130", "end": "10.101.0.199"},
        },
        ("servers[app3].floatingIp: 10.101.0.123 still belongs to the floating address app2;",),
    ),
    (
        "a server's address as a floating one",
        {
            "servers[0].address": "10.101.0.12",
            "servers[4]": {**APP, "name": "app3", "floatingIp": "10.101.0.11"},
        },
        ("servers[app3].floatingIp: 10.101.0.11 still belongs to server web1;",),
    ),
    (
        "a router's address as a floating one",
        {"servers[4]": {**APP, "name": "app3", "floatingIp": "10.101.0.60"}},
        ("servers[app3].floatingIp: 10.101.0.60 still belongs to router edge;",),
    ),
    (
        "a floating address as a router's",
        {"servers[2].floatingIp": GONE, "routers[0].address": "10.101.0.50"},
        ("routers[edge].address: 10.101.0.50 still belongs to the floating address 10.101.0.50;",),
    ),
    (
        "a floating address as a server's",
        {"servers[2].floatingIp": GONE, "servers[0].address": "10.101.0.50"},
        ("servers[web1].address: 10.101.0.50 still belongs to the floating address 10.101.0.50;",),
    ),
)

NO_SNAT: Change = {"routers[1]": {**TWO, "external": "front", "snat": False}}
UNHIDDEN: tuple[tuple[str, Change, tuple[str, ...]], ...] = (
    (
        "another address",
        {"routers[1].address": "10.101.0.61"},
        ("routers[two].address: changes, and Neutron would turn SNAT on with it; give `snat: tr",),
    ),
    (
        "another external network",
        {"routers[1].external": "late", "networks[4]": LATE},
        ("routers[two].external: changes, and Neutron would turn SNAT on with it; give `snat: t",),
    ),
    (
        "another address, with SNAT",
        {"routers[1].address": "10.101.0.61", "routers[1].snat": True},
        (),
    ),
    ("SNAT", {"routers[1].snat": GONE}, ()),
    ("no external network", {"routers[1].external": GONE, "routers[1].snat": GONE}, ()),
    ("another name", {"routers[1].name": "three"}, ()),
)

ALLOWED: tuple[tuple[str, Change], ...] = (
    ("nothing", {}),
    ("another floating address", {"servers[2].floatingIp": "10.101.0.51"}),
    (
        "a floating address for another server",
        {
            "servers[2].floatingIp": GONE,
            "servers[4]": {**APP, "name": "app3", "floatingIp": "10.101.0.50"},
        },
    ),
    ("no router", NO_ROUTER),
    ("a network less", {"routers[0].networks": [], **NO_FLOATING}),
    (
        "another cidr of a network with a router and no servers",
        {"networks[3].cidr": "10.13.0.0/24", "networks[3].gateway": "10.13.0.1"},
    ),
    (
        "the addresses that another project's network has",
        {"networks[4]": {**INSIDE, "name": "b", "project": "db"}}
        | {"servers[1].network": "b", "servers[1].address": "10.10.0.11"},
    ),
)


@pytest.fixture(scope="module")
def state(files: Path) -> Mapping[str, Any]:
    """The state with a router, which got an address."""
    exported = fresh(routed_config(files)).exported()
    (router,) = [
        r for r in exported["deployment"]["resources"] if r["urn"].endswith("::router-edge-router")
    ]
    router["outputs"]["externalFixedIps"] = [{"ipAddress": "10.101.0.60"}]
    return exported


@pytest.mark.parametrize(
    ("change", "expected"), [pytest.param(c, words, id=name) for name, c, words in REFUSED]
)
def test_what_neutron_would_refuse_halfway_is_refused_before(
    change: Change, expected: tuple[str, ...], state: Mapping[str, Any], files: Path
) -> None:
    with pytest.raises(pulumi.RunError) as caught:
        deploy(main, changed(routed_config(files), change, files), state=state)
    header, *lines = str(caught.value).splitlines()
    assert header.startswith("This change has ")
    assert len(lines) == len(expected), lines
    for words in expected:
        assert any(line.startswith(f"  iaas:{words}") for line in lines), lines


@pytest.mark.parametrize(
    ("change", "expected"), [pytest.param(c, words, id=name) for name, c, words in UNHIDDEN]
)
def test_snat_that_is_off_is_not_turned_on_in_passing(
    change: Change, expected: tuple[str, ...], files: Path
) -> None:
    config = changed(routed_config(files), NO_SNAT, files)
    state = fresh(config).exported()
    try:
        deploy(judged, changed(config, change, files), state=state)
    except pulumi.RunError as error:
        lines = str(error).splitlines()[1:]
    else:
        lines = []
    assert len(lines) == len(expected), lines
    for line, words in zip(lines, expected, strict=True):
        assert line.startswith(f"  iaas:{words}")


@pytest.mark.parametrize("change", [pytest.param(c, id=name) for name, c in ALLOWED])
def test_an_ordinary_change_of_networks_is_not_refused(
    change: Change, state: Mapping[str, Any], files: Path
) -> None:
    deploy(judged, changed(routed_config(files), change, files), state=state)


RENAMED: tuple[tuple[str, Change, dict[str, str]], ...] = (
    (
        "a project's own network by its addresses",
        {
            **{"networks[2].name": "within", "routers[0].networks": ["within"]},
            **{"servers[2].network": "within", "servers[3].network": "within"},
        },
        {
            "network-within": "network-inside",
            "router-edge/within-interface": "router-edge/inside-interface",
        },
    ),
    ("a router by its networks", {"routers[0].name": "rim"}, {"router-rim": "router-edge"}),
    (
        "an external network by its VLAN",
        {"networks[0].name": "wide", "servers[0].network": "wide", "routers[0].external": "wide"},
        {"network-wide": "network-front"},
    ),
    (
        "a floating address by its server",
        {"servers[2].floatingIp": "10.101.0.51"},
        {"floating-10.101.0.51": "floating-10.101.0.50"},
    ),
    (
        "a floating address that Neutron chooses now",
        {"servers[2].floatingIp": True},
        {"floating-app1": "floating-10.101.0.50"},
    ),
)


@pytest.mark.parametrize(
    ("change", "expected"), [pytest.param(c, names, id=name) for name, c, names in RENAMED]
)
def test_what_only_has_another_name_stays_what_it_is(
    change: Change, expected: dict[str, str], state: Mapping[str, Any], files: Path
) -> None:
    deployed = deploy(main, changed(routed_config(files), change, files), state=state)
    assert {r.name: r.aliases for r in deployed if r.aliases} == {
        name: frozenset({old}) for name, old in expected.items()
    }


def test_of_two_new_networks_with_the_addresses_of_a_removed_one_none_is_renamed(
    state: Mapping[str, Any], files: Path
) -> None:
    """Only one of the same project could be, and two of one project cannot have them."""
    change: Change = {
        "networks[3]": {**INSIDE, "name": "other", "cidr": "10.11.0.0/24", "project": "db"}
        | {"gateway": "10.11.0.1", "pool": {"start": "10.11.0.9", "end": "10.11.0.99"}},
    }
    deployed = deploy(main, changed(routed_config(files), change, files), state=state)
    assert not [r.name for r in deployed if r.aliases], "it is another project's"


def test_a_router_that_takes_over_more_is_another_one(
    state: Mapping[str, Any], files: Path
) -> None:
    change: Change = {
        "networks[3].gateway": "10.11.0.1",
        "routers": [{**EDGE, "name": "rim", "networks": ["inside", "alone"]}],
    }
    with pytest.raises(pulumi.RunError, match=r"routers\[rim\].networks: inside is still on"):
        deploy(main, changed(routed_config(files), change, files), state=state)


def test_a_server_with_a_new_floating_address_is_not_mistaken(
    state: Mapping[str, Any], files: Path
) -> None:
    """The address that it had is another server's now, so it is no new name of that."""
    change: Change = {
        "servers[2]": {**APP1, "floatingIp": "10.101.0.51"},
        "servers[4]": {**APP, "name": "app3", "floatingIp": "10.101.0.50"},
    }
    with pytest.raises(pulumi.RunError, match=r"servers\[app1\].floatingIp: 10.101.0.51 comes"):
        deploy(main, changed(routed_config(files), change, files), state=state)
