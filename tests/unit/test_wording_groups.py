"""What a comment says of rules: each value as the settings have it."""

from typing import Any

import pytest

from pull_requests.summary import summary
from tests.unit.previews import SERVER, component, read, shown, step, urn
from wording.groups import RULE, rule_text

GROUP = urn("openstack:networking/secGroup:SecGroup", "group-far-group")
TEN = {"remoteIpPrefix": "10.0.0.0/8"}
SIX, ALL = {"ethertype": "IPv6"}, {"remoteIpPrefix": "::/0"}
ICMPV6 = {"protocol": "ipv6-icmp"}
IN, OUT = {"direction": "ingress"}, {"direction": "egress"}


def rule(op: str, name: str, inputs: dict[str, Any]) -> dict[str, Any]:
    """Return the step of a rule of web1."""
    states = {"create": (None, inputs), "delete": (inputs, None)}.get(op, (inputs, inputs))
    origins = {"remoteGroupId": [GROUP]} if "remoteGroupId" in inputs else {}
    parent = urn(SERVER, "server-web1")
    return step(op, RULE, name, *states, parent=parent, propertyDependencies=origins)


def ports(low: int, high: int) -> dict[str, int]:
    return {"portRangeMin": low, "portRangeMax": high}


TEXTS: tuple[tuple[dict[str, Any], str], ...] = (
    ({**IN, **TEN, "protocol": "tcp", **ports(22, 22)}, "tcp 22 from 10.0.0.0/8"),
    ({**OUT, **TEN, "protocol": "udp", **ports(1, 99)}, "udp 1-99 to 10.0.0.0/8"),
    ({**IN, **TEN, "protocol": "sctp"}, "sctp 1-65535 from 10.0.0.0/8"),
    ({**IN, **TEN, "protocol": "icmp"}, "icmp from 10.0.0.0/8"),
    ({**IN, **TEN, "protocol": "icmp", **ports(8, 0)}, "icmp type 8 from 10.0.0.0/8"),
    ({**IN, **TEN, "protocol": "icmp", **ports(3, 3)}, "icmp type 3 code 3 from 10.0.0.0/8"),
    ({**IN, **TEN, "protocol": "94"}, "94 from 10.0.0.0/8"),
    ({**OUT, **TEN}, "any to 10.0.0.0/8"),
    ({**IN, "protocol": "vrrp", "remoteGroupId": "5f2c"}, "vrrp from group far"),
    ({**IN, **SIX, "remoteGroupId": "5f2c"}, "any from group far (IPv6)"),
    ({**IN, **SIX, **ICMPV6, "remoteGroupId": "5f2c"}, "icmpv6 from group far"),
    ({**IN, **SIX, **ICMPV6, **ports(128, 0), **ALL}, "icmpv6 type 128 from ::/0"),
)


@pytest.mark.parametrize(("inputs", "text"), TEXTS, ids=[text for _, text in TEXTS])
def test_a_rule_is_said_as_the_settings_have_it(inputs: dict[str, Any], text: str) -> None:
    (found,) = read(shown(rule("create", "server-web1-x", inputs))).changed
    assert rule_text(found) == text


def own_group(op: str, name: str) -> dict[str, Any]:
    """Return the step of a server's own group."""
    states = (None, {"name": "web1"}) if op == "create" else ({"name": "web1"}, None)
    kind = "openstack:networking/secGroup:SecGroup"
    return step(op, kind, f"server-web1-{name}", *states, parent=urn(SERVER, "server-web1"))


@pytest.mark.parametrize(
    ("new", "old", "said"),
    [
        ("limited.group", "group", "server web1: may reach only what its egress says"),
        ("group", "limited.group", "server web1: may reach everything"),
    ],
)
def test_another_own_group_is_said_by_what_it_is_for(new: str, old: str, said: str) -> None:
    """And not by what both let through."""
    server = step(
        "same",
        "openstack:compute/instance:Instance",
        "server-web1-server",
        {"name": "web1"},
        {"name": "web1"},
        parent=urn(SERVER, "server-web1"),
        provider=urn("pulumi:providers:openstack", "project-web-provider") + "::id",
    )
    found = summary(
        read(
            shown(
                component("same", SERVER, "server-web1"),
                server,
                own_group("create", new),
                own_group("delete", old),
                rule("create", "server-web1-a", TEXTS[0][0]),
                rule("delete", "server-web1-b", TEXTS[0][0]),
                rule("create", "server-web1-c", TEXTS[1][0]),
            )
        )
    )
    assert found.marked == []
    assert found.sections["Projects"] == [
        f"project web: {said}; server web1: + udp 1-99 to 10.0.0.0/8"
    ]
