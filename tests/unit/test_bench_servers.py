"""What `make bench-servers` measures: the same servers, whoever makes them."""

import json
from pathlib import Path

import pytest
import yaml

from bench.measure import Command
from bench.opentofu.projects import ROLE
from bench.servers import __main__ as bench
from bench.servers.__main__ import OpenTofu, Program, with_servers
from tests.unit.examples import SECRET, public_key, qcow2


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """The commands that are timed, in order; none of them runs."""
    made: list[list[str]] = []

    def timed(command: Command) -> float:
        made.append([*command.words])
        return float(len(made))

    monkeypatch.setattr(bench, "timed", timed)
    return made


def test_opentofu_declares_the_servers_of_the_program(
    calls: list[list[str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    image = tmp_path / "guest.qcow2"
    image.write_bytes(qcow2())
    ours = bench.own_config()
    ours["iaas:images"][0]["file"] = str(image)
    key = tmp_path / "key.pub"
    key.write_text(public_key("web1"))
    monkeypatch.setattr(bench, "own_config", lambda: ours)
    monkeypatch.setattr(bench, "KEY", str(key))
    assert OpenTofu(tmp_path, SECRET, "a-role").up(3) == len(calls)
    text = (tmp_path / "main.tf.json").read_text()
    declared = json.loads(text)["resource"]
    assert sorted(declared["openstack_compute_instance_v2"]) == ["tofu1", "tofu2", "tofu3"]
    assert ROLE not in text
    assert [words[1] for words in calls] == ["init", "apply"]


def test_the_program_has_the_labs_own_servers_too(calls: list[list[str]], tmp_path: Path) -> None:
    Program(tmp_path).up(2)
    written = (tmp_path / "Pulumi.dev.yaml").read_text()
    assert all(f"name: {name}\n" in written for name in ("web1", "bench1", "bench2"))
    assert calls[0][1:5] == ["up", "--yes", "--skip-preview", "--non-interactive"]


@pytest.mark.usefixtures("calls")
def test_the_programs_end_may_delete_the_network_that_had_servers(tmp_path: Path) -> None:
    Program(tmp_path).end()
    config = yaml.safe_load((tmp_path / "Pulumi.dev.yaml").read_text())["config"]
    assert config["iaas:allowDeletion"] == {"networks": ["bench"]}
    assert "bench" not in {network["name"] for network in config["iaas:networks"]}


def test_both_make_the_same_number_of_each_kind() -> None:
    bench_, tofu = with_servers("bench", 4), with_servers("tofu", 4)
    assert {kind: len(entries) for kind, entries in bench_.items()} == {
        kind: len(entries) for kind, entries in tofu.items()
    }
