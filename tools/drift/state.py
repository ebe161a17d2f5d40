"""What the last `up` has put on the nodes, as it stands in a stack's state."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from ..state import export

COMMAND = "command:remote:Command"
SECRET = "4dabf18193072939515e22adb298388d"  # noqa: S105  # how Pulumi marks one in a state
_PUT = re.compile(
    r"(?:sudo -n )?install -D -m (?P<mode>\d+) /dev/stdin (?P<path>\S+)"
    r"(?: && (?:sudo -n )?timeout (?P<minutes>\d+)m (?P=path))?"
)


@dataclass(frozen=True)
class Put:
    """A file that `up` has put on a node. A step is run, too."""

    urn: str
    owner: str
    """The name of its component: a node's, or that of all computes together."""
    host: str
    path: str
    mode: int
    content: str = field(repr=False)
    is_step: bool = False

    @property
    def name(self) -> str:
        """Its name on its node."""
        return self.urn.rsplit("::", 1)[-1].removeprefix(f"{self.owner}-")


def puts(stack: str) -> list[Put]:
    """Return what is on the nodes of a stack, "" for the selected one (NoState)."""
    return list(of_state(export(stack, secrets=True)))


def of_state(state: Mapping[str, Any]) -> Iterator[Put]:
    """Yield the files and steps of an exported state."""
    for resource in (state.get("deployment") or {}).get("resources") or ():
        if resource["type"] != COMMAND or resource.get("delete"):
            continue
        inputs = {key: _plain(value) for key, value in resource["inputs"].items()}
        if found := _PUT.fullmatch(inputs.get("create", "")):
            yield Put(
                resource["urn"],
                resource["parent"].rsplit("::", 1)[-1],
                _plain(inputs["connection"]["host"]),
                found["path"],
                int(found["mode"], 8),
                inputs["stdin"],
                bool(found["minutes"]),
            )


def _plain(value: Any) -> Any:  # noqa: ANN401  # any JSON
    """Return the value of a secret that was exported in clear, and others as they are."""
    if isinstance(value, dict) and SECRET in value:
        return json.loads(value["plaintext"])
    return value
