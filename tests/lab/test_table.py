"""Applies rows of the table of changes: the dangerous ones and a share of the others by commit."""

import pytest

from tests.changes.packs import chosen
from tests.changes.row import Row
from tests.changes.table import TABLE
from tests.changes.trial import applied, verdict
from tests.lab.conftest import git

ROWS = [row for row in chosen(TABLE, git("rev-parse", "HEAD").strip()) if not row.unseen]


@pytest.fixture(scope="module")
def found() -> dict[str, list[str]]:
    """For each row, what was not as it says."""
    return applied(ROWS)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_what_the_row_says_is_done_and_then_true(row: Row, found: dict[str, list[str]]) -> None:
    assert verdict(row, found[row.name]) == []
