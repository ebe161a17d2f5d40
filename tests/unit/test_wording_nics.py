"""What a comment says of NICs."""

from typing import Any

import pytest

from pull_requests.summary import summary
from tests.unit.previews import SERVER, component, read, shown, step, urn

PORT = "openstack:networking/port:Port"
PLUG = "openstack:compute/interfaceAttach:InterfaceAttach"
INSTANCE = "openstack:compute/instance:Instance"
FIXED = {"fixedIps": [{"ipAddress": "10.150.0.21"}]}
State = dict[str, Any] | None


def of_web1(op: str, kind: str, name: str, old: State, new: State) -> dict[str, Any]:
    """Return the step of a resource of web1."""
    provider = f"{urn('pulumi:providers:openstack', 'project-web-provider')}::id"
    parent = urn(SERVER, "server-web1")
    return step(op, kind, f"server-web1{name}", old, new, parent=parent, provider=provider)


def lines(op: str, *steps: dict[str, Any]) -> list[str]:
    """Return what is said of web1."""
    found = summary(read(shown(component(op, SERVER, "server-web1"), *steps)))
    return [*found.marked, *(line for lines in found.sections.values() for line in lines)]


def pairs(*texts: str) -> dict[str, Any]:
    return {"allowedAddressPairs": [{"ipAddress": text} for text in texts]}


ON_DATA = "project web: server web1: "
# What is done to a port by this name, its inputs before and after, and what is said.
SAID: tuple[tuple[str, str, State, State, list[str]], ...] = (
    ("create", "/data-port", None, FIXED, [f"{ON_DATA}+ NIC on data (10.150.0.21)"]),
    (
        "create",
        "/a%2Fb-port",
        None,
        {},
        [f"{ON_DATA}+ NIC on a/b (an address of Neutron's choice)"],
    ),
    ("delete", "/data-port", FIXED, None, [f"{ON_DATA}NIC on data (10.150.0.21) is deleted"]),
    (
        "replace",
        "/data-port",
        {"networkId": "1"},
        {"networkId": "2"},
        [f"{ON_DATA}NIC on data is replaced, because its network is replaced"],
    ),
    (
        "update",
        "/data-port",
        FIXED,
        {"fixedIps": [{"ipAddress": "10.150.0.22"}]},
        [f"{ON_DATA}NIC on data address 10.150.0.21 -> 10.150.0.22"],
    ),
    (
        "update",
        "/data-port",
        pairs("10.9.0.1", "10.9.0.2"),
        pairs("10.9.0.2", "10.9.0.0/24"),
        [f"{ON_DATA}NIC on data allowed addresses 10.9.0.1, 10.9.0.2 -> 10.9.0.2, 10.9.0.0/24"],
    ),
    (
        "update",
        "-port",
        {},
        pairs("10.9.0.1"),
        [f"{ON_DATA}port allowed addresses none -> 10.9.0.1"],
    ),
    (
        "update",
        "/data-port",
        {"portSecurityEnabled": True, "securityGroupIds": ["1"]},
        {"portSecurityEnabled": False, "noSecurityGroups": True},
        [f"{ON_DATA}NIC on data port security true -> false"],
    ),
    ("update", "-port", {"name": "web1"}, {"name": "web1", "portSecurityEnabled": True}, []),
    ("update", "/new-port", {"name": "web1/old"}, {"name": "web1/new"}, []),
)


@pytest.mark.parametrize(("op", "name", "old", "new", "said"), SAID)
def test_a_change_of_a_nic_is_said_of_its_server(
    op: str, name: str, old: State, new: State, said: list[str]
) -> None:
    server = of_web1("same", INSTANCE, "-server", {}, {})
    assert lines("same", server, of_web1(op, PORT, name, old, new)) == said


@pytest.mark.parametrize(
    ("op", "port", "said"),
    [
        ("create", "create", [f"{ON_DATA}+ NIC on data (10.150.0.21)"]),
        ("create", "same", [f"{ON_DATA}+ NIC on data in the server"]),
        ("replace", "same", [f"{ON_DATA}NIC on data in the server is replaced"]),
        ("delete", "delete", [f"{ON_DATA}NIC on data (10.150.0.21) is deleted"]),
    ],
)
def test_a_nic_is_told_once(op: str, port: str, said: list[str]) -> None:
    def states(what: str, value: dict[str, Any]) -> tuple[State, State]:
        return (None if what == "create" else value), (None if what == "delete" else value)

    assert said == lines(
        "same",
        of_web1("same", INSTANCE, "-server", {}, {}),
        of_web1(port, PORT, "/data-port", *states(port, FIXED)),
        of_web1(op, PLUG, "/data-plug", *states(op, {})),
    )


def test_a_new_server_is_told_with_all_its_addresses() -> None:
    new = {"flavor": "tiny", "network": "front", "segment": 7}
    (line,) = [
        line
        for line in summary(
            read(
                shown(
                    step("create", SERVER, "server-web1", None, new),
                    of_web1("create", INSTANCE, "-server", None, {}),
                    of_web1("create", PORT, "-port", None, {}),
                    of_web1("create", PORT, "/data-port", None, FIXED),
                    of_web1("create", PLUG, "/data-plug", None, {}),
                )
            )
        ).sections["Projects"]
        if "web1" in line
    ]
    assert line == (
        "project web: + server web1 (tiny, an address of Neutron's choice, VLAN 7, 10.150.0.21 on"
        " data)"
    )


def test_the_groups_of_a_nic_are_said_by_name() -> None:
    old, new = {"nicGroups": {"data": "near"}}, {"nicGroups": {"data": "far, near"}}
    found = summary(
        read(
            shown(
                step("update", SERVER, "server-web1", old, new),
                of_web1("same", INSTANCE, "-server", {}, {}),
            )
        )
    )
    assert found.sections["Projects"] == [
        "project web: server web1: NIC on data security groups near -> far, near"
    ]
