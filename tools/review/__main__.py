"""A job of a forge: `python -m tools.review comment|apply|drift`.

STACK names the stack. PULUMI names the command, where it is another than `pulumi`. DIGEST, for
apply, is that of the reviewed preview, where somebody says it by hand: it stands in the first line
of preview.md. All three are variables of the environment, and so is what the forge says.
"""

import argparse
import os
import re
import sys

from tools.comment.mark import STACK
from tools.review.api import JobError, required
from tools.review.forge import Forge
from tools.review.github import GitHub
from tools.review.gitlab import GitLab
from tools.review.jobs import apply, drift, post


def main() -> int:
    """Do one job and return its status: Pulumi's, or 1 with a message."""
    parser = argparse.ArgumentParser(
        prog="python -m tools.review",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("job", choices=("comment", "apply", "drift"))
    job = parser.parse_args().job
    try:
        stack = required(os.environ, "STACK")
        if not STACK.fullmatch(stack):
            raise JobError(f"STACK={stack!r} is no name of a stack")
        if job == "apply":
            given = os.environ.get("DIGEST", "").strip()
            if given and not re.fullmatch("[0-9a-f]{64}", given):
                raise JobError("DIGEST is not 64 hexadecimal digits")
            return apply(forge, stack, given)
        if job == "drift":
            return drift(forge(), stack)
        post(forge(), stack)
    except JobError as failure:
        print(f"{job}: {failure}", file=sys.stderr)
        return 1
    return 0


def forge() -> Forge:
    """Return the forge whose job this is."""
    if os.environ.get("GITHUB_ACTIONS") == "true":
        return GitHub(os.environ)
    if os.environ.get("GITLAB_CI") == "true":
        return GitLab(os.environ)
    raise JobError("neither GITHUB_ACTIONS nor GITLAB_CI is true: this is no job of a forge")


if __name__ == "__main__":
    sys.exit(main())
