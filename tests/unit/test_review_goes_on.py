"""An `up` after a review: where it goes on after an error, and where it stops."""

from pathlib import Path
from typing import Any

import pytest

from pull_requests.mark import digest
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
