"""Applies rows of the table of changes on the lab that is up: `python -m tests.changes.lab --all`.

Arguments are beginnings of rows' names; `--commit ID` takes that commit's share. The status is 0 if
all pass. The lab starts and ends with the base's settings.
"""

import argparse
import os
import secrets
import subprocess
import sys
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from ipaddress import IPv4Network
from pathlib import Path
from typing import Any

import yaml
from keystoneauth1.adapter import Adapter
from keystoneauth1.exceptions import ClientException
from keystoneauth1.identity.v3 import Password
from keystoneauth1.session import Session

from components.passwords import Passwords
from pull_requests.cli import OPTIONS, parse_preview
from tests.changes import facts
from tests.changes.base import ROOT, STORE, base, with_host_keys
from tests.changes.compare import contradictions
from tests.changes.facts import Json, Replaced, Same, identity
from tests.changes.packs import Stage, change_of, chosen, stages
from tests.changes.row import Row
from tests.changes.table import TABLE
from tests.unit.test_settings import Change, changed
from wording import WORDS

FOLDER = ROOT / STORE
STACK = FOLDER / "changes" / "Pulumi.dev.yaml"
MARK = "/root/mark"
"""A file in a server: as long as it has the same text, the disk is the same."""
PATIENCE = 120
"""Seconds in which a server that was down answers again."""
PAUSE = 15
"""Seconds without an answer after which a server counts as down; a busy machine needs some."""
MICROVERSION = "2.79"
"""Of Nova's API: it gives a server's flavor as sizes."""

Settings = dict[str, Any]
Result = subprocess.CompletedProcess[str]


class UpError(Exception):
    """An `up` failed; the message has the end of its output."""


class Lab:
    """The lab's cloud, its nodes and servers, as `facts.Cloud` wants it."""

    def __init__(self, controller: str, region: str) -> None:
        self.before: dict[tuple[str, str], str] = {}
        secret = run("pulumi", "config", "get", "secret").stdout.strip()
        auth = Password(
            auth_url=f"http://{controller}:5000/v3",
            username="admin",
            password=Passwords(secret).plain("ADMIN_PASS"),
            project_name="admin",
            user_domain_name="Default",
            project_domain_name="Default",
        )
        session = Session(auth=auth, timeout=60)
        self._services = {
            service: Adapter(
                session,
                service_type=service,
                interface="public",
                region_name=region,
                default_microversion=MICROVERSION if service == "compute" else None,
            )
            for service in ("identity", "image", "network", "compute")
        }

    def get(self, service: str, path: str) -> Json:
        """Return what a service's API answers to the admin."""
        answer: Json = self._services[service].get(path).json()
        return answer

    def on(self, node: str, command: str) -> str:
        """Return what a command prints on a node."""
        return run("ssh", node, command).stdout

    def reboot(self, server: str) -> None:
        """Restart a server, which then asks for its address."""
        action = {"reboot": {"type": "HARD"}}
        self._services["compute"].post(f"/servers/{server}/action", json=action)

    def address(self, server: str) -> str:
        """Return what Neutron says is the server's address; "" without one."""
        ports = facts.named(self, "port", server)
        return str(ports[0]["fixed_ips"][0]["ip_address"]) if len(ports) == 1 else ""

    def remember(self, rows: Iterable[Row], servers: Iterable[str]) -> None:
        """Note the ids that the facts of these rows compare with."""
        wanted = {("server", name) for name in servers}
        for fact in (fact for row in rows for fact in row.then):
            if isinstance(fact, Same):
                wanted.add((fact.kind, fact.was or fact.name))
            elif isinstance(fact, Replaced):
                wanted.add((fact.kind, fact.name))
        self.before = {(kind, name): identity(self, kind, name) for kind, name in wanted}


def whole() -> Settings:
    """Return the base's settings for the lab's nodes."""
    return with_host_keys(base(), FOLDER)


def run(command: str, *arguments: str, stdin: str = "") -> Result:
    """Run a command of the lab, on the stack's file that was written last."""
    words = [str(ROOT / "lab" / command), *arguments]
    if STACK.exists():
        words = ["env", f"LAB_STACK={STACK}", *words]
    return subprocess.run(words, input=stdin, capture_output=True, text=True, check=False)


def write(settings: Mapping[str, object]) -> None:
    """Write the stack's file."""
    STACK.parent.mkdir(exist_ok=True)
    config = {f"iaas:{key}": value for key, value in settings.items()}
    STACK.write_text(yaml.safe_dump({"config": config}, sort_keys=False), encoding="utf-8")


def up(settings: Mapping[str, object]) -> None:
    """Apply settings (UpError)."""
    write(settings)
    done = run("pulumi", "up", "--yes", "--skip-preview", "--non-interactive")
    if done.returncode:
        said = (done.stdout + done.stderr).partition("Diagnostics:")[2] or done.stderr
        raise UpError(said.partition("Outputs:")[0].strip())


