"""The picture in a comment: what it shows of a preview, and what the change does to it."""

from typing import Any

import pytest

from pull_requests.page import PICTURE, comment
from pull_requests.preview import Preview
from tests.unit.previews import component, image, read, shown, step, urn
from tools.picture.cloud import CHOSEN, Mark, Network, Nic, Node, Router, Server, Wire
from wording.picture import chart, cloud

OPENRC = """\
export INTERFACE_IP=192.168.100.20
export INTERFACE_NAME=ens33
export Physical_NAME=provider
export minvlan=100
export maxvlan=201
export TUNNEL_IP=10.99.0.20/24
export TUNNEL_VLAN=99
"""
ADMIN, WEB = urn("pulumi:providers:openstack", "admin"), urn("p", "project-web-provider") + "::1"
Steps = list[dict[str, Any]]


def part(op: str, of: str, name: str, kind: str, own: str, /, **inputs: object) -> dict[str, Any]:
    """Return the step of one resource of a component."""
    before = None if op == "create" else inputs
    after = None if op == "delete" else inputs
    found = step(op, kind, f"{name}-{own}", before, after, parent=urn(of, name), provider=WEB)
    links = {"tenantId": [urn("p", "project-web-project")]}
    if own == "router":
        links["externalNetworkId"] = [urn("n", "network-front-network")]
    for state in ("oldState", "newState"):
        if state in found:
            found[state]["propertyDependencies"] = links
    return found


def node(op: str) -> Steps:
    kind = "iaas:nodes:Compute"
    file = part(op, kind, "compute", "command:remote:Command", "openrc.sh", stdin=OPENRC)
    return [component("same", kind, "compute"), file]


def network(op: str) -> Steps:
    kind = "iaas:cloud:ProjectNetwork"
    both = op if op in ("create", "delete") else "same"
    return [
        component(both, kind, "network-inside"),
        part(both, kind, "network-inside", "o:n:Network", "network", name="inside"),
        part(op, kind, "network-inside", "o:n:Subnet", "subnet", cidr="10.10.0.0/24"),
    ]


def router(op: str, joined: str) -> Steps:
    kind = "iaas:cloud:Router"
    return [
        component(op, kind, "router-edge"),
        part(op, kind, "router-edge", "o:n:Router", "router", externalNetworkId="1", tenantId="2"),
        {
            **part(joined, kind, "router-edge", "o:n:RouterInterface", "", subnetId="1"),
            "urn": urn("o:n:RouterInterface", "router-edge/inside-interface"),
        },
    ]


def server(op: str, vlan: int | None = None) -> Steps:
    kind = "iaas:cloud:Server"
    both = op if op in ("create", "delete") else "same"
    named = {"flavor": "tiny", "network": "inside"} | ({"segment": vlan} if vlan else {})
    states = (None if op == "create" else named, None if op == "delete" else named)
    return [
        step(both, kind, "server-web1", *states),
        part(op, kind, "server-web1", "o:c:Instance", "server", name="web1"),
        part(both, kind, "server-web1", "o:n:Port", "port", fixedIps=[{"ipAddress": "10.10.0.11"}]),
    ]


def floating(op: str, **inputs: object) -> Steps:
    kind = "iaas:cloud:FloatingIp"
    own = {"server": "web1"}
    states = (None if op == "create" else own, None if op == "delete" else own)
    return [
        step(op, kind, "floating-a", *states),
        part(op, kind, "floating-a", "o:n:FloatingIp", "address", **inputs),
    ]


def preview(*steps: Steps) -> Preview:
    return read(shown(*(one for many in steps for one in many)))


@pytest.mark.parametrize(
    ("op", "mark"), [("same", Mark.KEPT), ("update", Mark.CHANGED), ("replace", Mark.CHANGED)]
)
def test_a_node_is_changed_with_what_is_on_it(op: str, mark: Mark) -> None:
    found = cloud(preview(node(op)))
    assert found.nodes == (Node("compute", "192.168.100.20", "ens33", mark=mark),)
    assert found.wire == Wire("provider", "100 to 201", "10.99.0.0/24, VLAN 99")


