"""Room for the state: on a full disk Pulumi's file backend keeps half of it."""

import json
import os
import shutil
from pathlib import Path
from urllib.parse import urlsplit

import pulumi

LEAST = 20 * 2**20
"""Bytes that must be free at the beginning of a run."""
COPIES = 10
"""A run writes the state anew for each step, and keeps copies of it."""


def refuse_without_room(size: int) -> None:
    """Refuse an `up` whose backend is a folder without room for a state of `size` bytes (RunError).

    A preview warns. The backend puts a file in its place even when it could not be written to the
    end; no report found. docs/runbook.md says how to come back from that.
    """
    folder = _folder()
    if folder is None or not folder.is_dir():
        return
    free, needed = shutil.disk_usage(folder).free, max(LEAST, COPIES * size)
    if free >= needed:
        return
    text = (
        f"no room for the stack's state: {folder} has {free // 2**20} MiB free, and a run needs"
        f" {needed // 2**20} MiB: make room there"
    )
    if not pulumi.runtime.is_dry_run():
        raise pulumi.RunError(f"{text}; nothing was changed")
    pulumi.log.warn(text)


def _folder() -> Path | None:
    """Return the folder of the backend; None if it is no folder."""
    url = urlsplit(os.environ.get("PULUMI_BACKEND_URL") or _login())
    if url.scheme != "file":
        return None
    return Path(url.netloc + url.path).expanduser()


def _login() -> str:
    """Return the backend that `pulumi login` has noted, "" for none."""
    home = os.environ.get("PULUMI_CREDENTIALS_PATH") or os.environ.get("PULUMI_HOME") or "~/.pulumi"
    try:
        noted = json.loads((Path(home).expanduser() / "credentials.json").read_text("utf-8"))
    except (OSError, ValueError):
        return ""
    return str(noted.get("current", ""))
