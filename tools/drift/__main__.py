"""Drift of the nodes, by hand: `python -m tools.drift compare|repair`.

    compare    prints what differs on the nodes from what the last `up` made; status 1 if any does
    repair     runs `pulumi up` for the files and steps that differ; it shows a preview and asks,
               other options, such as --yes, go to `pulumi up`

STACK and PULUMI are variables of the environment, as make gives them.
"""

import os
import subprocess
import sys

from pull_requests.cli import pulumi

from ..config import NoConfig
from ..stack import NoStack
from ..state import NoState
from . import found, report

COMMANDS = ("compare", "repair")


def main() -> int:
    """Run the command of the command line."""
    command, *options = sys.argv[1:] or [""]
    if command not in COMMANDS or (options and command == "compare"):
        print(__doc__, file=sys.stderr)
        return 2
    stack = os.environ.get("STACK", "")
    try:
        nodes = found(stack)
    except (NoConfig, NoStack, NoState) as error:
        print(error, file=sys.stderr)
        return 2
    print(report(nodes))
    if command == "compare":
        return int(any(one.differs for one in nodes))
    urns = [urn for one in nodes for urn in one.repairs()]
    if not urns:
        print("nothing to repair")
        return 0
    chosen = ["--stack", stack] if stack else []
    words = [word for urn in urns for word in ("--target-replace", urn)]
    return subprocess.run([pulumi(), "up", *chosen, *options, *words], check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
