"""Places in the config: which keys the models have there, and in which order."""

import re
from collections.abc import Iterator
from typing import get_args

from .base import Base, key
from .messages import Place, Problem
from .settings import Settings


def model_in(annotation: object) -> type[Base] | None:
    """Return the model in a field's type: of X, X | None, tuple[X, ...]."""
    if args := get_args(annotation):
        return next((model for arg in args if (model := model_in(arg))), None)
    return annotation if isinstance(annotation, type) and issubclass(annotation, Base) else None


def fields(model: type[Base]) -> dict[str, tuple[str, type[Base] | None]]:
    """Return a model's fields by their keys in the config: description, and the model in it."""
    return {
        key(name): (field.description or "", model_in(field.annotation))
        for name, field in model.model_fields.items()
    }


SECTIONS = {key: model for key, (_, model) in fields(Settings).items() if model}
"""The keys whose values are mappings or lists of them."""

FLAGS = [field.alias for field in Settings.model_fields.values() if field.annotation is bool]


def walk(place: Place) -> Iterator[tuple[type[Base], str]]:
    """Yield each key of a place with the model that has it, from the outside in."""
    model: type[Base] | None = Settings
    for part in place:
        if isinstance(part, str) and model:
            yield model, part
            model = fields(model).get(part, ("", None))[1]


def order(problem: Problem) -> list[int]:
    """Sort by place: in the order of the model's fields, unknown keys last."""
    keys = walk(problem.place)
    numbers = []
    for part in problem.place:
        if isinstance(part, int):
            numbers.append(part)
        elif found := next(keys, None):
            keys_there = list(fields(found[0]))
            key = re.split(r"[.\[]", part)[0]
            numbers.append(keys_there.index(key) if key in keys_there else len(keys_there))
    return numbers