def resume() -> None:
    """Let the stack go on after a change that failed."""
    words = [sys.executable, "-m", "tools.resume"]
    environment = {**os.environ, "PULUMI": str(ROOT / "lab" / "pulumi"), "LAB_STACK": str(STACK)}
    subprocess.run(words, cwd=ROOT, env=environment, check=True)


def unsettled() -> Iterator[str]:
    """Yield what a preview still changes, before and after a refresh."""
    for when in ("after it", "after a refresh"):
        shown = run("pulumi", "preview", *OPTIONS)
        preview = parse_preview(shown, WORDS)
        left = [f"{resource.op} {resource.name}" for resource in preview.changed]
        if left or preview.errors:
            yield f"a preview {when} is not without changes: {[*preview.errors, *left]}"
        if when == "after it":
            refreshed = run("pulumi", "refresh", "--yes", "--skip-preview", "--non-interactive")
            if refreshed.returncode:
                yield f"refresh fails: {refreshed.stdout}{refreshed.stderr}"


@dataclass(frozen=True)
class Server:
    """A server of the settings, and how it is reached over the provider wire."""

    name: str
    address: str
    vlan: str
    source: IPv4Network
    """Its network; questions come from the last address of it."""
    key: Path

    def ping(self, seconds: int) -> bool:
        """Ask for so long whether it answers."""
        options = ["--vlan", self.vlan, "--source", str(self.source[-2]), "--wait", str(seconds)]
        return run("wire", "ping", *options, self.address).returncode == 0

    def shell(self, command: str) -> Result:
        """Run a command in it."""
        source = f"{self.source[-2]}/{self.source.prefixlen}"
        options = ["--vlan", self.vlan, "--source", source, str(self.key), f"root@{self.address}"]
        return run("wire", "ssh", *options, command)


def servers_of(lab: Lab, settings: Settings) -> dict[str, Server]:
    """Return the servers of the settings by name, with the addresses that they have."""
    networks = {network["name"]: network for network in settings["networks"]}
    keys = {server["name"]: server["publicKeyFile"] for server in base()["servers"]}
    return {
        server["name"]: Server(
            server["name"],
            lab.address(server["name"]),
            str(networks[server["network"]]["segment"]),
            IPv4Network(networks[server["network"]]["cidr"]),
            (ROOT / keys[server["name"]]).with_suffix(""),
        )
        for server in settings["servers"]
        if server["name"] in keys
    }


@contextmanager
def watched(servers: Iterable[Server]) -> Iterator[set[str]]:
    """Ask servers all the time; the set has those that did not answer."""
    silent: set[str] = set()
    over = threading.Event()

    def ask(server: Server) -> None:
        while not over.wait(1):
            if not server.ping(PAUSE):
                silent.add(server.name)

    threads = [threading.Thread(target=ask, args=(server,)) for server in servers]
    for thread in threads:
        thread.start()
    try:
        yield silent
    finally:
        over.set()
        for thread in threads:
            thread.join()


