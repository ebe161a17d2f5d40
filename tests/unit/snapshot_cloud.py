"""A small Nova and Glance on 127.0.0.1 that make images of servers and rebuild them."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qsl, urlsplit

Json = dict[str, Any]
GONE = (404, {"itemNotFound": {"message": "not found"}})


@dataclass
class Fake:
    """What is in the cloud, and what it was asked to do."""

    servers: dict[str, Json] = field(default_factory=dict)
    images: dict[str, Json] = field(default_factory=dict)
    left: int = 50
    """GiB that a compute has left."""
    asked: list[tuple[str, Json]] = field(default_factory=list)
    """Who asked for which action."""
    busy: int = 2
    """How often a server is asked until what is done to it is done."""
    inherited: Json = field(default_factory=dict)
    """Properties that images of servers get from the server's own."""
    fails: str = ""
    """What goes wrong: `image`, `rebuild` or `conflict`."""
    base: str = ""
    passwords: dict[str, str] = field(default_factory=dict)
    """What users logged in with."""
    _polls: dict[str, int] = field(default_factory=dict)

    def server(self, number: str, **more: object) -> None:
        """Add a server."""
        self.servers[number] = {
            **{"id": number, "name": f"name of {number}", "status": "ACTIVE"},
            **{
                "flavor": {"disk": 2},
                "image": {"id": "guest"},
                "tenant_id": "id of web",
                "OS-EXT-STS:task_state": None,
            },
            "OS-EXT-SRV-ATTR:hypervisor_hostname": "compute",
            **more,
        }

    def image(self, number: str, name: str, server: str, **more: object) -> None:
        """Add an image of a server."""
        self.images[number] = {
            **{"id": number, "name": name, "status": "active", "size": 5 * 2**20},
            **{"created_at": f"2026-01-01T00:00:{len(self.images):02}Z"},
            **{"instance_uuid": server, "iaas_snapshot": name, "iaas_server": f"name of {server}"},
            **{"iaas_declared": "true", "owner": "id of web"},
            **more,
        }

    def begin(self, number: str, task: str) -> None:
        """Begin something that a server is busy with."""
        self.servers[number]["OS-EXT-STS:task_state"] = task
        self._polls[number] = self.busy

    def get(self, path: str, query: Json) -> tuple[int, Json]:
        """Answer a question."""
        kind, _, number = path.removeprefix("/").rpartition("/")
        if path == "/nova/servers/detail":
            name = query["name"].strip("^$")
            return 200, {"servers": [s for s in self.servers.values() if s["name"] == name]}
        if path == "/v3/projects":
            return 200, {"projects": [{"id": f"id of {p}", "name": p} for p in ("web", "db")]}
        if path == "/nova/os-hypervisors/detail":
            compute = {"hypervisor_hostname": "compute", "disk_available_least": self.left}
            return 200, {"hypervisors": [compute]}
        if kind == "nova/servers":
            return self._server(number)
        if kind == "glance/v2/images":
            return (200, self.images[number]) if number in self.images else GONE
        assert path == "/glance/v2/images", path
        return self._list(query)

    def _list(self, query: Json) -> tuple[int, Json]:
        """List an image a page, with the link to the next."""
        skip = int(query.pop("skip", 0))
        del query["limit"]
        found = [i for i in self.images.values() if query.items() <= i.items()]
        body: Json = {"images": found[skip : skip + 1]}
        if len(found) > skip + 1:
            words = "&".join(f"{k}={v}" for k, v in query.items())
            body["next"] = f"/v2/images?limit=1&skip={skip + 1}&{words}"
        return 200, body

    def _server(self, number: str) -> tuple[int, Json]:
        if number not in self.servers:
            return GONE
        server = self.servers[number]
        if server["OS-EXT-STS:task_state"] and number in self._polls:
            self._polls[number] -= 1
            if self._polls[number] < 0:
                self._end(server)
        return 200, {"server": dict(server)}

    def _end(self, server: Json) -> None:
        task, server["OS-EXT-STS:task_state"] = server["OS-EXT-STS:task_state"], None
        for number, image in list(self.images.items()):
            if task.startswith("image") and image["status"] != "active":
                image |= {"status": "active", "size": 7 * 2**20}
                if self.fails == "image":
                    del self.images[number]
        if task == "rebuilding":
            server["status"] = "ERROR" if self.fails == "rebuild" else server.pop("was", "ACTIVE")
            server["fault"] = {"message": "no such image"}

    def post(self, path: str, body: Json, token: str) -> tuple[int, Json]:
        """Do something with a server."""
        server = self.servers[path.split("/")[3]]
        if self.fails == "conflict":
            self.fails = ""
            self.begin(server["id"], "rebooting")
            return 409, {"conflictingRequest": {"message": "rebooting"}}
        self.asked.append((token, body))
        if wanted := body.get("createImage"):
            self.image("made", wanted["name"], server["id"], **self.inherited | wanted["metadata"])
            self.images["made"]["status"] = "queued"
            self.begin(server["id"], "image_uploading")
            return 202, {"image_id": "made"}
        server |= {"was": server["status"], "status": "REBUILD"}
        server["image"] = {"id": body["rebuild"]["imageRef"]}
        self.begin(server["id"], "rebuilding")
        return 202, {"server": {"adminPass": "not to be shown"}}

    def token(self, user: str) -> Json:
        """Give a token; it is the user's name."""
        services = [("compute", "nova"), ("image", "glance")]
        return {
            "expires_at": "2999-01-01T00:00:00Z",
            "project": {"id": f"id of {user}", "name": user},
            "catalog": [
                {
                    "type": kind,
                    "endpoints": [
                        {"interface": "public", "region": "R", "url": f"{self.base}/{path}"}
                    ],
                }
                for kind, path in services
            ],
        }


@contextmanager
def cloud() -> Iterator[Fake]:
    """Serve a cloud without anything in it."""
    fake = Fake()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            at = urlsplit(self.path)
            self.answer(*fake.get(at.path, dict(parse_qsl(at.query))))

        def do_DELETE(self) -> None:
            gone = fake.images.pop(self.path.rpartition("/")[2], None)
            self.answer(204 if gone else 404, {})

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            if self.path == "/v3/auth/tokens":
                user = body["auth"]["identity"]["password"]["user"]
                fake.passwords[user["name"]] = user["password"]
                self.answer(201, {"token": fake.token(user["name"])}, user["name"])
            else:
                self.answer(*fake.post(self.path, body, self.headers["X-Auth-Token"]))

        def answer(self, status: int, body: Json, token: str = "") -> None:
            content = json.dumps(body).encode() if status != 204 else b""
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.send_header("X-Subject-Token", token)
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: object) -> None:
            """Print nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    fake.base = f"http://127.0.0.1:{server.server_port}"
    Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    try:
        yield fake
    finally:
        server.shutdown()
        server.server_close()
