"""Pydantic's errors as messages of this project."""

from collections.abc import Mapping
from typing import get_args

from pydantic_core import ErrorDetails

from . import advice
from .base import TAGGED, Base, Given
from .base import key as key_of
from .messages import Place, Problem, show
from .places import fields, walk

EXPECTED = {
    "bool_type": ("true or false", ", without quotes"),
    "int_type": ("a whole number", ", without quotes"),
    "is_instance_of": ("a text", ""),
    "model_type": ("a mapping of keys to values", ""),
    "string_type": ("a text", "; put it in quotes"),
    "tuple_type": ("a list", "; put it in brackets"),
}
"""Pydantic's type of error, what the value should be instead, and how a single value becomes it."""


def explain(error: ErrorDetails, tree: Mapping[str, object]) -> Problem:
    """Return an error of Pydantic as a problem with a message of ours."""
    place = tuple(p for p in error["loc"] if not str(p).startswith(TAGGED))
    kind, value = error["type"], error["input"]
    model, key = list(walk(place))[-1]
    keys = fields(model)
    if kind == "missing":
        message = f"is missing: {keys[key][0]}"
    elif kind == "extra_forbidden":
        message = f"is no known key; {advice.of_key(model, key, keys)}"
    elif found := _advice(model, key, value, _entry(tree, place)):
        message = found
    elif kind == "value_error":
        message = str(error["ctx"]["error"])
    elif kind == "literal_error":
        message = f"{show(value)} is not {error['ctx']['expected']}"
    else:
        message = f"{show(value)} is not {_expected(kind, value, error['msg'])}"
    return Problem(place, message)


def _advice(model: type[Base], key: str, value: object, entry: Mapping[str, object]) -> str | None:
    field = next(f for name, f in model.model_fields.items() if key_of(name) == key)
    optional = type(None) in get_args(field.annotation)
    return advice.of_value(model, Given(key, value, entry), optional)


def _expected(kind: str, value: object, otherwise: str) -> str:
    what, how = EXPECTED.get(kind, (otherwise, ""))
    if isinstance(value, dict) and kind == "tuple_type":
        return f"{what}; begin each entry with `-`"
    if isinstance(value, list) and kind != "model_type":
        return f"{what}; give one value"
    return what + how


def _entry(tree: Mapping[str, object], place: Place) -> Mapping[str, object]:
    """Return the mapping of the config that contains a place; empty if there is none."""
    value: object = tree
    for part in place[:-1]:
        if isinstance(value, dict) and isinstance(part, str):
            value = value.get(part)
        elif isinstance(value, list) and isinstance(part, int):
            value = value[part]
    return value if isinstance(value, dict) else {}
