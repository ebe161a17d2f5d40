"""What tools/timed says of a command, and that it ends as the command does."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

TIMED = [sys.executable, str(Path(__file__).parents[2] / "tools/timed"), "part"]


@pytest.mark.parametrize(("status", "how"), [(0, "took"), (3, "FAILED after")])
def test_a_part_has_its_own_status_and_says_its_seconds(status: int, how: str) -> None:
    command = ["sh", "-c", f"echo out; exit {status}"]
    done = subprocess.run([*TIMED, *command], capture_output=True, text=True, check=False)
    assert done.returncode == status
    assert re.fullmatch(rf"out\npart: {how} \d+ s\n", done.stdout)


def test_a_signal_reaches_the_command() -> None:
    command = ["sh", "-c", "trap 'exit 5' TERM; echo began; while :; do sleep 0.01; done"]
    with subprocess.Popen([*TIMED, *command], stdout=subprocess.PIPE, text=True) as part:
        assert part.stdout is not None
        assert part.stdout.readline() == "began\n"
        part.terminate()
        assert part.wait(10) == 5
