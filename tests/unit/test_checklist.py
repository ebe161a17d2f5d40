"""What the checklist's table promises: nothing is said to be met that nothing shows."""

import subprocess
from pathlib import Path

import pytest

from tests.lab.checklist import PAGE, Line, Reading, State, answers, of_kind, script, written
from tests.lab.checklist_guide import GUIDE
from tests.lab.checklist_lines import LINES

ROOT = Path(__file__).parents[2]
EACH = pytest.mark.parametrize("line", LINES, ids=lambda line: line.name)
COUNTS = {"Identity": 8, "Dashboard": 11, "Compute": 5, "Image": 5, "Neutron": 5, "Block": 9,
          "Shared": 8, "Key-Manager": 4}  # fmt: skip
"""The lines of each checklist of the guide."""


def test_every_line_of_the_guide_is_there_once() -> None:
    expected = [f"Check-{name}-{n + 1:02}" for name, count in COUNTS.items() for n in range(count)]
    assert sorted(line.name for line in GUIDE) == sorted(expected)
    assert len({line.name for line in LINES}) == len(LINES)


@EACH
def test_what_is_met_is_read_from_a_node_or_proved_by_a_test(line: Line) -> None:
    assert (line.state is State.MET) <= bool(line.readings or line.proof)
    assert not line.proof or (ROOT / line.proof).exists()
    assert line.asks and line.how and "|" not in line.row.strip("| \n").replace(" | ", "")


@EACH
def test_a_reading_is_shell_and_of_a_kind_of_node(line: Line) -> None:
    for one in line.readings:
        assert one.node in ("controller", "compute", "node", "dashboard")
        assert one.says == one.says.strip()
        subprocess.run(["bash", "-n"], input=one.command, text=True, check=True)


def test_the_page_has_the_table_as_it_is() -> None:
    page = PAGE.read_text(encoding="utf-8")
    again = "run `.venv/bin/python -m tests.lab.checklist_lines`"
    assert page == written(page, LINES) and LINES[0].row in page, again


def test_no_reading_ends_or_blurs_those_after_it(tmp_path: Path) -> None:
    asked = [
        Reading("node", 'echo "$NAME"', "there"),
        Reading("node", "echo first; exit 3", "first"),
        Reading("node", "false", ""),
        Reading("node", "cat; echo wrong >&2", "wrong"),
        Reading("node", "if true; then echo '  last'; fi # note", "last"),
    ]
    openrc = tmp_path / "openrc.sh"
    openrc.write_text("NAME=there\n")
    text = script(asked).replace("/etc/xiandian/openrc.sh", str(openrc))
    said = subprocess.run(["bash", "-s"], input=text, capture_output=True, text=True, check=True)
    assert answers(said.stdout) == [one.says for one in asked]


def test_a_reading_of_all_nodes_is_asked_on_each_kind() -> None:
    one = Line("x", "y", State.MET, "z", (Reading("node", "true", ""),))
    two = Line("u", "v", State.MET, "w", (Reading("compute", "true", ""),))
    assert [of_kind((one, two), kind) for kind in ("controller", "compute")] == [
        [(one, one.readings[0])],
        [(one, one.readings[0]), (two, two.readings[0])],
    ]
