"""Asks the cloud's services for a few lists, as the admin: none of them once for each entry."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any

from keystoneauth1 import exceptions
from keystoneauth1.adapter import Adapter
from keystoneauth1.identity.v3 import Password
from keystoneauth1.session import Session

from components.certificates import file_of
from components.nodes import auth_url

from ..stack import Stack
from .seen import REFUSED, Agent, CloudSeen, Hypervisor, Images, NovaService, Room, Server, Service

Json = dict[str, Any]
Lists = dict[str, object]

SECONDS = 10
"""The longest that one answer may take."""
ANSWER = 15
"""Seconds in which an agent that lives has answered Neutron: it may wait for 10 s by itself."""
PAGE = 250
"""Servers in one answer: so Nova takes no longer."""
CLASSES = ("MEMORY_MB", "VCPU", "DISK_GB")
CLOSING = """)'" """
"""What an error of another library ends in."""
ADMIN, DOMAIN = "admin", "Default"


class Cloud:
    """The services of a cloud, with one login."""

    def __init__(self, stack: Stack) -> None:
        self.url = auth_url(stack.controller.host, stack.tls)
        auth = Password(
            auth_url=self.url,
            username=ADMIN,
            password=stack.password,
            project_name=ADMIN,
            user_domain_name=DOMAIN,
            project_domain_name=DOMAIN,
        )
        self.session = Session(
            auth=auth, timeout=SECONDS, verify=file_of(stack.ca) if stack.ca else True
        )
        self.region = stack.region
        self.nodes = {node.name for node in stack.nodes}

    def get(self, kind: str, path: str, version: str | None = None, **query: object) -> Json:
        """Return what the service of a type answers."""
        service = Adapter(
            self.session,
            service_type=kind,
            interface="public",
            region_name=self.region,
            default_microversion=version,
        )
        answer: Json = service.get(path, params=query).json()
        return answer

    def projects(self) -> dict[str, str]:
        """Return the names of projects by id."""
        listed = self.session.get(f"{self.url}/projects").json()["projects"]
        return {project["id"]: project["name"] for project in listed}


def nova(cloud: Cloud, lists: Lists) -> None:
    """Fill in services, hypervisors and servers."""
    version = "2.53"  # the first one with ids of services that are the same in all cells
    lists["services"] = tuple(
        NovaService(
            id=one["id"],
            binary=one["binary"],
            host=one["host"],
            up=one["state"] == "up",
            enabled=one["status"] == "enabled",
            forced_down=one["forced_down"],
            disabled_reason=one["disabled_reason"] or "",
        )
        for one in cloud.get("compute", "/os-services", version)["services"]
    )
    lists["hypervisors"] = tuple(
        Hypervisor(name=one["hypervisor_hostname"], up=one["state"] == "up")
        for one in cloud.get("compute", "/os-hypervisors", version)["hypervisors"]
    )
    projects = cloud.projects()
    lists["servers"] = tuple(server(one, projects) for one in _servers(cloud, version))


def _servers(cloud: Cloud, version: str) -> Iterator[Json]:
    query: dict[str, object] = {"all_tenants": "1", "limit": PAGE}
    while page := cloud.get("compute", "/servers/detail", version, **query)["servers"]:
        yield from page
        if len(page) < PAGE:
            return
        query["marker"] = page[-1]["id"]


def server(one: Json, projects: dict[str, str]) -> Server:
    """Return a server of Nova's list."""
    return Server(
        id=one["id"],
        name=one["name"],
        project=projects.get(one["tenant_id"]) or one["tenant_id"],
        status=one["status"],
        task=one.get("OS-EXT-STS:task_state") or "",
        compute=one.get("OS-EXT-SRV-ATTR:host") or "",
        updated=datetime.fromisoformat(one["updated"]).timestamp(),
        fault=" ".join(str((one.get("fault") or {}).get("message") or "").split())[:300],
    )


def neutron(cloud: Cloud, lists: Lists) -> None:
    """Fill in the agents, with those of nodes that are dead asked again for a while.

    Neutron asks the agents whenever it lists them, and waits for no answer: who missed the question
    before is dead in this list. A metadata agent misses one now and then, as it answers each after
    a random time of up to 10 s, and so two in the wrong order (Neutron 2025.1, SbGlobalUpdateEvent;
    no report found).
    """
    until = time.monotonic() + ANSWER
    agents = _agents(cloud)
    while (
        any(not one.alive and one.host in cloud.nodes for one in agents)
        and time.monotonic() <= until
    ):
        time.sleep(1)
        agents = _agents(cloud)
    lists["agents"] = agents


