#!/usr/bin/env python3
"""Which services of a node still run files that an update has replaced, as JSON.

    python3 - UNIT…

It runs as root from stdin, with what a node has anyway: Python alone. It only reads. A service runs
old files if a process of it maps one that is deleted; and, as Python reads modules once and maps
none, if it is a Python program whose package needs modules that were unpacked after it started. A
process that is older than its service's start has outlived a restart, and another one does not end
it. `others` are the node's other services with such files; `servers` is how many servers
run on a QEMU, or libraries of it, that was replaced; `unproven`, that no proof has followed the
last update.
"""

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

PROC, DPKG = Path("/proc"), Path("/var/lib/dpkg")
MARK = Path("/var/lib/iaas/updating")
CODE = ("/usr/", "/lib", "/bin/", "/sbin/", "/opt/")
"""Where packages put programs: other deleted files, such as those of /dev/shm, are data."""
GONE = " (deleted)"
PYTHON, MODULES = "/usr/lib/python3", "/usr/lib/python3/dist-packages/"
BESIDE = {"python3-memcache", "python3-pymysql"}
"""Modules that pre-host installs, as services import them that do not depend on them."""
OURS = {"iaas-dashboard": "openstack-dashboard"}
"""Services whose units are the steps' own, and the package that each is of."""
NAME = re.compile(r"(?:^|[,|])\s*([a-z0-9][a-z0-9.+-]*)")
"""Of a package, in a list of dependencies."""


@dataclass(frozen=True)
class Process:
    """What runs: its service, its program, and when it began, in seconds since the boot."""

    unit: str
    program: str
    began: float
    files: frozenset[str]

    @property
    def server(self) -> bool:
        """Whether it is a server: it may be in libvirtd's group, and outlives its restarts."""
        return Path(self.program).name.startswith("qemu-system")

    @property
    def deleted(self) -> list[str]:
        """The programs and libraries that it runs, and that are no longer there."""
        gone = (file for file in self.files if file.endswith(GONE) and file.startswith(CODE))
        return sorted(file.removesuffix(GONE) for file in gone)


def processes() -> Iterator[Process]:
    """Yield all processes of programs."""
    for folder in PROC.glob("[0-9]*"):
        try:
            program = str((folder / "exe").readlink())
            group = (folder / "cgroup").read_text()
            lines = (folder / "maps").read_text(errors="replace").splitlines()
            words = (folder / "stat").read_text(errors="replace").rpartition(")")[2].split()
        except OSError:
            continue  # the kernel's own, or it has ended
        unit = re.search(r"/([^/\n]+)\.service(?:/|$)", group, re.MULTILINE)
        files = (line.split(maxsplit=5) for line in lines)
        yield Process(
            unit[1] if unit else "",
            program.removesuffix(GONE),
            int(words[19]) / os.sysconf("SC_CLK_TCK"),
            frozenset(parts[5] for parts in files if len(parts) > 5),  # noqa: PLR2004
        )


def said(*words: str) -> str:
    """Return what a command prints."""
    environment = {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C.UTF-8"}
    return subprocess.run(
        words, capture_output=True, text=True, timeout=20, env=environment, check=False
    ).stdout


def starts(units: Sequence[str]) -> dict[str, float]:
    """When each service that runs began to start, in seconds since the boot."""
    wanted = "Id,ActiveState,InactiveExitTimestampMonotonic"
    found = {}
    for block in said("systemctl", "show", "-p", wanted, *units).split("\n\n"):
        of = dict(line.split("=", 1) for line in block.splitlines() if "=" in line)
        if of.get("ActiveState") in ("active", "reloading"):
            name = of["Id"].removesuffix(".service")
            found[name] = int(of["InactiveExitTimestampMonotonic"]) / 1e6
    return found


def needs() -> dict[str, set[str]]:
    """The installed packages, and names that have some of them; each with what it depends on."""
    found: dict[str, set[str]] = {}
    provided: dict[str, set[str]] = {}
    for paragraph in (DPKG / "status").read_text(errors="replace").split("\n\n"):
        of = dict(re.findall(r"^([\w-]+): (.*)$", paragraph, re.MULTILINE))
        if not of.get("Status", "").endswith(" installed"):
            continue
        words = f"{of.get('Depends', '')},{of.get('Pre-Depends', '')}"
        found.setdefault(of["Package"], set()).update(NAME.findall(words))
        for name in NAME.findall(of.get("Provides", "")):
            provided.setdefault(name, set()).add(of["Package"])
    return {**provided, **found}


def closure(package: str, graph: Mapping[str, set[str]]) -> set[str]:
    """Return a package with all that it needs."""
    found = {package}
    left = [package]
    while left:
        new = graph.get(left.pop(), set()) - found
        found |= new
        left += new
    return found


def unpacked(since: float) -> dict[str, float]:
    """The packages with Python's modules that were unpacked since then, and when."""
    found = {}
    for file in (DPKG / "info").glob("*.list"):
        at = file.stat().st_mtime
        if at > since and MODULES in file.read_text(errors="replace"):
            found[file.stem.partition(":")[0]] = at
    return found


def owners(units: Sequence[str]) -> dict[str, str]:
    """Return the package of each service."""
    patterns = [p for unit in units for p in (f"*/system/{unit}.service", f"/etc/init.d/{unit}")]
    listed = said("dpkg-query", "-S", *patterns) if patterns else ""
    found = re.findall(r"^([^:,\n]+).*: \S*/([^/\n]+?)(?:\.service)?$", listed, re.MULTILINE)
    return {**OURS, **{unit: package for package, unit in reversed(found)}}


def old(units: Sequence[str]) -> dict[str, object]:
    """Return by service why it is old, and what else is."""
    begun = starts(units)
    all_of_them = list(processes())
    found: dict[str, str] = {}
    python: set[str] = set()
    for process in all_of_them:
        start = begun.get(process.unit)
        # systemd and the kernel count from the same moment, not to the same part of a second.
        if start is None or process.server or process.began < start - 1:
            continue
        if process.deleted:
            found.setdefault(process.unit, f"runs {process.deleted[0]} of before its update")
        if any(file.startswith(PYTHON) for file in process.files):
            python.add(process.unit)
    boot = time.time() - time.clock_gettime(time.CLOCK_MONOTONIC)
    left = sorted(python - found.keys())
    newer = unpacked(boot + min((begun[unit] for unit in left), default=0))
    if left and newer:
        graph, package = needs(), owners(left)
        for unit in left:
            for name in sorted(newer.keys() & (BESIDE | closure(package.get(unit, unit), graph))):
                if newer[name] > boot + begun[unit]:
                    found.setdefault(unit, f"runs since before the update of {name}")
    gone = [process for process in all_of_them if process.deleted]
    return {
        "units": found,
        "others": sorted({p.unit for p in gone if not p.server} - {*units, ""}),
        "servers": sum(process.server for process in gone),
        "unproven": MARK.exists(),
    }


if __name__ == "__main__":
    print(json.dumps(old(sys.argv[1:])))
