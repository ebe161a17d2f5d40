"""The part `config:` of Pulumi.yaml: each key's type, description and default for Pulumi itself."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import yaml
from pydantic import BaseModel

from ..kinds import Kind
from ..settings import Settings
from ..stack import TenantStackSettings
from .describe import BOOLEAN, Key, Type, keys

FILE = "Pulumi.yaml"

PREFIXED = ("secret",)
"""Keys that mean something else in Pulumi's own schema."""


def text(root: Path) -> str:
    """Return all of the file: the part above `config:` and each key's comments do not change."""
    old = (root / FILE).read_text(encoding="utf-8")
    head, _, config = old.partition("\nconfig:\n")
    project = name(root)
    comments = _comments(config)
    lines = [head, "config:"]
    for model in (Settings, TenantStackSettings):
        for key in keys(model):
            alias = key.field.alias or ""
            lines += comments.get(alias, [])
            lines.append(f"  {project}:{alias}:" if alias in PREFIXED else f"  {alias}:")
            lines += (f"    {line}" for line in _entry(key))
    return "\n".join(lines) + "\n"


def name(root: Path) -> str:
    """Return the name of the Pulumi project in a folder."""
    found: str = yaml.safe_load((root / FILE).read_text(encoding="utf-8"))["name"]
    return found


def _comments(config: str) -> dict[str, list[str]]:
    """Return the comments above each key."""
    found: dict[str, list[str]] = {}
    comment: list[str] = []
    for line in config.splitlines():
        if line.startswith("  #"):
            comment.append(line)
        elif not line.startswith("   "):
            found[line.strip().removesuffix(":").rpartition(":")[2]] = comment
            comment = []
    return found


def _entry(key: Key) -> Iterator[str]:
    """Yield the lines of a key; the file says why each has a default.

    Pulumi has no type for a list of mappings and words: there it checks nothing.
    """
    kind = _pulumi_type(key)
    mixed = key.type.model and key.type.choices
    inside = f". Keys: {_inside(key.type.model)}" if key.type.model else ""
    if mixed:
        inside += f"; or {' or '.join(key.type.choices)}"
    else:
        yield f"type: {kind}"
    yield f"description: {json.dumps(key.meaning + inside, ensure_ascii=False)}"
    if kind == "array" and not mixed:
        yield from ("items:", "  type: object")
    empty = {"array": [], "object": {}, "string": ""}.get(kind)
    given = key.field.default if isinstance(key.field.default, str | int) else empty
    yield f"default: {json.dumps(given)}"


def _pulumi_type(key: Key) -> str:
    """Return a key's type in Pulumi's words (TypeError: it is of no section, text or boolean)."""
    match key.type:
        case Type(many=True, model=type()):
            return "array"
        case Type(model=type()):
            return "object"
        case Type(kind=kind) if kind == BOOLEAN:
            return "boolean"
        case Type(choices=choices, many=False) if choices:
            return "string"
        case Type(kind=Kind(), many=False) if not isinstance(key.field.default, int):
            return "string"
    raise TypeError(f"{key.path}: say its Pulumi type in {__name__}")


def _inside(model: type[BaseModel]) -> str:
    """Return the keys of a mapping in words, with those of the mappings in it."""
    words = []
    for key in keys(model):
        word = key.field.alias or ""
        if key.type.model:
            inner = f"{{{_inside(key.type.model)}}}"
            word += f": [{inner}]" if key.type.many else f": {inner}"
        elif unit := re.search(r"\([MG]iB\)", key.meaning):
            word += f" {unit[0]}"
        elif isinstance(key.field.default, bool):
            word += f" ({json.dumps(key.field.default)})"
        elif isinstance(key.field.default, str | int) and key.field.default != "":
            word += f" ({key.field.default})"
        words.append(word)
    return ", ".join(words)
