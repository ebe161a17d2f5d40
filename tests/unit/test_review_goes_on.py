"""An `up` after a review: where it goes on after an error, and where it stops."""

from pathlib import Path
from typing import Any

import pytest

from pull_requests.jobs import environment
from pull_requests.mark import digest
from pull_requests.preview import read as read_plain
from tests.unit.forges import Forge
from tests.unit.jobs import CHANGE, NOTHING, Run
from tests.unit.previews import read, step
from tests.unit.previews import shown as shown_of

KIND = "openstack:images/image:Image"
CASES: dict[str, tuple[dict[str, Any], bool]] = {
    "nothing": (NOTHING, True),
    "something new": (CHANGE, True),
    "a change": (shown_of(step("update", KIND, "a", {"name": "a"}, {"name": "b"})), True),
    "something goes": (shown_of(step("delete", KIND, "a", {"name": "a"})), False),
    "a replacement": (
        shown_of(
            step("create-replacement", KIND, "a", {"name": "a"}, {"name": "b"}),
            step("replace", KIND, "a", {"name": "a"}, {"name": "b"}),
            step("delete-replaced", KIND, "a", {"name": "a"}),
        ),
        False,
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_an_error_holds_up_others_only_where_something_goes(
    case: str, at: Forge, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After an error Pulumi would still delete."""
    preview, goes_on = CASES[case]
    monkeypatch.setenv("DIGEST", digest(read(preview)))
    assert run("apply", preview)[0] == 0
    up = (tmp_path / "ran").read_text().splitlines()[-1]
    assert up.startswith("up ")
    assert ("--continue-on-error" in up.split()) == goes_on


STEP, PORT = "command:remote:Command", "openstack:networking/port:Port"
COMPUTE = f"iaas:nodes:Compute${STEP}"
LOST: dict[str, tuple[tuple[tuple[str, str], ...], bool]] = {
    "steps of nodes": ((("create", COMPUTE), ("update", f"iaas:nodes:Hosts${STEP}")), True),
    "a new stack's nodes": ((("create", "pulumi:pulumi:Stack"), ("create", COMPUTE)), True),
    "a login": ((("create", "iaas:cloud:Cloud$pulumi:providers:openstack"),), True),
    "a snapshot": ((("create", COMPUTE), ("create", f"iaas:cloud:Snapshot${STEP}")), False),
    "a port": ((("update", COMPUTE), ("create", f"iaas:cloud:Server${PORT}")), False),
    "a compute that leaves": ((("update", COMPUTE), ("delete", COMPUTE)), False),
}


@pytest.mark.parametrize("case", LOST)
def test_the_state_is_written_at_the_end_where_all_may_be_done_again(case: str) -> None:
    """A run that is killed forgets what it did."""
    changes, once = LOST[case]
    preview = shown_of(*(step(op, kind, str(i), {}, {}) for i, (op, kind) in enumerate(changes)))
    assert ("PULUMI_SKIP_CHECKPOINTS" in environment(read(preview))) == once
    assert not environment(read_plain(preview)), "another project says itself what may be"


def test_with_nothing_to_do_the_state_is_written_once_in_any_case() -> None:
    assert environment(read(NOTHING))
