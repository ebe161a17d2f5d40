"""A picture as Graphviz's text, with a legend: a shape and a colour for each kind."""

from collections.abc import Iterator, Mapping

from .boxes import (
    COMPUTE,
    CONTROLLER,
    KINDS,
    OWN,
    ROUTER,
    SERVER,
    UNTAGGED,
    VLAN,
    WIRE,
    Box,
    Kind,
    Picture,
)

HEAD = """\
digraph cloud {
  rankdir=LR; ranksep=0.7; nodesep=0.14; bgcolor=white
  fontname="Helvetica"; fontsize=13
  node [fontname="Helvetica", fontsize=12, color="#5b6b7b", height=0.3, margin="0.12,0.06"]
  edge [arrowhead=none, color="#5b6b7b", penwidth=1.2]
"""
FRAME = 'style="rounded,filled"; color="#5b6b7b"; fillcolor="#f7f9fb"; labeljust=l'
STYLES: Mapping[Kind, str] = {
    CONTROLLER: 'shape=box3d, style=filled, fillcolor="#cfdcec"',
    COMPUTE: 'shape=box3d, style=filled, fillcolor="#eaf6ea"',
    WIRE: 'shape=box, style="filled,bold", fillcolor="#f5e6c8"',
    VLAN: 'shape=box, style=filled, fillcolor="#f5e6c8"',
    UNTAGGED: 'shape=box, style=filled, fillcolor="#f5e6c8"',
    OWN: 'shape=box, style="filled,dashed", fillcolor="#d5ead5"',
    ROUTER: 'shape=hexagon, style=filled, fillcolor="#dfe7f1"',
    SERVER: 'shape=box, style="rounded,filled", fillcolor="#fdf3e1", color="#b07d2b"',
}
"""Shapes and borders differ, too: the picture says the same in black and white."""
LEGEND: Mapping[Kind, str] = {OWN: "a project's own network", VLAN: "network on a VLAN"}
"""What the legend says of a kind, where that is not its name."""


def write(drawn: Picture) -> str:
    """Return the text that `dot` makes an SVG of."""
    return "".join([HEAD, *_frames(drawn), *_lines(drawn), *_legend(drawn), "}\n"])


def _frames(drawn: Picture) -> Iterator[str]:
    for i, (projects, keys) in enumerate(drawn.frames.items()):
        boxes = [_box(key, drawn.boxes[key]) for key in keys]
        if not projects:
            yield from boxes
            continue
        title, _ = drawn.title(projects)
        yield f"  subgraph cluster_{i} {{\n    label={_quoted(title)}; {FRAME}\n"
        yield from (f"  {box}" for box in boxes)
        yield "  }\n"


def _box(key: str, box: Box) -> str:
    first, *rest = (_text(line) for line in box.lines)
    label = "<br/>".join([f"<b>{first}</b>", *rest])
    several = ", peripheries=2" if len(box.names) > 1 else ""
    return f"  {_quoted(key)} [label=<{label}>, {STYLES[box.kind]}{several}]\n"


def _lines(drawn: Picture) -> Iterator[str]:
    for start, end, seen in drawn.lines:
        hidden = "" if seen else " [style=invis]"
        yield f"  {_quoted(start)} -> {_quoted(end)}{hidden}\n"


def _legend(drawn: Picture) -> Iterator[str]:
    """Yield the kinds that are there, in a row."""
    there = {box.kind for box in drawn.boxes.values()}
    shown = [(LEGEND.get(kind, kind.one), STYLES[kind]) for kind in KINDS if kind in there]
    if any(len(box.names) > 1 for box in drawn.boxes.values()):
        shown.append(("several of a kind", "shape=box, peripheries=2"))
    yield f'  subgraph cluster_legend {{\n    label="legend"; {FRAME}\n'
    for i, (said, style) in enumerate(shown):
        yield f"    legend{i} [label={_quoted(said)}, {style}]\n"
    yield f"    {' -> '.join(f'legend{i}' for i in range(len(shown)))} [style=invis]\n  }}\n"


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _text(text: str) -> str:
    """Return a text for a label of HTML."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
