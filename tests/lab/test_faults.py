"""Brings a share of the faults about: what a person reads, and that the next `up` ends well."""

import pytest

from tests.changes.lab import STACK
from tests.faults.fault import Fault
from tests.faults.table import chosen
from tests.faults.trial import proven
from tests.lab.conftest import done, git, up

FAULTS = chosen(git("rev-parse", "HEAD").strip())


@pytest.fixture(scope="module", autouse=True)
def usual() -> None:
    """Begin with the lab's own settings: other tests leave theirs behind."""
    STACK.unlink(missing_ok=True)
    done(up())


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_a_fault_is_told_as_the_table_says_and_the_next_up_ends_well(fault: Fault) -> None:
    assert proven(fault) == []
