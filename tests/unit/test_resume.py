"""What is put back after a change that failed, so that the next run sends it again."""

import copy
from typing import Any

import pytest

from tools.resume import keep_flavors, main, put_back, resume

MADE, LATER = "2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z"
CIPHER = {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", "ciphertext": "x"}
PORT: dict[str, Any] = {
    "urn": "urn:pulumi:dev::iaas::t::server-web1-port",
    "inputs": {
        "__defaults": [],
        "fixedIps": [{"__defaults": [], "ipAddress": "10.0.0.1", "subnetId": "s"}],
        "secret": CIPHER,
    },
    "outputs": {
        "__meta": "{}",
        "__pulumi_raw_state_delta": {"obj": {}},
        "allFixedIps": ["10.0.0.1"],
        "fixedIps": [{"ipAddress": "10.0.0.2", "subnetId": "s"}],
        "secret": {**CIPHER, "ciphertext": "y"},
    },
    "initErrors": ["no"],
    "created": MADE,
    "modified": LATER,
}


def test_a_failed_change_is_a_change_of_the_next_run() -> None:
    state = {"deployment": {"resources": [copy.deepcopy(PORT)]}}
    assert put_back(state) == {PORT["urn"]: PORT["inputs"]}
    (port,) = state["deployment"]["resources"]
    assert port["outputs"] == {
        "__meta": "{}",
        "allFixedIps": ["10.0.0.1"],
        "fixedIps": [{"ipAddress": "10.0.0.1", "subnetId": "s"}],
        "secret": CIPHER,
    }
    assert port["inputs"] == PORT["inputs"]


@pytest.mark.parametrize(
    "more", [{"initErrors": None}, {"modified": MADE}], ids=["ended well", "never made"]
)
def test_nothing_else_is_touched(more: dict[str, object]) -> None:
    state = {"deployment": {"resources": [copy.deepcopy(PORT) | more]}}
    assert put_back(state) == {}
    assert state == {"deployment": {"resources": [PORT | more]}}


def test_a_state_without_resources_has_nothing_to_resume(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("tools.state._run", lambda *_: '{"version": 3}')
    assert resume("") == 0
    assert capsys.readouterr().out.startswith("nothing to resume: ")


def test_what_pulumi_says_of_a_state_that_it_cannot_read_is_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["resume", "--stack", "other"])
    monkeypatch.setenv("PULUMI", "false")
    assert main() == 1
    assert capsys.readouterr() == ("", "`false stack export` failed: \n")


@pytest.mark.parametrize(
    ("found", "kept"), [("", "old"), ("new", "new")], ids=["a deleted one", "one that is there"]
)
def test_a_server_keeps_its_old_flavor_until_it_is_resized(found: str, kept: str) -> None:
    urns = {"urn": {"flavorId": "old"}}
    server: dict[str, Any] = {"urn": "urn", "inputs": {}, "outputs": {"flavorId": found}}
    assert keep_flavors({"deployment": {"resources": [server]}}, urns) == (kept != found)
    assert server["outputs"]["flavorId"] == kept
