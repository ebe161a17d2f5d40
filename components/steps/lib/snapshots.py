#!/usr/bin/env python3
"""Snapshots of servers: images of their disks, which Nova makes and brings servers back to.

    snapshots.py take      a snapshot is there; prints what it is, as JSON
    snapshots.py show      prints what it is, as JSON; its id is "" if it is gone
    snapshots.py delete    it is not there
    snapshots.py restore   the server is brought back to it

The request comes by stdin: a Request as JSON. OS_* variables are of the admin, as in
admin-openrc.sh; a snapshot is taken, and a server brought back, by the user in the request, so that
the image is the project's. Progress goes to stderr. Exit status 1 with the reason on stderr if not.

Each finds what an earlier run that was cut off has begun, and goes on with it. An image is known by
properties of its own and not by its name alone, which is anybody's to give.
"""

import argparse
import json
import os
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from typing import Any

from keystoneauth1 import exceptions, session
from keystoneauth1.adapter import Adapter
from keystoneauth1.identity.v3 import Password

Json = dict[str, Any]

NAME, SERVER, DECLARED = "iaas_snapshot", "iaas_server", "iaas_declared"
"""Properties of an image: its own name again, its server's name, "true" if the settings have it.

Images of servers inherit properties, but not the name: so both must agree.
"""
SNAPPED = ("ACTIVE", "SHUTOFF", "PAUSED", "SUSPENDED")
REBUILT = ("ACTIVE", "SHUTOFF", "ERROR")
"""States in which Nova makes an image of a server, and in which it rebuilds one."""
UNFINISHED = ("queued", "saving")
GIB = 2**30
STORE = "/var/lib/glance"
RESERVE = GIB
"""What stays free on the controller's disk for its databases."""
PAUSE, AGAIN = 1.0, 15.0
"""Seconds between two questions, and between two lines of one state."""


class Refused(Exception):  # noqa: N818  # it is what a user reads
    """What cannot be done, in words."""


@dataclass(frozen=True)
class Request:
    """What is asked for. `server` is Nova's id; `user` has the project's name, too."""

    snapshot: str
    server: str
    user: str = ""
    password: str = ""
    minutes: int = 60


@dataclass(frozen=True)
class Snapshot:
    """A snapshot that is there. `taken` is Glance's time (UTC), `size` is in bytes."""

    id: str = ""
    taken: str = ""
    name: str = ""
    server: str = ""
    server_id: str = ""
    project_id: str = ""
    size: int = 0
    declared: bool = False
    status: str = ""
    frozen: str = ""
    """Why its file systems are whole; empty: it is like a disk after a power cut."""


@dataclass(frozen=True)
class Cloud:
    """Nova and Glance for one login."""

    nova: Adapter
    glance: Adapter

    def server(self, number: str) -> Json:
        """Return a server (Refused: there is none)."""
        try:
            found: Json = self.nova.get(f"/servers/{number}").json()["server"]
        except exceptions.NotFound:
            raise Refused(f"there is no server {number}") from None
        return found

    def snapshots(self, **wanted: str) -> list[Snapshot]:
        """Return the snapshots whose images have these properties, oldest first."""
        found = (_snapshot(i) for i in self._images(wanted) if i["name"] == i.get(NAME))
        return sorted(found, key=lambda snapshot: (snapshot.taken, snapshot.id))

    def _images(self, wanted: dict[str, str]) -> Iterator[Json]:
        body: Json = self.glance.get("/v2/images", params={"limit": "100", **wanted}).json()
        yield from body["images"]
        while following := body.get("next"):
            body = self.glance.get(following).json()
            yield from body["images"]

    def image(self, number: str) -> Json | None:
        """Return an image; None if it is gone."""
        try:
            found: Json = self.glance.get(f"/v2/images/{number}").json()
        except exceptions.NotFound:
            return None
        return found

    def delete(self, number: str) -> None:
        """Delete an image, if it is there."""
        try:
            self.glance.delete(f"/v2/images/{number}")
        except exceptions.NotFound:
            return


def _true(value: object) -> bool:
    return str(value).lower() in ("true", "yes", "1")


def _snapshot(image: Json) -> Snapshot:
    frozen = ""
    if _true(image.get("os_require_quiesce")):
        frozen = "its guest agent froze its file systems"
    elif _true(image.get("hw_qemu_guest_agent")):
        frozen = "its guest agent froze its file systems if it answered"
    return Snapshot(
        image["id"],
        image["created_at"],
        image["name"],
        image.get(SERVER, ""),
        image.get("instance_uuid", ""),
        image.get("owner") or "",
        image.get("size") or 0,
        _true(image.get(DECLARED)),
        image["status"],
        frozen,
    )


