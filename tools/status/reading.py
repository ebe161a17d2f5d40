#!/usr/bin/env python3
"""What a node says of itself, as JSON: the other end of `nodes.py`, which sends it by ssh.

It runs as root from stdin, with what a node has anyway: Python alone. It only reads: files of
/proc and /var, systemd's list, and what apt, chrony and RabbitMQ answer from what they know. No
password and no line of a log is in its answer. Sizes are in bytes, times in seconds since 1970.
A part that can't be read is in `unread`, with the reason; the others are there.
"""

import csv
import json
import os
import re
import shutil
import socket
import ssl
import subprocess
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path
from typing import Any

SECONDS = 7
"""The longest that one part may take: the whole is given up after 10."""
FOLDERS = (
    "/",
    "/boot",
    "/var",
    "/var/log",
    "/var/lib/mysql",
    "/var/lib/rabbitmq",
    "/var/lib/glance/images",
    "/var/lib/nova/instances",
)
"""What fills: each file system that has some of them is named once."""
VIRTUAL_HOSTS = ("/", "neutron")
"""RabbitMQ's: Nova's, and Neutron's."""
STEP_BEGINS = re.compile(r"^=== ([\w-]+), (\S+)$", re.MULTILINE)
LOGS, LOCKS = Path("/var/log/iaas"), Path("/run/lock")
TLS = Path("/etc/xiandian/tls")
BACKUPS, BACKUP = Path("/etc/xiandian/backup.json"), Path("/var/lib/iaas/backup.json")
LOG_END = 2**20
"""The bytes of a step's log that are read: its last run is at the end."""


