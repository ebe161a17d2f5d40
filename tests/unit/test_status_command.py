"""What `make status` and `make status-page` do: whom they ask, what they print, how they end."""

import json
import re
from pathlib import Path

import pytest

from components.settings import SshSettings
from tests.unit.examples import SECRET, good_config
from tests.unit.readings import Json, seen
from tools.config import Entries
from tools.stack import NoStack, read
from tools.status import __main__ as command
from tools.status.judge import fires
from tools.status.rules import RULES, Rule
from tools.status.seen import CloudSeen, NodeSeen

ROOT = Path(__file__).parents[2]
WRONG: Json = {"c1": {"reboot": ["a new kernel"]}}


def entries(config: Json) -> Entries:
    """Return a config as `pulumi config --json` prints it."""
    return {
        f"iaas:{key}": {"value": value} if isinstance(value, str) else {"objectValue": value}
        for key, value in config.items()
    }


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a Pulumi that prints the good config, and nothing to ask."""
    config = {**good_config(tmp_path), "secret": SECRET}
    (tmp_path / "config.json").write_text(json.dumps(entries(config)))
    (tmp_path / "Pulumi.yaml").write_text("name: iaas\n")
    pulumi = tmp_path / "pulumi"
    pulumi.write_text('#!/bin/sh\necho "$*" >words\ncat config.json\n')
    pulumi.chmod(0o755)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PULUMI", str(pulumi))
    monkeypatch.delenv("STACK", raising=False)
    answer(monkeypatch)
    return tmp_path


def answer(monkeypatch: pytest.MonkeyPatch, changed: Json | None = None) -> None:
    """Let nodes and cloud give these answers."""
    found = seen(changed=changed)
    nodes: tuple[NodeSeen, ...] = found.nodes
    lists: CloudSeen = found.cloud
    monkeypatch.setattr("tools.status.nodes.ask_all", lambda _: nodes)
    monkeypatch.setattr("tools.status.cloud.ask", lambda _: lists)


@pytest.mark.parametrize(("changed", "status"), [({}, 0), (WRONG, 1)])
def test_the_status_says_whether_a_person_is_needed(
    changed: Json,
    status: int,
    here: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    answer(monkeypatch, changed)
    assert command.main([]) == status
    said = capsys.readouterr()
    assert said.out.startswith("The cloud of controller (10.0.0.10), ")
    assert said.err == ""
    assert (here / "words").read_text() == "config --json --show-secrets\n"


def test_a_stack_with_a_drained_compute_can_be_asked(here: Path) -> None:
    config: Json = {**good_config(here), "secret": SECRET}
    config["computes"][0]["drain"] = True
    assert len(read(entries(config), "iaas").computes) == len(config["computes"])


def test_the_words_of_make_reach_the_program(
    here: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("STACK", "prod")
    answer(monkeypatch, WRONG)
    assert command.main(["--json"]) == 1
    found = json.loads(capsys.readouterr().out)
    assert (found["stack"], [f["rule"] for f in found["findings"]]) == ("prod", ["reboot"])
    assert (here / "words").read_text() == "config --json --show-secrets --stack prod\n"


def test_the_page_is_written_beside_the_text(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command.main(["--page", "status.html"]) == 0
    assert (here / "status.html").read_text().startswith("<!DOCTYPE html>")
    assert "nothing needs you" in capsys.readouterr().out


@pytest.mark.parametrize("words", [["--yaml"], ["--page"], ["--json", "x"], ["prod"]])
def test_a_wrong_call_asks_nobody(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(words) == 2
    assert "python -m tools.status [--json | --page FILE]" in capsys.readouterr().err


# What Pulumi does, and what is said.
NO_STACK = (
    ("#!/bin/sh\necho error: no stack selected >&2\nexit 1\n", "error: no stack selected"),
    ("#!/bin/sh\necho no JSON\n", "the stack's config can't be read"),
    ("#!/bin/sh\necho '{}'\n", "the stack has no iaas:controller and iaas:secret"),
)


@pytest.mark.parametrize(("pulumi", "said"), NO_STACK)
def test_without_a_stack_nobody_is_asked(
    pulumi: str, said: str, here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (here / "pulumi").write_text(pulumi)
    assert command.main([]) == 2
    assert said in capsys.readouterr().err


def test_without_pulumi_it_is_said(
    here: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PULUMI", "./none")
    assert command.main([]) == 2
    assert capsys.readouterr().err.startswith("./none is not on the PATH: install Pulumi")


def test_the_stack_is_that_of_the_settings(tmp_path: Path) -> None:
    config = {**good_config(tmp_path), "secret": SECRET}
    found = read(entries(config), "iaas", "prod")
    assert [str(node.host) for node in (found.controller, *found.computes)] == [
        "192.168.100.10", "192.168.100.20", "192.168.100.21",
    ]  # fmt: skip
    assert found.ssh.private_key_file == tmp_path / "id_ed25519"
    assert found.controller.host_key
    assert not found.computes[1].check_host_key
    assert (found.name, found.region, len(found.password)) == ("prod", "RegionOne", 40)
    assert SECRET not in repr(found) and found.password not in repr(found)


def test_other_settings_may_be_wrong(tmp_path: Path) -> None:
    config = {**good_config(tmp_path), "secret": SECRET, "networks": "nonsense", "images": [{}]}
    del config["ssh"]
    assert read(entries(config), "iaas").ssh == SshSettings()


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"controller": None}, "the stack has no iaas:controller and iaas:secret"),
        ({"secret": ""}, "the stack has no iaas:controller and iaas:secret"),
        ({"cloud": "prod"}, "this is a tenant's stack; its nodes are those of STACK=prod"),
        ({"ssh": {"port": 0, "user": "a b"}}, "iaas:ssh.port: "),
        ({"ssh": {"port": 0, "user": "a b"}}, "iaas:ssh.user: "),
        ({"computes": [{"name": "c1"}]}, "iaas:computes[0].host: "),
    ],
)
def test_what_can_not_be_asked_is_said(changed: Json, said: str, tmp_path: Path) -> None:
    config = {**good_config(tmp_path), "secret": SECRET, **changed}
    with pytest.raises(NoStack) as caught:
        read(entries(config), "iaas")
    assert said in str(caught.value)
    assert SECRET not in str(caught.value)


DOCUMENTED = dict(
    re.findall(
        r"^\| `([a-z-]+)` \| (\w+ \| .*?) ?\| .+\|$",
        (ROOT / "docs/status.md").read_text(encoding="utf-8"),
        re.MULTILINE,
    )
)


def limit(rule: Rule) -> str:
    """Write a rule's limit as the page has it."""
    return f"{'below ' if rule.under else ''}{rule.limit} {rule.unit}" if rule.unit else ""


def test_the_page_has_each_rule_with_its_limit() -> None:
    assert {
        name: " ".join(text.split()) for name, text in DOCUMENTED.items()
    } == {rule.name: f"{rule.severity} | {limit(rule)}".strip() for rule in RULES}  # fmt: skip


def test_the_order_of_the_page_is_that_of_the_table() -> None:
    assert [*DOCUMENTED] == [rule.name for rule in RULES]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: str(rule.name))
def test_a_limit_itself_is_no_finding(rule: Rule) -> None:
    assert fires(rule, rule.limit or 0) == (rule.limit is None)
