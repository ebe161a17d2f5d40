"""What routes of a network promise: servers learn of each, and none leads to nowhere."""

from pathlib import Path

from tests.unit.configs import (
    Allowed,
    Case,
    Change,
    changed,
    check_refused,
    check_taken,
    each,
)
from tests.unit.examples import good_config
from tests.unit.mocks import deploy, main

ROUTES = "networks[1].routes"


def route(to: str = "10.20.0.0/16", via: str = "10.150.0.5") -> dict[str, object]:
    """Return a route on networks[1], 10.150.0.0/24."""
    return {"to": to, "via": via}


def routes(*several: dict[str, object]) -> Change:
    """Give networks[1] these routes."""
    return {ROUTES: list(several)}


TAKEN: tuple[Allowed, ...] = (
    ("several", routes(route(), route("10.30.0.0/16", "10.150.0.6"))),
    ("one machine", routes(route("192.0.2.7/32"))),
    ("a part of another route", routes(route(), route("10.20.1.0/24", "10.150.0.6"))),
    ("a part of the network itself", routes(route("10.150.0.128/25"))),
    ("as many as Neutron takes", routes(*(route(f"10.{20 + i}.0.0/16") for i in range(20)))),
)


@each(TAKEN)
def test_it_may_lead_there(case: Allowed, tmp_path: Path) -> None:
    check_taken(case, tmp_path)


REFUSED: tuple[Case, ...] = (
    (
        "a machine elsewhere",
        routes(route(via="10.151.0.5")),
        f"{ROUTES}[0].via",
        "10.151.0.5 is no machine's address in 10.150.0.0/24: 10.150.0.1 to 10.150.0.254",
    ),
    ("IPv6", routes(route(via="fd00::1")), f"{ROUTES}[0].via", "is not an IPv4 address"),
    ("host bits", routes(route("10.20.0.1/16")), f"{ROUTES}[0].to", "the network is 10.20.0.0/16"),
    ("no length", routes(route("10.20.0.1")), f"{ROUTES}[0].to", "did you mean 10.20.0.1/32?"),
    (
        "the same twice",
        routes(route(), route(via="10.150.0.6")),
        f"{ROUTES}[1].to",
        "10.20.0.0/16 is in routes[0], too; leave one out",
    ),
    (
        "everything",
        routes(route("0.0.0.0/0")),
        f"{ROUTES}[0].to",
        "0.0.0.0/0 is the network's `gateway`; give that instead",
    ),
    (
        "the network itself",
        routes(route("10.150.0.0/24")),
        f"{ROUTES}[0].to",
        "10.150.0.0/24 holds the network's own 10.150.0.0/24, which needs no route",
    ),
    (
        "more than the network",
        routes(route("10.0.0.0/8")),
        f"{ROUTES}[0].to",
        "10.0.0.0/8 holds the network's own",
    ),
    (
        "the metadata service",
        routes(route("169.254.0.0/16")),
        f"{ROUTES}[0].to",
        "169.254.0.0/16 holds 169.254.169.254, the metadata service, to which DHCP has a route",
    ),
    (
        "no DHCP",
        routes(route()) | {"networks[1].dhcp": False},
        ROUTES,
        "needs DHCP, by which servers learn of them; leave it out",
    ),
    (
        "more than Neutron takes",
        routes(*(route(f"10.{20 + i}.0.0/16") for i in range(21))),
        ROUTES,
        "has 21 entries; Neutron takes at most 20",
    ),
    (
        "people's other word",
        {"networks[1].hostRoutes": []},
        "networks[1].hostRoutes",
        "they are `routes`: {to, via}",
    ),
    (
        "Neutron's words",
        routes({"destination": "10.20.0.0/16", "via": "10.150.0.5"}),
        f"{ROUTES}[0].to {ROUTES}[0].destination",
        "is missing",
    ),
)


@each(REFUSED)
def test_it_may_not_lead_there(case: Case, tmp_path: Path) -> None:
    check_refused(case, tmp_path)


def test_each_route_is_its_own_and_may_go_from_a_protected_network(tmp_path: Path) -> None:
    change = routes(route(), route("10.30.0.0/16", "10.150.0.6"))
    change |= {"rules": {"protectedNetworks": ["data"]}}
    deployed = deploy(main, changed(good_config(tmp_path), change, tmp_path))
    assert deployed.names("SubnetRoute") == [
        "network-data-10.20.0.0-16-route",
        "network-data-10.30.0.0-16-route",
    ]
    found = deployed.named("network-data-10.20.0.0-16-route")
    assert found.inputs == {
        "subnetId": "id of network-data-subnet",
        "destinationCidr": "10.20.0.0/16",
        "nextHop": "10.150.0.5",
    }
    assert not found.protect
    assert found.delete_before_replace
