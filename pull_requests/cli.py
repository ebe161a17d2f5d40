"""Runs Pulumi's command line. The variable PULUMI names the command, by default `pulumi`."""

import json
import os
import shutil
import subprocess

from .errors import JobError
from .preview import Preview, read
from .words import PLAIN, Words, find

# All are given, as environment variables could change their defaults.
OPTIONS = ("--json", "--show-sames", "--show-secrets=false")
FASTER = {"PULUMI_PARALLEL_DIFF": "true"}
"""Without it Pulumi asks its providers about one resource at a time."""


def pulumi() -> str:
    """Return Pulumi's command."""
    return os.environ.get("PULUMI", "pulumi")


def run_preview(stack: str, *others: str) -> tuple[Preview, int]:
    """Run a preview, for the project in this folder, with its words (JobError).

    stack: "" for the selected one; others: more options of `pulumi preview`. Also returns Pulumi's
    status: not 0 when the preview failed.
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
    """Return the preview in Pulumi's output; without one, the output is its error."""
    try:
        answer = json.loads(done.stdout)
        # With --refresh each resource is first read, which is a step that changes nothing.
        steps = [step for step in answer.get("steps", ()) if step["op"] != "refresh"]
        preview = read({**answer, "steps": steps}, words)
    except ValueError:
        preview = Preview("", {}, ((done.stderr or done.stdout).strip(),), (), words)
    if done.returncode and not preview.errors:
        said = done.stderr.strip() or f"pulumi ended with status {done.returncode}"
        preview = Preview(preview.stack, preview.resources, (said,), preview.warnings, words)
    return preview
