"""How often Pulumi and its plugins collect garbage: less often than Go's own default."""

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("given", "found"),
    [({}, "400 2GiB"), ({"GOGC": "100", "GOMEMLIMIT": "off"}, "100 off")],
)
def test_garbage_is_collected_less_often_unless_somebody_says_otherwise(
    given: Mapping[str, str], found: str
) -> None:
    done = subprocess.run(
        ["sh", "-c", '. tools/env.sh && sh -c "echo \\$GOGC \\$GOMEMLIMIT"'],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], **given},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == f"{found}\n"
