"""What `pulumi preview` does after a failure: what failed does not count as done."""

import json
from collections.abc import Mapping

import pytest

from tests.engine.conftest import Stack
from tests.engine.shown import operations

# What a failed creation, and a failed change, leave of a resource in the state.
FAILURES: tuple[tuple[str, str, bool, Mapping[str, str]], ...] = (
    (
        "a server whose creation failed is replaced",
        "server-web1-server",
        False,
        {"server-web1-server": "replace"},
    ),
    (
        "an image whose upload failed is replaced",
        "image-guest-image",
        False,
        {"image-guest-image": "replace", "server-web1-server": "replace"},
    ),
    (
        "a server whose change failed keeps its disk",
        "server-web1-server",
        True,
        {"server-web1-server": "update"},
    ),
)


@pytest.mark.parametrize(
    ("failed", "was_made", "expected"),
    [pytest.param(*failure, id=promise) for promise, *failure in FAILURES],
)
def test_what_failed_is_done_again(
    failed: str,
    was_made: bool,
    expected: Mapping[str, str],
    whole: Stack,
    config: dict[str, object],
) -> None:
    whole.configure(config)
    good = whole.pulumi("stack", "export")
    state = json.loads(good)
    (resource,) = [r for r in state["deployment"]["resources"] if r["urn"].endswith(f"::{failed}")]
    resource |= {"initErrors": ["no"], "created": "2026-01-01T00:00:00Z"}
    resource["modified"] = "2026-01-02T00:00:00Z" if was_made else resource["created"]
    whole.pulumi("stack", "import", text=json.dumps(state))
    try:
        shown = json.loads(whole.pulumi("preview", "--json"))
        assert operations(shown) == expected
        said = " ".join(entry["message"] for entry in shown["diagnostics"])
        assert (f"{failed}: no" in said) == was_made, "what the cloud has is not known"
    finally:
        whole.pulumi("stack", "import", text=good)
