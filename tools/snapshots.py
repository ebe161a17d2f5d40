"""Snapshots by hand, without a change of settings: `python -m tools.snapshots COMMAND`.

    take       a snapshot of SERVER, called NAME or else by the time
    restore    brings SERVER back to SNAPSHOT; what was written on it since then is lost
    list       all snapshots

These words, STACK and PULUMI are variables of the environment, as make gives them. It asks Nova and
Glance as the server's project's user, so in a tenant's stack, too. No preview shows anything of it:
the settings say nothing of it. The disk of the controller, which only that sees, is not checked.
"""

import os
import subprocess
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from keystoneauth1.exceptions import ClientException
from pydantic import ValidationError

from components.certificates import file_of, trusted
from components.nodes import auth_url
from components.passwords import Passwords
from components.settings import TlsSettings, yaml_text
from components.settings.advice import nearest
from components.steps.lib.snapshots import (
    NAME,
    Clock,
    Cloud,
    Json,
    Refused,
    Room,
    Snapshot,
    connect,
    no_check,
    restore,
    room_on_compute,
    take,
)
from pull_requests.cli import pulumi

from .config import Entries, NoConfig, entries
from .config import value as of_config

COMMANDS = ("take", "restore", "list")
MINUTES = 60
TITLES = ("name", "server", "project", "size", "taken (UTC)", "by")


@dataclass(frozen=True)
class Stack:
    """A stack's cloud: a cloud's own with the admin's login, or a tenant's with its project's."""

    auth_url: str
    region: str
    secret: str = ""
    tenant: str = ""
    password: str = ""
    ca: str = ""
    """The certificates, as PEM, that its services are known by."""

    def login(self, project: str = "") -> Cloud:
        """Return the cloud for a project's user; for the admin by default, if it is there."""
        user = self.tenant or project or "admin"
        name = f"project {project}" if project else "ADMIN_PASS"
        password = self.password or Passwords(self.secret).plain(name)
        trusted = file_of(self.ca) if self.ca else ""
        return connect(self.auth_url, self.region, user, password, user, trusted)

    def projects(self, cloud: Cloud) -> Mapping[str, str]:
        """Return the names of projects by id."""
        if self.tenant:
            found: object = cloud.nova.session.get_project_id()
            return {str(found): self.tenant}
        listed = cloud.nova.session.get(f"{self.auth_url}/projects").json()["projects"]
        return {project["id"]: project["name"] for project in listed}

    def room(self, cloud: Cloud) -> Room:
        """Return the check of a compute's disk, which Nova tells only the admin."""
        return no_check if self.tenant else room_on_compute(cloud)


def read(config: Entries, namespace: str) -> Stack:
    """Return the stack of what `pulumi config --json --show-secrets` prints (Refused)."""

    def value(key: str) -> Any:  # noqa: ANN401  # any JSON
        return of_config(config, namespace, key)

    if cloud := value("cloud"):
        file = Path(f"Pulumi.{cloud}.yaml")
        try:
            content: Any = yaml_text.load(file.read_bytes())
            given = content["config"]
            host = given[f"{namespace}:controller"]["host"]
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise Refused(f"{file} can't be read: {error}") from None
        region = given.get(f"{namespace}:region", "RegionOne")
        url = auth_url(host, tls(given.get(f"{namespace}:tls")))
        return Stack(url, region, "", value("tenant"), value("password"), _output(cloud, "ca"))
    if not value("controller") or not value("secret"):
        raise Refused(f"the stack has no {namespace}:controller and {namespace}:secret")
    own = tls(value("tls"))
    try:
        ca = trusted(Passwords(value("secret").strip()), own)
    except (OSError, ValueError) as error:
        raise Refused(f"tls.certificateFile can't be read: {error}") from None
    url = auth_url(value("controller")["host"], own)
    return Stack(url, value("region") or "RegionOne", value("secret"), ca=ca)


def tls(given: object) -> TlsSettings:
    """Return the settings of TLS (Refused)."""
    try:
        return TlsSettings.model_validate(given or {}, by_name=False)
    except ValidationError as error:
        raise Refused(f"tls: {error.errors()[0]['msg']}") from None


