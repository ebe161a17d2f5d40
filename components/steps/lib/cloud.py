#!/usr/bin/env python3
"""Asks and fills the cloud's own API, for the steps of a node.

    cloud.py token                       the account of OS_* may log in
    cloud.py role NAME                   prints the id of the role
    cloud.py compute HOST                prints what Nova has of a compute: its id, and a line for
                                         each of its servers; nothing if it is new
    cloud.py catalogue change <TABLE     users, services and endpoints are as in TABLE, the role
                                         of who may choose a server's compute is there, and no wrong
                                         password locks out these users and the account of OS_*
    cloud.py catalogue compare <TABLE    prints which of these are not so
    cloud.py prove TYPE PATH [KEY=VALUE ...] [--each KEY VALUES] [--within SECONDS]
                                         the service of that TYPE answers a GET of PATH,
                                         with an item of these values if any are given
                                         (KEY.KEY is inside of KEY),
                                         and with such a one for each of the VALUES (words)

The account comes from OS_* variables, as in admin-openrc.sh. Each line of TABLE is
`USER TYPE URL PUBLIC_URL`; the password of USER is in the variable USER_PASS (upper case).
Exit status 0 if it is so, 1 with the reason on stderr if not.
"""

import argparse
import os
import sys
import time
from collections.abc import Iterable

from keystoneauth1 import exceptions, session
from keystoneauth1.adapter import Adapter
from keystoneauth1.identity.v3 import Password

INTERFACES = ("public", "internal", "admin")
SERVICE = "service"  # the project of the services' accounts
PLACER = "placer"  # Nova's policy names it: iaas-install-nova-controller.sh
NEVER_LOCKED = "ignore_lockout_failure_attempts"


def connect(username: str, password: str, project: str) -> session.Session:
    """A session of this user in this project."""
    auth = Password(
        auth_url=os.environ["OS_AUTH_URL"],
        username=username,
        password=password,
        project_name=project,
        user_domain_name=os.environ["OS_USER_DOMAIN_NAME"],
        project_domain_name=os.environ["OS_PROJECT_DOMAIN_NAME"],
    )
    # Without it by what this node trusts.
    return session.Session(auth=auth, timeout=30, verify=os.environ.get("OS_CACERT") or True)


def own_session() -> session.Session:
    """A session of the account in OS_*."""
    env = os.environ
    return connect(env["OS_USERNAME"], env["OS_PASSWORD"], env["OS_PROJECT_NAME"])


class Catalogue:
    """Keystone's users, services and endpoints: read once, changed where they differ.

    comparing: nothing is changed; `changes` has then what would be.
    """

    def __init__(self, comparing: bool) -> None:
        self.comparing = comparing
        url = os.environ["OS_AUTH_URL"]
        admin = own_session()
        self.keystone = Adapter(admin, endpoint_override=url, connect_retries=3)
        self.admin = str(admin.get_user_id())
        self.region = os.environ["OS_REGION_NAME"]
        self.changes: list[str] = []
        self.service_project = self.ensure(
            "projects", {"name": SERVICE, "domain_id": "default"}, f"project {SERVICE}"
        )
        self.roles = {r["name"]: r["id"] for r in self.listed("roles")}
        path = f"/role_assignments?scope.project.id={self.service_project or 'none'}"
        assignments = self.keystone.get(path).json()["role_assignments"]
        self.granted = {(a["user"]["id"], a["role"]["id"]) for a in assignments if "user" in a}

    def listed(self, kind: str, **filters: str) -> list[dict[str, str]]:
        """The items of a kind, as Keystone lists them."""
        items: list[dict[str, str]] = self.keystone.get(f"/{kind}", params=filters).json()[kind]
        return items

    def differs(self, label: str) -> bool:
        """Note what differs; return whether to change it."""
        self.changes.append(label)
        return not self.comparing

    def ensure(self, kind: str, wanted: dict[str, str], label: str, **extra: object) -> str:
        """The id of the item with these values, made with the extra ones if there is none."""
        found = self.listed(kind, **wanted)
        if found:
            return found[0]["id"]
        if not self.differs(label):
            return ""
        made = self.keystone.post(f"/{kind}", json={kind[:-1]: {**wanted, **extra}}).json()
        return str(made[kind[:-1]]["id"])

    def user(self, name: str, password: str) -> None:
        """A service's account: its password, and the role of an admin in project service."""
        wanted, label = {"name": name, "domain_id": "default"}, f"user {name}"
        options = {NEVER_LOCKED: True}
        user = self.ensure("users", wanted, label, password=password, options=options)
        if not user:
            return
        for role in ("admin", "service"):
            granted = (user, self.roles.get(role)) in self.granted
            if not granted and self.differs(f"role {role} of {name}"):
                project = f"/projects/{self.service_project}"
                self.keystone.put(f"{project}/users/{user}/roles/{self.roles[role]}")
        if label in self.changes:
            return
        try:
            connect(name, password, SERVICE).get_token()
        except exceptions.Unauthorized:
            if self.differs(f"password of {name}"):
                self.keystone.patch(f"/users/{user}", json={"user": {"password": password}})
        self.never_locked(name, user)

    def never_locked(self, name: str, user: str) -> None:
        """Wrong passwords do not lock an account of the cloud out: nobody guesses its own."""
        options = self.keystone.get(f"/users/{user}").json()["user"]["options"]
        if options.get(NEVER_LOCKED) is not True and self.differs(f"{name} is never locked out"):
            self.keystone.patch(f"/users/{user}", json={"user": {"options": {NEVER_LOCKED: True}}})

    def service(self, name: str, kind: str, url: str, public: str) -> None:
        """A service of this type with its endpoints in our region: users' at the public URL."""
        service = self.ensure("services", {"type": kind}, f"service {kind}", name=name)
        if not service:
            return
        endpoints = self.listed("endpoints", service_id=service, region_id=self.region)
        for interface in INTERFACES:
            found = [e for e in endpoints if e["interface"] == interface]
            wanted = public if interface == "public" else url
            right = found and found[0]["url"] == wanted
            if right or not self.differs(f"{interface} endpoint of {kind}"):
                continue
            if not found:
                endpoint = {
                    "service_id": service,
                    "region_id": self.region,
                    "interface": interface,
                    "url": wanted,
                }
                self.keystone.post("/endpoints", json={"endpoint": endpoint})
            else:
                path = f"/endpoints/{found[0]['id']}"
                self.keystone.patch(path, json={"endpoint": {"url": wanted}})


