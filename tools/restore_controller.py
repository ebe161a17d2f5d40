"""Makes a bare machine the controller again, from a backup: `python -m tools.restore_controller`.

BACKUP is the backup's name, by default `last`; FROM a folder of this machine that has it, as `make
backup TO=…` makes one: without it the backup is taken from the machine in the settings
(`backup.host`). HOST_KEY is the new machine's ssh host key, where that is not the one of the
settings; the old one comes back with the backup. STACK and PULUMI are as make gives them.

What the last `up` has put on the controller is put there again, as it stands in the state; its
steps run, with the backup between them. Nothing is deleted on computes or in the cloud. A run that
was cut off is repeated with the same words. Exit status 1: it was not done; 2: a wrong call, or no
stack that can be asked.
"""

import io
import json
import os
import subprocess
import sys
import tarfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from components.settings import NodeSettings
from components.steps import CHECK, OPENRC, text
from components.steps.lib.backup_parts import image_file
from components.steps.lib.backup_places import MANIFEST

from .backups import PROGRAM, Failed, Node, damages, word
from .config import NoConfig, entries
from .drift.state import Put, puts
from .ssh import each, reach
from .stack import NoStack, Stack, read
from .state import NoState
from .status import cloud
from .status.seen import Server

FIRST = ("pre-host", "tls", "mysql", "backup")
"""The steps that come before the backup: packages, certificate, an empty database, the program."""
DOMAINS = """
virsh="virsh -q -c qemu:///system"
for id in $($virsh list --all --uuid); do
  state=$($virsh domstate "$id" | head -n 1 | tr ' ' -)
  name=$($virsh dumpxml "$id" | sed -n 's|.*<nova:name>\\(.*\\)</nova:name>.*|\\1|p')
  echo "$id $state $name"
done
"""
"""What a compute has: a line `ID STATE NAME` for each domain."""
SECONDS = 60
NEXT = """\
the controller is back. What of the settings it does not have, since it was made after the backup:
  pulumi preview --refresh   shows it, and changes nothing
  pulumi up --refresh        makes it anew"""


@dataclass(frozen=True)
class Domain:
    """A virtual machine on a compute."""

    id: str
    state: str
    name: str
    compute: str


def chosen(folder: Path, name: str) -> tuple[str, list[str]]:
    """Return the name of a backup in a folder of this machine, and its files (Failed)."""
    there = {file.parent.name: file for file in sorted(folder.glob(f"*/{MANIFEST}"))}
    found = next(reversed(there), "") if name == "last" else name
    if found not in there:
        listed = ", ".join(there) or "none"
        raise Failed(f"there is no backup {name} in {folder}; there are: {listed}")
    manifest = json.loads(there[found].read_bytes())
    if wrong := [*damages(folder, manifest, [folder])]:
        raise Failed("\n".join(wrong))
    images = [image_file(number, manifest["recipient"]) for number in manifest["images"]]
    return found, [found, *images]


def packed(there: Iterable[Put]) -> bytes:
    """Return the files that `up` has put on a node as a tar, from /."""
    whole = io.BytesIO()
    with tarfile.open(fileobj=whole, mode="w") as out:
        for put in there:
            content = put.content.encode()
            entry = tarfile.TarInfo(put.path.lstrip("/"))
            entry.size, entry.mode = len(content), put.mode
            out.addfile(entry, io.BytesIO(content))
    return whole.getvalue()


def steps(there: Iterable[Put]) -> tuple[list[Put], list[Put]]:
    """Return the steps that come before the backup, and those after it, in the state's order."""
    every = [put for put in there if put.is_step]
    first = [put for name in FIRST for put in every if put.name == name]
    if len(first) != len(FIRST):
        lacking = ", ".join(name for name in FIRST if name not in {put.name for put in first})
        raise Failed(f"the stack's state has no {lacking} of the controller: run `pulumi up` first")
    return first, [put for put in every if put not in first]


def check(there: Iterable[Put]) -> bytes:
    """Return what checks a machine before anything on it is changed, with its settings."""
    settings = "".join(put.content for put in there if put.path == OPENRC)
    return (settings + text(CHECK.source)).encode()


def run_steps(node: Node, there: Iterable[Put]) -> None:
    """Run steps one after the other (Failed)."""
    for put in there:
        print(f"step {put.name}", flush=True)
        node.run(put.path)


