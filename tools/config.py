"""A stack's config with its secrets, for what a person calls by hand."""

import json
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from components.settings import yaml_text
from pull_requests.cli import pulumi

Entries = Mapping[str, Any]
"""By key: a mapping with its `value`, and with `objectValue` where that is no text."""


class NoConfig(Exception):  # noqa: N818  # it is what a user reads
    """There is no config, and why."""


def entries(stack: str) -> tuple[Entries, str]:
    """Return what `pulumi config --json` prints, and the namespace of our keys (NoConfig).

    stack: "" for the selected one.
    """
    chosen = ["--stack", stack] if stack else []
    command = [pulumi(), "config", "--json", "--show-secrets", *chosen]
    if shutil.which(command[0]) is None:
        said = "is not on the PATH: install Pulumi, or set PULUMI to its command"
        raise NoConfig(f"{command[0]} {said}")
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise NoConfig(f"`{' '.join(command)}` failed: {done.stderr.strip()}")
    try:
        found: Entries = json.loads(done.stdout)
        project: Any = yaml_text.load(Path("Pulumi.yaml").read_bytes())
    except (OSError, ValueError) as error:
        raise NoConfig(f"the stack's config can't be read: {error}") from None
    return found, project["name"]


def value(found: Entries, namespace: str, key: str) -> Any:  # noqa: ANN401  # any JSON
    """Return the value of a key; None if it is not there."""
    entry = found.get(f"{namespace}:{key}", {})
    return entry.get("objectValue", entry.get("value"))
