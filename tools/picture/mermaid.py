"""A picture as Mermaid's text, which forges draw in comments and pages.

Kinds differ by their shapes and words, what a change does by words and colours.
"""

import re
from collections.abc import Iterator, Mapping

from .boxes import (
    COMPUTE,
    CONTROLLER,
    OWN,
    ROUTER,
    SERVER,
    UNTAGGED,
    VLAN,
    WIRE,
    Kind,
    Picture,
)
from .cloud import Mark

SHAPES: Mapping[Kind, tuple[str, str]] = {
    CONTROLLER: ("[[", "]]"),
    COMPUTE: ("[[", "]]"),
    WIRE: ("[/", "/]"),
    VLAN: ("[", "]"),
    UNTAGGED: ("[", "]"),
    OWN: ("[", "]"),
    ROUTER: ("{{", "}}"),
    SERVER: ("(", ")"),
}
COLORS: Mapping[Mark, str] = {
    Mark.NEW: "fill:#dafbe1,stroke:#1a7f37,stroke-width:3px,color:#000",
    Mark.CHANGED: "fill:#fff8c5,stroke:#9a6700,stroke-width:3px,color:#000",
    Mark.REPLACED: "fill:#ffebe9,stroke:#cf222e,stroke-width:3px,color:#000",
    Mark.GONE: "fill:#ffebe9,stroke:#cf222e,stroke-width:3px,stroke-dasharray:6,color:#000",
}
"""With the text's color, as pages may be dark."""


def write(drawn: Picture) -> str:
    """Return the text of a flowchart, without a fence."""
    names = {key: f"b{i}" for i, key in enumerate(drawn.boxes)}
    marked: dict[Mark, list[str]] = {}

    def put(name: str, mark: Mark, text: str) -> str:
        if mark:
            marked.setdefault(mark, []).append(name)
        return _quoted(f"{mark.upper()}: {text}" if mark else text)

    def box(key: str) -> str:
        start, end = SHAPES[drawn.boxes[key].kind]
        one = drawn.boxes[key]
        label = put(names[key], one.mark, "\n".join(one.lines))
        return f"  {names[key]}{start}{label}{end}\n"

    def frames() -> Iterator[str]:
        for i, (projects, keys) in enumerate(drawn.frames.items()):
            if projects:
                title, mark = drawn.title(projects)
                yield f"  subgraph p{i}[{put(f'p{i}', mark, title)}]\n"
            yield from (box(key) for key in keys)
            if projects:
                yield "  end\n"

    text = ["flowchart LR\n", *frames()]
    for start, end, seen in drawn.lines:
        text.append(f"  {names[start]} {'---' if seen else '~~~'} {names[end]}\n")
    for mark in Mark:
        if mark in marked:
            text.append(f"  classDef {mark} {COLORS[mark]}\n")
            text.append(f"  class {','.join(marked[mark])} {mark}\n")
    return "".join(text)


def _quoted(text: str) -> str:
    """Return a label in which nothing is markup; Mermaid has numbers for other characters."""
    safe = re.sub(r"[^\w .,:/()\n…-]", lambda found: f"#{ord(found[0])};", text)
    return '"' + safe.replace("\n", "<br/>") + '"'
