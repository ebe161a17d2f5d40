"""Prints, as JSON, what the installed pulumi_openstack has for each resource type.

A type is named as an argument, module.Class.
"""

import importlib
import inspect
import json
import re
import sys
import typing
from collections.abc import Iterator


def shapes(hint: type, path: str) -> list[str]:
    """A property as lines "path type".

    [] stands after a list, {} after a map, a dot before a nested property.
    """
    origin, args = typing.get_origin(hint), typing.get_args(hint)
    if origin is typing.Union:
        return shapes(next(a for a in args if a is not type(None)), path)
    if origin is not None and origin.__name__ == "Output":
        return shapes(args[0], path)
    if origin is not None and origin.__name__ == "Sequence":
        return shapes(args[0], path + "[]")
    if origin is not None and origin.__name__ == "Mapping":
        return shapes(args[1], path + "{}")
    nested = [line for name, inner in properties(hint) for line in shapes(inner, f"{path}.{name}")]
    return nested or [f"{path} {hint.__name__}"]


def properties(cls: type) -> Iterator[tuple[str, type]]:
    """The names that a class has for the engine, with their types."""
    for _, value in inspect.getmembers(cls, lambda member: isinstance(member, property)):
        name = getattr(value.fget, "_pulumi_name", None)
        if name is not None:
            hints = typing.get_type_hints(value.fget, vars(sys.modules[cls.__module__]))
            yield name, hints["return"]


def resource(module: str, name: str) -> dict[str, object]:
    """What a resource class has: its token, its properties and the secret ones."""
    cls = getattr(importlib.import_module("pulumi_openstack." + module), name)
    secret = re.search(r"additional_secret_outputs=\[(.*?)\]", inspect.getsource(cls))
    return {
        "token": cls.pulumi_type,
        "properties": sorted(line for path, hint in properties(cls) for line in shapes(hint, path)),
        "secrets": re.findall(r'"(\w+)"', secret.group(1)) if secret else [],
    }


print(json.dumps({name: resource(*name.split(".")) for name in sys.argv[1:]}))
