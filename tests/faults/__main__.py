"""Brings faults about on the lab that is up: `python -m tests.faults [NAME…]`, all without a name.

Arguments are beginnings of names; `--commit ID` takes that commit's share. The status is 0 if all
is as the table says.
"""

import argparse
import sys

from tests.changes.lab import run, write
from tests.faults.table import TABLE, chosen
from tests.faults.trial import UP, proven, usual


def main() -> int:
    """Prove the faults that are named."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME")
    parser.add_argument("--commit", metavar="ID")
    known = parser.parse_args()
    faults = [fault for fault in TABLE if fault.name.startswith(tuple(known.names or [""]))]
    if known.commit:
        faults = chosen(known.commit)
    if not faults:
        parser.error("no fault has such a name")
    write(usual())
    done = run("pulumi", *UP)
    if done.returncode:
        print(done.stdout, done.stderr, sep="", file=sys.stderr)
        return 1
    wrong = 0
    for fault in faults:
        print(f"{fault.name} … ", end="", flush=True)
        problems = proven(fault)
        print("as the table says" if not problems else "\n".join(["NOT", *problems]), flush=True)
        wrong += bool(problems)
    print(f"\n{len(faults) - wrong} faults are as the table says, {wrong} are not")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
