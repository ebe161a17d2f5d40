#!/usr/bin/env python3
"""Makes the servers of a dead compute anew on other computes.

    evacuate.py show COMPUTE      prints its servers, and what each starts from
    evacuate.py rebuild COMPUTE   each of them is on another compute
    evacuate.py back COMPUTE      the compute takes servers again, without what is left of them

OS_* variables are of the admin, as in admin-openrc.sh. Progress goes to stderr. Exit status 1 with
the reason on stderr if not; a later run goes on.

Nova's word for it is evacuate. A server keeps its id, addresses and groups. Its disk was on the
compute: it starts anew from its image, and what was written since then is lost. What counts is
where a server is. The compute must be off, as nothing here sees whether its servers still run
there: so it is refused as long as Nova hears from it. From then on Nova takes it for down whatever
it says (`forced_down`), until `back`.
"""

import argparse
import sys
from collections.abc import Callable, Iterator

from keystoneauth1 import exceptions

from .drain import VERSION, Nova, on, one_by_one
from .snapshots import NAME, Clock, Cloud, Json, Refused, log_in

MINUTES = 60
"""For a whole compute: what is not moved then is named."""
EACH = 20
"""Minutes for a server."""
READY = ("active", "stopped", "error")
"""States from which Nova makes a server anew elsewhere."""
LOST = ("paused", "suspended")
"""States that were in the compute's memory: such a server starts."""
GONE = "its image is no longer in Glance, so there is nothing to make its disk from"


def show(nova: Nova, cloud: Cloud, host: str, clock: Clock) -> None:
    """Print the servers of a compute, and what each starts from (Refused: the compute lives)."""
    dead(nova, host)
    for server in nova.servers(host):
        print(f"server {server['name']}: {why_not(server, cloud) or starts_from(server, cloud)}")


def dead(nova: Nova, host: str) -> Json:
    """Return the service of a compute that Nova does not hear from (Refused: it does)."""
    service = nova.service(host)
    if service["state"] == "up":
        raise Refused(
            f"Nova still hears from {host}: it is not dead. To empty one that lives, set"
            " `drain: true` at it. One that was just switched off is up to Nova for a minute"
        )
    return service


def image(server: Json, cloud: Cloud) -> Json | None:
    """Return the image of a server; None if it has none, or that is gone."""
    of = server.get("image") or {}
    return cloud.image(of["id"]) if of else None


def starts_from(server: Json, cloud: Cloud) -> str:
    """Say what becomes of the disk of a server."""
    found = image(server, cloud) or {}
    kind = "snapshot" if found.get(NAME) else "image"
    return (
        f"starts anew from {kind} {found.get('name')}; what was written on its disk since is lost"
    )


def why_not(server: Json, cloud: Cloud) -> str:
    """Return why a server can't be made anew, "" if it can."""
    state = server["OS-EXT-STS:vm_state"]
    if state == "building":
        return "it was never made: delete it, and `pulumi up` makes it"
    if state not in (*READY, *LOST):
        return f"it is {server['status']}; Nova makes one anew that is {', '.join(READY)}"
    return "" if image(server, cloud) else GONE


def rebuild(nova: Nova, cloud: Cloud, host: str, clock: Clock) -> None:
    """Make the servers of a dead compute anew on others (Refused: some are left)."""
    service = dead(nova, host)
    if not service["forced_down"]:
        force(nova, service, down=True)
        clock.say(f"Nova takes {host} for down, whatever it says, until it is taken back")

    def take(server: Json) -> str:
        why = why_not(server, cloud) or make_anew(nova, server, host, clock)
        if not why:
            now, lost = nova.server(server["id"]), starts_from(server, cloud)
            clock.say(f"server {server['name']} is on {on(now)}, {now['status']}: {lost}")
        return why

    stuck = one_by_one(nova, host, clock, "is not made anew", take)
    if stuck:
        named = "\n  ".join(stuck)
        raise Refused(
            f"{len(stuck)} of the servers of {host} were not made anew. Mend what hinders them, and"
            f" run it again:\n  {named}"
        )
    clock.say(f"no server is on {host}")


def force(nova: Nova, service: Json, *, down: bool) -> None:
    """Let Nova take a compute for down, or believe it again."""
    path = f"/os-services/{service['id']}"
    nova.api.put(path, json={"forced_down": down}, microversion=VERSION)


def make_anew(nova: Nova, server: Json, host: str, clock: Clock) -> str:
    """Make a server anew wherever Nova chooses; return why it is still there, "" if it is not."""
    number = server["id"]
    if server["OS-EXT-STS:vm_state"] in LOST or server["OS-EXT-STS:task_state"]:
        # What the compute was doing to it has died with it.
        nova.act(server, "os-resetState", {"state": "active"})
    if why := nova.act(server, "evacuate", {}):
        return why
    until = clock.seconds + 60 * EACH
    while (now := nova.server(number))["OS-EXT-STS:task_state"] or is_on_its_way(nova, now, host):
        if clock.seconds > until:
            state = now["OS-EXT-STS:task_state"] or "on its way"
            return f"not made anew within {EACH} minutes; it is {state}"
        clock.wait(f"server {server['name']}: is made anew")
    if on(now) == host:
        return nova.failure(number)
    if now["OS-EXT-STS:vm_state"] == "error":
        return f"it is on {on(now)}, in ERROR: {nova.failure(number)}"
    return ""


def is_on_its_way(nova: Nova, server: Json, host: str) -> bool:
    """Return whether Nova will yet say that a server is elsewhere: that comes last."""
    return on(server) == host and any(
        not event.get("result") for event in nova.events(server["id"])
    )


def back(nova: Nova, cloud: Cloud, host: str, clock: Clock) -> None:
    """Let a compute take servers again whose nova-compute was started anew (Refused)."""
    service = nova.service(host)
    # Only when it starts does nova-compute remove what is left of servers that are elsewhere, and
    # until it has Nova lets nobody believe it.
    while left := list(leftovers(nova, host)):
        clock.wait(f"{host} removes what is left of {len(left)} servers")
    if service["forced_down"]:
        force(nova, service, down=False)
    while nova.service(host)["state"] != "up":
        clock.wait(f"Nova to hear from {host}")
    clock.say(f"{host} takes servers again")


def leftovers(nova: Nova, host: str) -> Iterator[str]:
    """Yield the servers that were made anew elsewhere, and are not yet removed from a compute."""
    query = {"source_compute": host, "migration_type": "evacuation", "status": "done"}
    for found in nova.get("/os-migrations", **query)["migrations"]:
        yield found["instance_uuid"]


COMMANDS: dict[str, tuple[Callable[[Nova, Cloud, str, Clock], None], int]] = {
    "show": (show, 1),
    "rebuild": (rebuild, MINUTES),
    "back": (back, 10),
}


def main() -> int:
    """Run the command of the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("command", choices=COMMANDS)
    parser.add_argument("compute")
    given = parser.parse_args()
    command, minutes = COMMANDS[given.command]
    cloud = log_in()
    try:
        command(Nova(cloud.nova), cloud, given.compute, Clock(minutes))
    except (Refused, exceptions.ClientException) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