def role(name: str) -> str:
    """The id of the role of this name (exceptions.NotFound)."""
    keystone = Adapter(own_session(), endpoint_override=os.environ["OS_AUTH_URL"])
    found = keystone.get("/roles", params={"name": name}).json()["roles"]
    if not found:
        raise exceptions.NotFound(f"no role {name}")
    return str(found[0]["id"])


def compute(host: str) -> list[str]:
    """The id of the compute of this name, and the names of its servers; empty if it is new."""
    nova = Adapter(
        own_session(),
        service_type="compute",
        interface="internal",
        region_name=os.environ["OS_REGION_NAME"],
        default_microversion="2.53",  # hypervisors by the ids that computes know themselves by
    )
    named = {"hypervisor_hostname_pattern": host}
    try:
        there = nova.get("/os-hypervisors", params=named).json()["hypervisors"]
    except exceptions.NotFound:
        return []
    found = [one["id"] for one in there if one["hypervisor_hostname"] == host]
    if not found:
        return []
    servers = nova.get("/servers", params={"all_tenants": "1", "host": host}).json()["servers"]
    return [found[0], *(server["name"] for server in servers)]


def fill(table: Iterable[str], comparing: bool) -> None:
    """Make the catalogue as the table says; how many entries on stdout, which ones on stderr.

    comparing: only say on stdout which ones would be made or changed.
    """
    catalogue = Catalogue(comparing)
    catalogue.never_locked(os.environ["OS_USERNAME"], catalogue.admin)
    for line in table:
        name, kind, url, public = line.split()
        if kind != "identity":
            catalogue.user(name, os.environ[f"{name.upper()}_PASS"])
        catalogue.service(name, kind, url, public)
    catalogue.ensure("roles", {"name": PLACER}, f"role {PLACER}")
    if comparing:
        for change in catalogue.changes:
            print(f"Keystone has not, or otherwise: {change}")
    elif catalogue.changes:
        print(f"made or changed {len(catalogue.changes)} entries of the catalogue")
        print("\n".join(catalogue.changes), file=sys.stderr)


def inside(item: object, key: str) -> object:
    """What an item has under a key, whose dots lead into what it holds; None if it has not."""
    for part in key.split("."):
        item = item.get(part) if isinstance(item, dict) else None
    return item


def matching(body: object, wanted: dict[str, str]) -> bool:
    """Whether an item of the answer's first list has all the wanted values."""
    lists = [v for v in body.values() if isinstance(v, list)] if isinstance(body, dict) else []
    items = lists[0] if lists else []
    return any(all(str(inside(item, k)) == v for k, v in wanted.items()) for item in items)


def prove(kind: str, path: str, wanted: list[dict[str, str]], within: float) -> str:
    """Why the service does not answer with all these items within the time; empty if it does."""
    until = time.monotonic() + within
    adapter = Adapter(
        own_session(),
        service_type=kind,
        interface="internal",
        region_name=os.environ["OS_REGION_NAME"],
    )
    while True:
        try:
            body = adapter.get(path, headers={"Accept": "application/json"}).json()
            missing = [item for item in wanted if not matching(body, item)]
            if not missing:
                return ""
            reason = f"no item with {missing[0]} in the answer of {kind} {path}: {str(body)[:600]}"
        except exceptions.ClientException as error:
            reason = f"{kind} {path}: {error}"
        if time.monotonic() > until:
            return reason
        time.sleep(0.5)


def main() -> int:
    """Run the command of the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("token")
    commands.add_parser("catalogue").add_argument("mode", choices=("change", "compare"))
    commands.add_parser("role").add_argument("name")
    commands.add_parser("compute").add_argument("host")
    proof = commands.add_parser("prove")
    proof.add_argument("type")
    proof.add_argument("path")
    proof.add_argument("values", nargs="*")
    proof.add_argument("--each", nargs=2, metavar=("KEY", "VALUES"))
    proof.add_argument("--within", type=float, default=60)
    args = parser.parse_args()
    reason = ""
    try:
        if args.command == "token":
            own_session().get_token()
        elif args.command == "role":
            print(role(args.name))
        elif args.command == "compute":
            print("\n".join(compute(args.host)))
        elif args.command == "catalogue":
            fill(sys.stdin, args.mode == "compare")
        else:
            values = dict(value.split("=", 1) for value in args.values)
            wanted = [values] if values else []
            if args.each:
                key, words = args.each
                wanted = [{**values, key: word} for word in words.split()]
            reason = prove(args.type, args.path, wanted, args.within)
    except exceptions.ClientException as error:
        reason = str(error)
    if reason:
        print(reason, file=sys.stderr)
    return 1 if reason else 0


if __name__ == "__main__":
    sys.exit(main())
