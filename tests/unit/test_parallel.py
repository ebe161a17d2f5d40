"""How many nodes are at work at once: more than Pulumi's own four for each core."""

import os
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(("given", "number"), [(None, "64"), ("8", "8")])
def test_many_nodes_are_at_work_at_once_unless_somebody_says_otherwise(
    given: str | None, number: str
) -> None:
    environment = {"PATH": os.environ["PATH"]} | ({"PULUMI_PARALLEL": given} if given else {})
    done = subprocess.run(
        ["sh", "-c", '. tools/env.sh && echo "$PULUMI_PARALLEL"'],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == f"{number}\n"
