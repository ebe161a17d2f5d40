"""Two projects, each with a server on both computes, and the same addresses in both.

Neither has a router. The servers' openings let in everything.
"""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress

from keystoneauth1.exceptions import NotFound

from tests.changes.facts import identity
from tests.changes.lab import Lab
from tests.lab.conftest import COMPUTES, PATIENCE, STORE
from tests.lab.servers import Server, lab, servers

KEY = "app1"
"""Whose ssh key logs in to them."""
PROJECTS = ("red", "blue")
CIDR = "10.30.0.0/24"
EVERYTHING = {"direction": "ingress", "ethertype": "IPv4", "remote_ip_prefix": "0.0.0.0/0"}


def address(number: int) -> str:
    """The address of a project's server."""
    return f"10.30.0.{11 + number}"


def mac(number: int, project: str) -> str:
    """The MAC of a project's server: the second one's is the same in both projects."""
    return f"fa:16:3e:30:{PROJECTS.index(project) if number == 0 else 0:02x}:{number:02x}"


def names(project: str) -> list[str]:
    """The names of a project's servers, in the order of the computes."""
    return [f"{project}-{number}" for number, _ in enumerate(COMPUTES)]


def project(name: str) -> Lab:
    """Make a project with a network; return the cloud to the admin in it."""
    admin = lab()
    made = admin.make("identity", "/projects", "project", name=name, domain_id="default")["id"]
    user, role = identity(admin, "user", "admin"), admin.get("identity", "/roles?name=admin")
    admin.change("identity", f"/projects/{made}/users/{user}/roles/{role['roles'][0]['id']}")
    own = lab(name)
    group = own.get("network", f"/v2.0/security-groups?name=default&project_id={made}")
    rule = {"security_group_id": group["security_groups"][0]["id"], **EVERYTHING}
    own.make("network", "/v2.0/security-group-rules", "security_group_rule", **rule)
    inside = own.make("network", "/v2.0/networks", "network", name=name)["id"]
    subnet = {"network_id": inside, "cidr": CIDR, "ip_version": 4, "gateway_ip": None}
    own.make("network", "/v2.0/subnets", "subnet", **subnet)
    return own


def server(own: Lab, project: str, number: int) -> None:
    """Have a project's server made on a compute of its own; nobody waits for it."""
    name = names(project)[number]
    port = own.make(
        *("network", "/v2.0/ports", "port"),
        name=name,
        network_id=identity(own, "network", project),
        mac_address=mac(number, project),
        fixed_ips=[{"ip_address": address(number)}],
    )
    own.make(
        *("compute", "/servers", "server"),
        name=name,
        host=COMPUTES[number],
        imageRef=identity(own, "image", "guest"),
        flavorRef=identity(own, "flavor", "tiny"),
        key_name=KEY,
        networks=[{"port": port["id"]}],
    )


def alive() -> None:
    """Wait until Neutron has all agents for alive: it binds no port where it has one for dead."""
    until = time.monotonic() + PATIENCE
    while dead := [
        one for one in lab().get("network", "/v2.0/agents")["agents"] if not one["alive"]
    ]:
        assert time.monotonic() < until, dead
        time.sleep(1)


def begin() -> None:
    """Have all of them made."""
    alive()
    public = (STORE / "ssh" / f"{KEY}.pub").read_text(encoding="utf-8")
    lab().make("compute", "/os-keypairs", "keypair", name=KEY, public_key=public)
    for name in PROJECTS:
        own = project(name)
        for number, _ in enumerate(COMPUTES):
            server(own, name, number)


def every() -> Mapping[str, str]:
    """The names of all their servers, with the key that logs in."""
    return {name: KEY for project in PROJECTS for name in names(project)}


def awaited() -> dict[str, Server]:
    """The lab's servers, when all of these run."""
    until = time.monotonic() + PATIENCE
    while True:
        shown = lab().get("compute", "/servers/detail?all_tenants=1")["servers"]
        ours = [one for one in shown if one["name"] in every()]
        states = {one["name"]: one["status"] for one in ours}
        if set(states.values()) == {"ACTIVE"}:
            return servers(every())
        assert "ERROR" not in states.values(), [states, *(one.get("fault") for one in ours)]
        assert time.monotonic() < until, states
        time.sleep(1)


def end() -> None:
    """Delete all of it, also where not all was made."""
    admin = lab()
    for name in every():
        if found := identity(admin, "server", name):
            admin.delete("compute", f"/servers/{found}")
    until = time.monotonic() + PATIENCE
    while any(identity(admin, "server", name) for name in every()):
        assert time.monotonic() < until, "the servers do not go"
        time.sleep(1)
    for kind, path in (("port", "ports"), ("network", "networks")):
        for name in every() if kind == "port" else PROJECTS:
            if found := identity(admin, kind, name):
                admin.delete("network", f"/v2.0/{path}/{found}")
    for name in PROJECTS:
        if found := identity(admin, "project", name):
            group = admin.get("network", f"/v2.0/security-groups?project_id={found}")
            admin.delete("identity", f"/projects/{found}")
            for one in group["security_groups"]:
                admin.delete("network", f"/v2.0/security-groups/{one['id']}")
    with suppress(NotFound):
        admin.delete("compute", f"/os-keypairs/{KEY}")


@contextmanager
def made() -> Iterator[None]:
    """Have them made, and delete them in the end."""
    try:
        begin()
        yield
    finally:
        end()
