"""A row of the table of faults: what goes wrong during a change, and what a person then reads."""

from collections.abc import Mapping
from dataclasses import dataclass

HERE = ""
"""In the place of a node's name: the machine that Pulumi runs on."""


@dataclass(frozen=True)
class Fault:
    """One fault, and the change of the lab's settings that is applied while it is there.

    With it, `up` fails in the commands and resources of `fails`, or in none. Without it the next
    `up` succeeds, and the preview after that changes nothing; the servers have not restarted.
    """

    name: str
    node: str
    begin: str
    """A script that brings it about, as root."""
    change: Mapping[str, object]
    fails: tuple[str, ...] = ()
    """The names of all that fail, as `up` shows them; without any, it succeeds all the same."""
    says: str = ""
    """A regular expression: it is in what `up` prints, in the error if there is one."""
    end: str = ""
    """A script that takes it back, as the runbook says; none: it ends by itself."""
    at: str = ""
    """It begins when the run prints this (a regular expression); none: before the run."""
    before: str = ""
    """A script of the same node that comes before the run, if `begin` does not."""
    kills: bool = False
    """The run itself ends: Pulumi and its plugins are killed (SIGKILL). Then `pulumi cancel` and
    `make resume` come before the next `up`."""
    broken: bool = False
    """The run ends with an error of Pulumi's own, and of no command or resource."""
