"""What the settings promise of NICs: each is on a network of the server's, with what it may use."""

import re
from collections.abc import Mapping
from pathlib import Path

import pytest
import yaml

from components.settings import load
from components.settings.nics import PAIRS
from tests.unit.configs import GONE, SERVER, Change, changed, problems
from tests.unit.examples import as_pulumi, public_key
from tests.unit.several_nics import ALONE, FRONT, INSIDE, config_of_two

ROOT = Path(__file__).parents[2]
NIC = "servers[0].networks[1]"
WITH_ADDRESS = SERVER | {"network": "inside", "address": "10.10.0.31"}

# A promise, a change, and the place and words of the one problem that it makes.
REFUSED: tuple[tuple[str, Change, str, str], ...] = (
    (
        "a server on no network",
        {"servers[0].networks": []},
        "servers[0].network",
        "give exactly one of network and networks",
    ),
    (
        "both forms",
        {"servers[0].network": "front"},
        "servers[0].network",
        "give exactly one of network and networks",
    ),
    (
        "an address beside NICs",
        {"servers[0].address": "10.101.0.11"},
        "servers[0].address",
        "is for one `network`; each of `networks` has its own",
    ),
    (
        "names instead of NICs",
        {"servers[0].networks": ["front"]},
        "servers[0].networks[0]",
        "'front' is no NIC; a list of them is [{network: front}]",
    ),
    (
        "two NICs on one network",
        {f"{NIC}": {"network": "front"}},
        f"{NIC}.network",
        "'front' has another NIC of it",
    ),
    ("no such network", {f"{NIC}.network": "insid"}, f"{NIC}.network", "did you mean inside?"),
    (
        "a network of another project",
        {NIC: {"network": "data"}},
        f"{NIC}.network",
        "'data' belongs to project 'db', not to 'web'",
    ),
    (
        "networks with the same addresses",
        {"networks[3].project": "db", "networks[3].cidr": "10.101.0.0/25"}
        | {"servers[1].network": GONE, "servers[1].networks": [{"network": "alone"}] * 1}
        | {"servers[1].networks[1]": {"network": "front"}},
        "servers[1].networks[1].network",
        "10.101.0.0/24 of 'front' overlaps 10.101.0.0/25 of 'alone', where it has a NIC too",
    ),
    (
        "an address outside of its network",
        {f"{NIC}.address": "10.11.0.21"},
        f"{NIC}.address",
        "no machine's address in 10.10.0.0/24",
    ),
    (
        "the gateway's address",
        {f"{NIC}.address": "10.10.0.1"},
        f"{NIC}.address",
        "10.10.0.1 is the gateway of 'inside'",
    ),
    (
        "an address of another server",
        {f"{NIC}.address": "10.10.0.11"},
        "servers[2].address",
        "10.10.0.11 is the address of servers[0].networks[1] too",
    ),
    (
        "an address that Neutron may give to another",
        {f"{NIC}.address": "10.10.0.100"},
        f"{NIC}.address",
        "10.10.0.100 may be given to another first",
    ),
    (
        "no such group",
        {f"{NIC}.securityGroups": ["nar"]},
        f"{NIC}.securityGroups[0]",
        "'nar' is not among the securityGroups",
    ),
    (
        "a group of another project",
        {f"{NIC}.securityGroups": ["far"]},
        f"{NIC}.securityGroups[0]",
        "'far' belongs to project 'db', not to 'web'",
    ),
    (
        "a group twice",
        {f"{NIC}.securityGroups": ["near", "near"]},
        f"{NIC}.securityGroups[1]",
        "'near' is there twice",
    ),
    (
        "a group of all NICs",
        {"servers[0].securityGroups": ["near"], f"{NIC}.securityGroups": ["near"]},
        f"{NIC}.securityGroups[0]",
        "'near' is among its securityGroups, for all NICs",
    ),
    (
        "everybody's addresses",
        {f"{NIC}.allowedAddresses": ["0.0.0.0/0"]},
        f"{NIC}.allowedAddresses[0]",
        "0.0.0.0/0 lets it take addresses of everybody, as without port security",
    ),
    (
        "half of everybody's addresses",
        {f"{NIC}.allowedAddresses": ["128.0.0.0/1"]},
        f"{NIC}.allowedAddresses[0]",
        "give networks of /8 or smaller",
    ),
    (
        "no address",
        {f"{NIC}.allowedAddresses": ["10.10.0"]},
        f"{NIC}.allowedAddresses[0]",
        "is not a network such as 10.101.0.0/24",
    ),
    (
        "an allowed address twice",
        {f"{NIC}.allowedAddresses": ["10.10.0.50", "10.10.0.50/32"]},
        f"{NIC}.allowedAddresses[1]",
        "10.10.0.50 is there twice",
    ),
    (
        "its own address",
        {f"{NIC}.allowedAddresses": ["10.10.0.21"]},
        f"{NIC}.allowedAddresses[0]",
        "10.10.0.21 is its own address",
    ),
    (
        "more than Neutron takes",
        {f"{NIC}.allowedAddresses": [f"10.10.0.{i}" for i in range(50, 51 + PAIRS)]},
        f"{NIC}.allowedAddresses",
        "has 11 entries; Neutron takes at most 10",
    ),
    (
        "another server's address",
        {f"{NIC}.allowedAddresses": ["10.10.0.11"]},
        f"{NIC}.allowedAddresses[0]",
        "10.10.0.11 is the address of servers[2]; take others",
    ),
    (
        "a network with another server's address",
        {f"{NIC}.allowedAddresses": ["10.10.0.8/29"]},
        f"{NIC}.allowedAddresses[0]",
        "10.10.0.8/29 holds 10.10.0.11, the address of servers[2]",
    ),
    (
        "the router's address",
        {f"{NIC}.allowedAddresses": ["10.10.0.1"]},
        f"{NIC}.allowedAddresses[0]",
        "10.10.0.1 is the address of router 'edge'",
    ),
    (
        "an allowed address that Neutron may give to another",
        {f"{NIC}.allowedAddresses": ["10.10.0.100"]},
        f"{NIC}.allowedAddresses[0]",
        "10.10.0.100 may be given to another first",
    ),
    (
        "an allowed address that Neutron may give to itself",
        {NIC: ALONE | {"allowedAddresses": ["10.11.0.50"]}},
        f"{NIC}.allowedAddresses[0]",
        "give the network a pool without it",
    ),
    (
        "groups of a NIC without a filter",
        {f"{NIC}.portSecurity": False, f"{NIC}.securityGroups": ["near"]},
        f"{NIC}.securityGroups",
        "has none where `portSecurity` is false",
    ),
    (
        "allowed addresses of a NIC that may use all",
        {f"{NIC}.portSecurity": False, f"{NIC}.allowedAddresses": ["10.10.0.50"]},
        f"{NIC}.allowedAddresses",
        "has none where `portSecurity` is false",
    ),
    (
        "a NIC without a filter where the team does not allow it",
        {f"{NIC}.portSecurity": False, "rules": {}},
        f"{NIC}.portSecurity",
        "set rules.nicsWithoutPortSecurity",
    ),
    (
        "a floating address where no network has a way out",
        {NIC: ALONE, "servers[0].floatingIp": "10.101.0.60"},
        "servers[0].floatingIp",
        "none of its networks 'front', 'alone' is on a router with one",
    ),
    (
        "a key of Neutron's",
        {f"{NIC}.fixedIp": "10.10.0.21"},
        f"{NIC}.fixedIp",
        "its fixed address is `address`",
    ),
)