def connect(
    auth_url: str, region: str, user: str, password: str, project: str, trusted: str = ""
) -> Cloud:
    """Return Nova and Glance for this login, which is used at the first question.

    trusted: a file of the certificates that they are known by; without one, the machine's.
    """
    domain = "Default"
    auth = Password(
        auth_url=auth_url,
        username=user,
        password=password,
        project_name=project,
        user_domain_name=domain,
        project_domain_name=domain,
    )
    own = session.Session(auth=auth, timeout=60, verify=trusted or True)

    def service(kind: str, version: str | None = None) -> Adapter:
        return Adapter(
            own,
            service_type=kind,
            interface="public",
            region_name=region,
            connect_retries=3,
            default_microversion=version,
        )

    return Cloud(service("compute", "2.47"), service("image"))


def log_in(user: str = "", password: str = "") -> Cloud:
    """Return the cloud of OS_* for a project's user, or else for the account of OS_*."""
    env = os.environ
    account = (user, password, user)
    if not user:
        account = (env["OS_USERNAME"], env["OS_PASSWORD"], env["OS_PROJECT_NAME"])
    return connect(env["OS_AUTH_URL"], env["OS_REGION_NAME"], *account, env.get("OS_CACERT", ""))


class Clock:
    """Says what is waited for, with seconds, and ends the wait."""

    def __init__(self, minutes: float) -> None:
        self.begin = time.monotonic()
        self.end = self.begin + 60 * minutes
        self.minutes = minutes
        self.said = ("", 0.0)

    @property
    def seconds(self) -> int:
        """Seconds since the beginning."""
        return int(time.monotonic() - self.begin)

    def say(self, text: str) -> None:
        """Print a line for people who wait."""
        print(f"[{self.seconds:3} s] {text}", file=sys.stderr, flush=True)

    def wait(self, what: str) -> None:
        """Wait a moment for what is under way (Refused: the time is over)."""
        now = time.monotonic()
        if now > self.end:
            raise Refused(f"not done within {self.minutes:g} minutes, while: {what}; run it again")
        if what != self.said[0] or now - self.said[1] >= AGAIN:
            self.say(what)
            self.said = (what, now)
        time.sleep(PAUSE)

    def idle(self, cloud: Cloud, number: str, what: str) -> Json:
        """Return a server that nothing is done to (Refused)."""
        while task := (server := cloud.server(number))["OS-EXT-STS:task_state"]:
            self.wait(f"{what}: {task}")
        return server


Room = Callable[[Json, int], None]
"""Refuses what has no room: of a server, and the bytes that may be needed (Refused)."""


def no_check(_server: Json, _need: int) -> None:
    """Take it that there is room: what there is, only the admin and the controller see."""