def said(*words: str, user: str | None = None) -> str:
    """Return what a command prints."""
    environment = {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C.UTF-8"}
    done = subprocess.run(
        words, capture_output=True, text=True, timeout=SECONDS, env=environment, user=user,
        stdin=subprocess.DEVNULL, check=False,
    )  # fmt: skip
    if done.returncode:
        reason = done.stderr.strip().splitlines() or [f"status {done.returncode}"]
        raise OSError(f"{words[0]}: {reason[-1][:200]}")
    return done.stdout


def booted() -> float:
    """When the first process began: in a container this is later than the kernel's boot."""
    since = re.search(r"^btime (\d+)$", Path("/proc/stat").read_text(), re.MULTILINE)
    ticks = int(Path("/proc/1/stat").read_text().rpartition(")")[2].split()[19])
    return int(since[1] if since else 0) + ticks / os.sysconf("SC_CLK_TCK")


def contained() -> bool:
    """Whether it is a container, whose kernel and memory are another machine's."""
    there = shutil.which("systemd-detect-virt")
    return there is not None and not subprocess.call([there, "--quiet", "--container"])


def version(name: str) -> list[int]:
    """The numbers of a kernel's name, which order it."""
    return [int(number) for number in re.findall(r"\d+", name)]


def reboot() -> list[str]:
    """Why a reboot is pending; empty: none is."""
    reasons = []
    if Path("/run/reboot-required").exists():
        packages = Path("/run/reboot-required.pkgs")
        names = sorted(set(packages.read_text().split())) if packages.exists() else []
        reasons.append(f"asked for by {' '.join(names) or 'a package'}")
    runs = os.uname().release
    installed = [p.name.removeprefix("vmlinuz-") for p in Path("/boot").glob("vmlinuz-*")]
    newest = max(installed, key=version, default=runs)
    if not contained() and version(newest) > version(runs):
        reasons.append(f"kernel {newest} is installed, {runs} runs")
    return reasons


def disks() -> list[dict[str, Any]]:
    """The file systems of FOLDERS; `free` is what all but root may still write."""
    found: dict[int, dict[str, Any]] = {}
    for folder in FOLDERS:
        if os.path.isdir(folder):  # noqa: PTH112  # one that may not be read is no folder
            device = os.stat(folder).st_dev  # noqa: PTH116
            if device not in found:
                of = os.statvfs(folder)
                found[device] = {
                    "folders": [],
                    "size": (of.f_blocks - of.f_bfree + of.f_bavail) * of.f_frsize,
                    "free": of.f_bavail * of.f_frsize,
                    "inodes": of.f_files,
                    "inodes_free": of.f_favail,
                }
            found[device]["folders"].append(folder)
    return list(found.values())


def memory() -> dict[str, int]:
    """What there is, and what programs can still get."""
    lines = re.findall(r"^(\w+): +(\d+) kB$", Path("/proc/meminfo").read_text(), re.MULTILINE)
    of = {name: 1024 * int(number) for name, number in lines}
    return {"total": of["MemTotal"], "available": of["MemAvailable"]}


def killed() -> int | None:
    """How many processes the kernel has killed for want of memory; None: not this node's own."""
    found = re.search(r"^oom_kill (\d+)$", Path("/proc/vmstat").read_text(), re.MULTILINE)
    return int(found[1]) if found and not contained() else None


def load() -> list[float]:
    """Processes that run or wait for the disk, over 1, 5 and 15 minutes."""
    return list(os.getloadavg())


def updates() -> dict[str, Any]:
    """Packages with a newer version in the lists that apt has, without asking the network.

    Not as root: apt would write its cache.
    """
    user = "nobody" if os.geteuid() == 0 else None
    lines = said("apt", "list", "--upgradable", user=user).splitlines()
    waiting = [line.split(" ")[0].partition("/") for line in lines if "/" in line]
    security = sorted(name for name, _, suites in waiting if "-security" in suites)
    lists = [p.stat().st_mtime for p in Path("/var/lib/apt/lists").glob("*Release")]
    stamp = Path("/var/lib/apt/lists/partial")  # its time is that of the last `apt update`
    newest = max([*lists, stamp.stat().st_mtime if stamp.exists() else 0])
    return {
        "security": security,
        "all": len(waiting),
        "names": sorted(name for name, _, _ in waiting),
        "held": sorted(said("apt-mark", "showhold", user=user).split()),
        "listed": newest,
    }


def clock() -> dict[str, Any]:
    """What chrony says of the clock: seconds that it is off, and whether it follows a source."""
    fields = next(csv.reader([said("chronyc", "-n", "-c", "tracking")]))
    return {"offset": float(fields[4]), "source": fields[1], "follows": "Not" not in fields[13]}


def locked() -> set[tuple[int, int, int]]:
    """The files that a process has locked, by device and inode."""
    lines = (line.split() for line in Path("/proc/locks").read_text().splitlines())
    places = (words[5].split(":") for words in lines if words[1] != "->")
    return {(int(major, 16), int(minor, 16), int(inode)) for major, minor, inode in places}


def steps() -> dict[str, dict[str, Any]]:
    """The last run of each step: when it began, whether it ended well, whether it is under way."""
    found = {}
    held = locked()
    for log in sorted(LOGS.glob("*.log")):
        with log.open("rb") as file:
            file.seek(max(0, log.stat().st_size - LOG_END))
            text = file.read().decode(errors="replace")
        *_, begins = [None, *STEP_BEGINS.finditer(text)]
        last = text[begins.end() :] if begins else text
        name = log.stem
        well = re.search(rf"^\[ *\d+ s\] {name}: (nothing to change|done, )", last, re.MULTILINE)
        began = datetime.fromisoformat(begins[2]).timestamp() if begins else None
        lock = LOCKS / f"iaas-{name}"
        of = lock.stat() if lock.exists() else None
        runs = of is not None and (os.major(of.st_dev), os.minor(of.st_dev), of.st_ino) in held
        found[name] = {"began": began, "well": bool(well), "runs": runs and not well}
    return found


def units() -> dict[str, Any]:
    """What has failed, and the services that are not inactive, as systemd says it."""
    listed = json.loads(said("systemctl", "list-units", "--all", "--output=json"))
    return {
        "failed": sorted(unit["unit"] for unit in listed if unit["active"] == "failed"),
        "services": {
            unit["unit"].removesuffix(".service"): f"{unit['active']} ({unit['sub']})"
            for unit in listed
            if unit["unit"].endswith(".service") and unit["active"] != "inactive"
        },
    }


def queues() -> dict[str, dict[str, int]] | None:
    """RabbitMQ's queues, with the messages that wait and those who take them; None: no RabbitMQ."""
    if not shutil.which("rabbitmqctl"):
        return None
    words = ("list_queues", "name", "messages", "consumers", "--formatter", "json")

    def listed(host: str) -> list[dict[str, Any]]:
        asked = ("rabbitmqctl", "-q", "-t", f"{SECONDS - 1}", "-p", host, *words)
        queues: list[dict[str, Any]] = json.loads(said(*asked))
        return queues

    with ThreadPoolExecutor() as pool:
        return {q.pop("name"): q for queues in pool.map(listed, VIRTUAL_HOSTS) for q in queues}


def backup() -> dict[str, Any] | None:
    """The last backup, how the last run ended, where and how often; None: not of this node."""
    if not BACKUPS.exists():
        return None
    of = json.loads(BACKUPS.read_text())
    status = json.loads(BACKUP.read_text()) if BACKUP.exists() else {}
    folder = f"{of['host']}:{of['folder']}" if of["host"] else of["folder"]
    last, failed = status.get("last") or {}, status.get("failed") or {}
    return {
        "every": of["every"],
        "place": folder,
        "set": BACKUPS.stat().st_mtime,
        "last": last.get("time"),
        "size": last.get("size", 0),
        "failed": failed.get("time"),
        "reason": failed.get("reason", ""),
    }


def ends(name: str) -> float | None:
    """When the first certificate in this file ends; None: it is not there."""
    path = TLS / name
    if not path.exists():
        return None
    text = said("openssl", "x509", "-noout", "-enddate", "-in", str(path))
    return ssl.cert_time_to_seconds(text.strip().removeprefix("notAfter="))


PARTS: dict[str, Callable[[], Any]] = {
    "name": socket.gethostname,
    "booted": booted,
    "cpus": lambda: len(os.sched_getaffinity(0)),
    "reboot": reboot,
    "disks": disks,
    "memory": memory,
    "killed": killed,
    "load": load,
    "updates": updates,
    "clock": clock,
    "steps": steps,
    "units": units,
    "queues": queues,
    "backup": backup,
    "certificate": lambda: ends("node.crt"),
    "public_certificate": lambda: ends("public.pem"),
}


def read(parts: Iterable[str] = tuple(PARTS)) -> dict[str, Any]:
    """Return what each part says."""
    answer: dict[str, Any] = {}
    unread: dict[str, str] = {}
    with ThreadPoolExecutor(len(PARTS)) as pool:
        asked = {name: pool.submit(PARTS[name]) for name in parts}
    for name, part in asked.items():
        error = part.exception()
        answer[name] = None if error else part.result()
        if error:
            unread[name] = f"{type(error).__name__}: {error}"[:300]
    return {**answer, "unread": unread, "now": time.time()}


if __name__ == "__main__":
    print(json.dumps(read()))
