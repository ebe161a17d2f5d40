"""Runs a command beside the sshds of nodes: `python sshd.py FOLDER COMMAND…`.

The folder is one of `bench.nodes.stand_ins`. It needs root, and a network and processes of its own.
"""

import contextlib
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

SSHD = "/usr/sbin/sshd"
PORT = 22
PATIENCE = 20.0  # seconds until all of them must answer


@contextlib.contextmanager
def serving(folder: Path) -> Iterator[None]:
    """Run the sshd of each node of a folder, as long as the context lasts (RuntimeError)."""
    # sshd insists on this folder; its service makes it where one runs.
    Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)
    started: list[subprocess.Popen[bytes]] = []
    try:
        addresses = []
        for config in sorted(folder.glob("*/sshd_config")):
            started.append(subprocess.Popen([SSHD, "-D", "-e", "-f", str(config)]))
            addresses.append((config.parent / "address").read_text())
        until = time.monotonic() + PATIENCE
        for address in addresses:
            _await(address, until)
        yield
    finally:
        for process in started:
            process.kill()
        for process in started:
            process.wait()


def _await(address: str, until: float) -> None:
    while True:
        with contextlib.suppress(OSError), socket.create_connection((address, PORT), 1):
            return
        if time.monotonic() > until:
            raise RuntimeError(f"no sshd answers at {address}, port {PORT}")
        time.sleep(0.05)


def main(arguments: Sequence[str]) -> int:
    """Run the command, and return its status."""
    folder, *command = arguments
    with serving(Path(folder)):
        return subprocess.run(command, env=os.environ, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
