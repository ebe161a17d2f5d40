"""Writes the preview of a stack as a comment: `python -m tools.comment [--output FILE] [ARGS]`.

ARGS go to `pulumi preview`, such as `--stack prod`. The variable PULUMI names the command, where
it is another than `pulumi`. The status is Pulumi's own: not 0 when the preview failed. The first
line is a mark (tools/comment/mark.py).
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

from tools.comment.mark import marked_comment
from tools.comment.preview import Preview, read

# Each spelled out, as variables of the environment could set it otherwise.
OPTIONS = ("--json", "--show-sames", "--show-secrets=false")
FASTER = {"PULUMI_PARALLEL_DIFF": "true"}
"""Pulumi else asks its providers about one resource after the other."""


def main() -> int:
    """Run the preview, write the comment, and say where it is."""
    parser = argparse.ArgumentParser(prog="python -m tools.comment", description=__doc__)
    parser.add_argument("--output", type=Path, default=Path("preview.md"))
    parser.add_argument("--stack", default="", help="the stack; by default the selected one")
    known, others = parser.parse_known_args()
    if shutil.which(pulumi()) is None:
        parser.error(f"{pulumi()} is not there: run tools/engine, then . tools/env.sh")
    preview, status = previewed(known.stack, *others)
    known.output.write_text(marked_comment(preview, known.stack), encoding="utf-8")
    print(f"the comment is in {known.output}")
    return status


def pulumi() -> str:
    """Return Pulumi's command."""
    return os.environ.get("PULUMI", "pulumi")


def previewed(stack: str, *others: str) -> tuple[Preview, int]:
    """Run a preview of a stack, "" for the selected one, and return it with Pulumi's status."""
    chosen = ["--stack", stack] if stack else []
    command = [pulumi(), "preview", *OPTIONS, *chosen, *others]
    environment = {**FASTER, **os.environ}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    return understood(done), done.returncode


def understood(done: subprocess.CompletedProcess[str]) -> Preview:
    """Return what Pulumi answered; where that is no preview, its last words are the error."""
    try:
        shown = json.loads(done.stdout)
        # With --refresh each resource is read first, as a step of its own that changes nothing.
        steps = [step for step in shown.get("steps", ()) if step["op"] != "refresh"]
        preview = read({**shown, "steps": steps})
    except ValueError:
        preview = Preview("", {}, ((done.stderr or done.stdout).strip(),), ())
    if done.returncode and not preview.errors:
        said = done.stderr.strip() or f"pulumi ended with status {done.returncode}"
        preview = Preview(preview.stack, preview.resources, (said,), preview.warnings)
    return preview


if __name__ == "__main__":
    sys.exit(main())
