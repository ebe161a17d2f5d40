"""A service on 127.0.0.1 that gives the answers of a test, and remembers what it was asked."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any, NamedTuple


class Seen(NamedTuple):
    """A request that a fake service got."""

    path: str
    body: Any
    token: str | None


@contextmanager
def service(answers: Mapping[str, object]) -> Iterator[tuple[str, list[Seen]]]:
    """Serve these answers on 127.0.0.1, bytes as they are and all else as JSON; BASE is the URL."""
    seen: list[Seen] = []

    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            length = int(self.headers.get("Content-Length", 0))
            body = json.loads(self.rfile.read(length)) if length else None
            seen.append(Seen(self.path, body, self.headers.get("X-Auth-Token")))
            found = answers.get(self.path)
            self.send_response(404 if found is None else 201 if body else 200)
            self.send_header("X-Subject-Token", "a token")
            content = found if isinstance(found, bytes) else json.dumps(found).encode()
            content = content.replace(b"BASE", base.encode())
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_PUT = answer  # noqa: N815

        def log_message(self, format: str, *args: object) -> None:
            """Print nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    base = f"http://127.0.0.1:{server.server_port}"
    Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    try:
        yield base, seen
    finally:
        server.shutdown()
        server.server_close()