ONE: Change = {"servers[0].networks": [FRONT]}
TAKEN: tuple[tuple[str, Change], ...] = (
    ("the short form", {"servers[0].networks": GONE, "servers[0].network": "front"}),
    ("one NIC in the list", ONE),
    ("an address of Neutron's choice", {f"{NIC}.address": GONE}),
    ("a group for one NIC", {f"{NIC}.securityGroups": ["near"]}),
    (
        "a virtual address of two servers",
        {f"{NIC}.allowedAddresses": ["10.10.0.50"]}
        | {"servers[2].network": GONE, "servers[2].address": GONE}
        | {"servers[2].networks": [INSIDE | {"address": "10.10.0.11"}]}
        | {"servers[2].networks[0].allowedAddresses": ["10.10.0.50"]},
    ),
    ("addresses of elsewhere", {f"{NIC}.allowedAddresses": ["10.244.0.0/16"]}),
    (
        "the gateway of a network without a router",
        {
            "networks[3].gateway": "10.11.0.1",
            "networks[3].pool": {"start": "10.11.0.100", "end": "10.11.0.199"},
            NIC: ALONE | {"allowedAddresses": ["10.11.0.1"]},
        },
    ),
    ("no filter where the team allows it", {f"{NIC}.portSecurity": False}),
    ("a floating address of the second NIC", {"servers[0].floatingIp": "10.101.0.60"}),
)


