"""Where backups are: a folder of this node, or of another machine by ssh."""

import json
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .backup_streams import Chunks, Failed, Sum, drain, run, through

Json = dict[str, Any]
SETTINGS = Path("/etc/xiandian/backup.json")
SSH_KEY, KNOWN_HOSTS = "/etc/xiandian/backup_key", "/etc/xiandian/backup_known_hosts"
MANIFEST = "manifest.json"
IMAGES = "images"
"""The folder beside the backups: each image is stored once, whatever backups have it."""


@dataclass(frozen=True)
class Settings:
    """What the step has written. `every` is in hours, 0 without a timer; `host` may be empty."""

    every: int
    keep: int
    folder: str
    host: str
    user: str
    port: int
    recipient: str
    seal: str = field(repr=False)
    """What manifests are signed with: who has only the backups can make none."""


def settings(path: Path = SETTINGS) -> Settings:
    """Return what the step has written (Failed)."""
    try:
        return Settings(**json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError) as error:
        raise Failed(f"{path} can't be read: {error}; run iaas-install-backup.sh") from None


@dataclass(frozen=True)
class Place:
    """A folder of backups. All that is done there is a line of shell, here or by ssh."""

    folder: str
    ssh: tuple[str, ...] = ()

    def command(self, line: str, *words: str) -> list[str]:
        """Return the command that runs a line in the folder, with words as $1 and so on."""
        whole = ["sh", "-c", f'umask 077 && cd "$0" && {line}', self.folder, *words]
        return [*self.ssh, shlex.join(whole)] if self.ssh else whole

    def ask(self, line: str, *words: str) -> str:
        """Return what a line prints (Failed)."""
        return run(self.command(line, *words))

    def open(self) -> None:
        """Make the folder; it must take files (Failed)."""
        made = Place("/", self.ssh)
        try:
            made.ask('mkdir -p "$1" && test -w "$1"', self.folder)
        except Failed as error:
            raise Failed(f"{self} can't be written: {error}{self._help(str(error))}") from None

    def _help(self, said: str) -> str:
        public = Path(f"{SSH_KEY}.pub")
        if not self.ssh or "Permission denied" not in said or not public.exists():
            return ""
        return (
            f"; this line belongs into ~/.ssh/authorized_keys there: {public.read_text().strip()}"
        )

    def __str__(self) -> str:
        return f"{self.folder} of {self.ssh[-1]}" if self.ssh else self.folder

    def read(self, path: str) -> Iterator[bytes]:
        """Yield a file (Failed)."""
        return through(self.command('cat "$1"', path))

    def write(self, path: str, chunks: Chunks) -> Sum:
        """Write a file, and compare what is there with what was sent (Failed)."""
        written = Sum()
        drain(through(self.command('cat >"$1" && sync "$1"', path), written.of(chunks)))
        if (there := self.ask('sha256sum <"$1"', path).split()[0]) != written.text:
            raise Failed(f"{path} in {self} is not what was written: {there}")
        return written

    def room(self) -> int:
        """Return the bytes that are free."""
        return 1024 * int(self.ask("df -Pk . | tail -n 1").split()[3])

    def manifests(self) -> dict[str, Json]:
        """Return the manifests of all whole backups by name, the oldest first."""
        line = f'for m in */{MANIFEST}; do [ ! -e "$m" ] || tr -d "\\n" <"$m"; echo; done'
        try:
            found = (json.loads(text) for text in self.ask(line).splitlines() if text)
            return {one["name"]: one for one in sorted(found, key=lambda one: one["name"])}
        except (ValueError, KeyError, TypeError) as error:
            raise Failed(f"a {MANIFEST} in {self} can't be read: {error}") from None

    def images(self) -> set[str]:
        """Return the files of the images that are there."""
        return {f"{IMAGES}/{name}" for name in self.ask(f"ls {IMAGES}").split()}


def place_of(of: Settings) -> Place:
    """Return the place of the settings."""
    if not of.host:
        return Place(of.folder)
    options: Mapping[str, str] = {
        "BatchMode": "yes",
        "ConnectTimeout": "10",
        "ServerAliveInterval": "15",
        "StrictHostKeyChecking": "yes",
        "UserKnownHostsFile": KNOWN_HOSTS,
        "GlobalKnownHostsFile": "/dev/null",
        "HostKeyAlias": "backup",
        "IdentitiesOnly": "yes",
        "LogLevel": "ERROR",
    }
    words = [word for name, value in options.items() for word in ("-o", f"{name}={value}")]
    way = ["ssh", "-F", "none", "-T", "-i", SSH_KEY, "-p", str(of.port), *words]
    return Place(of.folder, (*way, f"{of.user}@{of.host}"))
