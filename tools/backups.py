"""Backups of the controller, by hand: `python -m tools.backups make|list`.

    make    makes one now; with TO it is copied into that folder of this machine, too
    list    prints all; with CHECK, a name or `last`, that one is read back first

These words, STACK and PULUMI are variables of the environment, as make gives them. The key that
backups are read with goes to the controller by stdin. Exit status 1: it was not done; 2: a wrong
call, or no stack that can be asked.
"""

import hashlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from components.settings import NodeSettings
from components.steps.lib.backup_parts import image_file
from components.steps.lib.backup_places import IMAGES, MANIFEST

from .config import NoConfig, entries
from .ssh import Ssh, reach
from .stack import NoStack, Stack, read
from .status.words import ago, moment, size

Json = dict[str, Any]
COMMANDS = ("make", "list")
PROGRAM = "env -C /usr/local/lib python3 -B -m iaas.backup"
TITLES = ("name", "made (UTC)", "age", "size", "images", "read back (UTC)")
CHUNK = 2**20
INCOMING = ".incoming"


class Failed(Exception):  # noqa: N818  # it is what a person reads
    """Something was not done, and why."""


@dataclass(frozen=True)
class Node:
    """The controller, and the way to it."""

    way: Ssh
    node: NodeSettings

    def run(self, line: str, stdin: bytes = b"") -> None:
        """Run a line as root; a person sees what it prints (Failed)."""
        done = self.way.start(self.node, line, subprocess.PIPE)
        done.communicate(stdin)
        self._ended(done, line)

    def ask(self, line: str) -> bytes:
        """Return what a line prints (Failed)."""
        done = self.way.start(self.node, line, subprocess.DEVNULL, subprocess.PIPE)
        said, _ = done.communicate()
        self._ended(done, line)
        return said

    def send(self, line: str, words: Sequence[str]) -> None:
        """Let a line read what a command of this machine prints (Failed)."""
        with subprocess.Popen(words, stdout=subprocess.PIPE) as here:
            assert here.stdout is not None  # noqa: S101
            there = self.way.start(self.node, line, here.stdout.fileno())
            there.wait()
        self._ended(there, line)
        if here.returncode:
            raise Failed(f"{words[0]} ended with status {here.returncode}")

    def fetch(self, line: str, words: Sequence[str]) -> None:
        """Let a command of this machine read what a line prints (Failed)."""
        with self.way.start(self.node, line, subprocess.DEVNULL, subprocess.PIPE) as there:
            assert there.stdout is not None  # noqa: S101
            here = subprocess.run(words, stdin=there.stdout, check=False)
        self._ended(there, line)
        if here.returncode:
            raise Failed(f"{words[0]} ended with status {here.returncode}")

    def _ended(self, done: subprocess.Popen[bytes], line: str) -> None:
        if done.returncode:
            what = line.replace(PROGRAM, "backup")
            raise Failed(f"{self.node.name}: `{what}` ended with status {done.returncode}")


@contextmanager
def controller(stack: Stack) -> Iterator[Node]:
    """Open the way to a stack's controller."""
    with reach([stack.controller], stack.ssh) as way:
        yield Node(way, stack.controller)


def make(node: Node, to: str = "") -> None:
    """Make a backup, and copy it to a folder of this machine (Failed)."""
    node.run(f"{PROGRAM} make")
    if to:
        folder = Path(to)
        name = copy(node, folder)
        print(f"backup {name} is copied to {folder / name}")


def copy(node: Node, folder: Path) -> str:
    """Copy the newest backup here, without images that are here already; return its name."""
    incoming = folder / INCOMING
    for part in (incoming, folder / IMAGES):
        part.mkdir(parents=True, exist_ok=True, mode=0o700)
    subprocess.run(["find", incoming, "-mindepth", "1", "-delete"], check=True)
    there = [f"{IMAGES}/{file.name}" for file in (folder / IMAGES).iterdir()]
    node.fetch(" ".join([PROGRAM, "send last", *there]), ["tar", "-xf", "-", "-C", str(incoming)])
    (manifest,) = incoming.glob(f"*/{MANIFEST}")
    made = json.loads(manifest.read_bytes())
    if damaged := [*damages(incoming, made, [incoming, folder])]:
        raise Failed("\n".join(damaged))
    for file in (*incoming.glob(f"{IMAGES}/*"), manifest.parent):
        if not (folder / file.relative_to(incoming)).exists():
            file.replace(folder / file.relative_to(incoming))
    subprocess.run(["rm", "-r", incoming], check=True)
    return str(made["name"])


def damages(folder: Path, manifest: Json, images: Iterable[Path]) -> Iterator[str]:
    """Yield which files of a backup are not what was written. `images`: where images may be."""
    files = {folder / manifest["name"] / f"{n}.age": p for n, p in manifest["parts"].items()}
    for number, part in manifest["images"].items():
        name = image_file(number, manifest["recipient"])
        files[next((i / name for i in images if (i / name).exists()), folder / name)] = part
    for file, part in files.items():
        if not file.exists():
            yield f"{file} is missing"
        elif sha256(file) != part["sha256"]:
            yield f"{file} is damaged: delete it, and copy it again"


def sha256(file: Path) -> str:
    """Return the sum of a file."""
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def table(found: Json, now: float) -> str:
    """Return the backups as lines in columns, and below how the last run ended."""
    rows = [TITLES]
    for one in found["backups"]:
        checked = moment(one["checked"]) if one["checked"] else "never"
        if not one["ours"]:
            checked = "not of this secret"
        row = (one["name"], moment(one["time"]), ago(now - one["time"]), size(one["size"]))
        rows.append((*row, str(one["images"]), checked))
    widths = [max(len(row[i]) for row in rows) for i in range(len(TITLES))]
    lines = [
        "  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]
    every = f"every {found['every']} h" if found["every"] else "by hand alone (backup.every)"
    lines.append(f"in {found['place']}, {every}")
    if failed := found.get("failed"):
        lines.append(f"the last run, of {moment(failed['time'])}, failed: {failed['reason']}")
    return "\n".join(lines)


def shown(node: Node, stack: Stack, check: str = "") -> None:
    """Print all backups; read one back before (Failed)."""
    if check:
        node.run(f"{PROGRAM} check {word(check)}", f"{stack.identity}\n".encode())
    print(table(json.loads(node.ask(f"{PROGRAM} list")), time.time()))


def word(name: str) -> str:
    """Return the name of a backup (Failed: it is none)."""
    if name != "last" and not name.replace("-", "").isdigit():
        raise Failed(f"{name} is no name of a backup, such as 20260102-030405, or last")
    return name


def run(command: str, stack: Stack, words: Mapping[str, str]) -> None:
    """Do what is asked for (Failed)."""
    with controller(stack) as node:
        if command == "make":
            make(node, words.get("TO", ""))
        else:
            shown(node, stack, words.get("CHECK", ""))


def main(command: Sequence[str]) -> int:
    """Run the command of the command line."""
    if len(command) != 1 or command[0] not in COMMANDS:
        print(__doc__, file=sys.stderr)
        return 2
    name = os.environ.get("STACK", "")
    try:
        stack = read(*entries(name), name)
        run(command[0], stack, os.environ)
    except (NoConfig, NoStack) as error:
        print(error, file=sys.stderr)
        return 2
    except (Failed, OSError, ValueError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
