"""What the state of the last run is taken for: nothing that failed in it counts as done."""

import json
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pulumi
import pytest

from components import state
from tests.unit.mocks import Deployment, deploy, main

BEGUN = "2026-01-01T00:00:00Z"
LATER = "2026-01-02T00:00:00Z"


def failed(whole: Deployment, name: str, **more: str) -> Mapping[str, Any]:
    """Return the state in which a resource has a failure."""
    exported = whole.exported()
    (resource,) = [r for r in exported["deployment"]["resources"] if r["urn"].endswith(f"::{name}")]
    resource.update({"initErrors": ["1 error occurred:\n\t* no\n"], **more})
    return exported


NAMES = ("network-front-subnet", "server-web1-server", "image-guest-image", "project-web-quota")


@pytest.mark.parametrize("name", NAMES)
def test_after_a_failed_change_up_is_refused_until_it_is_resumed(
    name: str, whole: Deployment, config: dict[str, object]
) -> None:
    exported = failed(whole, name, modified=LATER)
    with pytest.raises(
        pulumi.RunError, match=rf"{name}: no\nrun `make resume STACK=test`.* nothing was changed"
    ):
        deploy(main, config, state=exported)


@pytest.mark.parametrize("name", NAMES)
def test_a_preview_after_a_failed_change_says_so(
    name: str, whole: Deployment, config: dict[str, object], monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []
    monkeypatch.setattr(pulumi.log, "warn", lambda text, *_: said.append(text))
    deploy(main, config, preview=True, state=failed(whole, name, modified=LATER))
    assert [text for text in said if f"{name}: no\n" in text and "make resume" in text]


def cut_off(whole: Deployment, kind: str) -> Mapping[str, Any]:
    """Return the state after a run that was cut off while it made something."""
    exported = whole.exported()
    resource = {"urn": f"urn:pulumi:dev::iaas::{kind}::it", "type": kind, "inputs": {}}
    note = {"type": "creating", "resource": resource}
    exported["deployment"]["pending_operations"] = [note]
    return exported


def test_after_a_run_that_was_cut_off_up_is_refused_until_it_is_resumed(
    whole: Deployment, config: dict[str, object], monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []
    monkeypatch.setattr(pulumi.log, "warn", lambda text, *_: said.append(text))
    state = cut_off(whole, "openstack:networking/port:Port")
    words = r"cut off while it made these.*:\n  it\nrun `make resume STACK=test`"
    deploy(main, config, preview=True, state=state)
    assert [text for text in said if re.search(words, text)]
    with pytest.raises(pulumi.RunError, match=rf"{words}.* nothing was changed"):
        deploy(main, config, state=state)


def test_a_step_that_was_cut_off_runs_again(whole: Deployment, config: dict[str, object]) -> None:
    deploy(main, config, state=cut_off(whole, "command:remote:Command"))


@pytest.mark.parametrize("name", NAMES)
def test_what_could_not_be_made_is_replaced(
    name: str, whole: Deployment, config: dict[str, object]
) -> None:
    deployed = deploy(main, config, state=failed(whole, name, modified=BEGUN))
    replaced = {r.name for r in deployed if "#initerror" in r.replace_on_changes}
    assert replaced == {name}


@pytest.mark.parametrize(
    ("script", "words"),
    [
        (None, "`pulumi` is not on the PATH"),
        (
            "echo 'error: no such stack' >&2; exit 1",
            "cannot read the stack's state: `pulumi stack export .*` failed: error: no such stack",
        ),
    ],
    ids=["no CLI", "no state"],
)
def test_a_state_that_cannot_be_read_ends_the_run(
    script: str | None, words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = str(tmp_path)
    if script is not None:
        (tmp_path / "pulumi").write_text(f"#!/bin/sh\n{script}\n")
        (tmp_path / "pulumi").chmod(0o755)
        path += os.pathsep + os.environ["PATH"]
    monkeypatch.setenv("PATH", path)
    with pytest.raises(pulumi.RunError, match=words):
        state.read()


def test_what_pulumi_is_about_to_delete_is_not_there_any_more() -> None:
    resource = {"urn": "urn:pulumi:s::p::t::n", "type": "t", "delete": True}
    exported = json.loads(json.dumps({"deployment": {"resources": [resource]}}))
    assert state.State(exported).resources == ()
