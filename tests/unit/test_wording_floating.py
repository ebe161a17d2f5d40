"""What a comment says of floating addresses."""

from typing import Any

import pytest

from pull_requests.summary import summary
from tests.unit.previews import read, shown, step, urn

COMPONENT, ADDRESS = "iaas:cloud:FloatingIp", "openstack:networking/floatingIp:FloatingIp"
NAME = "floating-10.9.9.50"
State = dict[str, Any] | None

# What is done, the server and the address before and after, and what is said.
SAID: tuple[tuple[str, State, State, State, State, str], ...] = (
    (
        "create",
        *(None, {"server": "web1"}),
        *(None, {"address": "10.9.9.50"}),
        "project web: server web1 gets floating address 10.9.9.50",
    ),
    (
        "create",
        *(None, {"server": "web1"}),
        *(None, {"pool": "front"}),
        "project web: server web1 gets floating address of Neutron's choice",
    ),
    (
        "delete",
        *({"server": "web1"}, None),
        *({"address": "10.9.9.50"}, None),
        "project web: server web1 loses floating address 10.9.9.50",
    ),
    (
        "replace",
        *({"server": "web1"}, {"server": "web1"}),
        *({"address": "10.9.9.50"}, {"address": "10.9.9.51"}),
        "project web: server web1 gets floating address 10.9.9.51 instead of 10.9.9.50",
    ),
    (
        "replace",
        *({"server": "web1"}, {"server": "web1"}),
        *({"address": "10.9.9.50"}, {"address": "10.9.9.50"}),
        "project web: server web1 gets floating address 10.9.9.50, which is replaced",
    ),
    (
        "update",
        *({"server": "web1"}, {"server": "web2"}),
        *({"address": "10.9.9.50"}, {"address": "10.9.9.50"}),
        "project web: floating address 10.9.9.50 moves from server web1 to web2",
    ),
    (
        "update",
        *({"server": "web1"}, {"server": "web1"}),
        *({"address": "10.9.9.50", "fixedIp": "10.0.0.1"}, {"address": "10.9.9.50"}),
        "project web: floating address 10.9.9.50 of server web1 follows its port",
    ),
)


@pytest.mark.parametrize("origin", ["the admin", "the project's user"])
@pytest.mark.parametrize(("op", "before", "after", "old", "new", "said"), SAID)
def test_a_reader_learns_which_server_it_reaches(
    op: str, before: State, after: State, old: State, new: State, said: str, origin: str
) -> None:
    """The project is the owner that the admin names, or that of the user who makes it."""
    admin = origin == "the admin"
    maker = "cloud-admin" if admin else "project-web-provider"
    owner = [urn("openstack:identity/project:Project", "project-web-project")]
    stack = [urn("pulumi:pulumi:StackReference", "prod")]
    preview = read(
        shown(
            step(op, COMPONENT, NAME, before, after),
            step(
                op,
                ADDRESS,
                f"{NAME}-address",
                old,
                new,
                parent=urn(COMPONENT, NAME),
                provider=f"{urn('pulumi:providers:openstack', maker)}::id",
                propertyDependencies={"tenantId": owner if admin else stack},
            ),
        )
    )
    found = summary(preview)
    assert [*found.marked, *(line for lines in found.sections.values() for line in lines)] == [said]
