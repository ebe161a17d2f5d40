"""What a comment says of snapshots and restores."""

import pytest

from pull_requests.summary import summary
from tests.unit.previews import read, shown, step, urn

COMMAND = "command:remote:Command"
KINDS = {
    "snapshot": ("iaas:cloud:Snapshot", "image"),
    "restore": ("iaas:cloud:Restore", "rebuild"),
}
SINCE = "everything written on it since snapshot {} of 2026-01-02 is lost"


def done(op: str, kind: str, name: str, **values: str) -> list[dict[str, object]]:
    """Return the steps of a snapshot or a restore."""
    component, command = KINDS[kind]
    inputs = {"server": "web1", "project": "web", **values}
    parent = urn(component, f"{kind}-{name}")
    old, new = {"create": (None, inputs), "delete": (inputs, None)}.get(op, (inputs, inputs))
    before = None if op == "create" else {"connection": "a"}
    after: dict[str, str] | None = None if op == "delete" else {}
    return [
        step("same" if op == "update" else op, component, f"{kind}-{name}", old, new),
        step(op, COMMAND, f"{kind}-{name}-{command}", before, after, parent=parent),
    ]


def back(op: str, snapshot: str) -> list[dict[str, object]]:
    """Return the steps of web1's restore to a snapshot."""
    return done(op, "restore", f"web1/{snapshot}", snapshot=snapshot, taken="2026-01-02")


SERVER = step("delete", "iaas:cloud:Server", "server-web1", {}, None)
# What is done, what is said on top, and what further below.
SAID: dict[str, tuple[list[dict[str, object]], list[str], list[str]]] = {
    "taken": (
        done("create", "snapshot", "a"),
        *([], ["project web: + snapshot a of server web1"]),
    ),
    "deleted": (
        done("delete", "snapshot", "a"),
        *(["project web: snapshot a of server web1 is deleted"], []),
    ),
    "another connection": (done("update", "snapshot", "a"), [], []),
    "restored": (
        back("create", "a"),
        *([f"project web: server web1 is restored, {SINCE.format('a')}"], []),
    ),
    "restore taken out": (
        back("delete", "a"),
        *([], ["project web: server web1 stays as it is, without restore: a"]),
    ),
    "restored to another": (
        [*back("delete", "a"), *back("create", "b")],
        *([f"project web: server web1 is restored, {SINCE.format('b')}"], []),
    ),
    "its server goes": ([*back("delete", "a"), SERVER], ["web1 is deleted"], []),
}


@pytest.mark.parametrize("case", SAID)
def test_it_is_said_what_happens_to_snapshots(case: str) -> None:
    steps, marked, below = SAID[case]
    words = summary(read(shown(*steps)))
    lines = [line for section in words.sections.values() for line in section]
    assert lines == below
    if case == "its server goes":
        assert len(words.marked) == 1
    else:
        assert words.marked == marked
