"""What all models of the settings share.

Keys are camelCase in the stack's config and snake_case in a Python program. A model checks its own
fields; what needs other entries or a file is a function in the same file.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import ClassVar, NamedTuple, Self

from pydantic import BaseModel, ConfigDict, ValidationInfo, model_validator
from pydantic.alias_generators import to_camel


class Rule(NamedTuple):
    """What is wrong in one entry: the field (as the config calls it) and why."""

    key: str
    message: str


class Given(NamedTuple):
    """A value that its model refuses."""

    key: str
    value: object
    entry: Mapping[str, object]
    """All keys and values of its entry."""


Instead = Mapping[str, str]
"""Keys that a model does not have, separated by spaces, and what there is instead."""

Helps = Mapping[str, Callable[[Given], str | None]]
"""By field: a function that returns advice for a refused value, or None."""


TAGGED = "\0"
"""How the tag of a choice begins, which Pydantic puts into the place of an error in it."""


def key(field: str) -> str:
    """Return what the config calls a field; one that Python reserves ends in `_` there."""
    return to_camel(field).rstrip("_")


class Base(BaseModel):
    """Frozen, strict (no "100" for 100), no unknown keys."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        strict=True,
        alias_generator=key,
        validate_by_name=True,
        validate_by_alias=True,
        hide_input_in_errors=True,
    )

    instead: ClassVar[Instead] = {}
    """For keys that people know from Terraform, Nova and Neutron."""

    helps: ClassVar[Helps] = {}

    _hidden: frozenset[str] = frozenset()

    def hide(self, field: str) -> None:
        """Note that a field of this entry is stored encrypted."""
        self._hidden |= {field}

    def hides(self, field: str) -> bool:
        """Return whether a field is stored encrypted: then it is secret for Pulumi, too."""
        return field in self._hidden

    def broken_rules(self) -> Iterator[Rule]:
        """Yield what is wrong between the fields of this one entry."""
        yield from ()

    @model_validator(mode="after")
    def _obey(self, info: ValidationInfo) -> Self:
        # `load` collects the rules itself, so that a broken one hides no other problem.
        if not (info.context and info.context.get("rules") == "later"):
            broken = [f"{rule.key}: {rule.message}" for rule in self.broken_rules()]
            if broken:
                raise ValueError("; ".join(broken))
        return self
