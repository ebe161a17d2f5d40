#!/usr/bin/env python3
"""Moves all servers away from a compute, and keeps new ones from it.

    drain.py drain COMPUTE     no server is on it, and none comes to it
    drain.py release COMPUTE   servers may come to it again, if it was drained for the same reason

OS_* variables are of the admin, as in admin-openrc.sh. Progress goes to stderr. Exit status 1 with
the reason on stderr if a server is still there: then nothing new comes to the compute, and what has
moved stays where it is. A later run goes on.

A server that runs moves live, else cold, which restarts it; one that is off moves cold. They move
one after the other. What counts is where a server is: a move that Nova gives up may leave no error
(https://github.com/rcbops/chef-cookbooks/issues/258).
"""

import argparse
import sys
from collections.abc import Callable
from dataclasses import dataclass

from keystoneauth1 import exceptions
from keystoneauth1.adapter import Adapter

from .snapshots import Clock, Json, Refused, log_in

REASON = "drained by the settings"
VERSION = "2.84"
"""Of Nova's API: `details` of a failed event; live migration chooses how disks are copied."""
MINUTES = 60
"""For a whole compute: what is not moved then is named."""
EACH = 20
"""Minutes for a server: then its live move is ended, and it stays where it is."""
LIVE, COLD = ("ACTIVE", "PAUSED"), ("ACTIVE", "SHUTOFF")
"""States in which Nova moves a server live, and cold."""


@dataclass(frozen=True)
class Nova:
    """Nova to the admin."""

    api: Adapter

    def get(self, path: str, **query: str) -> Json:
        """Return what Nova answers."""
        found: Json = self.api.get(path, params=query, microversion=VERSION).json()
        return found

    def act(self, server: Json, action: str, body: object) -> str:
        """Ask Nova to do something with a server; return why it does not, "" if it does."""
        path = f"/servers/{server['id']}/action"
        try:
            self.api.post(path, json={action: body}, microversion=VERSION)
        except (exceptions.BadRequest, exceptions.Conflict) as error:
            return str(error.message)
        return ""

    def service(self, host: str) -> Json:
        """Return the service of a compute (Refused: there is none)."""
        found = self.get("/os-services", binary="nova-compute", host=host)["services"]
        if not found:
            raise Refused(f"Nova has no compute {host}")
        service: Json = found[0]
        return service

    def servers(self, host: str) -> list[Json]:
        """Return the servers that are on a compute, by their names."""
        listed: list[Json] = []
        query = {"all_tenants": "1", "host": host, "limit": "100"}
        while page := self.get("/servers/detail", **query)["servers"]:
            listed += page
            query["marker"] = page[-1]["id"]
        return sorted(listed, key=lambda server: (server["name"], server["id"]))

    def server(self, number: str) -> Json:
        """Return a server."""
        found: Json = self.get(f"/servers/{number}")["server"]
        return found

    def events(self, number: str) -> list[Json]:
        """Return what belongs to the last thing that was done to a server."""
        actions = self.get(f"/servers/{number}/os-instance-actions")["instanceActions"]
        if not actions:
            return []
        last = self.get(f"/servers/{number}/os-instance-actions/{actions[0]['request_id']}")
        found: list[Json] = last["instanceAction"]["events"]
        return found

    def failure(self, number: str) -> str:
        """Return why the last thing that was done to a server failed."""
        events = self.events(number)
        told = [event.get("details") for event in events if event.get("result") == "Error"]
        return next((why for why in told if why), "Nova gives no reason")


def drain(nova: Nova, host: str, clock: Clock, reason: str = REASON) -> None:
    """Move all servers away from a compute (Refused: some are left)."""
    service = nova.service(host)
    if service["status"] != "disabled":
        body = {"status": "disabled", "disabled_reason": reason}
        nova.api.put(f"/os-services/{service['id']}", json=body, microversion=VERSION)
        clock.say(f"{host} takes no new servers")
    if service["state"] != "up":
        names = ", ".join(server["name"] for server in nova.servers(host))
        if names:
            raise Refused(f"{host} does not run, so its servers can't move: {names}")
        return
    confirm(nova, host, clock)
    stuck = one_by_one(nova, host, clock, "stays", lambda s: move(nova, s, host, clock))
    if stuck:
        named = "\n  ".join(stuck)
        raise Refused(
            f"{len(stuck)} of the servers of {host} could not be moved; new ones do not come to it."
            f" Mend what hinders them, or move them by hand, and run it again:\n  {named}"
        )
    clock.say(f"no server is on {host}")


def one_by_one(
    nova: Nova, host: str, clock: Clock, stays: str, take: Callable[[Json], str]
) -> list[str]:
    """Take the servers of a compute away from it; return those that stay, each with the reason.

    take: takes one away, and returns why it stays, "" if it does not.
    stays: what is said of one that does.
    """
    stuck: dict[str, str] = {}
    while left := [server for server in nova.servers(host) if server["id"] not in stuck]:
        server = left[0]
        try:
            why = take(server)
        except exceptions.NotFound:
            continue  # somebody has deleted it
        if why:
            stuck[server["id"]] = f"{server['name']}: {why}"
            clock.say(f"server {server['name']} {stays}: {why}")
    return [*stuck.values()]


