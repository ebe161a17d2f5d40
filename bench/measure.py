"""Runs a command: its time, and the memory of all that it starts."""

import contextlib
import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

PAUSE = 0.05  # seconds between two looks at the memory
PLUGINS = ("pulumi-resource-", "terraform-provider-")
"""The names of provider plugins' programs."""


class CommandError(Exception):
    """A command failed; the message has the end of what it said."""


@dataclass(frozen=True)
class Command:
    """What is run, where, and with which variables."""

    words: Sequence[str]
    folder: Path
    environment: Mapping[str, str]


class Memory(NamedTuple):
    """Of one or more processes, in bytes."""

    pss: int
    """Pages that processes share count by their shares: the sum is what the machine spends."""
    rss: int
    """Pages that processes share count for each of them."""


@dataclass(frozen=True)
class Peak:
    """The peaks, each alone."""

    memory: Memory
    """Of all processes."""
    plugins: int
    plugin_memory: Memory


NOTHING = Peak(Memory(0, 0), 0, Memory(0, 0))


def timed(command: Command) -> float:
    """Run a command to its end and return the seconds (CommandError)."""
    with tempfile.TemporaryFile() as output:
        begin = time.perf_counter()
        status = subprocess.run(
            command.words,
            cwd=command.folder,
            env=command.environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            check=False,
        ).returncode
        seconds = time.perf_counter() - begin
        output.seek(0)
        _must_succeed(command, status, output.read().decode())
    return seconds


def watched(
    command: Command, pause: float = PAUSE, look: Callable[[], None] = lambda: None
) -> tuple[str, Peak]:
    """Run a command to its end and return what it said, and its peak of memory (CommandError).

    What it starts is known by its session: nothing of Pulumi's or OpenTofu's leaves that. `pause`
    are the seconds between two looks; at each `look` is called, too.
    """
    peak = NOTHING
    with (
        tempfile.TemporaryFile() as output,
        subprocess.Popen(
            command.words,
            cwd=command.folder,
            env=command.environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        ) as process,
    ):
        try:
            while process.poll() is None:
                peak = highest(peak, list(_processes(process.pid)))
                look()
                time.sleep(pause)
        except BaseException:
            process.kill()
            raise
        output.seek(0)
        said = output.read().decode()
    _must_succeed(command, process.returncode, said)
    return said, peak


def _must_succeed(command: Command, status: int, said: str) -> None:
    if status:
        end = "\n".join(said.splitlines()[-30:])
        raise CommandError(f"{' '.join(command.words)}: status {status}\n{end}")


def highest(peak: Peak, now: Sequence[tuple[str, Memory]]) -> Peak:
    """Return the peak after one more look: each process's program and memory."""
    plugins = [memory for program, memory in now if program.startswith(PLUGINS)]
    return Peak(
        _most(peak.memory, [memory for _, memory in now]),
        max(peak.plugins, len(plugins)),
        _most(peak.plugin_memory, plugins),
    )


def _most(before: Memory, now: Sequence[Memory]) -> Memory:
    """Return the larger of what there was and the sum of what there is, of each kind."""
    pss, rss = sum(m.pss for m in now), sum(m.rss for m in now)
    return Memory(max(before.pss, pss), max(before.rss, rss))


def _processes(session: int) -> Iterator[tuple[str, Memory]]:
    """Yield the program's name and the memory of each process of a session."""
    for folder in Path("/proc").glob("[0-9]*"):
        # It may end at any moment, and has no memory then.
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            if os.getsid(int(folder.name)) == session:
                yield (
                    (folder / "exe").readlink().name,
                    memory((folder / "smaps_rollup").read_text()),
                )


def memory(rollup: str) -> Memory:
    """Return what a process's smaps_rollup says."""
    sizes = {
        words[0]: int(words[1]) * 1024
        for line in rollup.splitlines()
        if len(words := line.split()) == 3  # noqa: PLR2004  # "Pss:  1234 kB"
    }
    return Memory(sizes["Pss:"], sizes["Rss:"])


def end_all() -> None:
    """End each other process of this namespace, and wait until it is gone.

    RuntimeError: the namespace is somebody else's too.
    """
    if os.getpid() != 1:
        raise RuntimeError("these processes are not the benchmark's own")
    with contextlib.suppress(ProcessLookupError):
        os.kill(-1, signal.SIGKILL)
    with contextlib.suppress(ChildProcessError):
        while True:
            os.wait()
