"""Security groups with their rules: those that servers share, and each server's own."""

from collections.abc import Iterable

from components.settings import IngressSettings, SecurityGroupSettings, Traffic
from components.settings.protocols import ANY

from .projects import ready
from .resources import Body, Resources, alias, reference


def group_id(name: str) -> str:
    """Return a reference to a group's id; a server's own has the name of the server."""
    return reference(f"openstack_networking_secgroup_v2.{name}")


def group(made: Resources, settings: SecurityGroupSettings) -> list[str]:
    """Declare a group that servers share; return the addresses of its rules."""
    body: Body = {
        "description": settings.description or "What several servers share",
        "delete_default_rules": True,
    }
    let_out = [traffic for opening in settings.egress for traffic in opening.traffic]
    return opened(made, settings.name, settings.project, body, settings.ingress, let_out)


def opened(
    made: Resources,
    name: str,
    project: str,
    body: Body,
    ingress: Iterable[IngressSettings],
    egress: Iterable[Traffic],
) -> list[str]:
    """Declare a group of a project; return the addresses of its rules."""
    tenant = f"openstack.{alias(project)}"
    body = {"name": name, **body, "depends_on": ready(project)}
    made.add("openstack_networking_secgroup_v2", name, tenant, body)
    passing = [("ingress", traffic) for opening in ingress for traffic in opening.traffic]
    passing += [("egress", traffic) for traffic in egress]
    return [
        made.add(
            "openstack_networking_secgroup_rule_v2",
            f"{name}_{i}",
            tenant,
            {
                "direction": direction,
                "ethertype": "IPv4",
                "protocol": traffic.protocol if traffic.protocol != ANY else None,
                "port_range_min": traffic.low,
                "port_range_max": _last(traffic),
                "remote_ip_prefix": traffic.cidr,
                "remote_group_id": group_id(traffic.group) if traffic.group is not None else None,
                "security_group_id": group_id(name),
            },
        )
        for i, (direction, traffic) in enumerate(dict.fromkeys(passing))
    ]


def _last(traffic: Traffic) -> int | None:
    return 0 if traffic.high is None and traffic.low is not None else traffic.high
