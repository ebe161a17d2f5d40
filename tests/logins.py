"""Commands that log in to servers, some of which still boot."""

import subprocess
import time
from collections.abc import Sequence

PATIENCE = 120
"""Seconds in which a server that was down answers again."""
UNREACHED = 255
"""What ssh returns when it does not log in."""


def logged_in(words: Sequence[str], stdin: str = "") -> subprocess.CompletedProcess[str]:
    """Run an ssh command until it logs in: a server answers a ping before it takes logins."""
    until = time.monotonic() + PATIENCE
    while True:
        said = subprocess.run(words, input=stdin, capture_output=True, text=True, check=False)
        if said.returncode != UNREACHED or time.monotonic() > until:
            return said
        time.sleep(1)
