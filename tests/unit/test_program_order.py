"""What the program promises of order: nothing begins without what it needs, nor waits for more."""

import itertools

import pytest

from tests.unit.mocks import Deployment
from tests.unit.test_program import ACCESS

# What comes later, and what it must not begin without.
ORDER: tuple[tuple[str, str], ...] = (
    ("controller-keystone", "controller-mysql controller-tls controller-pre-host controller-check"),
    ("controller-databases", "controller-mysql"),
    ("controller-glance", "controller-keystone controller-databases"),
    ("controller-placement", "controller-keystone controller-databases"),
    ("controller-nova-controller", "controller-placement controller-keystone"),
    ("controller-neutron-controller", "controller-keystone controller-databases"),
    ("compute-mysql-client", "compute-pre-host compute-check"),
    ("compute-nova-compute", "controller-nova-controller controller-placement"),
    ("compute-nova-compute", "compute-mysql-client compute-tls"),
    ("compute-neutron-compute", "compute-tls"),
    ("compute2-neutron-compute", "controller-neutron-controller compute2-mysql-client"),
    ("controller-member-role", "controller-keystone"),
    ("cloud-admin", "controller-glance controller-nova-controller controller-neutron-controller"),
    ("project-web-member", "controller-member-role project-web-user project-web-project"),
    ("project-web-provider", "project-web-member project-web-quota project-web-network-quota"),
    ("network-data-network", "project-db-project cloud-admin"),
    ("server-web1-port", "network-front-subnet server-web1-group project-web-project"),
    ("server-db1-server", f"{ACCESS} image-other-image server-db1-port server-db1-key"),
    ("server-web1-server", "server-web1-tcp-22-10.0.0.0-8 server-web1-icmp-0.0.0.0-0"),
    ("server-web1-server", "hosts-discover"),
    ("server-web1-group", "project-web-provider"),
)


@pytest.mark.parametrize(("later", "earlier"), ORDER)
def test_nothing_begins_without_what_it_needs(later: str, earlier: str, whole: Deployment) -> None:
    assert set(earlier.split()) <= whole.before(later)


def test_the_nodes_do_not_wait_for_each_other(whole: Deployment) -> None:
    for one, other in itertools.permutations(("controller", "compute", "compute2"), 2):
        assert not [n for n in whole.before(f"{one}-pre-host") if n.startswith(f"{other}-")]


def test_the_cloud_needs_no_compute(whole: Deployment) -> None:
    """Where one fails, nothing that needs it is made."""
    early = ("project-web-provider", "image-guest-image", "network-data-subnet", ACCESS)
    for name in (*early, "server-web1-port", "server-web1-group", "server-web1-server"):
        assert not [n for n in whole.before(name) if n.startswith("compute")], name


def test_servers_come_when_all_computes_have_ended(whole: Deployment) -> None:
    order = whole.names()
    steps = [f"compute{n}-{kind}-compute" for n in ("", "2") for kind in ("nova", "neutron")]
    assert order.index("server-web1-server") > order.index("hosts-discover")
    assert order.index("hosts-discover") > max(map(order.index, steps))
