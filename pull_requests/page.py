"""A preview as Markdown that fits into a comment."""

import difflib
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import accumulate

from .preview import UNKNOWN, Change, Preview, Resource, natural
from .summary import summary

LIMIT = 60_000
"""Most bytes of a comment: GitHub takes 65,536 characters, and whoever posts it may add some."""
MOST = 64_000
"""Most bytes of a summary; the forge would refuse more. A first `up` of 1,000 servers has more."""
PICTURE = 8_000
"""Most bytes of a picture. Forges draw none of more than 50,000 characters or 500 lines between
boxes; a reader gives up before."""
LONG = 40
"""Most lines of a text that is shown in full when its resource is created or deleted."""

OUTCOMES = {"create": "created", "update": "changed", "replace": "replaced", "delete": "deleted"}


def comment(preview: Preview, limit: int = LIMIT) -> str:
    """Return the comment: the full summary, and below it as much of the diff as fits."""
    head = [f"### Preview of {code(preview.stack)}" if preview.stack else "### Preview", ""]
    if preview.errors:
        head += ["⚠ **The preview failed; nothing was changed.**", ""]
        for error in preview.errors:
            head += fence(error.removeprefix("error: ").splitlines())
        return _joined(head)
    changed = preview.changed
    if not changed:
        return _joined([*head, preview.words.nothing, *_warnings(preview)])
    counts = Counter(resource.op for resource in changed)
    said = [f"{counts.pop(op)} {done}" for op, done in OUTCOMES.items() if op in counts]
    said += [f"{number} {op}" for op, number in sorted(counts.items())]
    kept = len(preview.resources) - len(changed)
    head.append(f"Resources: {', '.join(said)}, {kept} stay as they are.")
    found = summary(preview)
    if found.marked:
        head += ["", "⚠ **Replaced or deleted**", ""]
        head += [f"- ⚠ **{code(line)}**" for line in found.marked]
    for title, lines in found.sections.items():
        if lines:
            head += ["", f"**{title}**", "", *(f"- {code(line)}" for line in lines)]
    head += _warnings(preview)
    text = _joined(_shortened(head))
    text += _picture(preview, limit - len(text.encode()))
    return _with_details(text, changed, limit)


def _picture(preview: Preview, room: int) -> str:
    """Return the folded picture of a preview, or a line where it is too large."""
    drawn = preview.words.picture(preview)
    if not drawn:
        return ""
    chart = fence(drawn.splitlines(), "mermaid")
    text = _joined(["", "<details><summary>A picture</summary>", "", *chart, "", "</details>"])
    if len(text.encode()) > min(PICTURE, room):
        return "\nThe picture is left out: it would be too large.\n"
    return text


def _warnings(preview: Preview) -> list[str]:
    lines = [warning.removeprefix("warning: ") for warning in preview.warnings]
    lines = [line for line in lines if not line.endswith(preview.words.skipped_warnings)]
    if not lines:
        return []
    return ["", "**Warnings**", "", *(f"- {code(line)}" for line in lines)]


def _shortened(lines: Sequence[str]) -> list[str]:
    """Leave out the last lines of a summary that is too long, and say how many."""
    sizes = accumulate(len(line.encode()) + 1 for line in lines)
    fit = sum(size <= MOST for size in sizes)
    if fit == len(lines):
        return list(lines)
    return [*lines[:fit], "", f"**{len(lines) - fit} lines left out: there are too many.**"]


def _with_details(head: str, resources: Iterable[Resource], limit: int) -> str:
    """Add the diffs, each resource in full or not at all; replaced and deleted ones first."""
    order = sorted(resources, key=lambda r: (r.op not in ("replace", "delete"), natural(r.name)))
    sections = [text for resource in order if (text := details(resource))]
    if not sections:
        return head
    opening = f"\n<details><summary>The diff of {_number(len(sections))}</summary>\n\n"
    closing = "</details>\n"
    left_out = "{} left out: the comment would be too long. `pulumi preview --diff` has all.\n\n"
    room = limit - sum(len(t.encode()) for t in (head, opening, closing, left_out)) - len("9999999")
    shown: list[str] = []
    for section in sections:
        if (size := len(section.encode())) <= room:
            shown.append(section)
            room -= size
    note = ""
    if missing := len(sections) - len(shown):
        note = left_out.format(_number(missing))
    return head + opening + "".join(shown) + note + closing


def _number(count: int) -> str:
    return "1 resource" if count == 1 else f"{count} resources"


def details(resource: Resource) -> str:
    """Return the diff of one resource; "" for one without changed properties."""
    lines: list[str] = []
    whole = resource.op in ("create", "delete")
    for change in resource.changes:
        lines += _diff(change, whole)
    if not lines and resource.op != "replace":
        return ""
    title = f"{code(resource.name)} {OUTCOMES.get(resource.op, resource.op)}"
    return _joined([title, "", *(fence(lines, "diff") if lines else ["as its parts are"]), ""])


def _diff(change: Change, whole: bool) -> list[str]:
    """Return the changed lines of a property; `whole`: its resource is created or deleted."""
    old, new = _lines(change.old), _lines(change.new)
    if change.old == change.new:  # a secret, or known to the provider alone
        return [f"! {change.path}: {_one(old) if old else 'changes'}"]
    if max(len(old), len(new)) <= 1:
        before = [f"- {change.path}: {_one(old)}"] if change.old is not None else []
        return before + ([f"+ {change.path}: {_one(new)}"] if change.new is not None else [])
    if whole and len(old or new) > LONG:
        return [f"{'+' if new else '-'} {change.path}: {len(old or new)} lines"]
    differ = difflib.unified_diff(old, new, lineterm="", n=0)
    lines = [
        f"{line[0]}   {line[1:]}".rstrip() for line in list(differ)[2:] if not line.startswith("@@")
    ]
    return [f"  {change.path}:", *lines]


def _lines(value: object) -> list[str]:
    if value is None:
        return []
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return text.replace(UNKNOWN, "known after up").splitlines()


def _one(lines: Sequence[str]) -> str:
    return lines[0] if lines else '""'


def code(text: str) -> str:
    """Return a text as one line of code: nothing in it is Markdown, HTML or a user's name."""
    text = " ".join(text.split())
    ticks = "`" * (1 + _longest(text))
    gap = " " if text.startswith("`") or text.endswith("`") else ""
    return f"{ticks}{gap}{text}{gap}{ticks}"


def fence(lines: Sequence[str], language: str = "") -> list[str]:
    """Return lines as a code block that no line can end."""
    ticks = "`" * max(3, 1 + max((_longest(line) for line in lines), default=0))
    return [ticks + language, *lines, ticks]


def _longest(text: str) -> int:
    """Return the length of the longest run of backticks."""
    return max((len(run) for run in re.findall("`+", text)), default=0)


def _joined(lines: Iterable[str]) -> str:
    return "\n".join(lines) + "\n"
