"""Each line of the checklist is so on the running lab, as its nodes say."""

from collections.abc import Mapping

import pytest

from tests.lab.checklist import Line, Reading, answers, of_kind, script
from tests.lab.checklist_lines import LINES
from tests.lab.conftest import NODES, on

ASKED = {
    node: of_kind(LINES, "compute" if number else "controller") for number, node in enumerate(NODES)
}
CASES = [
    pytest.param(node, number, line, reading, id=f"{node}: {line.name} {number}")
    for node, readings in ASKED.items()
    for number, (line, reading) in enumerate(readings)
]


@pytest.fixture(scope="module")
def said() -> Mapping[str, list[str]]:
    """What the readings of each node say, by one login each."""
    return {
        node: answers(on(node, script(reading for _, reading in readings)))
        for node, readings in ASKED.items()
    }


@pytest.mark.parametrize(("node", "number", "line", "reading"), CASES)
def test_a_line_is_as_the_checklist_says(
    node: str, number: int, line: Line, reading: Reading, said: Mapping[str, list[str]]
) -> None:
    assert said[node][number] == reading.says, f"{line.name}: {line.asks}; {reading.command}"
