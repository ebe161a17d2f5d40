"""Fewer boxes of many: what is alike becomes one box with a number."""

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import replace
from itertools import zip_longest

from pull_requests.preview import natural

from .boxes import COMPUTE, KINDS, SERVER, Box, Fact, Line, Picture

MOST = 50
"""Most boxes of a picture that a person reads."""

Key = Callable[[str, Box], Hashable]
"""Boxes with the same become one."""
Step = Callable[[Picture], Picture]


def fitting(picture: Picture, most: int = MOST) -> Picture:
    """Return a picture of at most so many boxes: the first of these that is small enough.

    Each thing; the alike servers of a project and the alike computes as one box; alike projects as
    one frame; all of a project that is of one kind as one box, then alike projects as one frame;
    all that is of one kind. What has different marks stays apart in all of them.
    """
    drawn = picture
    for steps in LEVELS:
        drawn = picture
        for step in steps:
            drawn = step(drawn)
        if len(drawn.boxes) <= most:
            break
    return drawn


def folded(picture: Picture, key: Key) -> Picture:
    """Return a picture where boxes with the same key are one."""
    found: dict[Hashable, list[str]] = {}
    for name, box in picture.boxes.items():
        found.setdefault(key(name, box), []).append(name)
    new = {name: names[0] for names in found.values() for name in names}
    lines = sorted({Line(new[start], new[end], seen) for start, end, seen in picture.lines})
    return Picture(
        {names[0]: _one([picture.boxes[name] for name in names]) for names in found.values()},
        tuple(lines),
        picture.marks,
    )


def _one(many: Sequence[Box]) -> Box:
    """Return one box for several of a kind."""
    if len(many) == 1:
        return many[0]
    facts = zip_longest(*(box.facts for box in many), fillvalue=Fact(()))
    return replace(
        many[0],
        names=tuple(name for box in many for name in box.names),
        facts=tuple(_fact(column) for column in facts),
        projects=tuple(dict.fromkeys(project for box in many for project in box.projects)),
        like=many[0].like if len({box.like for box in many}) == 1 else "",
    )


def _fact(many: Sequence[Fact]) -> Fact:
    forms = {fact.form for fact in many if fact.values}
    form = forms.pop() if len(forms) == 1 else "{}"
    return Fact(tuple(value for fact in many for value in fact.values), form, many[0].many)


def _beside(picture: Picture) -> Mapping[str, list[str]]:
    """Return the boxes that lines lead to, by box, in either direction."""
    found: dict[str, list[str]] = {name: [] for name in picture.boxes}
    for start, end, _ in picture.lines:
        found[start].append(end)
        found[end].append(start)
    return found


def alike_things(picture: Picture) -> Picture:
    """Fold computes, and a project's servers of one flavor on the same networks."""
    beside = _beside(picture)

    def key(name: str, box: Box) -> Hashable:
        if box.kind not in (COMPUTE, SERVER):
            return name
        return box.kind, box.projects, box.mark, box.like, tuple(beside[name])

    return folded(picture, key)


def alike_projects(picture: Picture) -> Picture:
    """Fold projects that have the same: as many boxes of each kind, in the same places."""
    beside, places = _beside(picture), dict[str, Hashable]()
    shapes: dict[tuple[str, ...], list[Hashable]] = {}

    def near(name: str, other: str) -> bool:
        """Boxes of its own project count once they have a place, all others by what they are."""
        return other in places or picture.boxes[other].projects != picture.boxes[name].projects

    def place(name: str) -> tuple[Hashable, ...]:
        box = picture.boxes[name]
        found = sorted(str(places.get(other, other)) for other in beside[name] if near(name, other))
        return KINDS.index(box.kind), box.mark, box.like, tuple(found)

    for kind in KINDS:
        names = [name for name, box in picture.boxes.items() if box.kind == kind and box.projects]
        found = {name: place(name) for name in names}
        for name in sorted(
            names, key=lambda name: (str(found[name]), natural(picture.boxes[name].names[0]))
        ):
            shape = shapes.setdefault(picture.boxes[name].projects, [])
            places[name] = len(shape)
            shape.append(found[name])

    def key(name: str, box: Box) -> Hashable:
        if not box.projects:
            return name
        marks = tuple(picture.marks.get(project) for project in box.projects)
        return tuple(shapes[box.projects]), marks, places[name]

    return folded(picture, key)


def by_kind(picture: Picture) -> Picture:
    """Fold computes, and in each project all of one kind."""

    def key(name: str, box: Box) -> Hashable:
        shared = not box.projects and box.kind != COMPUTE
        return name if shared else (box.kind, box.projects, box.mark)

    return folded(picture, key)


def all_by_kind(picture: Picture) -> Picture:
    """Fold all of one kind: the networks of all projects, and what projects have."""
    everyone = tuple(dict.fromkeys(p for box in picture.boxes.values() for p in box.projects))
    wide = {
        name: replace(box, projects=everyone if box.projects else ())
        for name, box in picture.boxes.items()
    }
    return folded(replace(picture, boxes=wide), lambda _, box: (box.kind, box.projects, box.mark))


LEVELS: tuple[tuple[Step, ...], ...] = (
    (),
    (alike_things,),
    (alike_things, alike_projects),
    (by_kind, alike_projects),
    (all_by_kind,),
)
