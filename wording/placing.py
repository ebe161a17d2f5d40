"""What happens to server groups, and to what a server was made with: its group, compute, labels."""

from collections.abc import Iterator, Mapping

from pull_requests.preview import Resource, State
from pull_requests.summary import shown

GROUP, TAGS = "serverGroup", "tags"
SAID_HERE = ("schedulerHints", TAGS)
"""Beginnings of a server's properties that `changes` describes."""


def facts(named: Mapping[str, object], server: Mapping[str, object]) -> Iterator[str]:
    """Say where a new server is placed, from its component's and its own values."""
    if GROUP in named:
        yield f"in server group {shown(named[GROUP])}"
    if "hypervisorHostname" in server:
        yield f"on {shown(server['hypervisorHostname'])}"


def group_facts(group: Mapping[str, object]) -> Iterator[str]:
    """Say what a server group does."""
    yield shown(group.get("policies"))
    if (limit := group.get("rules.maxServerPerHost")) not in (None, 1):
        yield f"at most {shown(limit)} on a compute"


def renamed(component: Resource) -> Iterator[str]:
    """Say that a server's group has another name, where the server stays."""
    old, new = _groups(component)
    if component.op == "update" and old != new:
        yield f"server group {shown(old)} -> {shown(new)}"


def changes(component: Resource, server: Resource) -> Iterator[str]:
    """Say which other group replaces a server, and what changes of its tags."""
    old, new = _groups(component)
    if server.op == "replace" and old != new:
        yield f"server group {shown(old)} -> {shown(new)}"
    elif any(change.path.startswith("schedulerHints") for change in server.changes):
        yield f"server group {shown(new)} is replaced"
    before, after = ([*_tags(state)] for state in (server.old, server.new))
    if before != after:
        yield f"tags {' -> '.join(', '.join(tags) or 'none' for tags in (before, after))}"


def _groups(component: Resource) -> list[object]:
    return [state.values.get(GROUP) for state in (component.old, component.new)]


def _tags(state: State) -> Iterator[str]:
    return (str(value) for path, value in state.values.items() if path.startswith(f"{TAGS}["))
