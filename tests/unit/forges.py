"""Both forges as far as the jobs use them: an HTTP server on 127.0.0.1 for either's API."""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

TOKEN = "token-of-the-tests"  # noqa: S105  # of nothing
SHA = "5" * 40
OWN = "github-actions[bot]"
"""The user of the token, at both."""
PAGE = 2
"""Entries of a list in one answer, however many are asked for."""


@dataclass
class Entry:
    """A comment or an issue."""

    id: int
    body: str
    author: str = OWN
    title: str = ""
    open: bool = True


@dataclass
class Forge:
    """What is at the forge, and what was asked of it."""

    kind: str
    comments: list[Entry] = field(default_factory=list)
    """Those on pull request 7."""
    issues: list[Entry] = field(default_factory=list)
    merges: list[dict[str, Any]] = field(default_factory=list)
    """The pull requests of the commit, as the forge tells them."""
    preview: str | None = None
    """GitLab: what the job `preview` of the pipeline has left."""
    status: int = 0
    """Not 0: what every request is answered with."""
    asked: list[str] = field(default_factory=list)
    address: str = ""

    def environment(self, folder: Path) -> dict[str, str]:
        """Return what the forge gives its jobs, of the pull request and of the merge."""
        if self.kind == "gitlab":
            return {
                "GITLAB_CI": "true",
                "CI_API_V4_URL": f"{self.address}/api/v4",
                "CI_PROJECT_ID": "5",
                "CI_MERGE_REQUEST_IID": "7",
                "CI_PIPELINE_ID": "3",
                "CI_COMMIT_SHA": SHA,
                "REVIEW_TOKEN": TOKEN,
            }
        event = folder / "event.json"
        event.write_text(json.dumps({"pull_request": {"number": 7}}))
        return {
            "GITHUB_ACTIONS": "true",
            "GITHUB_API_URL": self.address,
            "GITHUB_REPOSITORY": "team/cloud",
            "GITHUB_EVENT_PATH": str(event),
            "GITHUB_SHA": SHA,
            "GITHUB_TOKEN": TOKEN,
        }

    def leave(self, folder: Path, preview: str) -> None:
        """Let a preview be there as the job before has left it."""
        self.preview = preview
        if self.kind == "github":
            (folder / "preview.md").write_text(preview)

    def merge(self) -> None:
        """Make the commit one that merged request 7."""
        made = {"merge_commit_sha": SHA, "squash_commit_sha": None, "sha": "6" * 40}
        own = {"number": 7, "merged_at": "2026-01-01T00:00:00Z"}
        self.merges = [{**made, **own, "iid": 7, "state": "merged"}]


def _user(entry: Entry) -> dict[str, Any]:
    return {"login": entry.author, "id": 1 if entry.author == OWN else 2}


def _comment(entry: Entry) -> dict[str, Any]:
    user = _user(entry)
    return {"id": entry.id, "body": entry.body, "user": user, "author": user}


def _issue(entry: Entry) -> dict[str, Any]:
    user = _user(entry)
    named = {"number": entry.id, "iid": entry.id, "title": entry.title}
    return {**named, "body": entry.body, "description": entry.body, "user": user, "author": user}


def _jobs(forge: Forge) -> list[dict[str, Any]]:
    """Return the jobs of the pipeline, of which one has left a preview."""
    names = ("tools", "check", *(("preview",) if forge.preview is not None else ()))
    return [{"id": 7 + i, "name": name, "status": "success"} for i, name in enumerate(names)]


Body = Mapping[str, str]


def _add(entries: list[Entry], body: Body) -> dict[str, Any]:
    text = body.get("body", body.get("description", ""))
    entries.append(Entry(100 + len(entries), text, title=body.get("title", "")))
    return {}


def _edit(entries: list[Entry], number: str, body: Body) -> dict[str, Any]:
    (entry,) = (entry for entry in entries if entry.id == int(number))
    entry.body = body.get("body", body.get("description", entry.body))
    entry.open = "closed" not in body.values() and "close" not in body.values()
    return {}


