"""The program that shows what Pulumi itself takes runs, and keeps a log where it says so."""

import re
from pathlib import Path

import pytest

from bench.alone import main, preview, stack_of


def test_it_prints_seconds_with_a_log_and_without(capsys: pytest.CaptureFixture[str]) -> None:
    main(["2"])
    lines = capsys.readouterr().out.splitlines()
    assert [re.sub(r" +[\d.]+ s", "", line) for line in lines] == [
        "with a log  program  engine and plugin",
        "without     program  engine and plugin",
    ]


def test_one_run_has_a_log_and_the_other_none(tmp_path: Path) -> None:
    stack = stack_of(2, tmp_path)
    for log in (True, False):
        assert min(preview(stack, log)) > 0
    assert list(tmp_path.glob("home-True/logs/*.log"))
    assert (tmp_path / "home-False/logs").is_file()
