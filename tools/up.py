"""`pulumi up`, and at its end a table of what took how long: `python -m tools.up`, or `make up`.

It is Pulumi's own command on the terminal, with its preview and its question. STACK names the
stack, PULUMI the command, YES=1 asks nothing. The status is Pulumi's.
"""

import os
import shutil
import signal
import sys
import tempfile
from pathlib import Path

from pull_requests.cli import pulumi

from .progress import Event, Progress, follow


class Runs:
    """The runs that one command's events tell of: the preview, then what it does."""

    def __init__(self) -> None:
        self.last = Progress(tell=False)

    def take(self, event: Event) -> None:
        """Note one event; each run begins with a prelude."""
        if "preludeEvent" in event:
            self.last = Progress(tell=False)
        self.last.take(event)


def main() -> int:
    """Run it, and print the table."""
    if shutil.which(pulumi()) is None:
        said = "is not on the PATH: install Pulumi, or set PULUMI to its command"
        print(f"{pulumi()} {said}", file=sys.stderr)
        return 1
    stack = os.environ.get("STACK")
    command = [pulumi(), "up", *(["--stack", stack] if stack else [])]
    command += ["--yes"] if os.environ.get("YES") else []
    # The terminal sends ^C to Pulumi, too, which then ends in order.
    before = signal.signal(signal.SIGINT, lambda *_: None)
    runs = Runs()
    with tempfile.TemporaryDirectory() as folder:
        status = follow(command, Path(folder) / "events.json", runs.take)
    signal.signal(signal.SIGINT, before)
    done = runs.last
    if done.parts:
        end = f"resources: {len(done.parts)}, {done.now:.0f} s"
        end += "; it failed, and the next `up` goes on" if status else ""
        print("\n".join([*done.table, "", end]))
    return status


if __name__ == "__main__":
    sys.exit(main())
