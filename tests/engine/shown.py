"""What `pulumi preview --json` says, as the tests read it."""

from collections.abc import Mapping
from typing import Any

from pull_requests.preview import name

Shown = Mapping[str, Any]
"""What `pulumi preview --json` prints."""


def operations(shown: Shown) -> dict[str, str]:
    """Return what is done to which resource, by name; without unchanged resources."""
    found: dict[str, str] = {}
    for step in shown["steps"]:
        if step["op"] != "same":
            found[name(step["urn"])] = "replace" if "replace" in step["op"] else step["op"]
    return found


def each(operation: str, names: str) -> dict[str, str]:
    """Say that this is done to each of these."""
    return dict.fromkeys(names.split(), operation)


def updated(names: str) -> dict[str, str]:
    """Say that these are changed in place."""
    return each("update", names)
