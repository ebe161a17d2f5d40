"""All TCP ports of each node, seen from the management network and from every other node."""

import itertools
from collections.abc import Mapping

import pytest

from tests.lab.conftest import ADDRESSES, NODES, on
from tests.lab.ports import OUTSIDE, scan, unexpected

VIEWS = [*((OUTSIDE, node) for node in NODES), *itertools.permutations(NODES, 2)]

Found = Mapping[tuple[str, str], set[int]]


@pytest.fixture(scope="module")
def tunnels() -> Mapping[str, str]:
    """The nodes' addresses of tunnels, where there are some."""
    asked = ". /etc/xiandian/openrc.sh; echo ${TUNNEL_IP%/*}"
    return {node: address for node in NODES if (address := on(node, asked).strip())}


@pytest.fixture(scope="module")
def found(tunnels: Mapping[str, str]) -> Found:
    """What each sees of the others: by who looks, and the node's name or address of tunnels."""
    seen: dict[tuple[str, str], set[int]] = {}
    for view in (OUTSIDE, *NODES):
        others = {ADDRESSES[node]: node for node in NODES if node != view}
        if view != OUTSIDE:
            others |= {tunnels[node]: tunnels[node] for node in tunnels if node != view}
        for address, ports in scan(view, others).items():
            seen[view, others[address]] = ports
    return seen


@pytest.mark.parametrize(("view", "node"), VIEWS)
def test_the_ports_of_the_table_are_open_and_no_others(view: str, node: str, found: Found) -> None:
    kind = "controller" if node == NODES[0] else "compute"
    assert unexpected(kind, found[view, node], outside=view == OUTSIDE) == {}


def test_the_tunnels_addresses_have_no_open_port(found: Found, tunnels: Mapping[str, str]) -> None:
    addresses = {*tunnels.values()}
    assert {seen: ports for seen, ports in found.items() if ports and seen[1] in addresses} == {}
