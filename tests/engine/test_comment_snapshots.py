"""The comment on a change of snapshots, of a stack that has some."""

from pathlib import Path

import pytest

from tests.engine.conftest import Stack, fill, made
from tests.engine.test_comment import BASE, compare, said, stand_in
from tests.unit.configs import Change, changed

BEFORE: Change = {
    "snapshots": [{"name": "before-upgrade", "server": "web1"}, {"name": "data", "server": "db1"}]
}
CHANGE: Change = {
    "snapshots": [
        {"name": "before-upgrade", "server": "web1"},
        {"name": "data-2", "server": "db1"},
    ],
    "servers[0].restore": "before-upgrade",
}


@pytest.fixture(scope="module")
def with_snapshots(tmp_path_factory: pytest.TempPathFactory) -> Stack:
    """A stack in whose state everything of the base is there, and snapshots."""
    stack = made(tmp_path_factory.mktemp("snapshots"), changed(BASE, BEFORE, Path()))
    stand_in(stack.folder / "project")
    fill(stack)
    return stack


def test_the_comment_on_a_restore_is_the_golden_one(with_snapshots: Stack) -> None:
    with_snapshots.configure(changed(BASE, CHANGE, Path()))
    compare("restored-server", said(with_snapshots))
