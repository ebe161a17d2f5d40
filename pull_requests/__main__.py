"""Pulumi by pull request: `python -m pull_requests preview|comment|apply|drift`.

preview  writes what `up` would do as a comment, in words and as a diff, to preview.md
comment  posts it on the pull request; it replaces the last one
apply    runs `pulumi up`, if a fresh preview equals the reviewed one
drift    keeps an issue open as long as the cloud differs from the program; by hand it prints
         what differs

The variable PULUMI names Pulumi's command, by default `pulumi`. The last three are jobs of a forge
and read variables: STACK names the stack; DIGEST, for apply by hand, is the digest of the reviewed
preview, from the first line of preview.md; the others are the forge's.

The status is Pulumi's, such as that of a failed preview, or 1 with a message.
"""

import argparse
import os
import re
import sys
from collections.abc import Sequence
from pathlib import Path

from .cli import run_preview
from .errors import JobError
from .forges import in_a_job, of_this_job
from .forges.api import required
from .jobs import FILE, apply, drift, post
from .mark import STACK, marked_comment


def main() -> int:
    """Run one command and return its status."""
    parser = argparse.ArgumentParser(
        prog=f"python -m {__package__}",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(dest="command", required=True)
    preview = commands.add_parser("preview", epilog="All other options go to `pulumi preview`.")
    preview.add_argument("--output", type=Path, default=FILE)
    preview.add_argument("--stack", default="", help="the stack; by default the selected one")
    for name in ("comment", "apply", "drift"):
        commands.add_parser(name)
    given, others = parser.parse_known_args()
    if others and given.command != "preview":
        parser.error(f"{given.command} has no options: {' '.join(others)}")
    try:
        if given.command == "preview":
            return write(given.output, given.stack, others)
        return job(given.command)
    except JobError as failure:
        print(f"{given.command}: {failure}", file=sys.stderr)
        return 1


def write(output: Path, stack: str, others: Sequence[str]) -> int:
    """Write a preview as a comment, and print its path."""
    preview, status = run_preview(stack, *others)
    output.write_text(marked_comment(preview, stack), encoding="utf-8")
    print(f"the comment is in {output}")
    return status


def job(name: str) -> int:
    """Run a job of a forge (JobError)."""
    if name == "drift" and not in_a_job(os.environ):
        return drift(None, os.environ.get("STACK", ""))
    stack = required(os.environ, "STACK")
    if not STACK.fullmatch(stack):
        raise JobError(
            f"STACK={stack!r} is not a stack's name: give NAME or ORGANIZATION/PROJECT/NAME"
        )
    if name == "apply":
        given = os.environ.get("DIGEST", "").strip()
        if given and not re.fullmatch("[0-9a-f]{64}", given):
            raise JobError("DIGEST is not 64 hexadecimal digits; copy it from preview.md")
        return apply(lambda: of_this_job(os.environ), stack, given)
    if name == "drift":
        return drift(of_this_job(os.environ), stack)
    post(of_this_job(os.environ), stack)
    return 0


if __name__ == "__main__":
    sys.exit(main())
