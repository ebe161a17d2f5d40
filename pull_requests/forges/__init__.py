"""Where pull requests are: what the jobs ask of a forge, and GitHub's and GitLab's answers."""

from collections.abc import Mapping

from ..errors import JobError
from .forge import Forge, Text
from .github import GitHub
from .gitlab import GitLab

__all__ = ["Forge", "GitHub", "GitLab", "Text", "in_a_job", "of_this_job"]


def in_a_job(environment: Mapping[str, str]) -> bool:
    """Return whether this is a job of a forge."""
    return "true" in (environment.get("GITHUB_ACTIONS"), environment.get("GITLAB_CI"))


def of_this_job(environment: Mapping[str, str]) -> Forge:
    """Return the forge whose job this is, by the job's variables (JobError)."""
    if environment.get("GITHUB_ACTIONS") == "true":
        return GitHub(environment)
    if environment.get("GITLAB_CI") == "true":
        return GitLab(environment)
    raise JobError(
        "neither GITHUB_ACTIONS nor GITLAB_CI is true: run this in a job of GitHub or GitLab"
    )