def confirm(nova: Nova, host: str, clock: Clock) -> None:
    """End the cold moves from a compute that a run which was cut off has left unconfirmed."""
    waiting = nova.get("/servers/detail", all_tenants="1", status="VERIFY_RESIZE")["servers"]
    for server in waiting:
        query = {"instance_uuid": server["id"], "source_compute": host, "status": "finished"}
        moves = nova.get("/os-migrations", **query)["migrations"]
        # A resize is its user's to confirm.
        if any(move["migration_type"] == "migration" for move in moves):
            nova.act(server, "confirmResize", None)
            clock.say(f"server {server['name']}: its move of an earlier run is confirmed")


def move(nova: Nova, server: Json, host: str, clock: Clock) -> str:
    """Move a server to wherever Nova chooses; return why it stays, "" if it has moved."""
    begin = clock.seconds
    server = idle(nova, server["id"], clock, "waiting for it")
    ran, why = server["status"] in LIVE, ""
    if on(server) != host:
        return ""
    for kind, states, ask in (("live", LIVE, live), ("cold", COLD, cold)):
        if server["status"] not in states:
            continue
        failed = ask(nova, server, host, clock)
        server = idle(nova, server["id"], clock, f"moves {kind}")
        if on(server) != host:
            how = f"{kind}, which restarted it (not live: {why})" if ran and why else kind
            spent = clock.seconds - begin
            clock.say(f"server {server['name']} is on {on(server)} after {spent} s: moved {how}")
            return ""
        why = failed or nova.failure(server["id"])
    return why or f"it is {server['status']}; Nova moves one that is {', '.join({*LIVE, *COLD})}"


def live(nova: Nova, server: Json, host: str, clock: Clock) -> str:
    """Move a server that runs, without a break; return why Nova does not begin."""
    asked = {"host": None, "block_migration": "auto"}
    if why := nova.act(server, "os-migrateLive", asked):
        return why
    until = clock.seconds + 60 * EACH
    while (now := nova.server(server["id"]))["OS-EXT-STS:task_state"] and on(now) == host:
        under_way = nova.get(f"/servers/{server['id']}/migrations")["migrations"]
        for migration in under_way:
            if clock.seconds > until:
                path = f"/servers/{server['id']}/migrations/{migration['id']}"
                nova.api.delete(path, microversion=VERSION)
                return f"its live move was not done within {EACH} minutes"
        clock.wait(f"server {server['name']}: {progress(under_way)}")
    return ""


def progress(under_way: list[Json]) -> str:
    """Say how far a live move is, in what Nova tells of its memory and disk."""
    for migration in under_way:
        parts = [
            f"{kind} {100 - 100 * migration[f'{kind}_remaining_bytes'] // total} %"
            for kind in ("disk", "memory")
            if (total := migration.get(f"{kind}_total_bytes"))
        ]
        if parts:
            return f"moves live: {', '.join(parts)}"
    return "moves live"


def cold(nova: Nova, server: Json, host: str, clock: Clock) -> str:
    """Move a server by its disk: one that runs is off meanwhile; return why it does not begin."""
    if why := nova.act(server, "migrate", None):
        return why
    server = idle(nova, server["id"], clock, "moves cold")
    if server["status"] == "VERIFY_RESIZE":
        nova.act(server, "confirmResize", None)
    while (server := nova.server(server["id"]))["status"] == "VERIFY_RESIZE":
        clock.wait(f"server {server['name']}: moves cold: its old disk is removed")
    return ""


def idle(nova: Nova, number: str, clock: Clock, what: str) -> Json:
    """Return a server that nothing is done to."""
    while (server := nova.server(number))["OS-EXT-STS:task_state"]:
        clock.wait(f"server {server['name']}: {what}")
    return server


def on(server: Json) -> str:
    """Return the compute that a server is on."""
    return str(server["OS-EXT-SRV-ATTR:host"])


def release(nova: Nova, host: str, clock: Clock, reason: str = REASON) -> None:
    """Let servers come to a compute again, unless somebody else has disabled it."""
    service = nova.service(host)
    if service["status"] != "disabled":
        return
    said = service.get("disabled_reason") or ""
    if said != reason:
        clock.say(f"{host} stays disabled, as somebody has said: {said or 'no reason'}")
        return
    nova.api.put(f"/os-services/{service['id']}", json={"status": "enabled"}, microversion=VERSION)
    clock.say(f"{host} takes servers again")


COMMANDS: dict[str, Callable[[Nova, str, Clock, str], None]] = {"drain": drain, "release": release}


def main() -> int:
    """Run the command of the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("command", choices=COMMANDS)
    parser.add_argument("compute")
    parser.add_argument("--reason", default=REASON, help="why Nova has it disabled")
    given = parser.parse_args()
    nova, clock = Nova(log_in().nova), Clock(MINUTES)
    try:
        COMMANDS[given.command](nova, given.compute, clock, given.reason)
    except (Refused, exceptions.ClientException) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
