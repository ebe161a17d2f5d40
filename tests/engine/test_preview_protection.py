"""What `pulumi preview` refuses where the rules protect a network."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.engine.conftest import Stack
from tests.engine.test_preview_changes import ALLOW
from tests.unit.configs import Change, changed
from tests.unit.examples import good_config

PROTECT: Change = {"rules": {"protectedNetworks": ["front"]}}

# A change that would cost the protected network, and why a preview fails.
LOSSES: tuple[tuple[str, Change, str], ...] = (
    (
        "taken out, and off the list at once",
        {
            **{"networks[0].name": "new", "servers[0].network": "new"},
            **{"networks[0].segment": 102, **ALLOW},
        },
        r'resource "\S+::network-front-subnet" cannot be deleted\s+because it is protected',
    ),
    (
        "another segment",
        {**PROTECT, "networks[0].segment": 102},
        r'unable to replace resource "\S+::network-front-network"\s+as it is currently marked',
    ),
    (
        "another cidr",
        {**PROTECT, "networks[0].cidr": "10.101.0.0/23"},
        r"networks\[front\]\.cidr: 10\.101\.0\.0/24 -> 10\.101\.0\.0/23, but the addresses of web1",
    ),
)


@pytest.fixture
def protected(whole: Stack, files: Path) -> Iterator[Stack]:
    """The stack as an `up` of the rule that protects the network leaves it."""
    whole.configure(changed(good_config(files), PROTECT, files))
    shown = json.loads(whole.pulumi("preview", "--json", "--expect-no-changes"))
    kept = {step["urn"] for step in shown["steps"] if step["newState"].get("protect")}
    good = whole.pulumi("stack", "export")
    state = json.loads(good)
    for resource in state["deployment"]["resources"]:
        resource["protect"] = resource["urn"] in kept
    whole.pulumi("stack", "import", text=json.dumps(state))
    yield whole
    whole.pulumi("stack", "import", text=good)


@pytest.mark.parametrize(
    ("change", "why"), [pytest.param(change, why, id=name) for name, change, why in LOSSES]
)
def test_a_protected_network_is_kept(
    change: Change, why: str, protected: Stack, config: dict[str, object]
) -> None:
    protected.configure(changed(config, change, Path()))
    done = protected.run("preview")
    assert done.returncode != 0
    assert re.search(why, done.stdout + done.stderr)