def _gib(need: int) -> int:
    return -(-need // GIB)


def room_in_store(need: int) -> None:
    """Refuse an image of that many bytes which the disk of this controller has no room for."""
    there = shutil.disk_usage(STORE).free
    if there < need + RESERVE:
        raise Refused(
            f"no room: the image may take {_gib(need)} GiB, and {STORE} on the controller has"
            f" {there / GIB:.1f} GiB free, 1 GiB of which stays free; delete images, or make the"
            " disk larger"
        )


def room_on_compute(admin: Cloud) -> Room:
    """Return a check of the disk of a server's compute, of which Nova tells the admin."""

    def check(server: Json, need: int) -> None:
        host = admin.server(server["id"])["OS-EXT-SRV-ATTR:hypervisor_hostname"]
        listed = admin.nova.get("/os-hypervisors/detail", microversion="2.53").json()["hypervisors"]
        for compute in listed:
            left = compute["disk_available_least"]
            if compute["hypervisor_hostname"] == host and left is not None and left < _gib(need):
                raise Refused(
                    f"no room: the image may take {_gib(need)} GiB, and {host} has {left} GiB that"
                    " its servers may not need themselves; make room there"
                )

    return check


def room_for(admin: Cloud) -> Room:
    """Return a check of both disks that a snapshot is written to."""

    def check(server: Json, need: int) -> None:
        room_in_store(need)
        room_on_compute(admin)(server, need)

    return check


def take(
    cloud: Cloud,
    name: str,
    number: str,
    clock: Clock,
    room: Room = no_check,
    declared: bool = True,
) -> Snapshot:
    """Return a snapshot of a server, which is made if it is not there (Refused)."""
    what = f"snapshot {name}"
    for old in cloud.snapshots(**{NAME: name}):
        if (old.server_id, old.declared) != (number, declared):
            by = "of the settings" if old.declared else "made by hand"
            raise Refused(f"{what}: there is one of {old.server}, {by}; take another name")
        if old.status == "active":
            return old
        if old.status in UNFINISHED and _under_way(cloud, number):
            clock.say(f"{what}: an earlier run has begun it")
            return _finished(cloud, old.id, number, clock, what)
        cloud.delete(old.id)
    server = clock.idle(cloud, number, f"{what}: waiting for the server")
    if server["status"] not in SNAPPED:
        raise Refused(
            f"{what}: server {server['name']} is {server['status']}; Nova takes one of a server"
            f" that is {', '.join(SNAPPED[:-1])} or {SNAPPED[-1]}"
        )
    room(server, server["flavor"]["disk"] * GIB)
    marks = {NAME: name, SERVER: server["name"], DECLARED: str(declared).lower()}
    asked = {"createImage": {"name": name, "metadata": marks}}
    while True:
        try:
            made = cloud.nova.post(f"/servers/{number}/action", json=asked).json()["image_id"]
            break
        except exceptions.Conflict:  # something else has begun in between
            clock.wait(f"{what}: waiting for the server")
    return _finished(cloud, made, number, clock, what, server["status"] == "SHUTOFF")


def _under_way(cloud: Cloud, number: str) -> bool:
    try:
        return str(cloud.server(number)["OS-EXT-STS:task_state"]).startswith("image_")
    except Refused:
        return False


def _finished(
    cloud: Cloud, image: str, number: str, clock: Clock, what: str, off: bool = False
) -> Snapshot:
    """Wait until an image is whole and the server is free again (Refused)."""
    while True:
        found = cloud.image(image)
        if found is None or found["status"] not in ("active", *UNFINISHED):
            raise Refused(
                f"{what}: Nova gave it up; /var/log/nova/nova-compute.log on the server's compute"
                " says why"
            )
        task = cloud.server(number)["OS-EXT-STS:task_state"]
        if found["status"] == "active" and not str(task).startswith("image_"):
            break
        clock.wait(f"{what}: {task or found['status']}")
    made = _snapshot(found)
    whole = "consistent: the server was off" if off else f"consistent: {made.frozen}"
    if not off and not made.frozen:
        whole = "crash-consistent: like a disk after a power cut"
    clock.say(f"{what}: {made.size / 2**20:.0f} MiB; {whole}")
    return made


def restore(cloud: Cloud, snapshot: Snapshot, number: str, clock: Clock, room: Room) -> None:
    """Bring a server back to a snapshot; it keeps its id, addresses, key and state (Refused)."""
    server = cloud.server(number)
    what = f"server {server['name']}, back to snapshot {snapshot.name}"
    begun = server["status"] == "REBUILD" and _image_of(server) == snapshot.id
    if begun:
        clock.say(f"{what}: an earlier run has begun it")
        off = False
    else:
        server = clock.idle(cloud, number, what)
        if server["status"] not in REBUILT:
            raise Refused(
                f"{what}: it is {server['status']}; Nova rebuilds a server that is"
                f" {', '.join(REBUILT[:-1])} or {REBUILT[-1]}"
            )
        off = server["status"] == "SHUTOFF"
        room(server, snapshot.size)
        cloud.nova.post(f"/servers/{number}/action", json={"rebuild": {"imageRef": snapshot.id}})
    while True:
        server = cloud.server(number)
        if server["status"] == "ERROR" and not server["OS-EXT-STS:task_state"]:
            fault = server.get("fault", {}).get("message", "Nova gives no reason")
            raise Refused(f"{what}: {fault}")
        done = server["status"] in (("SHUTOFF",) if off else ("ACTIVE", "SHUTOFF"))
        if done and not server["OS-EXT-STS:task_state"]:
            break
        clock.wait(f"{what}: {server['OS-EXT-STS:task_state'] or server['status']}")
    clock.say(f"{what}: done, as of {snapshot.taken}; it is {server['status']}")


def _image_of(server: Json) -> str:
    """Return the id of a server's image; a server without one has a text there."""
    image = server.get("image") or {}
    return str(image.get("id", ""))


def main() -> int:
    """Run the command of the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("command", choices=("take", "show", "delete", "restore"))
    command = parser.parse_args().command
    request = Request(**json.load(sys.stdin))
    clock = Clock(request.minutes)
    try:
        admin = log_in()
        own = {NAME: request.snapshot, DECLARED: "true", "instance_uuid": request.server}
        if command == "take":
            cloud = log_in(request.user, request.password)
            room = room_for(admin)
            made = take(cloud, request.snapshot, request.server, clock, room)
            print(json.dumps(asdict(made)))
        elif command == "show":
            found = [*admin.snapshots(**own), Snapshot()]
            print(json.dumps(asdict(found[0])))
        elif command == "delete":
            for snapshot in admin.snapshots(**own):
                admin.delete(snapshot.id)
        else:
            cloud = log_in(request.user, request.password)
            wanted = {NAME: request.snapshot, DECLARED: "true"}
            active = [one for one in cloud.snapshots(**wanted) if one.status == "active"]
            if not active:
                raise Refused(f"there is no snapshot {request.snapshot}")
            restore(cloud, active[0], request.server, clock, room_on_compute(admin))
    except (Refused, exceptions.ClientException) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
