"""All TCP ports of each node, seen from the management network and from every other node."""

import itertools
import subprocess
import sys
from collections.abc import Iterable, Mapping

import pytest

from tests.lab.conftest import ADDRESSES, NODES, on
from tests.lab.ports import SCAN, unexpected

OUTSIDE = "the management network"
VIEWS = [*((OUTSIDE, node) for node in NODES), *itertools.permutations(NODES, 2)]

Found = Mapping[tuple[str, str], set[int]]


def scan(view: str, addresses: Iterable[str]) -> dict[str, set[int]]:
    """Return the ports of these addresses that take a connection from there."""
    words = ["1", "65535", *addresses]
    if view == OUTSIDE:
        asked = [sys.executable, str(SCAN), *words]
        said = subprocess.run(asked, capture_output=True, text=True, check=True).stdout
    else:
        program = SCAN.read_text(encoding="utf-8")
        said = on(view, f"python3 - {' '.join(words)} <<'EOF'\n{program}EOF\n")
    found: dict[str, set[int]] = {address: set() for address in words[2:]}
    for line in said.splitlines():
        address, port = line.split()
        found[address].add(int(port))
    return found


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
