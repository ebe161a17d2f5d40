"""What Nova and OVN would not do, or not whole, of computes that go, move or get another name."""

import socket
from collections.abc import Callable, Iterator

from keystoneauth1.adapter import Adapter
from keystoneauth1.exceptions import ClientException
from keystoneauth1.identity.v3 import Password
from keystoneauth1.session import Session

from ..certificates import file_of
from ..changes import EARLIER, Change, Refusal
from ..cloud.access import DOMAIN
from ..settings import ITSELF


def moved(change: Change) -> Iterator[Refusal]:
    """A compute is known by its name to Nova and OVN, and by its address to the other nodes."""
    now = {node.name: str(node.host) for node in change.settings.other_computes}
    names = {host: name for name, host in now.items()}
    for name, host in sorted(change.before.nodes("Compute").items()):
        if now.get(name, host) != host:
            yield Refusal(
                f"computes[{name}].host",
                f"{host} -> {now[name]}: what runs on it is bound to its address; take {name} out"
                f" {EARLIER}, and add it again with its new address",
            )
        elif name not in now and host in names:
            yield Refusal(
                f"computes[{names[host]}].name",
                f"{name} -> {names[host]}: Nova and OVN know the machine as {name}, and it would"
                f" not start as another one; take {name} out {EARLIER}, and add the machine under"
                " its new name when it is bare again",
            )


def controller(change: Change) -> Iterator[Refusal]:
    """Find a controller that is to run servers no more: nothing takes that away from it."""
    if change.before.controller_runs_servers and ITSELF not in change.settings.computes:
        yield Refusal(
            "computes",
            f"`{ITSELF}` is taken out, but the controller stays a compute for good; leave it in. No"
            " new server comes to it after `openstack compute service set --disable"
            f" {change.settings.controller.name} nova-compute` on it",
        )


def secret(change: Change) -> Iterator[Refusal]:
    """Nova is asked for the servers on a compute with the password that was there before."""
    leaving = taken_out(change)
    if leaving and change.before.secret not in (None, change.fingerprint):
        yield Refusal(
            "secret",
            f"it changes together with the removal of {', '.join(leaving)}, and Nova can't be asked"
            " which servers are there; make two changes of it",
        )


def taken_out(change: Change) -> list[str]:
    """Return the computes that the settings no longer have."""
    there = {node.name for node in change.settings.other_computes}
    return sorted(change.before.nodes("Compute").keys() - there)


def with_servers(change: Change, password: str) -> Iterator[Refusal]:
    """Ask Nova as the admin with this password which servers are on the computes that go.

    Before Nova is there, no compute has servers. Where all of the cloud may go, nobody asks.
    """
    leaving = taken_out(change)
    if not leaving or not change.before.has_nova or change.settings.allow_deletion.controller:
        return
    url, ca = change.before.cloud
    if not url:
        return
    login = Password(
        auth_url=url,
        username="admin",
        password=password,
        project_name="admin",
        user_domain_name=DOMAIN,
        project_domain_name=DOMAIN,
    )
    nova = Adapter(
        Session(auth=login, timeout=30, verify=file_of(ca) if ca else True),
        service_type="compute",
        interface="public",
        region_name=change.settings.region,
    )
    stay = {server.name for server in change.settings.servers}
    for name in leaving:
        try:
            servers = servers_on(nova, name)
        except ClientException as error:
            yield Refusal(
                "computes",
                f"{name} is taken out, and Nova does not say which servers are on it:"
                f" {str(error).strip()}; it is asked by {url}: mend that, and run it again",
            )
            return
        if servers:
            yield Refusal("computes", _still_there(name, servers, stay, change))


def unreachable(change: Change) -> Iterator[Refusal]:
    """Find computes that go and are to be cleaned, but do not answer."""
    hosts = change.before.nodes("Compute")
    for name in taken_out(change):
        if name in change.before.cleaned and (why := silent(hosts[name], change.settings.ssh.port)):
            yield Refusal(
                "computes",
                f"{name} is taken out, and would be cleaned (`onRemoval`), but it does not answer"
                f" at {hosts[name]}: {why}. If it is dead, add it again, set `onRemoval: keep`, run"
                " `pulumi up`, which does not ask it, and take it out then",
            )


def silent(host: str, port: int) -> str:
    """Return why nothing answers at a port; "" if something does."""
    try:
        socket.create_connection((host, port), timeout=10).close()
    except OSError as error:
        return str(error)
    return ""


def servers_on(nova: Adapter, compute: str) -> list[str]:
    """Return the names of the servers on a compute (ClientException: Nova does not say)."""
    found = nova.get("/servers", params={"all_tenants": "1", "host": compute}).json()
    return sorted(server["name"] for server in found["servers"])


def _still_there(compute: str, servers: list[str], stay: set[str], change: Change) -> str:
    going = [name for name in servers if name in change.before.servers and name not in stay]
    last = f" ({', '.join(going)}: this change removes servers last)" if going else ""
    return (
        f"{compute} is taken out, but Nova has servers on it: {', '.join(servers)}{last}. Set"
        f" `drain: true` at it, which moves them to other computes, or remove them, {EARLIER}; if"
        " the machine is dead, `openstack server evacuate SERVER` on the controller makes each"
        " anew elsewhere, without its disk"
    )


CHECKS: tuple[Callable[[Change], Iterator[Refusal]], ...] = (moved, controller, secret)
