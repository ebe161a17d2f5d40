"""What apt did on a node, and when, by what the node's logs say."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

PHASES = {
    "getting the packages' lists": "lists",
    "installing packages": "download",
    "startup packages remove": "unpack",
    "startup archives unpack": "unpack",
    "startup packages configure": "set up",
    "compiling the modules of Python": "compile",
}
"""What begins with a line of a log; any other one ends what was before."""
END = "installed the packages of the node"
ORDER = ("lists", "download", "unpack", "set up", "compile")

MOMENTS = rf"""
grep ' startup ' /var/log/dpkg.log | while read -r day time what; do
  echo "$(date -d "$day $time" +%s) $what"
done
log=/var/log/iaas/pre-host.log
if [ -e $log ]; then
  began=$(date -d "$(sed -n 's/^=== pre-host, //p' $log | tail -n 1)" +%s)
  tac $log | sed '/^=== /q' | tac |
    sed -nE "s/^\[ *([0-9]+) s\] (\.\.\. )?({"|".join(PHASES)}|{END})$/\1 \3/p" |
    while read -r second what; do echo "$((began + second)) $what"; done
fi
"""
"""Prints when what began on a node: lines `SECONDS WHAT`, of the whole seconds since 1970."""


@dataclass(frozen=True)
class Phase:
    """What apt did for a while; seconds since the run began."""

    name: str
    began: float
    ended: float


def phases(lines: Iterable[str], since: float) -> list[Phase]:
    """Return what apt did since that moment (seconds since 1970), by lines of MOMENTS.

    Logs of whole seconds may have two that begin at the same one: the later line counts.
    """
    words = (line.partition(" ") for line in lines)
    moments = sorted(
        ((int(at), PHASES.get(what)) for at, _, what in words if at.isdigit()),
        key=lambda moment: moment[0],
    )
    moments = [moment for moment in moments if moment[0] > since - 1]
    found: list[Phase] = []
    for (at, name), (then, _) in pairwise(moments):
        began, ended = max(at - since, 0.0), then - since
        if name is None or ended <= began:
            continue
        if found and found[-1].name == name and found[-1].ended == began:
            began = found.pop().began
        found.append(Phase(name, began, ended))
    return found


def shares(found: Sequence[Phase]) -> dict[str, float]:
    """Return the seconds of each phase, in order."""
    return {name: sum(p.ended - p.began for p in found if p.name == name) for name in ORDER}