# What is asked, by method and path, and what the forge does and answers. A list is cut into pages.
_Do = Callable[[Forge, Body, str], object]
_GITHUB: tuple[tuple[str, _Do], ...] = (
    (r"GET /issues/7/comments", lambda f, _, __: [_comment(e) for e in f.comments]),
    (r"POST /issues/7/comments", lambda f, body, _: _add(f.comments, body)),
    (r"PATCH /issues/comments/(\d+)", lambda f, body, number: _edit(f.comments, number, body)),
    (rf"GET /commits/{SHA}/pulls", lambda f, _, __: f.merges),
    (r"GET /issues", lambda f, _, __: [_issue(e) for e in f.issues if e.open]),
    (r"POST /issues", lambda f, body, _: _add(f.issues, body)),
    (r"PATCH /issues/(\d+)", lambda f, body, number: _edit(f.issues, number, body)),
)
_GITLAB: tuple[tuple[str, _Do], ...] = (
    (r"GET /user", lambda _, __, ___: {"id": 1}),
    (r"GET /pipelines/3/jobs", lambda f, _, __: _jobs(f)),
    (r"GET /jobs/9/artifacts/preview\.md", lambda f, _, __: f.preview),
    (r"GET /merge_requests/7/notes", lambda f, _, __: [_comment(e) for e in f.comments]),
    (r"POST /merge_requests/7/notes", lambda f, body, _: _add(f.comments, body)),
    (
        r"PUT /merge_requests/7/notes/(\d+)",
        lambda f, body, number: _edit(f.comments, number, body),
    ),
    (rf"GET /repository/commits/{SHA}/merge_requests", lambda f, _, __: f.merges),
    (r"GET /issues", lambda f, _, __: [_issue(e) for e in f.issues if e.open]),
    (r"POST /issues", lambda f, body, _: _add(f.issues, body)),
    (r"PUT /issues/(\d+)", lambda f, body, number: _edit(f.issues, number, body)),
)
_ROOTS = {"github": ("/repos/team/cloud", _GITHUB), "gitlab": ("/api/v4", _GITLAB)}


@contextmanager
def forge(kind: str) -> Iterator[Forge]:
    """Run a forge, `github` or `gitlab`, for as long as it is used."""
    found = Forge(kind)
    root, table = _ROOTS[kind]

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            length = int(self.headers.get("Content-Length", 0))
            body: Body = json.loads(self.rfile.read(length) or "{}")
            asked = urlsplit(self.path)
            path = asked.path.removeprefix(root).removeprefix("/projects/5")
            what = f"{self.command} {path}"
            found.asked.append(what)
            if self.headers["Authorization"] != f"Bearer {TOKEN}":
                self.answer(401, {"message": "Bad credentials"})
            elif found.status:
                self.answer(found.status, {"message": "as the test says"})
            else:
                for pattern, do in table:
                    if match := re.fullmatch(pattern, what):
                        number = match[1] if match.groups() else ""
                        self.page(do(found, body, number), parse_qs(asked.query))
                        return
                self.answer(404, {"message": "Not Found"})

        do_POST = do_PATCH = do_PUT = do_GET  # noqa: N815

        def page(self, answer: object, query: Mapping[str, list[str]]) -> None:
            more: dict[str, str] = {}
            if isinstance(answer, list):
                start = PAGE * (int(query["page"][0]) - 1)
                if len(answer) > start + PAGE:
                    more = {"Link": '<http://elsewhere.invalid/>; rel="next"'}
                answer = answer[start : start + PAGE]
            self.answer(200, answer, more)

        def answer(self, status: int, body: object, more: Mapping[str, str] | None = None) -> None:
            content = (body if isinstance(body, str) else json.dumps(body)).encode()
            self.send_response(status)
            for name, value in {"Content-Length": str(len(content)), **(more or {})}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing: a test reads what the job says."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        found.address = f"http://127.0.0.1:{server.server_port}"
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield found
        finally:
            server.shutdown()
            thread.join()
