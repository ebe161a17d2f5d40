"""Writes the preview of a stack as a comment: `python -m tools.comment [--output FILE] [ARGS]`.

ARGS go to `pulumi preview`, such as `--stack prod`. The variable PULUMI names the command, where
it is another than `pulumi`. The status is Pulumi's own: not 0 when the preview failed.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

from tools.comment.page import comment
from tools.comment.preview import Preview, read

# Each spelled out, as variables of the environment could set it otherwise.
OPTIONS = ("--json", "--show-sames", "--show-secrets=false")


def main() -> int:
    """Run the preview, write the comment, and say where it is."""
    parser = argparse.ArgumentParser(prog="python -m tools.comment", description=__doc__)
    parser.add_argument("--output", type=Path, default=Path("preview.md"))
    known, others = parser.parse_known_args()
    pulumi = os.environ.get("PULUMI", "pulumi")
    if shutil.which(pulumi) is None:
        parser.error(f"{pulumi} is not there: run tools/engine, then . tools/env.sh")
    command = [pulumi, "preview", *OPTIONS, *others]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    known.output.write_text(comment(understood(done)), encoding="utf-8")
    print(f"the comment is in {known.output}")
    return done.returncode


def understood(done: subprocess.CompletedProcess[str]) -> Preview:
    """Return what Pulumi answered; where that is no preview, its last words are the error."""
    try:
        preview = read(json.loads(done.stdout))
    except ValueError:
        preview = Preview("", {}, ((done.stderr or done.stdout).strip(),), ())
    if done.returncode and not preview.errors:
        said = done.stderr.strip() or f"pulumi ended with status {done.returncode}"
        preview = Preview(preview.stack, preview.resources, (said,), preview.warnings)
    return preview


if __name__ == "__main__":
    sys.exit(main())
