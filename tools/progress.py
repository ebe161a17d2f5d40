"""What a run of `pulumi up` does, by the engine's events: lines meanwhile, a table at the end."""

import json
import os
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

SILENCE = 15.0  # seconds after which a line says what is still running
COMMAND = "command:remote:Command"
OF_A_NODE = "::iaas:nodes:"
"""In the URN of a node's component."""
CLOUD = "cloud"

Event = Mapping[str, Any]


@dataclass
class Part:
    """A resource that the run changes; times in seconds since the run began."""

    name: str
    group: str
    """Its node, or the cloud."""
    began: float
    ended: float | None = None
    failed: bool = False
    said: str = ""

    @property
    def took(self) -> float:
        """Seconds from begin to end, 0 while it lasts."""
        return self.ended - self.began if self.ended is not None else 0.0


@dataclass
class Progress:
    """What the engine's events tell of a run; with `tell` also in short lines."""

    tell: bool = True
    parts: dict[str, Part] = field(default_factory=dict)
    errors: list[str] = field(default_factory=list)
    began: float = field(default_factory=time.monotonic)
    spoke: float = field(default_factory=time.monotonic)

    @property
    def now(self) -> float:
        """Seconds since the run began."""
        return time.monotonic() - self.began

    def say(self, text: str) -> None:
        """Print one line with the time."""
        self.spoke = time.monotonic()
        if self.tell:
            print(f"{self.now:4.0f} s  {text}", flush=True)

    def fill_silence(self) -> None:
        """Say what is running if nothing was said for a while."""
        if time.monotonic() - self.spoke < SILENCE:
            return
        running = [part for part in self.parts.values() if part.ended is None]
        for part in running:
            self.say(f"{part.name}: {part.said or 'still at work'}")
        if not running:
            self.say("still at work")

    def take(self, event: Event) -> None:
        """Note one event of the engine, and tell it if it ends a part."""
        if "diagnosticEvent" in event:
            self._hear(event["diagnosticEvent"])
        for kind in ("resourcePreEvent", "resOutputsEvent", "resOpFailedEvent"):
            if kind in event and not event[kind].get("planning"):
                self._note(kind, event[kind]["metadata"])

    def _note(self, kind: str, metadata: Event) -> None:
        urn, type_, op = (str(metadata[key]) for key in ("urn", "type", "op"))
        if op in ("same", "read", "refresh") or type_.startswith(("iaas:", "pulumi:")):
            return
        state = metadata.get("new") or metadata.get("old") or {}
        parent = str(state.get("parent", ""))
        group = _name(parent) if type_ == COMMAND and OF_A_NODE in parent else CLOUD
        part = self.parts.setdefault(urn, Part(_name(urn), group, self.now))
        if kind == "resOutputsEvent":
            part.ended = self.now
            self.say(f"{part.name}: {op.removesuffix('d')}d in {part.took:.0f} s")
        elif kind == "resOpFailedEvent":
            part.ended, part.failed = self.now, True
            self.say(f"{part.name}: FAILED after {part.took:.0f} s")

    def _hear(self, event: Event) -> None:
        text = str(event.get("message", "")).strip()
        if event.get("severity") == "error":
            self.errors.append(text)
        part = self.parts.get(str(event.get("urn", "")))
        if part is not None and text and str(event.get("severity", "")).startswith("info"):
            part.said = text.splitlines()[-1]

    @property
    def table(self) -> list[str]:
        """What was done, by node and then the cloud, with the time of each part."""
        groups: dict[str, list[Part]] = {}
        for part in self.parts.values():
            groups.setdefault(part.group, []).append(part)
        lines: list[str] = []
        for group, parts in sorted(groups.items(), key=lambda each: each[0] == CLOUD):
            lines += ["", group]
            for part in sorted(parts, key=lambda part: part.began):
                name = part.name.removeprefix(f"{group}-")
                line = f"  {name:34} {part.took:5.1f} s   from {part.began:5.1f} s on"
                lines.append(f"{line}, FAILED" if part.failed else line)
        return lines


def follow(
    command: Sequence[str],
    log: Path,
    take: Callable[[Event], None],
    idle: Callable[[], None] = lambda: None,
    output: IO[bytes] | None = None,
) -> int:
    """Run a command of Pulumi's, and take each event of it as it comes; return its status.

    log: the file that the events are written to; whoever runs this may read it, nobody else. `up`
    empties it between its preview and what it does. idle: called often; output: where its output
    goes, else the terminal.
    """
    log.write_bytes(b"")
    log.chmod(0o600)
    # The event log is an option for tools, so the engine asks for this variable.
    environment = {**os.environ, "PULUMI_DEBUG_COMMANDS": "true"}
    with log.open("rb") as events:
        process = subprocess.Popen(
            [*command, "--event-log", str(log)], env=environment, stdout=output, stderr=output
        )
        line = b""
        while True:
            ended = process.poll() is not None
            if events.tell() > log.stat().st_size:
                events.seek(0)
                line = b""
            line += events.readline()
            if line.endswith(b"\n"):
                take(json.loads(line))
                line = b""
            elif ended:
                return process.returncode
            else:
                time.sleep(0.1)
            idle()


def _name(urn: str) -> str:
    return urn.rsplit("::", 1)[-1]