@pytest.mark.parametrize(
    ("change", "place", "words"), [c[1:] for c in REFUSED], ids=[c[0] for c in REFUSED]
)
def test_a_wrong_nic_is_refused(change: Change, place: str, words: str, files: Path) -> None:
    (line,) = problems(as_pulumi(changed(config_of_two(files), change, files)))
    assert line.startswith(f"{place}: ")
    assert words in line


@pytest.mark.parametrize("change", [pytest.param(change, id=name) for name, change in TAKEN])
def test_a_right_nic_is_taken(change: Change, files: Path) -> None:
    assert load(as_pulumi(changed(config_of_two(files), change, files)))


def test_the_short_form_is_one_nic(files: Path) -> None:
    change: Change = {
        **{"servers[0].networks": GONE, "servers[0].network": "front"},
        "servers[0].address": "10.101.0.11",
    }
    short = load(as_pulumi(changed(config_of_two(files), change, files))).servers[0]
    long = load(as_pulumi(config_of_two(files))).servers[0]
    assert short.nics == long.nics[:1]
    assert [nic.network for nic in long.nics] == ["front", "inside"]


def test_a_broken_address_hides_no_problem_of_its_network(files: Path) -> None:
    change: Change = {"servers[1].network": "inside", "servers[1].address": 1}
    found = problems(as_pulumi(changed(config_of_two(files), change, files)))
    assert [line.partition(":")[0] for line in found] == [
        "servers[1].network",
        "servers[1].address",
    ]


def test_servers_with_nics_need_addresses_of_each_network(files: Path) -> None:
    change: Change = {
        f"{NIC}.address": GONE,
        "networks[2].pool": {"start": "10.10.0.100", "end": "10.10.0.101"},
    }
    (line,) = problems(as_pulumi(changed(config_of_two(files), change, files)))
    assert line.startswith("networks[2].pool: has 2 addresses to give out, too few for 2 servers")


def test_the_example_of_the_docs_is_right(files: Path) -> None:
    page = (ROOT / "docs/networks.md").read_text(encoding="utf-8")
    (block,) = re.findall(r"## Several NICs.*?```yaml\n(.*?)```", page, re.DOTALL)
    found: Mapping[str, list[dict[str, object]]] = yaml.safe_load(block)
    common = {key: SERVER[key] for key in ("project", "image", "flavor")}
    servers = [
        server | common | {"publicKey": public_key(str(server["name"]))}
        for server in found["iaas:servers"]
    ]
    change: Change = {"servers": servers, "securityGroups": found["iaas:securityGroups"]}
    settings = load(as_pulumi(changed(config_of_two(files), change, files)))
    assert [len(server.nics) for server in settings.servers] == [2, 2]
