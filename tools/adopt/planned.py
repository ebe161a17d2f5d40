"""What `up` would make, each as the state would have it.

A preview says what each resource is; its inputs with what is secret in them are in its plan. That
comes through a pipe, so that no secret is in a file, and stays in memory.
"""

import contextlib
import json
import os
import subprocess
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from pull_requests.cli import FASTER, parse_preview, pulumi

from ..resume import RAW
from ..state import Raw

UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
"""Pulumi's text for a value that is unknown until `up`; this is no id, but the same always."""
NOISE = ("stackTrace", "sourcePosition")
"""Where the program registers it, as only this preview knows it."""


class NoPlan(Exception):  # noqa: N818  # it is what a user reads
    """A preview fails, and why."""


def planned(stack: str) -> dict[str, Raw]:
    """Return what would be made, by URN, with its inputs, and no id yet (NoPlan).

    What is unknown in the inputs is `UNKNOWN`; in the outputs it is left out.
    """
    shown, plan = _preview(stack)
    plans = plan["resourcePlans"]
    return {
        step["urn"]: _resource(step["newState"], plans[step["urn"]])
        for step in shown["steps"]
        if step["op"] == "create"
    }


def unknown(value: object) -> bool:
    """Return whether something in a value is unknown."""
    return UNKNOWN in json.dumps(value)


def _preview(stack: str) -> tuple[Raw, Raw]:
    """Return what a preview says, and its plan (NoPlan)."""
    chosen = ["--stack", stack] if stack else []
    with TemporaryDirectory() as folder, ThreadPoolExecutor() as pool:
        pipe = Path(folder) / "plan"
        os.mkfifo(pipe, 0o600)
        plan = pool.submit(pipe.read_text, "utf-8")
        command = [pulumi(), "preview", "--json", f"--save-plan={pipe}", "--show-secrets=true"]
        try:
            done = subprocess.run(
                [*command, *chosen],
                capture_output=True,
                text=True,
                check=False,
                env={**FASTER, **os.environ},
            )
        finally:
            # A preview that failed has written nothing, and the pipe's reader still waits.
            with contextlib.suppress(OSError):
                os.close(os.open(pipe, os.O_WRONLY | os.O_NONBLOCK))
        if done.returncode:
            raise NoPlan("\n".join(parse_preview(done).errors))
        return json.loads(done.stdout), json.loads(plan.result())


def _resource(state: Raw, plan: Mapping[str, Any]) -> Raw:
    kept = {key: value for key, value in state.items() if key not in NOISE}
    outputs = _known({k: v for k, v in (plan.get("state") or {}).items() if k != RAW})
    return {**kept, "inputs": plan["goal"]["inputDiff"].get("adds", {}), "outputs": outputs}


def _known(value: Any) -> Any:  # noqa: ANN401  # any JSON
    """Return a value without what is unknown, or nothing, in it."""
    if isinstance(value, dict):
        return dict(_left(value))
    if isinstance(value, list):
        return [_known(item) for item in value if item != UNKNOWN]
    return value


def _left(values: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for key, value in values.items():
        if value is not None and value != UNKNOWN:
            yield key, _known(value)
