"""YAML as Pulumi's engine reads a stack's file, for files that the engine does not read.

The engine (Go's yaml.v3) reads YAML 1.2's words and some of 1.1's numbers: only true and false are
booleans; no, on and 1:41 are texts; 017 is octal; 1_000 and 1e3 are whole numbers. It
changes the text of a date, so neither file may have one without quotes.
"""

import math
import re
from collections.abc import Callable
from datetime import date
from typing import Any

import yaml

from .messages import show

TAG = "tag:yaml.org,2002:"
TEXT, MERGE = TAG + "str", TAG + "merge"

TIME = r"\d{1,2}:\d{1,2}:\d{1,2}(\.\d+)?"
PLAIN = re.compile(
    r"(?P<null>~|null|Null|NULL|)"
    r"|(?P<bool>true|True|TRUE|false|False|FALSE)"
    r"|(?P<int>[-+]?(0[xX]_*[\da-fA-F][\da-fA-F_]*|0[bB]_*[01][01_]*|0[oO]_*[0-7][0-7_]*|\d[\d_]*))"
    r"|(?P<float>[-+]?(\.\d+|\d[\d_]*(\.[\d_]*)?)([eE][-+]?\d[\d_]*)?"
    r"|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN))"
    rf"|(?P<timestamp>\d{{4}}-\d{{1,2}}-\d{{1,2}}([Tt]{TIME}(Z|[-+]\d\d:\d\d)| +{TIME})?)"
    r"|(?P<merge><<)",
    re.ASCII,
)
"""Forms of a scalar without quotes, by the name of its tag; all else is a text."""

GO_DATE = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d+)? [-+]\d{4} \S+")
"""A date as the engine writes it."""
NO_DATE = "a date without quotes is not a text; put it in quotes"


def load(content: bytes) -> object:
    """Return a file's content: mappings, lists and plain values (ValueError: what is wrong)."""
    if b"\0" in content:
        raise ValueError("is in UTF-16 or no text; save it in UTF-8")
    try:
        return yaml.load(content, _Loader)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise ValueError(f"line {line}: {error.problem}") from None
    except yaml.YAMLError:
        raise ValueError("is no text in UTF-8") from None
    except RecursionError:
        raise ValueError("is nested too deeply") from None


class _Loader(yaml.SafeLoader):
    """Plain data only; each key is a text and unique (YAML would use the last)."""

    yaml_constructors = {  # noqa: RUF012 - PyYAML's own name and type
        tag: yaml.SafeLoader.yaml_constructors[tag] for tag in (TEXT, TAG + "seq", TAG + "map")
    }

    def resolve(self, kind: Any, value: Any, implicit: Any) -> Any:  # noqa: ANN401
        """Return the tag of a value; a scalar without quotes is implicit."""
        if kind is yaml.ScalarNode and implicit[0]:
            found = PLAIN.fullmatch(value)
            return TAG + (found.lastgroup or "") if found else TEXT
        return super().resolve(kind, value, implicit)  # type: ignore[no-untyped-call]

    def compose_mapping_node(self, anchor: Any) -> yaml.MappingNode:  # noqa: ANN401
        node = super().compose_mapping_node(anchor)
        keys: set[str] = set()
        for key, _ in node.value:
            problem = None
            if key.tag not in (TEXT, MERGE):
                problem = "a key is not a text; put it in quotes"
            elif key.value in keys:
                problem = f"the key {show(key.value)} is there twice"
            if problem:
                raise yaml.MarkedYAMLError(problem=problem, problem_mark=key.start_mark)
            keys.add(key.value)
        return node


def _whole(text: str) -> object:
    """Read a whole number; a leading 0 is octal, where no digit is 8 or 9."""
    plain = text.replace("_", "").lower()
    digits = plain.lstrip("+-")
    if digits[:2] in ("0x", "0b", "0o"):
        number = int(digits[2:], {"x": 16, "b": 2, "o": 8}[digits[1]])
    elif len(digits) > 1 and re.fullmatch("0[0-7]+", digits):
        number = int(digits, 8)
    else:
        return _number(text)
    return -number if plain[0] == "-" else number


def _number(text: str) -> object:
    """Read a number; without a fraction it is an int, and one too large for a float is a text."""
    plain = text.replace("_", "")
    if re.fullmatch(r"[-+]?\d{1,20}", plain):
        return int(plain)
    number = float(plain.replace(".inf", "inf"))
    if math.isinf(number):
        return text
    return int(number) if number.is_integer() and abs(number) < 1e21 else number  # noqa: PLR2004


def _date(text: str) -> object:
    """Refuse a date; one that does not exist is a text."""
    try:
        date(*map(int, re.findall(r"\d+", text)[:3]))
    except ValueError:
        return text
    raise ValueError(NO_DATE)


def _float(text: str) -> object:
    if text.lstrip("-+").lower() in (".inf", ".nan"):
        raise ValueError(f"{text} is no value; give a number")
    return _number(text)


def _bool(text: str) -> object:
    if text.lower() not in ("true", "false"):
        raise ValueError(f"{show(text)} is not true or false")
    return text.lower() == "true"


READ: dict[str, Callable[[str], object]] = {
    "null": lambda _: None,
    "bool": _bool,
    "int": _whole,
    "float": _float,
    "timestamp": _date,
    "merge": str,
}
"""By name of a tag: how a scalar is read (ValueError)."""


def _construct(loader: _Loader, name: str, node: yaml.Node) -> object:
    problem = f"the tag !!{name} is not read here; leave it out"
    if isinstance(node, yaml.ScalarNode) and name in READ:
        try:
            return READ[name](node.value)
        except ValueError as error:
            problem = str(error)
    raise yaml.MarkedYAMLError(problem=problem, problem_mark=node.start_mark)


_Loader.add_multi_constructor(TAG, _construct)
