"""What happens to the rules of security groups: what they let in and out."""

from collections.abc import Iterator, Mapping

from pull_requests.preview import Resource
from pull_requests.preview import name as urn_name
from pull_requests.summary import shown

RULE = "openstack:networking/secGroupRule:SecGroupRule"
OPEN, LIMITED = "group", "limited.group"
"""A server's own group, by the end of its name: with Neutron's rule that lets all out, without."""
WITH_PORTS = ("tcp", "udp", "sctp")
NO_CODE = ("", "0")
NAMES: Mapping[str, str] = {"ipv6-icmp": "icmpv6"}
"""Protocols that OpenStack's provider calls otherwise than the settings."""


def rule_text(rule: Resource) -> str:
    """Say what a rule lets through: `tcp 8000-8100 from 10.0.0.0/8`."""
    values, origins = rule.state.values, rule.state.origins
    protocol = shown(values.get("protocol", "any"))
    protocol = NAMES.get(protocol, protocol)
    low, high = (
        shown(values[key]) if key in values else "" for key in ("portRangeMin", "portRangeMax")
    )
    if protocol in ("icmp", "icmpv6"):
        what = f"{protocol} type {low}" if low else protocol
        what += f" code {high}" if high not in NO_CODE else ""
    else:
        ports = low if low == high else f"{low}-{high}"
        what = f"{protocol} {ports or '1-65535'}" if ports or protocol in WITH_PORTS else protocol
    end = shown(values.get("remoteIpPrefix"))
    if "remoteGroupId" in values:
        group = urn_name(origins.get("remoteGroupId", ""))
        end = f"group {group.removeprefix('group-').removesuffix('-group')}"
        if values.get("ethertype") == "IPv6" and protocol != "icmpv6":
            end += " (IPv6)"
    return f"{what} {'to' if values.get('direction') == 'egress' else 'from'} {end}"


def rules_of(own: Mapping[str, Resource]) -> list[str]:
    """Say what a group's rules let through."""
    return [rule_text(resource) for resource in own.values() if resource.type == RULE]


def without_swap(own: Mapping[str, Resource]) -> tuple[list[str], Mapping[str, Resource]]:
    """Return what another own group means for a server, and its resources without that swap.

    A server gets another group where its egress is limited, or no longer; what both let through
    is not said.
    """
    ops = {what: own[what].op for what in (OPEN, LIMITED) if what in own}
    if sorted(ops.values()) != ["create", "delete"]:
        return [], own
    limited = ops[LIMITED] == "create"
    said = "may reach only what its egress says" if limited else "may reach everything"
    texts = {
        op: {rule_text(r) for r in own.values() if r.type == RULE and r.op == op}
        for op in ("create", "delete")
    }
    both = texts["create"] & texts["delete"]
    left = {
        what: resource
        for what, resource in own.items()
        if what not in ops and not (resource.type == RULE and rule_text(resource) in both)
    }
    return [said], left


def memberships(server: Resource) -> Iterator[str]:
    """Say which shared groups a server has before and after."""
    old, new = (state.values.get("securityGroups") for state in (server.old, server.new))
    if old != new and server.op == "update":
        yield f"security groups {shown(old)} -> {shown(new)}"
