"""Applies the table of rules to what was found."""

import shlex
from collections.abc import Iterator
from dataclasses import dataclass

from components.settings import NodeSettings
from pull_requests.cli import pulumi

from ..ssh import CLOSED, SLOW, at
from ..stack import Stack
from .hits import Hit
from .rules import RULES, Rule, Severity
from .seen import Found, Seen
from .units import LOGS

GONE = {"silent", CLOSED, SLOW}
"""Causes for which a node's services are not told of one by one: they are gone with it."""
LOGGED_IN = ". /etc/keystone/admin-openrc.sh && openstack "


class Finding(Found):
    """What needs a person. `where` is a node; empty: the whole cloud."""

    severity: Severity
    rule: str
    where: str
    message: str
    commands: tuple[str, ...]


@dataclass(frozen=True)
class Hands:
    """Writes the commands of rules for a stack's nodes."""

    stack: Stack

    def words(self, where: str) -> dict[str, str]:
        """Return what commands and sentences may say of a node, or else of the controller."""
        node, ssh = self._node(where), self.stack.ssh
        words = {"host": str(node.host), "port": str(ssh.port), "user": ssh.user}
        return {**words, "key": str(ssh.private_key_file or ""), "pulumi": pulumi()}

    def write(self, line: str, hit: Hit) -> str:
        """Return the command of a rule for a hit, ready for a shell."""
        place, _, template = line.partition(": ")
        known = {**self.words(hit.where), **hit.words}
        text = template.format_map({name: shlex.quote(word) for name, word in known.items()})
        stack = self.stack
        if place == "here":
            chosen = f" --stack {stack.name}" if stack.name and "{pulumi}" in template else ""
            return text + chosen
        if place == "make":
            return f"make {text}" + (f" STACK={shlex.quote(stack.name)}" if stack.name else "")
        if place == "key":
            key = stack.ssh.private_key_file
            return f"ssh-keygen -l -f {shlex.quote(str(key))}" if key else "ssh-add -l"
        if place == "log":
            log = LOGS.get(hit.words["unit"])
            text = f"journalctl -u {text} -n 50 --no-pager"
            if log:
                text = f'grep -E " (ERROR|CRITICAL) " {log} | tail -n 20'
        if place == "console":
            return f"{text}  (on its console)"
        node = self._node("" if place in ("controller", "openstack") else hit.where)
        if place == "openstack":
            text = LOGGED_IN + text
        return at(node, stack.ssh, text)

    def _node(self, name: str) -> NodeSettings:
        there = {node.name: node for node in self.stack.computes}
        return there.get(name, self.stack.controller)


def fires(rule: Rule, value: float) -> bool:
    """Return whether a value is a finding."""
    if rule.limit is None:
        return True
    return value < rule.limit if rule.under else value > rule.limit


def judge(seen: Seen, hands: Hands) -> tuple[Finding, ...]:
    """Return the findings: what is broken first, else in the order of the table."""
    found = list(_findings(seen, hands))
    return tuple(sorted(found, key=lambda finding: finding.severity != "broken"))


def _findings(seen: Seen, hands: Hands) -> Iterator[Finding]:
    gone = {n.name for n in seen.nodes if n.unreached and n.unreached.cause in GONE}
    told: set[tuple[str, str]] = set()
    for rule in RULES:
        for hit in rule.find(seen):
            key = (hit.where, hit.about)
            hidden = key in told or (rule.follows and hit.where in gone)
            if fires(rule, hit.value) and not hidden:
                told.add(key)
                words = {**hands.words(hit.where), **hit.words}
                message = rule.says.format(**words, value=hit.value, limit=rule.limit)
                yield Finding(
                    severity=rule.severity,
                    rule=rule.name,
                    where=hit.where,
                    message=message,
                    commands=tuple(dict.fromkeys(hands.write(line, hit) for line in rule.do)),
                )
