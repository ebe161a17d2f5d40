"""What is in a cloud, as its admin sees it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..interrupted import Connect, Json, listed

ADMIN = "admin"
PLACES: Mapping[str, tuple[str, str, str]] = {
    "projects": ("identity", "/projects", "projects"),
    "networks": ("network", "/v2.0/networks", "networks"),
    "subnets": ("network", "/v2.0/subnets", "subnets"),
    "ports": ("network", "/v2.0/ports", "ports"),
    "routers": ("network", "/v2.0/routers", "routers"),
    "addresses": ("network", "/v2.0/floatingips", "floatingips"),
    "groups": ("network", "/v2.0/security-groups", "security_groups"),
    "images": ("image", "/v2/images", "images"),
    "flavors": ("compute", "/flavors/detail?is_public=None", "flavors"),
    "server_groups": ("compute", "/os-server-groups?all_projects=True", "server_groups"),
    "servers": ("compute", "/servers/detail?all_tenants=1", "servers"),
}
"""By field of `Inventory`: the service, the path, and the list's place in the answer."""


@dataclass(frozen=True)
class Inventory:
    """All things of a cloud that settings can have, or that are on them."""

    connect: Connect
    admin: str
    """The id of the admin's project, which owns what is for all."""
    projects: tuple[Json, ...]
    networks: tuple[Json, ...]
    subnets: tuple[Json, ...]
    ports: tuple[Json, ...]
    routers: tuple[Json, ...]
    addresses: tuple[Json, ...]
    groups: tuple[Json, ...]
    images: tuple[Json, ...]
    flavors: tuple[Json, ...]
    server_groups: tuple[Json, ...]
    servers: tuple[Json, ...]

    def owner(self, item: Json) -> str:
        """Return the name of a thing's project; its id if that is gone."""
        number = item.get("project_id") or item.get("tenant_id") or ""
        return next((str(p["name"]) for p in self.projects if p["id"] == number), str(number))

    def ask(self, service: str, path: str) -> Any:  # noqa: ANN401  # any JSON
        """Return what a service answers to the admin (ClientException)."""
        return self.connect(ADMIN, service).get(path).json()


def read(connect: Connect) -> Inventory:
    """Ask the cloud for all of it (ClientException)."""
    found = {
        name: listed(path, items, connect(ADMIN, service))
        for name, (service, path, items) in PLACES.items()
    }
    admin = str(connect(ADMIN, "identity").get_project_id())
    return Inventory(connect, admin, **found)
