#!/usr/bin/env python3
"""Commands of nova-manage or keystone-manage, one after the other, whose modules are loaded once.

    manage.py PROGRAM COMMAND ...    as `PROGRAM COMMAND` for each (its words as a shell has them)

Loading them takes longer than most of the commands. Each command is a process of its own all the
same. The first one that fails is the last; the exit status is its.
"""

import os
import shlex
import sys
from importlib import import_module


def main() -> int:
    """Run the commands of the command line."""
    program, *commands = sys.argv[1:]
    manage = import_module(f"{program.removesuffix('-manage')}.cmd.manage")
    for command in commands:
        child = os.fork()
        if not child:
            sys.argv = [program, *shlex.split(command)]
            sys.exit(manage.main())
        if status := os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]):
            return status
    return 0


if __name__ == "__main__":
    sys.exit(main())