@pytest.mark.parametrize(
    ("op", "mark"),
    [
        ("same", Mark.KEPT),
        ("create", Mark.NEW),
        ("update", Mark.CHANGED),
        ("delete", Mark.GONE),
    ],
)
def test_a_network_has_its_mark(op: str, mark: Mark) -> None:
    (found,) = cloud(preview(network(op))).networks
    assert found == Network("inside", "", ("10.10.0.0/24",), "web", mark=mark)


@pytest.mark.parametrize(
    ("op", "joined", "networks", "mark"),
    [
        ("same", "same", ("inside",), Mark.KEPT),
        ("same", "create", ("inside",), Mark.CHANGED),
        ("same", "delete", (), Mark.CHANGED),
        ("delete", "delete", ("inside",), Mark.GONE),
    ],
)
def test_a_router_is_on_its_networks(
    op: str, joined: str, networks: tuple[str], mark: Mark
) -> None:
    (found,) = cloud(preview(router(op, joined))).routers
    assert found == Router("edge", "web", "front", networks, mark=mark)


@pytest.mark.parametrize(
    ("op", "mark"),
    [
        ("same", Mark.KEPT),
        ("create", Mark.NEW),
        ("update", Mark.CHANGED),
        ("replace", Mark.REPLACED),
        ("delete", Mark.GONE),
    ],
)
def test_a_server_has_its_mark(op: str, mark: Mark) -> None:
    (found,) = cloud(preview(server(op))).servers
    assert found == Server("web1", "web", "tiny", (Nic("inside", "10.10.0.11"),), mark=mark)


@pytest.mark.parametrize(
    ("steps", "address", "mark"),
    [
        ([floating("same", address="10.9.9.50")], "10.9.9.50", Mark.KEPT),
        ([floating("create")], CHOSEN, Mark.CHANGED),
        ([floating("delete", address="10.9.9.50")], "10.9.9.50 (gone)", Mark.CHANGED),
    ],
)
def test_a_floating_address_is_its_servers(steps: list[Steps], address: str, mark: Mark) -> None:
    (found,) = cloud(preview(server("same"), *steps)).servers
    assert (found.floating, found.mark) == (address, mark)


@pytest.mark.parametrize(
    ("op", "mark"), [("create", Mark.CHANGED), ("same", Mark.KEPT), ("delete", Mark.KEPT)]
)
def test_a_server_that_is_restored_is_changed(op: str, mark: Mark) -> None:
    kind, name, own = "iaas:cloud:Restore", "restore-web1/before", {"server": "web1"}
    states = (None if op == "create" else own, None if op == "delete" else own)
    restore = [
        step(op, kind, name, *states),
        part(op, kind, name, "command:remote:Command", "rebuild"),
    ]
    (found,) = cloud(preview(server("same"), restore)).servers
    assert found.mark == mark


@pytest.mark.parametrize(("vlan", "said"), [(None, ""), (101, "101")])
def test_a_tenants_stack_has_the_networks_that_its_servers_name(
    vlan: int | None, said: str
) -> None:
    assert cloud(preview(server("create", vlan))).networks == (Network("inside", said, ()),)


def test_the_comment_has_the_picture_folded_above_the_diff() -> None:
    text = comment(preview(node("same"), network("same"), server("create")))
    summary, folded, rest = text.partition(
        "\n<details><summary>A picture</summary>\n\n```mermaid\n"
    )
    assert "+ server web1" in summary
    assert folded
    chart, _, diff = rest.partition("```\n\n</details>\n")
    assert chart.startswith("flowchart LR\n")
    assert '"NEW: server web1<br/>tiny<br/>10.10.0.11"' in chart
    assert diff.startswith("\n<details><summary>The diff of ")


def test_a_change_of_nothing_in_the_picture_has_none() -> None:
    of_image = preview(node("same"), server("same"), image("guest", "raw"))
    assert chart(of_image) == ""
    assert "picture" not in comment(of_image)


def test_a_picture_that_is_too_large_is_left_out() -> None:
    many = preview(node("same"), network("same"), server("create"))
    line = "\nThe picture is left out: it would be too large.\n"
    assert line in comment(many, limit=500)
    assert line not in comment(many)
    assert len(chart(many)) < PICTURE
