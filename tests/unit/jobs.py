"""The job of a pull request at a small forge, where Pulumi is a script."""

import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import tools.drift
from pull_requests.__main__ import main
from pull_requests.mark import marked_comment
from pull_requests.project import Beside
from tests.unit.forges import TOKEN, Forge, forge
from tests.unit.previews import image, read, shown

ROOT = Path(__file__).parents[2]
STACK = "prod"
NOTHING = shown()
CHANGE = shown(*image("guest", "raw"))
OTHER = shown(*image("guest", "other"))
FAILED = shown(diagnostics=[{"severity": "error", "message": "error: wrong settings"}])

Run = Callable[..., tuple[int, str]]


@pytest.fixture(params=["github", "gitlab"])
def at(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Forge]:
    """A forge, and a job of it in a folder of its own."""
    monkeypatch.chdir(tmp_path)
    # Where the project's words are named.
    Path("pyproject.toml").symlink_to(ROOT / "pyproject.toml")
    for name in ("GITHUB_ACTIONS", "GITLAB_CI", "GITHUB_STEP_SUMMARY", "DIGEST"):
        monkeypatch.delenv(name, raising=False)
    with forge(request.param) as found:
        for name, value in found.environment(tmp_path).items():
            monkeypatch.setenv(name, value)
        monkeypatch.setenv("STACK", STACK)
        # What this project compares beside Pulumi: these jobs have no nodes.
        monkeypatch.setattr(tools.drift, "NODES", Beside("Nodes", lambda _: ""))
        yield found


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], tmp_path: Path) -> Run:
    """Run a job where Pulumi's preview says this; return the status and what was printed."""
    pulumi = tmp_path / "pulumi"

    def job(name: str, preview: dict[str, Any] = NOTHING) -> tuple[int, str]:
        status = 1 if preview is FAILED else 0
        (tmp_path / "shown.json").write_text(json.dumps(preview))
        pulumi.write_text(
            f'#!/bin/sh\necho "$*" >>{tmp_path}/ran\n'
            f'[ "$1" = up ] || {{ cat {tmp_path}/shown.json; exit {status}; }}\n'
        )
        pulumi.chmod(0o755)
        monkeypatch.setenv("PULUMI", str(pulumi))
        monkeypatch.setattr(sys, "argv", ["pull_requests", name])
        done = main()
        captured = capfd.readouterr()
        said = captured.out + captured.err
        assert TOKEN not in said
        return done, said

    return job


def ran(folder: Path) -> list[str]:
    """Return the commands of Pulumi's that were run, each by its first word."""
    file = folder / "ran"
    return [line.split()[0] for line in file.read_text().splitlines()] if file.exists() else []


def page(preview: dict[str, Any], stack: str = STACK) -> str:
    return marked_comment(read(preview), stack)


def text(of: str = STACK) -> str:
    return page(CHANGE, of)
