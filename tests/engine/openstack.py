"""A cloud that only answers: `python openstack.py FILE COMMAND…` runs it during a command.

Keystone, Nova, Neutron and Glance are on port 5000 of 127.0.0.1, in a network namespace of their
own. FILE has what is in the cloud: by path, such as `network/v2.0/ports`, a list of things as the
APIs give them. Whoever asks for a change is refused, and the change is noted in FILE.changes.
"""

import json
import subprocess
import sys
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

ADDRESS = "http://127.0.0.1:5000"
SERVICES = {
    "identity": "/v3",
    "compute": "/compute/v2.1",
    "network": "/network",
    "image": "/image",
}
PASSWORDS = "passwords"
"""The key of FILE that has the users' passwords, by name."""

Json = dict[str, Any]
cloud: Json = {}
changes: list[str] = []


def catalog() -> list[Json]:
    """Return where the services are."""
    place = {"id": "1", "interface": "public", "region": "RegionOne", "region_id": "RegionOne"}
    return [
        {"id": kind, "type": kind, "name": kind, "endpoints": [{**place, "url": ADDRESS + path}]}
        for kind, path in SERVICES.items()
    ]


class Handler(BaseHTTPRequestHandler):
    """Answers as the services do."""

    def do_GET(self) -> None:
        """Answer one thing, or a list of those that the user sees and the query asks for."""
        url = urlsplit(self.path)
        path = unquote(url.path).strip("/")
        if path.endswith("/file"):
            image = self.one(path.removesuffix("/file")) or {}
            self.answer(200, str(image["content"]).encode())
        elif path in cloud:
            name = path.rsplit("/", 2)[-2 if path.endswith("/detail") else -1].replace("-", "_")
            name = name.removeprefix("os_")
            found = list(self.seen(path, dict(parse_qsl(url.query))))
            listed = [{"keypair": item} for item in found] if name == "keypairs" else found
            self.answer(200, {LISTS.get(name, name): listed})
        elif (item := self.one(path)) is not None:
            name = path.rsplit("/", 2)[-2].replace("-", "_").removeprefix("os_")
            single = SINGLE.get(name, name.removesuffix("s"))
            self.answer(200, item if name == "images" else {single: item})
        elif path.endswith("/os-extra_specs"):
            self.answer(200, {"extra_specs": {}})
        elif path.endswith("/tags"):
            self.answer(200, {"tags": []})
        else:
            self.answer(404, {"error": {"message": f"no {path}", "code": 404}})

    def do_POST(self) -> None:
        """Give a token to who has the password; refuse all else."""
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if not self.path.endswith("/auth/tokens"):
            self.refuse()
            return
        user = body["auth"]["identity"]["password"]["user"]
        if cloud[PASSWORDS].get(user["name"]) != user["password"]:
            self.answer(401, {"error": {"message": "no such login", "code": 401}})
            return
        name = body["auth"]["scope"]["project"]["name"]
        domain = {"id": "default", "name": "Default"}
        (project,) = (p["id"] for p in cloud["v3/projects"] if p["name"] == name)
        token = {
            "methods": ["password"],
            "user": {"id": f"user-{user['name']}", "name": user["name"], "domain": domain},
            "project": {"id": project, "name": name, "domain": domain},
            "issued_at": "2026-01-01T00:00:00.000000Z",
            "expires_at": "2099-01-01T00:00:00.000000Z",
            "catalog": catalog(),
        }
        self.answer(201, {"token": token}, user=project)

    def refuse(self) -> None:
        """Refuse a change, and note it."""
        changes.append(f"{self.command} {self.path}")
        self.answer(403, {"error": {"message": "nothing is changed here", "code": 403}})

    do_PUT = do_PATCH = do_DELETE = refuse  # noqa: N815 - the base class's names

    def seen(self, path: str, query: dict[str, str]) -> Iterator[Json]:
        """Yield the things of a list that the asking user sees, and that the query asks for."""
        asking = self.headers["X-Auth-Token"]
        for item in cloud[path]:
            owner = item.get("project_id", item.get("tenant_id", item.get("owner", asking)))
            if asking not in ("project-admin", owner) and not item.get("shared"):
                continue
            if all(_fits(item, key, value) for key, value in query.items()):
                yield item

    def one(self, path: str) -> Json | None:
        """Return the thing at a path; None if it is not there."""
        folder, _, number = path.rpartition("/")
        for listed in (folder, f"{folder}/detail"):
            for item in cloud.get(listed, ()):
                if number in (
                    item.get("id"),
                    item.get("port_id"),
                    item["name"] if "id" not in item else None,
                ):
                    return dict(item)
        return None

    def answer(self, status: int, body: Json | bytes, user: str = "") -> None:
        """Send JSON, or bytes."""
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.send_header("X-Subject-Token", user)
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:
        """Log nothing: only the command's output counts."""


LISTS = {"interface": "interfaceAttachments"}
SINGLE = {"interface": "interfaceAttachment"}


def _fits(item: Json, key: str, value: str) -> bool:
    if key == "fixed_ips":
        wanted, _, number = value.partition("=")
        return any(fixed[wanted] == number for fixed in item["fixed_ips"])
    return key not in item or str(item[key]) == value


def main() -> int:
    """Run the cloud for as long as the command runs, and return the command's status."""
    file = Path(sys.argv[1])
    cloud.update(json.loads(file.read_text()))
    with ThreadingHTTPServer(("127.0.0.1", 5000), Handler) as server:
        Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}).start()
        try:
            return subprocess.run(sys.argv[2:], check=False).returncode
        finally:
            server.shutdown()
            Path(f"{file}.changes").write_text("\n".join(changes))


if __name__ == "__main__":
    sys.exit(main())
