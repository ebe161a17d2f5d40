"""A stack's state, as Pulumi gives and takes it."""

import json
import subprocess
from collections.abc import Sequence
from typing import Any

from pull_requests.cli import pulumi

Raw = dict[str, Any]
"""A part of a state: a resource, or all of it, as `pulumi stack export` has it."""


class NoState(Exception):  # noqa: N818  # it is what a user reads
    """Pulumi cannot read, write or refresh the state, and why."""


def export(stack: str, *, secrets: bool = False) -> Raw:
    """Return the state of a stack, "" for the selected one; secrets: those in clear (NoState)."""
    shown = ["--show-secrets"] if secrets else []
    found: Raw = json.loads(_run(stack, ["stack", "export", *shown]))
    deployment = found.get("deployment") or {}
    return {**found, "deployment": {**deployment, "resources": deployment.get("resources") or []}}


def stack_name(stack: str) -> str:
    """Return the name of the stack, which is the selected one for "" (NoState)."""
    return stack or _run(stack, ["stack", "--show-name"]).strip()


def write(stack: str, state: Raw) -> None:
    """Make this the stack's state (NoState)."""
    _run(stack, ["stack", "import"], json.dumps(state))


def read_from_cloud(stack: str, urns: Sequence[str]) -> str:
    """Let Pulumi read these resources, and no others; return what it says of them (NoState)."""
    targets = [word for urn in urns for word in ("--target", urn)]
    refresh = ["refresh", "--yes", "--skip-preview", "--non-interactive"]
    return _run(stack, [*refresh, *targets])


def _run(stack: str, words: Sequence[str], text: str = "") -> str:
    command = [pulumi(), *words, *(["--stack", stack] if stack else [])]
    done = subprocess.run(command, input=text, capture_output=True, text=True, check=False)
    if done.returncode:
        said = f"{done.stdout}{done.stderr}".strip()
        raise NoState(f"`{pulumi()} {' '.join(words[:2])}` failed: {said}")
    return done.stdout