@dataclass
class Trial:
    """Rows that share an `up`, and for each what was not as it says."""

    stage: Stage
    pack: Sequence[Row]
    wrong: dict[str, list[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.wrong = {row.name: [] for row in self.pack}

    def all_rows(self, problems: Iterable[str]) -> None:
        """Note problems that cannot be assigned to one row of the pack."""
        for problem in problems:
            for found in self.wrong.values():
                found.append(problem)

    @property
    def settings(self) -> Settings:
        """The settings before it."""
        return changed(whole(), self.stage.before, FOLDER)

    @property
    def stopped(self) -> set[str]:
        """The servers that do not stay, or not all the time."""
        return {name for row in self.pack for name in (*row.lost, *row.down)}

    def apply(self, lab: Lab) -> None:
        """Apply the change and undo it (UpError: the lab is somewhere in between)."""
        before = self.settings
        after = changed(before, change_of(self.pack), FOLDER)
        servers = servers_of(lab, before)
        lab.remember(self.pack, servers)
        token = secrets.token_hex(8)
        for server in servers.values():
            if not server.ping(PATIENCE) or server.shell(f"echo {token} >{MARK}; sync").returncode:
                self.all_rows([f"{server.name} does not answer before the change"])
        stay = [server for name, server in servers.items() if name not in self.stopped]
        with watched(stay) as silent:
            write(after)
            preview = parse_preview(run("pulumi", "preview", *OPTIONS), WORDS)
            for row in self.pack:
                self.wrong[row.name] += contradictions(row, self.pack, preview)
            if any(row.refused for row in self.pack):
                self._refused()
            else:
                up(after)
        self.all_rows(f"{name} did not answer all the time" for name in sorted(silent))
        lost = {name for row in self.pack for name in row.lost}
        stays = servers.keys() - lost
        refused = any(row.refused for row in self.pack)
        self.all_rows(not_kept(lab, before if refused else after, stays, token))
        self.all_rows(not_replaced(lab, after, lost))
        for row in self.pack:
            for fact in row.then:
                self.wrong[row.name] += fact.wrong(lab)
        if any(row.refused for row in self.pack):
            write(before)
        self.all_rows(unsettled())
        self._back(before)
        self.all_rows(f"on the way back: {what}" for what in not_kept(lab, before, stays, token))

    def _refused(self) -> None:
        """Run `up`, which must fail."""
        tried = run("pulumi", "up", "--yes", "--non-interactive")
        if not tried.returncode:
            self.all_rows(["`up` succeeds, though the row says that it is refused"])

    def _back(self, before: Settings) -> None:
        words: Change = {where: value for row in self.pack for where, value in row.back.items()}
        if words:
            up(changed(before, words, FOLDER))
        up(before)
        preview = parse_preview(run("pulumi", "preview", *OPTIONS), WORDS)
        if preview.changed or preview.errors:
            left = [f"{resource.op} {resource.name}" for resource in preview.changed]
            self.all_rows([f"the way back leaves changes: {[*preview.errors, *left]}"])


def not_kept(lab: Lab, settings: Settings, names: Iterable[str], token: str) -> Iterator[str]:
    """Yield which servers have not kept their identity and their disk."""
    servers = servers_of(lab, settings)
    for name in sorted(names):
        found = identity(lab, "server", name)
        if name not in servers or found != lab.before["server", name]:
            yield f"server {name} is another one than before the change"
            continue
        server = servers[name]
        if not server.ping(PAUSE):  # a server gets a changed address when it asks again
            lab.reboot(found)
        if not server.ping(PATIENCE):
            yield f"server {name} does not answer"
            continue
        told = server.shell(f"cat {MARK}")
        if told.returncode:
            yield f"server {name} does not show its disk: {told.stdout}{told.stderr}"
        elif told.stdout.strip() != token:
            yield f"server {name} has lost its disk"


def not_replaced(lab: Lab, settings: Settings, names: Iterable[str]) -> Iterator[str]:
    """Yield which servers should have been replaced and are not, or do not answer."""
    servers = servers_of(lab, settings)
    for name in sorted(names):
        found = identity(lab, "server", name)
        if found and found == lab.before["server", name]:
            yield f"server {name} is the same as before the change"
        elif name in servers and not servers[name].ping(PATIENCE):
            yield f"server {name} does not answer after it was replaced"


def applied(rows: Iterable[Row]) -> dict[str, list[str]]:
    """Apply rows, and return for each what is not as it says.

    A row that fails does not spoil others: a pack whose `up` fails is applied again, a row at a
    time, and the lab is brought back to the base in between.
    """
    found: dict[str, list[str]] = {}
    config = whole()
    up(config)
    lab = Lab(config["controller"]["host"], config.get("region", "RegionOne"))
    for stage in stages(row for row in rows if not row.unseen):
        packs = list(stage.packs)
        while packs:
            trial = Trial(stage, packs.pop(0))
            print(f"applying {', '.join(trial.wrong)}", flush=True)
            try:
                up(trial.settings)
                trial.apply(lab)
            except (UpError, ClientException) as error:
                if len(trial.pack) > 1:
                    packs = [[row] for row in trial.pack] + packs
                    trial.wrong = {}
                trial.all_rows([f"`up` fails: {error}"])
                resume()
                up(config)
            for name, wrong in trial.wrong.items():
                found[name] = wrong
                print(f"{name}: {wrong or 'as the row says'}", flush=True)
    up(config)
    return found


def verdict(row: Row, wrong: Sequence[str]) -> list[str]:
    """Return what to do about a row that was applied: nothing where it fails as expected."""
    if not (row.pending or row.faulty):
        return list(wrong)
    return [] if wrong else ["the row passes now: remove `pending` and `faulty` from it"]


@cache
def commit() -> str:
    """Return the commit that is checked out."""
    words = ["git", "-C", str(ROOT), "rev-parse", "HEAD"]
    return subprocess.run(words, capture_output=True, text=True, check=True).stdout.strip()


def main() -> int:
    """Apply the rows that are named."""
    parser = argparse.ArgumentParser(prog="python -m tests.changes.lab", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME")
    parser.add_argument("--all", action="store_true")
    parser.add_argument("--commit", metavar="ID")
    known = parser.parse_args()
    rows = [row for row in TABLE if known.all or row.name.startswith(tuple(known.names))]
    if known.commit:
        rows = chosen(TABLE, known.commit)
    if not rows:
        parser.error("no row has such a name")
    by_name = {row.name: row for row in rows}
    found = {name: verdict(by_name[name], wrong) for name, wrong in applied(rows).items()}
    failed = {name: wrong for name, wrong in found.items() if wrong}
    print(f"\n{len(found) - len(failed)} rows are as they say, {len(failed)} are not")
    for name, wrong in failed.items():
        print(f"\n{name}")
        for problem in wrong:
            print(f"  {problem}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
