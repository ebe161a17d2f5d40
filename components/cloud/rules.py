"""Rules of security groups: what Neutron lets in and out."""

from collections.abc import Iterable, Iterator, Mapping

import pulumi
import pulumi_openstack as openstack

from ..settings import EgressSettings, IngressSettings, Traffic
from ..settings.protocols import ANY, ICMP, ICMPV6, V4, V6

NAMES: Mapping[str, str | None] = {ANY: None, ICMPV6: "ipv6-icmp"}
"""What OpenStack's provider calls a protocol, where that is another name."""


def rules(
    prefix: str,
    group: openstack.networking.SecGroup,
    ingress: Iterable[IngressSettings],
    egress: Iterable[Traffic],
    groups: Mapping[str, pulumi.Input[str]],
    renamed: Mapping[str, str],
    opts: pulumi.ResourceOptions,
    ipv6: bool = False,
) -> list[pulumi.Resource]:
    """Declare the rules of a group; `groups` are the ids of those that rules name.

    `prefix` begins the resources' names. What is there twice is one rule. `renamed` are old names
    of groups by new ones: a rule that names one of them stays the same. `ipv6`: servers of the
    project have IPv6, so what is open to a group is open to its addresses of both versions.
    """
    said = [("ingress", traffic) for opening in ingress for traffic in opening.traffic]
    said += [("egress", traffic) for traffic in egress]
    passing = {
        (direction, rule): None
        for direction, traffic in said
        for rule in (_of_both(traffic) if ipv6 else (traffic,))
    }
    return [
        openstack.networking.SecGroupRule(
            prefix + _name(direction, traffic),
            direction=direction,
            ethertype=f"IPv{traffic.version}",
            protocol=NAMES.get(traffic.protocol, traffic.protocol),
            port_range_min=traffic.low,
            # The provider wants both or none, and leaves 0 out: all codes of icmp's type.
            port_range_max=0 if traffic.high is None and traffic.low is not None else traffic.high,
            remote_ip_prefix=traffic.cidr,
            remote_group_id=groups[traffic.group] if traffic.group is not None else None,
            security_group_id=group.id,
            # Neutron has no two rules that say the same.
            opts=pulumi.ResourceOptions.merge(
                opts,
                pulumi.ResourceOptions(
                    delete_before_replace=True,
                    aliases=_aliases(prefix, direction, traffic, renamed),
                ),
            ),
        )
        for direction, traffic in passing
    ]


def traffic(openings: Iterable[EgressSettings]) -> list[Traffic]:
    """Return what openings let through."""
    return [traffic for opening in openings for traffic in opening.traffic]


def _of_both(traffic: Traffic) -> Iterator[Traffic]:
    """Yield what is open to a group for both versions; icmp has another name in IPv6."""
    yield traffic
    if traffic.group is not None and traffic.version == V4 and traffic.protocol != ICMP:
        yield traffic._replace(version=V6)


def _aliases(
    prefix: str, direction: str, traffic: Traffic, renamed: Mapping[str, str]
) -> list[pulumi.Input[str | pulumi.Alias]] | None:
    if traffic.group is None or traffic.group not in renamed:
        return None
    before = traffic._replace(group=renamed[traffic.group])
    return [pulumi.Alias(name=prefix + _name(direction, before))]


def _name(direction: str, traffic: Traffic) -> str:
    """A rule's name: what it opens, so that the order in the settings does not matter.

    A dot, which is in no server's name, keeps it apart from the names of other servers' rules. Two
    colons would end the name in a URN.
    """
    numbers = [number for number in (traffic.low, traffic.high) if number is not None]
    if traffic.protocol not in (ICMP, ICMPV6):
        numbers = sorted({*numbers})
    end = f"group{6 if traffic.version == V6 else ''}.{traffic.group}"
    if traffic.cidr is not None:
        end = traffic.cidr.replace("/", "-").replace(":", ".")
    number = traffic.protocol.isdecimal()
    protocol = f"protocol.{traffic.protocol}" if number else traffic.protocol
    name = "-".join([protocol, *map(str, numbers), end])
    return name if direction == "ingress" else f"egress.{name}"
