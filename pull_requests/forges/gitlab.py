"""GitLab by its REST API."""

from collections.abc import Iterator, Mapping
from functools import cached_property

from pydantic import BaseModel

from .api import Api, required
from .forge import Text


class _User(BaseModel):
    id: int


class _Note(BaseModel):
    id: int
    body: str
    author: _User


class _Issue(BaseModel):
    iid: int
    description: str | None = None
    author: _User


class _Job(BaseModel):
    id: int
    name: str


class _MergeRequest(BaseModel):
    iid: int
    state: str
    sha: str | None = None
    """The last commit of its branch, which a fast-forward merge takes as it is."""
    merge_commit_sha: str | None = None
    squash_commit_sha: str | None = None


class GitLab:
    """A project, by the variables of a CI job and REVIEW_TOKEN, a project access token.

    The job's own token may write neither notes nor issues.
    """

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = environment
        self._project = "/projects/" + required(environment, "CI_PROJECT_ID")
        self._api = Api(
            required(environment, "CI_API_V4_URL"), required(environment, "REVIEW_TOKEN")
        )

    @cached_property
    def _own(self) -> int:
        """The user of the token."""
        return self._api.get("/user", _User).id

    def preview(self) -> str | None:
        """Return the artifact preview.md of the job `preview` of this pipeline."""
        pipeline = required(self._environment, "CI_PIPELINE_ID")
        for job in self._api.pages(f"{self._project}/pipelines/{pipeline}/jobs", _Job):
            if job.name == "preview":
                return self._api.text(f"{self._project}/jobs/{job.id}/artifacts/preview.md")
        return None

    def request(self) -> int:
        """Return the number of the merge request in this pipeline."""
        return int(required(self._environment, "CI_MERGE_REQUEST_IID"))

    def merged_request(self) -> int | None:
        """Return the merge request whose merge made the commit of this pipeline."""
        sha = required(self._environment, "CI_COMMIT_SHA")
        path = f"{self._project}/repository/commits/{sha}/merge_requests"
        for found in self._api.pages(path, _MergeRequest):
            made = (found.merge_commit_sha, found.squash_commit_sha, found.sha)
            if found.state == "merged" and sha in made:
                return found.iid
        return None

    def comments(self, request: int) -> Iterator[Text]:
        """Yield the own notes on a merge request, the oldest first."""
        path = f"{self._project}/merge_requests/{request}/notes"
        for found in self._api.pages(path, _Note, sort="asc", order_by="created_at"):
            if found.author.id == self._own:
                yield Text(found.id, found.body)

    def add_comment(self, request: int, body: str) -> None:
        """Write a new note."""
        path = f"{self._project}/merge_requests/{request}/notes"
        self._api.send("POST", path, {"body": body})

    def edit_comment(self, request: int, comment: int, body: str) -> None:
        """Give a note another text."""
        path = f"{self._project}/merge_requests/{request}/notes/{comment}"
        self._api.send("PUT", path, {"body": body})

    def issues(self) -> Iterator[Text]:
        """Yield the own issues that are open."""
        path = f"{self._project}/issues"
        query = {"state": "opened", "author_id": str(self._own)}
        for found in self._api.pages(path, _Issue, **query):
            if found.author.id == self._own:
                yield Text(found.iid, found.description or "")

    def open_issue(self, title: str, body: str) -> None:
        """Open a new issue."""
        self._api.send("POST", f"{self._project}/issues", {"title": title, "description": body})

    def edit_issue(self, issue: int, body: str) -> None:
        """Give an issue another text."""
        self._api.send("PUT", f"{self._project}/issues/{issue}", {"description": body})

    def close_issue(self, issue: int) -> None:
        """Close an issue."""
        self._api.send("PUT", f"{self._project}/issues/{issue}", {"state_event": "close"})
