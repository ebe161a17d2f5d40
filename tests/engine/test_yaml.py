"""Our own reading of YAML equals that of Pulumi's engine for a stack's file."""

import json
from typing import Any

import pytest

from components.settings import yaml_text
from tests.engine.conftest import Stack
from tests.unit.test_yaml_text import REFUSED, VALUES


def read(stack: Stack, written: list[str]) -> list[Any]:
    """Return what the engine reads; each value that it cannot read is a separate error."""
    before = stack.file.read_text()
    try:
        stack.file.write_text("config:\n  iaas:v:\n" + "".join(f"    - {w}\n" for w in written))
        done = stack.run("config", "get", "v", "--json")
    finally:
        stack.file.write_text(before)
    if done.returncode:
        raise ValueError(done.stderr)
    found: list[Any] = json.loads(done.stdout)["objectValue"]
    return found


def test_the_engine_reads_a_value_as_the_program_does(empty: Stack) -> None:
    found = read(empty, [written for written, _ in VALUES])
    wanted = [value for _, value in VALUES]
    assert [(value, type(value)) for value in found] == [(value, type(value)) for value in wanted]


@pytest.mark.parametrize("written", [w for w, words in REFUSED if "quotes" in words])
def test_the_engine_makes_a_date_a_text_that_is_recognized(written: str, empty: Stack) -> None:
    (found,) = read(empty, [written])
    assert yaml_text.GO_DATE.fullmatch(found)


@pytest.mark.parametrize("written", [".inf", "!!bool yes"])
def test_what_the_engine_refuses_is_refused_here_too(written: str, empty: Stack) -> None:
    with pytest.raises(ValueError, match="invalid YAML file"):
        read(empty, [written])
