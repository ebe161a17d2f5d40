"""A stack's file with more entries in its lists: all that was there stays, to the byte."""

from collections.abc import Mapping, Sequence
from typing import Any

import yaml

from components.settings import yaml_text

WIDE = 2**16
"""Columns: no text is folded."""


class _Dumper(yaml.SafeDumper):
    """Writes what Pulumi's engine reads as the same: a text that looks like a number is quoted."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, indentless=False)


def _text(dumper: _Dumper, value: str) -> yaml.ScalarNode:
    style = '"' if yaml_text.PLAIN.fullmatch(value) else None
    return dumper.represent_scalar(yaml_text.TEXT, value, style)


_Dumper.add_representer(str, _text)


def block(entries: Sequence[Mapping[str, Any]], indent: int) -> str:
    """Return entries as lines of a list, this far from the left."""
    text = yaml.dump(list(entries), Dumper=_Dumper, sort_keys=False, width=WIDE, allow_unicode=True)
    return "".join(" " * indent + line for line in text.splitlines(keepends=True))


def added(content: str, lists: Mapping[str, Sequence[Mapping[str, Any]]]) -> str:
    """Return a stack's file with entries at the end of these lists of its config (ValueError).

    lists: entries by the config's keys, such as `iaas:networks`.
    """
    root = yaml.compose(content, yaml.SafeLoader)
    config = _values(root).get("config")
    if not isinstance(config, yaml.MappingNode) or config.flow_style:
        raise ValueError("has no config, or one in braces")
    there = _values(config)
    lines = content.splitlines(keepends=True)
    if lines and not lines[-1].endswith("\n"):
        lines[-1] += "\n"
    indent = config.start_mark.column
    more: list[tuple[int, bool, str]] = []
    for key, entries in lists.items():
        if not entries:
            continue
        node = there.get(key)
        if node is None:
            text = " " * indent + f"{key}:\n" + block(entries, indent + 2)
            more.append((_end(config), True, text))
        elif isinstance(node, yaml.SequenceNode) and not node.flow_style:
            more.append((_end(node), False, block(entries, node.start_mark.column)))
        else:
            raise ValueError(f"has {key} in brackets, or empty; write it as a list of lines")
    # Each goes before what went in at the same line: an entry of the last list, then new lists.
    for line, _, text in reversed(sorted(more, key=lambda one: one[:2])):
        lines.insert(line, text)
    return "".join(lines)


def _values(node: object) -> dict[str, yaml.Node]:
    pairs = node.value if isinstance(node, yaml.MappingNode) else []
    return {key.value: value for key, value in pairs}


def _end(node: yaml.Node) -> int:
    """Return the number of the line after a node, without the comments behind it."""
    last = node
    while isinstance(last, yaml.CollectionNode) and not last.flow_style and last.value:
        child = last.value[-1]
        last = child[1] if isinstance(last, yaml.MappingNode) else child
    mark = last.end_mark
    return int(mark.line) + (mark.column > 0)