def lost(domains: Sequence[Domain], servers: Sequence[Server], gone: str = "") -> Iterator[str]:
    """Yield what the restored cloud and the computes do not agree about, and what helps.

    gone: the controller, where it ran servers: their disks were its own.
    """
    known = {server.id: server for server in servers}
    for domain in domains:
        server = known.get(domain.id)
        called = f"server {domain.name or domain.id} ({domain.id}, {domain.state})"
        if server is None:
            yield (
                f"{called} is on {domain.compute}, and Nova does not know it: it was made after the"
                " backup. It runs on, without its network, until you end it: copy what you need of"
                f" /var/lib/nova/instances/{domain.id}, then 'virsh destroy {domain.id}; virsh"
                f" undefine {domain.id}' there"
            )
        elif server.compute != domain.compute:
            yield (
                f"{called} is on {domain.compute}, and Nova has it on {server.compute}: it was"
                " moved after the backup. It runs on; give Nova no orders for it before one of the"
                " two is right"
            )
    there = {domain.id for domain in domains}
    for server in servers:
        if server.id not in there and server.compute and server.compute == gone:
            yield (
                f"server {server.name} ({server.id}) has lost its disk, which was the controller's:"
                f" 'openstack server rebuild {server.id}' there makes it anew from its image"
            )
        elif server.id not in there and server.compute:
            yield (
                f"server {server.name} ({server.id}) is on no compute, and Nova has it on"
                f" {server.compute}: it was deleted after the backup, or its compute was not asked;"
                f" 'openstack server delete {server.id}' on the controller forgets it"
            )


def heard(compute: str, text: str) -> Iterator[Domain]:
    """Yield the domains in a compute's answer."""
    for line in text.splitlines():
        number, state, *name = line.split(maxsplit=2)
        yield Domain(number, state, " ".join(name), compute)


def agreed(stack: Stack) -> list[str]:
    """Ask cloud and computes; return what they do not agree about."""
    said: list[str] = []
    domains: list[Domain] = []
    answers = each(
        stack.all_computes,
        stack.ssh,
        lambda way, node: (node.name, way.run(node, "bash -s", DOMAINS.encode(), SECONDS)),
    )
    for name, answer in answers:
        if answer.cause:
            said.append(f"{name} was not asked for its servers: {answer.said}")
        domains += heard(name, answer.text.decode(errors="replace"))
    seen = cloud.ask(stack)
    if seen.servers is None:
        return [*said, f"Nova was not asked for its servers: {seen.unanswered}"]
    gone = stack.controller.name if stack.runs_servers else ""
    return [*said, *lost(domains, seen.servers, gone)]


@contextmanager
def new_machine(stack: Stack, host_key: str) -> Iterator[Node]:
    """Open the way to the new machine: its own host key is taken, and the old one (Failed)."""
    old = stack.controller
    nodes = [old]
    if host_key:
        given = {"name": old.name, "host": str(old.host), "hostKey": host_key}
        try:
            nodes.append(NodeSettings.model_validate(given, by_name=False))
        except ValidationError as error:
            raise Failed(f"HOST_KEY: {error.errors()[0]['msg']}") from None
    with reach(nodes, stack.ssh) as way:
        yield Node(way, old)


def restore(stack: Stack, there: Sequence[Put], words: Mapping[str, str]) -> list[str]:
    """Make the machine the controller; return what a person must look at (Failed)."""
    name, folder = word(words.get("BACKUP") or "last"), words.get("FROM", "")
    files: list[str] = []
    if folder:
        name, files = chosen(Path(folder), name)
    before, after = steps(there)
    with new_machine(stack, words.get("HOST_KEY", "")) as node:
        node.run("bash -s", check(there))
        node.run("tar --extract --file=- --directory=/", packed(there))
        run_steps(node, before)
        if files:
            print(f"copying backup {name} there", flush=True)
            node.send(f"{PROGRAM} receive", ["tar", "-cf", "-", "-C", folder, *files])
        node.run(f"{PROGRAM} restore {name}", f"{stack.identity}\n".encode())
        run_steps(node, after)
        node.run(f"{PROGRAM} settle")
    return agreed(stack)


def main() -> int:
    """Restore as the variables say."""
    name = os.environ.get("STACK", "")
    try:
        stack = read(*entries(name), name)
        host = str(stack.controller.host)
        there = [put for put in puts(name) if put.host == host]
        for line in restore(stack, there, os.environ):
            print(line)
    except (NoConfig, NoStack, NoState) as error:
        print(error, file=sys.stderr)
        return 2
    except (Failed, OSError, ValueError, subprocess.SubprocessError) as error:
        print(error, file=sys.stderr)
        return 1
    print(NEXT)
    return 0


if __name__ == "__main__":
    sys.exit(main())
