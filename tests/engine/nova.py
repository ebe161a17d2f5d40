"""A cloud of flavors alone: `python nova.py FILE COMMAND…` runs it on port 5000 during a command.

Keystone's token and Nova's flavors are answered on 127.0.0.1, in a network namespace of their own.
FILE has the flavors by id, before the command and after it.
"""

import json
import subprocess
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import unquote
from uuid import uuid4

ADDRESS = "http://127.0.0.1:5000"
TOKEN = {
    "methods": ["password"],
    "user": {"id": "1", "name": "admin", "domain": {"id": "default", "name": "Default"}},
    "issued_at": "2026-01-01T00:00:00.000000Z",
    "expires_at": "2099-01-01T00:00:00.000000Z",
    "catalog": [
        {
            "id": "1",
            "type": "compute",
            "name": "nova",
            "endpoints": [
                {
                    "id": "1",
                    "interface": "public",
                    "region": "RegionOne",
                    "region_id": "RegionOne",
                    "url": f"{ADDRESS}/v2.1",
                }
            ],
        }
    ],
}

flavors: dict[str, Any] = {}


class Handler(BaseHTTPRequestHandler):
    """Answers as Keystone and Nova do."""

    def do_GET(self) -> None:
        """Answer a flavor, or its extra specs, of which it has none."""
        number, _, specs = self.flavor().partition("/")
        if number not in flavors:
            self.answer(404, {"itemNotFound": {"message": "no such flavor", "code": 404}})
        elif specs:
            self.answer(200, {"extra_specs": {}})
        else:
            self.answer(200, {"flavor": flavors[number]})

    def do_POST(self) -> None:
        """Give a token, or make a flavor; refuse extra specs, as of a change that fails halfway."""
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if "flavor" in body:
            made = flavor(str(uuid4()), **body["flavor"])
            flavors[made["id"]] = made
            self.answer(200, {"flavor": made})
        elif "extra_specs" in body:
            self.answer(400, {"badRequest": {"message": "no extra specs here", "code": 400}})
        else:
            self.answer(201, {"token": TOKEN})

    def do_DELETE(self) -> None:
        """Delete a flavor."""
        del flavors[self.flavor()]
        self.answer(202, None)

    def flavor(self) -> str:
        """Return the path below the flavors."""
        return unquote(self.path).removeprefix("/v2.1/flavors").strip("/")

    def answer(self, status: int, body: object) -> None:
        """Send JSON."""
        content = json.dumps(body).encode() if body else b""
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.send_header("X-Subject-Token", "token")
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:
        """Log nothing: only the command's output counts."""


def flavor(number: str, **given: object) -> dict[str, Any]:
    """Return a flavor as Nova's API does."""
    made = {"vcpus": 1, "ram": 256, "disk": 1, "swap": "", "rxtx_factor": 1.0}
    more = {"os-flavor-access:is_public": True, "OS-FLV-EXT-DATA:ephemeral": 0}
    return {**made, **more, **given, "id": number}


def main() -> int:
    """Run the cloud for as long as the command runs, and return the command's status."""
    file = Path(sys.argv[1])
    flavors.update(json.loads(file.read_text()))
    with ThreadingHTTPServer(("127.0.0.1", 5000), Handler) as server:
        Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}).start()
        try:
            return subprocess.run(sys.argv[2:], check=False).returncode
        finally:
            server.shutdown()
            file.write_text(json.dumps(flavors))


if __name__ == "__main__":
    sys.exit(main())