def _agents(cloud: Cloud) -> tuple[Agent, ...]:
    return tuple(
        Agent(
            id=one["id"],
            binary=one["binary"],
            host=one["host"],
            alive=one["alive"],
            enabled=one["admin_state_up"],
        )
        for one in cloud.get("network", "/v2.0/agents")["agents"]
    )


def placement(cloud: Cloud, lists: Lists) -> None:
    """Fill in the room on all computes, by two questions; by four where some are full.

    Placement gives totals and uses of all classes for each compute that could take a request. So
    this asks for one MiB, and where computes are missing, for one vCPU and one GiB of disk.
    """
    version = "1.29"
    listed = cloud.get("placement", "/resource_providers", version)["resource_providers"]
    # Those with a parent are parts of computes, such as cards.
    names = {one["uuid"]: one["name"] for one in listed if not one["parent_provider_uuid"]}
    found: dict[str, Json] = {}
    for name in CLASSES:
        if names.keys() - found.keys():
            query = {"resources": f"{name}:1"}
            free = cloud.get("placement", "/allocation_candidates", version, **query)
            found |= free["provider_summaries"]
    lists["room"] = tuple(
        Room(
            compute=name,
            capacity={kind: of[kind]["capacity"] for kind in CLASSES if kind in of},
            used={kind: of[kind]["used"] for kind in CLASSES if kind in of},
        )
        for number, name in sorted(names.items(), key=lambda one: one[1])
        for of in [found.get(number, {}).get("resources", {})]
    )


def glance(cloud: Cloud, lists: Lists) -> None:
    """Fill in the images."""
    by_status: dict[str, int] = {}
    size = 0
    path, query = "/v2/images", {"limit": "1000"}
    while path:
        answer = cloud.get("image", path, **query)
        for image in answer["images"]:
            by_status[image["status"]] = by_status.get(image["status"], 0) + 1
            size += image.get("size") or 0
        path, query = answer.get("next", ""), {}
    lists["images"] = Images(by_status=by_status, size=size)


ASKED: dict[Service, Callable[[Cloud, Lists], None]] = {
    "nova": nova,
    "neutron": neutron,
    "placement": placement,
    "glance": glance,
}


def why(error: Exception) -> str:
    """Return why a service did not answer, short."""
    if isinstance(error, exceptions.HttpError):
        return f"it answers {error.http_status}: {' '.join(str(error.message).split())[:200]}"
    if isinstance(error, exceptions.ConnectTimeout):
        return f"no answer within {SECONDS} s"
    if isinstance(error, exceptions.ConnectFailure):
        last = str(error).rpartition(": ")[2].rpartition("] ")[2]
        return f"no connection: {last.strip(CLOSING)[:200]}"
    if isinstance(error, KeyError | TypeError | ValueError):
        return f"its answer is not as expected ({type(error).__name__})"
    return " ".join(str(error).split())[:200]


ERRORS = (exceptions.ClientException, KeyError, TypeError, ValueError)


def fill(cloud: Cloud, lists: Lists, name: Service) -> str:
    """Ask one service; return why it does not answer, or nothing."""
    try:
        ASKED[name](cloud, lists)
    except ERRORS as error:
        return why(error)
    return ""


def ask(stack: Stack) -> CloudSeen:
    """Return what the services answer, all asked at the same time, and why some do not."""
    cloud = Cloud(stack)
    lists: Lists = {}
    try:
        cloud.session.get_token()
    except exceptions.Unauthorized:
        return CloudSeen(unanswered={"keystone": REFUSED})
    except ERRORS as error:
        return CloudSeen(unanswered={"keystone": why(error)})
    with ThreadPoolExecutor(len(ASKED)) as pool:
        reasons = pool.map(lambda name: fill(cloud, lists, name), ASKED)
        unanswered = {name: reason for name, reason in zip(ASKED, reasons, strict=True) if reason}
    return CloudSeen.model_validate({**lists, "unanswered": unanswered})
