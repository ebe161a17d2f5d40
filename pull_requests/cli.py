"""Pulumi's command line: which command it is, and a preview by it.

The variable PULUMI names the command, where it is another than `pulumi`.
"""

import json
import os
import shutil
import subprocess

from .errors import JobError
from .preview import Preview, read
from .words import PLAIN, Words, find

# Each spelled out, as variables of the environment could set it otherwise.
OPTIONS = ("--json", "--show-sames", "--show-secrets=false")
FASTER = {"PULUMI_PARALLEL_DIFF": "true"}
"""Without it Pulumi asks its providers about one resource after the other."""


def pulumi() -> str:
    """Return Pulumi's command."""
    return os.environ.get("PULUMI", "pulumi")


def run_preview(stack: str, *others: str) -> tuple[Preview, int]:
    """Run a preview, put into the words of the project in this folder (JobError).

    stack: "" for the selected one; others: more options of `pulumi preview`. Returned with it is
    Pulumi's status, not 0 when the preview failed.
    """
    if shutil.which(pulumi()) is None:
        raise JobError(
            f"{pulumi()} is not on the PATH: install Pulumi, or set PULUMI to its command"
        )
    words = find()
    chosen = ["--stack", stack] if stack else []
    command = [pulumi(), "preview", *OPTIONS, *chosen, *others]
    environment = {**FASTER, **os.environ}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    return parse_preview(done, words), done.returncode


def parse_preview(done: subprocess.CompletedProcess[str], words: Words = PLAIN) -> Preview:
    """Return what Pulumi answered; where that is no preview, its last words are the error."""
    try:
        answer = json.loads(done.stdout)
        # With --refresh each resource is read first, as a step of its own that changes nothing.
        steps = [step for step in answer.get("steps", ()) if step["op"] != "refresh"]
        preview = read({**answer, "steps": steps}, words)
    except ValueError:
        preview = Preview("", {}, ((done.stderr or done.stdout).strip(),), (), words)
    if done.returncode and not preview.errors:
        said = done.stderr.strip() or f"pulumi ended with status {done.returncode}"
        preview = Preview(preview.stack, preview.resources, (said,), preview.warnings, words)
    return preview
