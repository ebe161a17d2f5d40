"""The words in which a project describes its resources.

The project's pyproject.toml, in the same folder as its Pulumi.yaml, names them:

    [tool.pull-requests]
    words = "MODULE:NAME"

NAME is a `Words` in that module. Without it the plain words of summary.py are used.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from .project import FILE, named

if TYPE_CHECKING:
    from .preview import Preview, Resource


class Part(NamedTuple):
    """Something that happens to an owner, which is a thing that a reader knows by name."""

    owner: str
    text: str
    """What happens; after "is " it continues the owner's name as a sentence."""
    marked: bool = False
    """Something is replaced or deleted: it is shown at the top."""
    section: str = ""
    """The title of its section; "" for the last of `Words.sections`."""
    first: bool = False
    """It is shown first in its section, or among what is marked."""


def _plain(_preview: Preview, _resource: Resource) -> None:
    """Use plain words for each resource."""


def _no_picture(_preview: Preview) -> str:
    return ""


@dataclass(frozen=True)
class Words:
    """How a project describes its resources. Each field has a default for any program."""

    tell: Callable[[Preview, Resource], Iterable[Part] | None] = _plain
    """What happens to a resource. Called once for each, also for those that stay.

    () if another resource, such as its component, describes it. None for plain words.
    """
    sections: tuple[str, ...] = ("Created or changed",)
    """Titles in their order. Plain words are in the last section."""
    nothing: str = "Nothing to do: the stack is as the program says."
    """The comment where no resource changes."""
    skipped_warnings: tuple[str, ...] = ()
    """Ends of warnings to leave out, as `tell` says the same."""
    skipped_properties: frozenset[str] = frozenset()
    """Properties that depend on the machine that runs Pulumi: neither shown nor compared."""
    links: frozenset[str] = frozenset()
    """Properties with the id of another resource whose name does not end with Id."""
    picture: Callable[[Preview], str] = _no_picture
    """The text of a picture of the change, in Mermaid's language; "" for none."""
    repeatable: tuple[str, ...] = ()
    """How types of URNs begin (`TYPE`, or `COMPONENT$TYPE`) of what may be done again without harm.

    Where a change is of these alone, `apply` lets Pulumi write the state once, at the end.
    """


PLAIN = Words()


def find(file: Path = FILE) -> Words:
    """Return the words that a pyproject.toml names, plain ones where it names none (JobError)."""
    return named("words", Words, file) or PLAIN
