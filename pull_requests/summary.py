"""A preview as lines: first replacements and deletions, then a line for each owner."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from .preview import Change, Preview, Resource, natural
from .words import Part

LONG = 60
"""Most characters of a value in a line; a longer one is only in the diff."""
MARKED = {"replace": "replaced", "delete": "deleted"}
"""Operations that are marked, and their past tense."""


@dataclass
class Summary:
    """A preview's lines, sorted."""

    marked: list[str] = field(default_factory=list)
    sections: dict[str, list[str]] = field(default_factory=dict)
    """Lines by title, also of sections without lines."""


def summary(preview: Preview) -> Summary:
    """Return a line for each owner, and one for each replacement and deletion."""
    titles = preview.words.sections
    marked: list[Part] = []
    owners_by_section: dict[str, dict[str, list[Part]]] = {title: {} for title in titles}
    for resource in preview.resources.values():
        parts = preview.words.tell(preview, resource)
        for part in plain(resource) if parts is None else parts:
            if part.marked:
                marked.append(part)
            else:
                owners = owners_by_section[part.section or titles[-1]]
                owners.setdefault(part.owner, []).append(part)
    return Summary(
        [line for _, line in sorted((_place(part), part_line(part)) for part in marked)],
        {title: _lines(list(owners.values())) for title, owners in owners_by_section.items()},
    )


def _place(part: Part) -> tuple[bool, list[tuple[int, str]]]:
    return not part.first, natural(part_line(part))


def _lines(owners: Sequence[Sequence[Part]]) -> list[str]:
    order = sorted(owners, key=lambda parts: (not parts[0].first, natural(parts[0].owner)))
    return [f"{parts[0].owner}: {'; '.join(part.text for part in parts)}" for parts in order]


def part_line(part: Part) -> str:
    """Return a part as one line."""
    return part.owner + (" " if part.text.startswith("is ") else ": ") + part.text


def plain(resource: Resource) -> Iterator[Part]:
    """Describe any resource by type, name and changed inputs."""
    if resource.op == "same" or _made_by_pulumi(resource):
        return
    changes = ", ".join(_short_change_text(change) for change in resource.changes)
    match resource.op:
        case "create":
            text = "+ new"
        case "delete":
            text = "is deleted"
        case "replace":
            text = "is replaced" + (f", because {changes}" if changes else "")
        case "update":
            text = changes or "has changed"
        case other:
            text = f"{other} {changes}".strip()
    yield Part(f"{_type(resource.type)} {resource.name}", text, resource.op in MARKED)


def _made_by_pulumi(resource: Resource) -> bool:
    """Return whether no program declares it: default providers, and stacks that it reads."""
    default = resource.name == "default" or resource.name.startswith("default_")
    provider = resource.type.startswith("pulumi:providers:")
    return (provider and default) or resource.type == "pulumi:pulumi:StackReference"


def _type(token: str) -> str:
    """Return a type as Pulumi shows it: `aws:s3:Bucket` for `aws:s3/bucket:Bucket`."""
    return re.sub(r"/[^:/]+(?=:[^:]+$)", "", token)


def _short_change_text(change: Change) -> str:
    values = [shown(value) for value in (change.old, change.new)]
    if any(len(value) > LONG or "\n" in value for value in values):
        return f"{change.path} has changed"
    return change_text(change, change.path)


def change_text(change: Change, label: str) -> str:
    """Return how a property changes, by its label; or only that it does, for unknown values."""
    if change.old == change.new:
        return f"{label} has changed"
    return f"{label} {shown(change.old)} -> {shown(change.new)}"


def shown(value: object) -> str:
    """Return a value as text for people."""
    if value is None or value == "":
        return "none"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)
