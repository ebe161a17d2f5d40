"""The arguments of the components for any language, as Pulumi's component provider host reads them.

It takes no union but with None, so a setting that is a number or a text cannot be an argument:
`nodeOpenings`, whose ports are both, and a compute is no word: the controller itself is none
there. Nor does it take mappings of names: `sizes`.
"""

from collections.abc import Iterator
from typing import Any

from . import schemas

FILE = "components/arguments.py"

HEAD = '''\
"""Arguments of the components for any language: keys of the settings, as plain values.

Written by `make settings` from the models in components/settings: change those.
"""
# ruff: noqa: E501

from typing import NotRequired, TypedDict
'''

KEYS = (
    "region",
    "ssh",
    "controller",
    "computes",
    "tls",
    "api",
    "dashboard",
    "backup",
    "provider",
    "onRemoval",
)
"""The settings that make nodes."""

TYPES = {"boolean": "bool", "integer": "int", "string": "str"}


def text(project: str) -> str:
    """Return all of the file; the models' keys do not depend on the Pulumi project's name."""
    stack = schemas.stack(project)
    config = stack["properties"]["config"]
    nodes = {
        "description": "What makes nodes.",
        "properties": {key: config["properties"][f"{project}:{key}"] for key in KEYS},
        "required": [key.removeprefix(f"{project}:") for key in config["required"]],
    }
    return "\n\n".join((HEAD, *_classes("NodesArgs", nodes, stack["$defs"], set())))


def _classes(name: str, schema: Any, others: dict[str, Any], seen: set[str]) -> Iterator[str]:  # noqa: ANN401
    """Yield the class of a mapping, after those of the mappings in it."""
    seen.add(name)
    lines = [f"class {name}(TypedDict):", f'    """{schema["description"]}"""', ""]
    for key, value in schema["properties"].items():
        kind, inner = _type(value)
        if inner and _args(inner) not in seen:
            yield from _classes(_args(inner), others[inner], others, seen)
        optional = key not in schema.get("required", ())
        lines.append(f"    {key}: {f'NotRequired[{kind}]' if optional else kind}")
        lines.append(f'    """{value["description"]}"""')
    yield "\n".join(lines) + "\n"


def _type(schema: Any) -> tuple[str, str]:  # noqa: ANN401
    """Return a value's type in Python, and the model that is in it."""
    if reference := schema.get("$ref"):
        model = reference.removeprefix("#/$defs/")
        return _args(model), model
    if choices := schema.get("anyOf"):
        (only,) = (c for c in choices if c.get("type") != "null" and "const" not in c)
        return _type(only)
    if schema["type"] == "array":
        kind, model = _type(schema["items"])
        return f"list[{kind}]", model
    return TYPES[schema["type"]], ""


def _args(model: str) -> str:
    return model.removesuffix("Settings") + "Args"
