"""A forge as its jobs see it: the requests and issues of one project, through one user's eyes."""

from collections.abc import Iterator
from typing import NamedTuple, Protocol


class Text(NamedTuple):
    """A comment or an issue of the token's own user."""

    id: int
    body: str


class Forge(Protocol):
    """What the jobs ask of a forge; a pull request of GitHub's is a merge request of GitLab's.

    Whoever may comment could write a comment that looks like ours. So only what the token's own
    user has written is found. All methods raise JobError.
    """

    def request(self) -> int:
        """Return the number of the pull request that this job is of."""

    def preview(self) -> str | None:
        """Return the preview that the job before this one has left; None where there is none.

        That job ran the branch's own code, so nothing but a text is taken from it.
        """

    def merged_request(self) -> int | None:
        """Return the pull request whose merge made this job's commit; None where none did."""

    def comments(self, request: int) -> Iterator[Text]:
        """Yield the own comments on a pull request, the oldest first."""

    def add_comment(self, request: int, body: str) -> None:
        """Write a new comment."""

    def edit_comment(self, request: int, comment: int, body: str) -> None:
        """Give a comment another text."""

    def issues(self) -> Iterator[Text]:
        """Yield the own issues that are open."""

    def open_issue(self, title: str, body: str) -> None:
        """Open a new issue."""

    def edit_issue(self, issue: int, body: str) -> None:
        """Give an issue another text."""

    def close_issue(self, issue: int) -> None:
        """Close an issue."""
