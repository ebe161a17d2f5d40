"""What types of fields are made of: their names in the manual, and their checks."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from pydantic import AfterValidator, BeforeValidator, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from .messages import show
from .names import Form

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Kind:
    """A type's name in the manual, and its allowed values."""

    name: str
    limits: str


def kind_of(form: Form) -> Kind:
    """Return the kind of a form: its words before the colon and after it."""
    name, _, limits = form.words.partition(": ")
    return Kind(re.sub("^an? ", "", name), limits)


@dataclass(frozen=True, slots=True)
class Known(AfterValidator):
    """A check that the JSON schema has too, for editors.

    `patternErrorMessage` there is no standard keyword: editors that know it show the words.
    """

    schema: Mapping[str, object] = field(default_factory=dict, hash=False)

    def __get_pydantic_json_schema__(
        self, core: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        """Add the check's own keywords."""
        return {**handler(core), **self.schema}


def formed(wanted: Form) -> AfterValidator:
    """Require a text of this form."""

    def check(value: str) -> str:
        if re.fullmatch(wanted.pattern, value):
            return value
        raise ValueError(f"{show(value)} is not {wanted.words}")

    pattern = {
        "pattern": f"^(?:{wanted.pattern})$",
        "patternErrorMessage": f"is not {wanted.words}",
    }
    return Known(check, pattern)


def within(limits: tuple[int, int]) -> AfterValidator:
    """Require a number from the first to the last."""

    def check(value: int) -> int:
        if limits[0] <= value <= limits[1]:
            return value
        raise ValueError(f"{value} is outside {limits[0]}..{limits[1]}")

    return Known(check, {"minimum": limits[0], "maximum": limits[1]})


def from_text(make: Callable[[str], T], words: str) -> BeforeValidator:
    """Convert a text to a type that YAML doesn't have; a number is not converted."""

    def convert(value: object) -> object:
        if not isinstance(value, str):
            return value
        try:
            return make(value)
        except ValueError:
            raise ValueError(f"{show(value)} is not {words}") from None

    return BeforeValidator(convert)
