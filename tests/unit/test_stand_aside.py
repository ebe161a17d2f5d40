"""What stands in for programs while a node's packages are set up."""

import subprocess
from pathlib import Path

import pytest

from components import steps
from tests.unit.roots import shell

SCRIPT = steps.text("lib/before.sh")
EACH = "the program itself"


@pytest.fixture
def aside(tmp_path: Path) -> Path:
    """The folder with them; the programs themselves say that it was they."""
    for name in ("py3compile", "systemctl"):
        program = tmp_path / "usr/bin" / name
        program.parent.mkdir(parents=True, exist_ok=True)
        program.write_text(f"#!/bin/sh\necho {EACH}\n")
        program.chmod(0o755)
    folder = tmp_path / "var/lib/iaas/aside"
    shell(SCRIPT, "stand_aside", run="stand_aside", root=tmp_path, before=f"ASIDE={folder}")
    return folder


@pytest.mark.parametrize(
    ("call", "runs"),
    [
        ("py3compile -p python3-nova", False),
        ("py3compile -p python3-six -V 3.10-", True),
        ("py3compile -p python3 /usr/share/python3/", True),
        ("systemctl daemon-reload", False),
        ("systemctl --system daemon-reload", False),
        ("systemctl --system start chrony.service", True),
        ("systemctl is-active dbus", True),
    ],
)
def test_only_what_is_done_later_for_all_is_not_done(call: str, runs: bool, aside: Path) -> None:
    name, *words = call.split()
    done = subprocess.run([aside / name, *words], capture_output=True, text=True, check=True)
    assert done.stdout == (f"{EACH}\n" if runs else "")


def test_what_stood_aside_is_done_before_the_transaction_counts_as_done() -> None:
    """A run that is cut off before finds the transaction's mark, and does it."""
    begin = SCRIPT.index("\n  with_progress apt_get")
    later = ["compile_modules", 'rm -r "$ASIDE"', "systemctl daemon-reload", "end_packages"]
    places = [SCRIPT.index(f"\n  {line}\n", begin) for line in later]
    assert places == sorted(places)
