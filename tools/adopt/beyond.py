"""What adopted security groups let through, and the settings don't say: no preview shows it."""

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from ..interrupted import KINDS, Connect, Json, listed
from ..state import Raw
from .there import GROUP, RULE, kind_of

ENDS = ("port_range_min", "port_range_max")


class Beyond(NamedTuple):
    """A rule of a group that is not in the state."""

    group: str
    """The URN of the group."""
    id: str
    words: str


def beyond(state: Raw, adopted: Iterable[str], connect: Connect) -> Iterator[Beyond]:
    """Yield the rules that adopted groups have, and the state has not (ClientException)."""
    resources: Mapping[str, Raw] = {raw["urn"]: raw for raw in state["deployment"]["resources"]}
    known = {raw["id"] for raw in resources.values() if kind_of(raw) == RULE}
    for urn in adopted:
        group = resources.get(urn)
        if group is None or kind_of(group) != GROUP:
            continue
        user = resources[group["provider"].rpartition("::")[0]]["inputs"]["userName"]
        path = KINDS[RULE].path.format(securityGroupId=group["id"])
        for rule in listed(path, KINDS[RULE].items, connect(user, KINDS[RULE].service)):
            default = not group["inputs"].get("deleteDefaultRules") and _lets_all_out(rule)
            if rule["id"] not in known and not default:
                yield Beyond(urn, rule["id"], _words(rule))


def _lets_all_out(rule: Json) -> bool:
    """Return whether Neutron makes such a rule for each group."""
    limits = ("protocol", "remote_ip_prefix", "remote_group_id", "port_range_min")
    return rule["direction"] == "egress" and not any(rule.get(limit) for limit in limits)


def _words(rule: Json) -> str:
    ports = sorted({rule[end] for end in ENDS if rule.get(end) is not None})
    whom = rule.get("remote_ip_prefix") or rule.get("remote_group_id") or "all"
    words = [rule["direction"], rule.get("protocol") or "any", "-".join(map(str, ports))]
    return " ".join([*filter(None, words), "from" if words[0] == "ingress" else "to", str(whom)])
