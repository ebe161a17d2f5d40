"""Updates of the nodes' packages: `python -m tools.update`.

Security updates of all packages, one node after the other: the controller, then the computes by
name. Services that run what was replaced are restarted; a node that asks for it is rebooted; its
steps prove it before the next one begins. These are variables of the environment, as make gives
them, besides STACK and PULUMI:

    NODES='NAME…'    only these nodes
    ALL=1            all updates, not only those of security
    DRAIN=1          first moves a compute's servers to other computes
    DRY=1            says what would be done, by the lists that the nodes have; changes nothing

Exit status 0: all is done, or nothing was to do; 1: it has stopped, and says where, why and what to
do, and a second run goes on; 2: a wrong call, or no stack.
"""

import os
import sys
from collections.abc import Mapping

from ..config import NoConfig, entries
from ..ssh import reach
from ..stack import NoStack, Stack, read
from .nodes import Hands, Stopped
from .story import Wanted, update


def asked(words: Mapping[str, str], stack: Stack) -> Wanted:
    """Return what the environment asks for (NoStack: a node that is not there)."""
    names = tuple(words.get("NODES", "").replace(",", " ").split())
    there = [stack.controller.name, *(node.name for node in stack.computes)]
    if unknown := [name for name in names if name not in there]:
        raise NoStack(f"NODES: no node {', '.join(unknown)}; there are {', '.join(there)}")
    every, drain, dry = (words.get(name, "") not in ("", "0") for name in ("ALL", "DRAIN", "DRY"))
    return Wanted(names, every, drain, dry)


def out(line: str) -> None:
    """Print a line at once."""
    print(line, flush=True)


def main() -> int:
    """Run the command of the command line."""
    if len(sys.argv) != 1:
        print(__doc__, file=sys.stderr)
        return 2
    try:
        name = os.environ.get("STACK", "")
        stack = read(*entries(name), name)
        wanted = asked(os.environ, stack)
    except (NoConfig, NoStack) as error:
        print(error, file=sys.stderr)
        return 2
    try:
        with reach(stack.nodes, stack.ssh) as way:
            update(Hands(way, stack), wanted, out)
    except Stopped as stopped:
        print(stopped, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
