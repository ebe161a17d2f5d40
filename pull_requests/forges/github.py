"""GitHub, or a GitHub Enterprise Server, by its REST API."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path

from pydantic import BaseModel

from ..errors import JobError
from .api import Api, required
from .forge import Text

AUTHOR = "github-actions[bot]"
"""Whose comments are a workflow's own: its token cannot ask who it is."""


class _User(BaseModel):
    login: str


class _Comment(BaseModel):
    id: int
    body: str | None = None
    user: _User | None = None
    """None where the account is gone."""


class _Issue(BaseModel):
    number: int
    body: str | None = None
    user: _User | None = None
    pull_request: object = None
    """There where the issue is a pull request."""


class _PullRequest(BaseModel):
    number: int
    merged_at: str | None = None
    merge_commit_sha: str | None = None


class GitHub:
    """A repository, by the variables of a workflow's job and GITHUB_TOKEN."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = environment
        self._repository = "/repos/" + required(environment, "GITHUB_REPOSITORY")
        self._api = Api(
            required(environment, "GITHUB_API_URL"),
            required(environment, "GITHUB_TOKEN"),
            {"Accept": "application/vnd.github+json", "X-GitHub-Api-Version": "2022-11-28"},
        )

    def preview(self) -> str | None:
        """Return what is in the file PREVIEW, by default preview.md."""
        file = Path(self._environment.get("PREVIEW") or "preview.md")
        return file.read_text(encoding="utf-8") if file.is_file() else None

    def request(self) -> int:
        """Return the number in the event that began this workflow."""
        event = json.loads(Path(required(self._environment, "GITHUB_EVENT_PATH")).read_text())
        try:
            return int(event["pull_request"]["number"])
        except KeyError:
            raise JobError("this workflow was not started by a pull request") from None

    def merged_request(self) -> int | None:
        """Return the pull request whose merge made the commit pushed."""
        sha = required(self._environment, "GITHUB_SHA")
        for found in self._api.pages(f"{self._repository}/commits/{sha}/pulls", _PullRequest):
            if found.merged_at and found.merge_commit_sha == sha:
                return found.number
        return None

    def comments(self, request: int) -> Iterator[Text]:
        """Yield the own comments on a pull request, the oldest first."""
        path = f"{self._repository}/issues/{request}/comments"
        for found in self._api.pages(path, _Comment):
            if found.user and found.user.login == AUTHOR:
                yield Text(found.id, found.body or "")

    def add_comment(self, request: int, body: str) -> None:
        """Write a new comment."""
        self._api.send("POST", f"{self._repository}/issues/{request}/comments", {"body": body})

    def edit_comment(self, request: int, comment: int, body: str) -> None:
        """Give a comment another text."""
        self._api.send("PATCH", f"{self._repository}/issues/comments/{comment}", {"body": body})

    def issues(self) -> Iterator[Text]:
        """Yield the own issues that are open; a list of GitHub's has pull requests in it, too."""
        path = f"{self._repository}/issues"
        for found in self._api.pages(path, _Issue, state="open", creator=AUTHOR):
            if found.user and found.user.login == AUTHOR and found.pull_request is None:
                yield Text(found.number, found.body or "")

    def open_issue(self, title: str, body: str) -> None:
        """Open a new issue."""
        self._api.send("POST", f"{self._repository}/issues", {"title": title, "body": body})

    def edit_issue(self, issue: int, body: str) -> None:
        """Give an issue another text."""
        self._api.send("PATCH", f"{self._repository}/issues/{issue}", {"body": body})

    def close_issue(self, issue: int) -> None:
        """Close an issue."""
        self._api.send("PATCH", f"{self._repository}/issues/{issue}", {"state": "closed"})
