"""The steps of a node: their table, and the texts that are installed on a node.

The scripts in this folder are installed on the nodes unchanged: the steps of `controller`,
`compute` and `node` (every node's) in /usr/local/bin under the manual's names, and those of `lib`
that they use in /usr/local/lib/iaas. Python adds no shell code: a script gets its
settings from /etc/xiandian/openrc.sh and passwords.sh, written by `exports`.
"""

import hashlib
import re
import shlex
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path

from .table import BOTH, CHECK, CLEAN, COMPUTE, CONTROLLER, DASHBOARD, DISCOVER, Step

__all__ = [
    "BEFORE",
    "BOTH",
    "CHECK",
    "CLEAN",
    "COMPUTE",
    "CONTROLLER",
    "DASHBOARD",
    "DISCOVER",
    "DRAIN",
    "EVACUATE",
    "FOLDER",
    "LEAVE",
    "LIBRARY",
    "OPENRC",
    "PASSWORDS",
    "SNAPSHOTS",
    "TLS",
    "Step",
    "exports",
    "fingerprint",
    "installed",
    "library",
    "text",
]

FOLDER = Path(__file__).parent
LIBRARY = "/usr/local/lib/iaas"
"""The folder on a node of the library files that its steps use."""
OPENRC = "/etc/xiandian/openrc.sh"
PASSWORDS = "/etc/xiandian/passwords.sh"
TLS = "/etc/xiandian/tls"
"""The folder on a node of its certificate and key, and of the authorities that it trusts."""
BEFORE = "before.sh"
"""The library file that notes what a node was, which cleaning it needs, too."""
SNAPSHOTS = "snapshots.py"
DRAIN = "drain.py"
EVACUATE = "evacuate.py"
LEAVE = "leave.py"
"""Library files that no step uses, on the controller: for the cloud's snapshots, for computes whose
servers move away, for dead ones, which `make evacuate` alone sends there, and for those that go.
They are modules of one package there, too."""


@cache
def text(name: str) -> str:
    """The script or library file at this path of the folder."""
    return (FOLDER / name).read_text(encoding="utf-8")


@cache
def library(source: str) -> tuple[str, ...]:
    """The names of the library files that a script uses, or that these use."""
    found: list[str] = []
    texts = [text(source)]
    for script in texts:
        for name in _named(script):
            if name not in found:
                found.append(name)
                texts.append(text(f"lib/{name}"))
    return tuple(sorted(found))


def _named(script: str) -> Iterator[str]:
    """Yield the library files that a script names: by path, as a module, or imported by one."""
    yield from re.findall(rf"^[^#\n]*{LIBRARY}/([\w.-]+)", script, re.MULTILINE)
    for module in re.findall(r"^(?:[^#\n]*-m iaas|from )\.(\w+)", script, re.MULTILINE):
        yield f"{module}.py"


def exports(values: Mapping[str, str]) -> str:
    """Lines of shell that export these values, each quoted."""
    return "".join(f"export {name}={shlex.quote(value)}\n" for name, value in values.items())


def fingerprint(parts: Iterable[str]) -> str:
    """Twelve digits that change when a part changes."""
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:12]


def installed(step: Step, openrc: Mapping[str, str], passwords: str) -> str:
    """The script as it goes to a node: with what it reads as its last lines.

    A preview compares this text, so it shows line by line why a step runs again.
    `passwords` stands for those that the step reads: a fingerprint, never themselves.
    """
    read = [f"#   {name}={openrc[name]}" for name in step.reads if name in openrc]
    if any(name not in openrc for name in step.reads):
        read.append(f"#   {Path(PASSWORDS).name} {passwords}")
    used = library(step.source)
    read.append(f"#   library {fingerprint(text(f'lib/{name}') for name in used)}")
    return "\n".join([text(step.source), "# Runs again when one of these changes:", *read, ""])
