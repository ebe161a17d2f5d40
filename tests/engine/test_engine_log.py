"""The engine of `engine/build` keeps no log of its runs: half of a large preview's work is that."""

import subprocess
from pathlib import Path

import pytest

from tests.engine.conftest import ENGINE, ROOT

HOME = ROOT / ".engine/home"


def version(home: Path) -> None:
    """Run a command of Pulumi's with a home of its own; it must say nothing else."""
    words = [*ENGINE, "env", f"PULUMI_HOME={home}", "pulumi", "version"]
    done = subprocess.run(words, capture_output=True, text=True, check=True)
    assert (done.stdout[:1], done.stderr) == ("v", "")


@pytest.mark.skipif(not HOME.exists(), reason="the vendor's engine is in use")
def test_the_engine_that_is_built_here_has_no_folder_for_logs() -> None:
    assert (HOME / "logs").is_file(), "run engine/build"


def test_pulumi_goes_on_where_it_can_make_no_folder_for_its_log(tmp_path: Path) -> None:
    (tmp_path / "logs").write_text("no folder")
    version(tmp_path)
    assert (tmp_path / "logs").read_text() == "no folder"


def test_pulumi_would_keep_a_log_of_each_run(tmp_path: Path) -> None:
    version(tmp_path)
    assert list(tmp_path.glob("logs/*.log")), (
        "Pulumi keeps no log of its runs in its home any more: engine/build need not prevent it"
    )
