"""The possible kinds of change of each key of the settings, from the models."""

from collections.abc import Iterator
from enum import StrEnum
from typing import get_args

from pydantic.fields import FieldInfo

from components.settings import NetworkSettings, NicSettings, ServerSettings, Settings
from components.settings.base import Base
from components.settings.base import key as key_of
from components.settings.duplicates import NAMED, UNIQUE
from components.settings.references import REFERENCES


class Kind(StrEnum):
    """What a change does to a key."""

    GIVEN = "given"
    CHANGED = "changed"
    TAKEN_OUT = "taken out"
    MORE = "an entry more"
    LESS = "an entry less"
    REORDERED = "reordered"
    RENAMED = "renamed"
    MOVED = "moved to another owner"
    SWAPPED = "swapped"


OPTIONAL = (Kind.GIVEN, Kind.CHANGED, Kind.TAKEN_OUT)
LIST = (Kind.MORE, Kind.LESS, Kind.REORDERED)
SWAPS = {(model, field) for model, field, _ in UNIQUE} | {
    (NetworkSettings, "cidr"),
    (ServerSettings, "address"),
    (NicSettings, "address"),
    (ServerSettings, "floating_ip"),
}
"""Unique values apart from names: two entries can swap them."""
OWNERS = {(model, field) for model, field, section in REFERENCES if section == "projects"}


def visible() -> dict[str, tuple[Kind, ...]]:
    """Return the possible kinds of change by key, such as `networks[].cidr`.

    Mappings that are always there, such as `ssh`, have none; their keys have.
    """
    return dict(_kinds_in(Settings, ""))


def reached(model: type[Base]) -> set[type[Base]]:
    """Return a model and all models in it."""
    inner = [_model(field.annotation) for field in model.model_fields.values()]
    return {model}.union(*(reached(other) for other in inner if other))


def _kinds_in(model: type[Base], path: str) -> Iterator[tuple[str, tuple[Kind, ...]]]:
    for name, field in model.model_fields.items():
        key = f"{path}{key_of(name)}"
        inner = _model(field.annotation)
        listed = "tuple" in repr(field.annotation)
        yield key, tuple(_kinds(model, name, field, path, inner, listed))
        if inner:
            yield from _kinds_in(inner, f"{key}[]." if listed else f"{key}.")


def _kinds(
    model: type[Base],
    name: str,
    field: FieldInfo,
    path: str,
    inner: type[Base] | None,
    listed: bool,
) -> Iterator[Kind]:
    optional = not field.is_required() and field.default is None
    if listed:
        yield from (Kind.GIVEN, Kind.TAKEN_OUT) if optional else ()
        yield from LIST
    elif inner:  # changes in it are those of its keys
        yield from (Kind.GIVEN, Kind.TAKEN_OUT) if optional else ()
    elif field.annotation is bool:
        yield from (Kind.GIVEN, Kind.TAKEN_OUT)
    elif name == "name" and path.rstrip(".[]") in {part for parts in NAMED for part in parts}:
        yield from (Kind.RENAMED, Kind.SWAPPED) if path.endswith("[].") else (Kind.RENAMED,)
    else:
        kinds = OPTIONAL if optional else (Kind.CHANGED,)
        owner = (model, name) in OWNERS
        yield from (Kind.MOVED if owner and kind is Kind.CHANGED else kind for kind in kinds)
        if any((kind, name) in SWAPS for kind in model.__mro__) and path.endswith("[]."):
            yield Kind.SWAPPED


def _model(annotation: object) -> type[Base] | None:
    """Return the model in a field's type: of X, X | None, tuple[X, ...]."""
    if args := get_args(annotation):
        return next((model for arg in args if (model := _model(arg))), None)
    return annotation if isinstance(annotation, type) and issubclass(annotation, Base) else None
