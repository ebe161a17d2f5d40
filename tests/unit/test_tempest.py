"""OpenStack's own tests on the lab: what they need in addition, and why some are left out."""

import re
import subprocess
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[2]
HERE = ROOT / "lab" / "tempest"
STACK = ROOT / "Pulumi.dev.yaml"


def test_each_test_that_is_left_out_has_a_reason() -> None:
    lines = (HERE / "left-out").read_text(encoding="utf-8").splitlines()
    tests = [line for line in lines if not line.startswith("#")]
    wrong = [line for line in tests if not re.fullmatch(r"tempest(\.\w+)+ # \S.+", line)]
    assert not wrong
    assert len(tests) == len({line.split(" # ")[0] for line in tests})


def test_the_tests_change_no_setting_of_the_lab_but_add_to_them() -> None:
    words = [str(ROOT / ".venv" / "bin" / "python"), str(HERE / "stack"), str(STACK)]
    printed = subprocess.run(words, capture_output=True, text=True, check=True).stdout
    given = yaml.safe_load(STACK.read_text(encoding="utf-8"))["config"]
    config = yaml.safe_load(printed)["config"]
    assert config["iaas:provider"].pop("selfService") is True
    assert config["iaas:images"].pop()["name"] == "tempest"
    assert config == given
