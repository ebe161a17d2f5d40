"""A run as a picture: a bar for each step of each node over time, as SVG."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

LEFT, WIDE, ROW, HEAD = 190, 700, 18, 66
"""Pixels: of the names, of the time, of a bar's row, and above the first one."""
COLORS = {
    "step": "#5b7fa6",
    "lists": "#d9d9d9",
    "download": "#c9b458",
    "unpack": "#e0a458",
    "set up": "#b8653a",
    "compile": "#7a9e59",
    "apt alone": "#c3cad3",
}
"""A bar's kind, and its colour."""
TICKS = (5, 10, 20, 30, 60, 120, 300)
"""Seconds between two lines of the scale: the least of which there are few enough."""
MOST = 12


@dataclass(frozen=True)
class Bar:
    """A piece of work; seconds since the run began.

    Those of the same group and name are in a row.
    """

    group: str
    name: str
    began: float
    ended: float
    kind: str = "step"


def draw(bars: Sequence[Bar], title: str, marks: Mapping[str, float] = {}) -> str:
    """Return the picture; each mark is a line through all rows, at its seconds."""
    rows = list(_rows(bars))
    end = max([bar.ended for bar in bars] + list(marks.values()))
    scale = WIDE / end
    high = HEAD + ROW * len(rows)
    size = (LEFT + WIDE + 60, high + 30)
    picture = Element(
        "svg",
        xmlns="http://www.w3.org/2000/svg",
        viewBox=f"0 0 {size[0]} {size[1]}",
        width=str(size[0]),
        height=str(size[1]),
        attrib={"font-family": "Helvetica,Arial,sans-serif", "font-size": "12"},
    )
    SubElement(picture, "rect", width="100%", height="100%", fill="white")
    _text(picture, 10, 18, title, weight="bold")
    for tick in _ticks(end):
        x = LEFT + tick * scale
        _line(picture, x, HEAD - 6, high, "#dddddd")
        _text(picture, x, high + 14, f"{tick} s", anchor="middle")
    for i, (group, name, found) in enumerate(rows):
        y = float(HEAD + ROW * i)
        if not found:
            _text(picture, 10, y + 13, group, weight="bold")
            continue
        _text(picture, LEFT - 8, y + 13, name, anchor="end")
        for bar in found:
            _bar(picture, bar, LEFT + bar.began * scale, y + 3, (bar.ended - bar.began) * scale)
        ended = max(bar.ended for bar in found)
        _text(picture, LEFT + ended * scale + 4, y + 13, f"{_at_work(found):.0f} s")
    for said, second in marks.items():
        at = LEFT + second * scale
        _line(picture, at, HEAD - 6, high, "#333333", dash="4 3")
        _text(picture, at, HEAD - 10, f"{said}: {second:.0f} s", anchor="middle")
    _legend(picture, [kind for kind in COLORS if any(bar.kind == kind for bar in bars)])
    ElementTree.indent(picture)
    return ElementTree.tostring(picture, encoding="unicode") + "\n"


def _rows(bars: Sequence[Bar]) -> Iterator[tuple[str, str, list[Bar]]]:
    """Yield each group's name, then a row for each of its names, in the order of the bars."""
    for group, found in groupby(bars, key=lambda bar: bar.group):
        yield group, "", []
        there = list(found)
        for name in dict.fromkeys(bar.name for bar in there):
            yield group, name, [bar for bar in there if bar.name == name]


def _at_work(bars: Sequence[Bar]) -> float:
    """Return for how many seconds at least one of the bars lasts."""
    seconds = until = 0.0
    for bar in sorted(bars, key=lambda bar: bar.began):
        seconds += max(bar.ended - max(bar.began, until), 0)
        until = max(until, bar.ended)
    return seconds


def _ticks(end: float) -> range:
    step = next((one for one in TICKS if end / one <= MOST), TICKS[-1])
    return range(0, int(end) + 1, step)


def _bar(picture: Element, bar: Bar, x: float, y: float, wide: float) -> None:
    box = SubElement(
        picture,
        "rect",
        x=f"{x:.1f}",
        y=f"{y:.1f}",
        width=f"{max(wide, 1):.1f}",
        height=str(ROW - 6),
        fill=COLORS[bar.kind],
    )
    what = bar.name if bar.kind == "step" else f"{bar.name}, {bar.kind}"
    said = f"{what}: {bar.ended - bar.began:.1f} s, from {bar.began:.1f} s on"
    SubElement(box, "title").text = said


def _legend(picture: Element, kinds: Sequence[str]) -> None:
    x = 10.0
    for kind in kinds:
        SubElement(
            picture, "rect", x=f"{x:.0f}", y="27", width="12", height="10", fill=COLORS[kind]
        )
        _text(picture, x + 16, 36, kind)
        x += 34 + 7 * len(kind)


def _line(
    picture: Element, x: float, top: float, bottom: float, color: str, dash: str = ""
) -> None:
    line = SubElement(
        picture, "line", x1=f"{x:.1f}", x2=f"{x:.1f}", y1=str(top), y2=str(bottom), stroke=color
    )
    if dash:
        line.set("stroke-dasharray", dash)


def _text(
    picture: Element, x: float, y: float, said: str, anchor: str = "start", weight: str = "normal"
) -> None:
    text = SubElement(picture, "text", {"text-anchor": anchor, "font-weight": weight})
    text.set("x", f"{x:.1f}")
    text.set("y", f"{y:.1f}")
    text.text = said
