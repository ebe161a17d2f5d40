"""What the settings promise of counts: OpenStack has as much as they ask for."""

from pathlib import Path

import pytest

from components.settings import SettingsError, load
from tests.unit.configs import SERVER, Change, changed
from tests.unit.examples import as_pulumi, good_config

DB = {**SERVER, "project": "db", "network": "data"}
"""A server of a project without a quota, on a network without gateway and pool; as db1 is."""


def servers(number: int, **keys: object) -> Change:
    """Add servers like db1, of which there is one already."""
    return {f"servers[{i + 2}]": {**DB, "name": f"db{i + 2}", **keys} for i in range(number)}


def lines(change: Change, folder: Path) -> list[str]:
    """Return what is wrong with the good config, so changed."""
    try:
        load(as_pulumi(changed(good_config(folder), change, folder)))
    except SettingsError as error:
        return [line.removeprefix("  iaas:") for line in str(error).split("\n")[1:]]
    return []


# A promise, a change to the good config, and the one problem that it makes.
WRONG: tuple[tuple[str, Change, str], ...] = (
    # Quotas
    (
        "more servers than OpenStack's own quota",
        servers(10),
        "projects[1].quota: is missing, and OpenStack's own is too little (instances 10);"
        " give {instances: 11, cores: 11, ram: 2944} or more",
    ),
    (
        "more cores",
        {"flavors[0].vcpus": 20, "projects[0].quota.cores": 20, **servers(1)},
        "projects[1].quota: is missing, and OpenStack's own is too little (cores 20);"
        " give {instances: 2, cores: 21, ram: 640} or more",
    ),
    (
        "more memory",
        {"flavors[0].ram": 51200, "projects[0].quota.ram": 51200, **servers(1)},
        "projects[1].quota: is missing, and OpenStack's own is too little (ram 51200);"
        " give {instances: 2, cores: 2, ram: 51584} or more",
    ),
    # Addresses
    (
        "more servers than addresses",
        {"networks[1].cidr": "10.150.0.0/29", **servers(5)},
        "networks[1].cidr: has 6 addresses to give out, too few for 6 servers and Neutron's own"
        " one (DHCP); make it larger",
    ),
    (
        "the gateway is none of them",
        {
            "networks[1].cidr": "10.150.0.0/29",
            "networks[1].gateway": "10.150.0.1",
            **servers(4),
        },
        "networks[1].cidr: has 5 addresses to give out, too few for 5 servers and",
    ),
    (
        "more servers than the pool has",
        {"networks[1].pool": {"start": "10.150.0.10", "end": "10.150.0.11"}, **servers(1)},
        "networks[1].pool: has 2 addresses to give out, too few for 2 servers and",
    ),
    (
        "no address for Neutron's own",
        {
            "networks[1].cidr": "10.150.0.0/30",
            "servers[1].address": "10.150.0.1",
            **servers(1, address="10.150.0.2"),
        },
        "networks[1].cidr: has 2 addresses to give out, too few for 2 servers and",
    ),
    (
        "an address that another may get",
        servers(1, address="10.150.0.11"),
        "servers[2].address: 10.150.0.11 may be given to another first: 'data' gives out"
        " 10.150.0.1 to 10.150.0.254; give the network a pool without it",
    ),
    (
        "an address of the pool",
        {
            "networks[1].pool": {"start": "10.150.0.11", "end": "10.150.0.20"},
            **servers(1, address="10.150.0.20"),
        },
        "servers[2].address: 10.150.0.20 may be given to another first: 'data' gives out"
        " 10.150.0.11 to 10.150.0.20; take one outside of the pool",
    ),
)

RIGHT: tuple[tuple[str, Change], ...] = (
    ("as many servers as OpenStack's own quota", servers(9)),
    (
        "many servers with a quota",
        {"projects[1].quota": dict.fromkeys(("instances", "cores", "ram"), 9999), **servers(20)},
    ),
    ("as many servers as addresses", {"networks[1].cidr": "10.150.0.0/29", **servers(4)}),
    (
        "an address beside the pool",
        {
            "networks[1].pool": {"start": "10.150.0.11", "end": "10.150.0.20"},
            **servers(1, address="10.150.0.21"),
        },
    ),
    (
        "an address of the pool where Neutron chooses none",
        {"servers[1].address": "10.150.0.12", **servers(1, address="10.150.0.11")},
    ),
)


@pytest.mark.parametrize(("change", "line"), [r[1:] for r in WRONG], ids=[r[0] for r in WRONG])
def test_what_openstack_has_too_little_of_is_refused(
    change: Change, line: str, tmp_path: Path
) -> None:
    (found,) = lines(change, tmp_path)
    assert found.startswith(line)


@pytest.mark.parametrize("change", [r[1] for r in RIGHT], ids=[r[0] for r in RIGHT])
def test_what_openstack_has_is_taken(change: Change, tmp_path: Path) -> None:
    assert lines(change, tmp_path) == []


def networks(number: int, **audience: object) -> Change:
    """Return so many networks beside the two that are there."""
    return {
        "provider": {"minvlan": 100, "maxvlan": 400},
        **{
            f"networks[{i + 2}]": {
                "name": f"more{i}",
                "segment": 200 + i,
                "cidr": f"10.200.{i}.0/24",
                **audience,
            }
            for i in range(number)
        },
    }


@pytest.mark.parametrize(
    ("audience", "line"),
    [
        (
            {"shared": True},
            "networks[101]: is network 101 of the admin's project, as shared ones are; Neutron lets"
            " a project have 100; give some to a project",
        ),
        (
            {"project": "db"},
            "networks[101]: is network 101 of project 'db'; Neutron lets a project have 100; merge",
        ),
    ],
)
def test_a_project_has_no_more_networks_than_neutron_allows(
    audience: dict[str, object], line: str, tmp_path: Path
) -> None:
    assert lines(networks(99, **audience), tmp_path) == []
    (found,) = lines(networks(100, **audience), tmp_path)
    assert found.startswith(line)
