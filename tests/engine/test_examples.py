"""The previews of the examples: nothing is missing, and nothing is called."""

import json
from collections import Counter
from pathlib import Path

import pytest

from tests.engine.conftest import made
from tests.engine.shown import operations
from tests.unit.examples import SECRET
from tests.unit.test_examples import TABLE, Example, laid

TYPES = {
    "other_computes": "iaas:nodes:Compute",
    "projects": "iaas:cloud:Project",
    "routers": "iaas:cloud:Router",
    "servers": "iaas:cloud:Server",
}


PROJECTS = 10
"""Each has a provider. What has more takes minutes; tests/unit/test_examples.py has it."""


@pytest.mark.parametrize(
    "example",
    [one for one in TABLE if one.counts["projects"] <= PROJECTS],
    ids=lambda one: one.name,
)
def test_an_example_previews(example: Example, tmp_path: Path, config: dict[str, object]) -> None:
    stack = made(tmp_path, config)
    stack.configure({**laid(example.name, stack.folder / "project"), "secret": SECRET})
    shown = json.loads(stack.pulumi("preview", "--json"))
    assert set(operations(shown).values()) == {"create"}
    found = Counter(step["newState"]["type"] for step in shown["steps"])
    counts = {key: found[kind] for key, kind in TYPES.items()}
    assert counts == {key: example.counts[key] for key in TYPES}