def _output(stack: str, name: str) -> str:
    """Return an output of a stack (Refused)."""
    command = [pulumi(), "stack", "output", name, "--stack", stack]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise Refused(f"`{' '.join(command)}` failed: {done.stderr.strip()}")
    return done.stdout


def stack(name: str) -> Stack:
    """Return the stack of this name, or the selected one (Refused)."""
    try:
        return read(*entries(name))
    except NoConfig as error:
        raise Refused(str(error)) from None


def find(there: Stack, cloud: Cloud, name: str) -> tuple[Json, str]:
    """Return a server and its project's name (Refused: there is none, or more than one)."""
    every = {} if there.tenant else {"all_tenants": "1"}
    listed = cloud.nova.get("/servers/detail", params={"name": f"^{name}$", **every}).json()
    found = [server for server in listed["servers"] if server["name"] == name]
    if len(found) != 1:
        raise Refused(f"there {'are several servers' if found else 'is no server'} {name}")
    return found[0], there.projects(cloud)[found[0]["tenant_id"]]


def table(rows: Iterable[tuple[str, ...]]) -> str:
    """Return rows as lines in columns."""
    lines = [TITLES, *rows]
    widths = [max(len(line[i]) for line in lines) for i in range(len(TITLES))]
    padded = (
        "  ".join(text.ljust(width) for text, width in zip(line, widths, strict=True))
        for line in lines
    )
    return "\n".join(line.rstrip() for line in padded)


def row(snapshot: Snapshot, projects: Mapping[str, str]) -> tuple[str, ...]:
    """Return what the table says of a snapshot."""
    by = "settings" if snapshot.declared else "hand"
    return (
        snapshot.name,
        snapshot.server,
        projects.get(snapshot.project_id, snapshot.project_id),
        f"{snapshot.size / 2**20:.0f} MiB" if snapshot.status == "active" else snapshot.status,
        snapshot.taken.rstrip("Z").replace("T", " "),
        by,
    )


def run(command: str, there: Stack, words: Mapping[str, str]) -> None:
    """Do what is asked for (Refused, ClientException)."""
    cloud = there.login()
    if command == "list":
        projects = there.projects(cloud)
        print(table(row(snapshot, projects) for snapshot in cloud.snapshots()))
        return
    server, project = find(there, cloud, _given(words, "SERVER"))
    own, clock = there.login(project), Clock(MINUTES)
    if command == "take":
        name = words.get("NAME") or f"{server['name']}-{datetime.now(UTC):%Y%m%d-%H%M%S}"
        if any(old.status == "active" for old in own.snapshots(**{NAME: name})):
            raise Refused(f"there is a snapshot {name} in project {project}; take another NAME")
        take(own, name, server["id"], clock, there.room(cloud), declared=False)
        return
    wanted = _given(words, "SNAPSHOT")
    mine = [s for s in own.snapshots() if s.server == server["name"] and s.status == "active"]
    found = [snapshot for snapshot in mine if snapshot.name == wanted]
    if not found:
        raise Refused(
            f"{wanted} is no snapshot of server {server['name']};"
            f" {nearest(wanted, (snapshot.name for snapshot in mine))}"
        )
    since = f"snapshot {wanted} of {found[0].taken}"
    print(f"everything written on {server['name']} since {since} is lost", file=sys.stderr)
    restore(own, found[0], server["id"], clock, there.room(cloud))


def _given(words: Mapping[str, str], name: str) -> str:
    if not words.get(name):
        raise Refused(f"give {name}=…")
    return words[name]


def main() -> int:
    """Run the command of the command line."""
    if len(sys.argv) != 2 or sys.argv[1] not in COMMANDS:  # noqa: PLR2004  # itself and one word
        print(__doc__, file=sys.stderr)
        return 2
    try:
        run(sys.argv[1], stack(os.environ.get("STACK", "")), os.environ)
    except (Refused, ClientException) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
