"""What the cloud would refuse halfway: refused here, all at once, before anything is registered.

Pulumi makes what is new before it deletes what is old. So a VLAN or an address that becomes
free in a change can be used only in the next one.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence

import pulumi

from ..changes import EARLIER, Change, Refusal
from ..passwords import Passwords
from ..settings import namespace
from . import computes, floating, ipv6, networks, nics, placing, snapshots


def refuse(change: Change) -> None:
    """Refuse what the cloud would refuse halfway, all of it at once (RunError)."""
    say([refusal for check in CHECKS for refusal in check(change)])


def refuse_to_leave(change: Change, passwords: Passwords) -> None:
    """Refuse what Nova, or they themselves, say of computes that go (RunError).

    A preview asks nobody.
    """
    if not pulumi.runtime.is_dry_run():
        password = passwords.plain("ADMIN_PASS")
        say([*computes.with_servers(change, password), *computes.unreachable(change)])


def say(found: Sequence[Refusal]) -> None:
    """Refuse the change for these reasons, if there are any (RunError)."""
    if found:
        count = "a problem" if len(found) == 1 else f"{len(found)} problems"
        lines = [f"  {namespace()}{place}: {why}" for place, why in found]
        raise pulumi.RunError("\n".join([f"This change has {count}; nothing was changed:", *lines]))


def controller(change: Change) -> Iterator[Refusal]:
    """The controller's machine holds the cloud's databases, so its host and name must stay."""
    now = change.settings.controller
    for name, host in change.before.nodes("Controller").items():
        what = "its databases, images and accounts stay on the old machine"
        do = "destroy the cloud first (`pulumi destroy --run-program`), or make a new stack"
        if host != str(now.host):
            yield Refusal("controller.host", f"{host} -> {now.host}: {what}; {do}")
        elif name != now.name:
            yield Refusal(
                "controller.name",
                f"{name} -> {now.name}: its services are registered by name; {do}",
            )


def region(change: Change) -> Iterator[Refusal]:
    """All that is in the cloud is in its region."""
    old, new = change.before.region, change.settings.region
    if old not in (None, new):
        yield Refusal("region", f"{old} -> {new}: what is in the cloud stays in {old}; take {old}")


def tenant_stacks(change: Change) -> Iterator[Refusal]:
    """Servers don't move from one stack to another."""
    if change.settings.tenant_stacks and change.before.projects and change.before.servers:
        names = ", ".join(sorted(change.before.servers))
        yield Refusal(
            "tenantStacks", f"true would delete {names}, which this stack made; remove them first"
        )


def smaller_disks(change: Change) -> Iterator[Refusal]:
    """Nova makes no disk smaller."""
    disks = {flavor.name: flavor.disk for flavor in change.settings.flavors}
    for server in change.settings.servers:
        before = change.before.servers.get(server.name)
        flavor = change.before.flavors.get(before.flavor) if before else None
        if flavor and before and before.project == server.project:
            disk = disks[server.flavor]
            if disk < flavor.size[2]:
                yield Refusal(
                    f"servers[{server.name}].flavor",
                    f"{server.flavor} has a disk of {disk} GiB, and the server one of"
                    f" {flavor.size[2]} GiB, which Nova cannot make smaller",
                )


def quotas(change: Change) -> Iterator[Refusal]:
    """A quota counts the servers that are there, and servers are deleted last."""
    for project in change.settings.projects:
        name = change.renamed_projects.get(project.name, project.name)
        there = [s for s in change.before.servers.values() if s.project == name]
        used: Counter[str] = Counter(instances=len(there))
        for server in there:
            if flavor := change.before.flavors.get(server.flavor):
                used["cores"] += flavor.size[0]
                used["ram"] += flavor.size[1]
        for key, limit in project.limits:
            if used[key] > limit:
                yield Refusal(
                    f"projects[{project.name}].quota.{key}",
                    f"{limit} is less than the {used[key]} that its servers have; remove servers"
                    f" {EARLIER}",
                )


def secret(change: Change) -> Iterator[Refusal]:
    """The last servers and groups of a project are deleted with the login that created them."""
    if change.before.secret in (None, change.fingerprint):
        return
    owners = {server.project for server in change.settings.servers}
    owners |= {group.project for group in change.settings.security_groups}
    owners |= {group.project for group in change.settings.server_groups}
    owners |= {*change.renamed_projects.values()}
    before = [(server.name, server.project) for server in change.before.servers.values()]
    before += [(name, project) for name, (project, _) in change.before.groups.items()]
    before += [(group.name, group.project) for group in change.before.server_groups.values()]
    for name, project in before:
        if project not in owners:
            yield Refusal(
                "secret",
                f"it changes together with the removal of {name}, the last of project"
                f" {project}, whose login then fails; make two changes of it",
            )


CHECKS: tuple[Callable[[Change], Iterator[Refusal]], ...] = (
    controller,
    region,
    tenant_stacks,
    smaller_disks,
    quotas,
    secret,
    *nics.CHECKS,
    *networks.CHECKS,
    *ipv6.CHECKS,
    *floating.CHECKS,
    *placing.CHECKS,
    *snapshots.CHECKS,
    *computes.CHECKS,
)
