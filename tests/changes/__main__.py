"""Applies rows of the table of changes on the lab that is up: `python -m tests.changes --all`.

Arguments are beginnings of rows' names; `--commit ID` takes that commit's share. The status is 0 if
all pass. The lab starts and ends with the base's settings.
"""

import argparse
import sys

from tests.changes.packs import chosen
from tests.changes.table import TABLE
from tests.changes.trial import applied, verdict


def main() -> int:
    """Apply the rows that are named."""
    parser = argparse.ArgumentParser(prog="python -m tests.changes", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME")
    parser.add_argument("--all", action="store_true")
    parser.add_argument("--commit", metavar="ID")
    known = parser.parse_args()
    rows = [row for row in TABLE if known.all or row.name.startswith(tuple(known.names))]
    if known.commit:
        rows = chosen(TABLE, known.commit)
    if not rows:
        parser.error("no row has such a name")
    by_name = {row.name: row for row in rows}
    found = {name: verdict(by_name[name], wrong) for name, wrong in applied(rows).items()}
    failed = {name: wrong for name, wrong in found.items() if wrong}
    print(f"\n{len(found) - len(failed)} rows are as they say, {len(failed)} are not")
    for name, wrong in failed.items():
        print(f"\n{name}")
        for problem in wrong:
            print(f"  {problem}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
