"""What may be stored encrypted in a stack's file, and is secret then in all that Pulumi shows.

Pulumi tells a program which keys hold something encrypted, but not where in them: that the
stack's file says. Names, addresses and sizes stand in the names of resources and in what is
written on nodes, which nothing can hide.
"""

import os
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

import pulumi
import yaml

from .messages import Place, Problem, namespace

MAY_BE_ENCRYPTED: Mapping[str, tuple[str, ...]] = {
    "projects": ("description",),
    "images": ("url",),
    "servers": ("publicKey", "userData"),
}
"""The keys of each entry of a list; besides them `secret`, which must be."""


def encrypted(place: Place, value: object) -> Iterator[Place]:
    """Yield where a value of a stack's file is encrypted."""
    if isinstance(value, dict):
        if set(value) == {"secure"}:
            yield place
            return
        for key, item in value.items():
            yield from encrypted((*place, key), item)
    elif isinstance(value, list):
        for i, item in enumerate(value):
            yield from encrypted((*place, i), item)


def _file() -> Path:
    """Return the running stack's file. Pulumi says `--config-file` to no program."""
    return Path(os.environ.get("PULUMI_OPTION_CONFIG_FILE") or f"Pulumi.{pulumi.get_stack()}.yaml")


def places(secret_keys: Collection[str]) -> set[Place]:
    """Return what is encrypted in the file of the running stack.

    A key of which the file does not say more, or that comes from elsewhere, is encrypted whole.
    """
    try:
        content = yaml.safe_load(_file().read_text(encoding="utf-8"))["config"]
    except (OSError, ValueError, KeyError, TypeError, yaml.YAMLError):
        content = None
    found: set[Place] = set()
    for key in secret_keys:
        if (name := key.removeprefix(namespace())) != key:
            value = content.get(key) if isinstance(content, dict) else None
            found |= set(encrypted((name,), value)) or {(name,)}
    return found


def refused(hidden: Collection[Place]) -> Iterator[Problem]:
    """Yield what is encrypted and would not be secret."""
    for place in hidden:
        match place:
            case ("secret",):
                continue
            case (str(key), int(), str(field)) if field in MAY_BE_ENCRYPTED.get(key, ()):
                continue
        what = "is encrypted, but names, addresses and sizes cannot be secret; store it in clear"
        if fields := MAY_BE_ENCRYPTED.get(str(place[0])):
            what += f", and encrypt no more of an entry than {' and '.join(fields)}"
        if len(place) == 1 and fields:
            what += f" (in {_file()}, or the file that PULUMI_OPTION_CONFIG_FILE names)"
        yield Problem(place, what)
