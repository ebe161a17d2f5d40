"""The lab that is up, as the table of changes needs it: settings to apply, servers to watch."""

import itertools
import os
import subprocess
import sys
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from ipaddress import IPv4Network
from pathlib import Path
from typing import Any

import yaml
from keystoneauth1.adapter import Adapter
from keystoneauth1.identity.v3 import Password
from keystoneauth1.session import Session

from components.certificates import Authority, file_of
from components.cloud.project import login
from components.nodes import auth_url
from components.passwords import Passwords
from components.settings import TlsSettings
from pull_requests.cli import OPTIONS, parse_preview
from tests.changes import facts
from tests.changes.base import ROOT, STORE, base, settings_of, with_host_keys
from tests.changes.facts import Json, Replaced, Same, identity
from tests.changes.row import Row
from tests.logins import logged_in
from wording import WORDS

FOLDER = ROOT / STORE
STACK = FOLDER / "changes" / "Pulumi.dev.yaml"
APPLIED = FOLDER / "Pulumi.dev.yaml"
"""The stack's file of the last command of `lab/pulumi`, with the lab's secret."""
MARK = "/root/mark"
"""A file in a server: as long as it has the same text, the disk is the same."""
PAUSE = 15
"""Seconds without an answer after which a server counts as down; a busy machine needs some."""
MICROVERSION = "2.79"
"""Of Nova's API: it gives a server's flavor as sizes."""

Settings = dict[str, Any]
Result = subprocess.CompletedProcess[str]


class UpError(Exception):
    """An `up` failed; the message has the end of its output."""


class Lab:
    """The lab's cloud to its admin in a project, nodes and servers, as `facts.Cloud` wants it."""

    def __init__(self, controller: str, region: str, project: str = "admin") -> None:
        self.before: dict[tuple[str, str], str] = {}
        self._passwords = Passwords(run("pulumi", "config", "get", "secret").stdout.strip())
        self._trusted = file_of(Authority(self._passwords).trusted())
        self._controller, self._region, self._project = controller, region, project
        self._logins: dict[str, dict[str, Adapter]] = {}

    @property
    def _auth_url(self) -> str:
        """Where Keystone answers by the settings of the last command."""
        given = settings_of(APPLIED).get("tls", {})
        return auth_url(self._controller, TlsSettings.model_validate(given, by_name=False))

    @property
    def _services(self) -> dict[str, Adapter]:
        """The services as the admin sees them, with one login."""
        url = self._auth_url
        if url not in self._logins:
            self._logins[url] = self._login("admin", "ADMIN_PASS", self._project)
        return self._logins[url]

    def _login(self, name: str, password: str, project: str) -> dict[str, Adapter]:
        """Return the services as a user of this name sees them in a project."""
        auth = Password(
            auth_url=self._auth_url,
            username=name,
            password=self._passwords.plain(password),
            project_name=project,
            user_domain_name="Default",
            project_domain_name="Default",
        )
        session = Session(auth=auth, timeout=60, verify=self._trusted)
        return {
            service: Adapter(
                session,
                service_type=service,
                interface="public",
                region_name=self._region,
                default_microversion=MICROVERSION if service == "compute" else None,
            )
            for service in ("identity", "image", "network", "compute", "placement")
        }

    def get(self, service: str, path: str) -> Json:
        """Return what a service's API answers to the admin."""
        answer: Json = self._services[service].get(path).json()
        return answer

    def lets(self, project: str, service: str, path: str, body: Json) -> bool:
        """Return whether a service lets a project's user make something; it is deleted again."""
        api = self._login(project, login(project), project)[service]
        answer = api.post(path, json=body, raise_exc=False)
        if answer.status_code == HTTPStatus.FORBIDDEN:
            return False
        answer.raise_for_status()
        (made,) = answer.json().values()
        api.delete(f"{path}/{made['id']}")
        return True

    def make(self, service: str, path: str, kind: str, **values: object) -> Json:
        """Make one of a kind with these values, and return what the API says of it."""
        made: Json = self._services[service].post(path, json={kind: values}).json()[kind]
        return made

    def change(self, service: str, path: str, **body: object) -> None:
        """Give what is at a path these values."""
        self._services[service].put(path, json=body)

    def delete(self, service: str, path: str) -> None:
        """Delete what is at a path."""
        self._services[service].delete(path)

    def on(self, node: str, command: str) -> str:
        """Return what a command prints on a node."""
        return run("ssh", node, command).stdout

    def reboot(self, server: str) -> None:
        """Restart a server, which then asks for its address."""
        action = {"reboot": {"type": "HARD"}}
        self._services["compute"].post(f"/servers/{server}/action", json=action)

    def address(self, server: str) -> str:
        """Return what Neutron says is the server's IPv4 address; "" without one."""
        ports = facts.named(self, "port", server)
        there = [str(fixed["ip_address"]) for port in ports for fixed in port["fixed_ips"]]
        return next((address for address in there if "." in address), "")

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
    found = words(command, *arguments)
    return subprocess.run(found, input=stdin, capture_output=True, text=True, check=False)


def words(command: str, *arguments: str) -> list[str]:
    """Return the words of a command of the lab."""
    found = [str(ROOT / "lab" / command), *arguments]
    return ["env", f"LAB_STACK={STACK}", *found] if STACK.exists() else found


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


def move(settings: Mapping[str, Any]) -> None:
    """Apply other settings than a row's: what uses something leaves before it (UpError)."""
    now = {"routers": [], **settings_of(APPLIED)}
    del now["secret"]
    stay = {server["name"] for server in settings["servers"]}
    fewer = {**now, "servers": [one for one in now["servers"] if one["name"] in stay]}
    routers = [one for one in now["routers"] if one in settings.get("routers", [])]
    unrouted = {**fewer, "routers": routers}
    for before, after in itertools.pairwise((now, fewer, unrouted)):
        if after != before:
            up(after)
    up(settings)


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
        return logged_in(words("wire", "ssh", *options, command))


def servers_of(lab: Lab, settings: Settings) -> dict[str, Server]:
    """Return the base's servers on VLANs by name, with the addresses that they have."""
    networks = {network["name"]: network for network in settings["networks"]}
    keys = {server["name"]: server["publicKeyFile"] for server in base()["servers"]}
    return {
        server["name"]: Server(
            server["name"],
            lab.address(server["name"]),
            str(networks[_first_network(server)]["segment"]),
            IPv4Network(networks[_first_network(server)]["cidr"]),
            (ROOT / keys[server["name"]]).with_suffix(""),
        )
        for server in settings["servers"]
        if server["name"] in keys and "segment" in networks[_first_network(server)]
    }


def _first_network(server: Mapping[str, Any]) -> str:
    """Return the network of a server's first NIC."""
    return str(server["networks"][0]["network"] if "networks" in server else server["network"])


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
