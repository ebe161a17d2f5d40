"""What tenants' files promise: a value there is what it is in a stack's file.

`tests/engine/test_yaml.py` asks Pulumi's engine about the same table.
"""

from pathlib import Path
from typing import Any

import pytest

from components.settings import SettingsError, load, yaml_text
from tests.unit.configs import Change, changed
from tests.unit.examples import as_pulumi, good_config

# How a value is written, and what it is.
VALUES: tuple[tuple[str, object], ...] = (
    # Words
    *((word, word) for word in ("no", "yes", "on", "off", "y", "n", "No", "OFF", "tRue", "nUll")),
    *((word, True) for word in ("true", "True", "TRUE", "!!bool true")),
    ("false", False),
    *((word, None) for word in ("", "~", "null", "Null", "NULL", "!!null ''")),
    ("=", "="),
    ("<<", "<<"),
    # Numbers
    *(
        (number, 10)
        for number in ("10", "+10", "1_0", "1e1", "10.0", "10.", "0xA", "0b1010", "012")
    ),
    *((number, -8) for number in ("-8", "-010", "-0o10", "-0x8", "-08")),
    *((number, 8) for number in ("08", "0o10", "0O10", "0_10", '!!int "8"', "!!float 8")),
    *((number, 0) for number in ("0", "-0", "00")),
    *((number, 0.5) for number in ("0.5", ".5", "+.5", "5e-1", "0_0.5")),
    # Texts that look like numbers, times or dates
    *((t, t) for t in ("1:41", "190:20:30", "0.1.2", "10.1.0.0/24", "1,000", "0o18", "0b2", "0x")),
    *((t, t) for t in ("_5", "++5", "5e", "1e400", "2026-13-45", "2026-02-30", "2026-11-25 x")),
    ("'017'", "017"),
    ("!!str 017", "017"),
    ("!foo bar", "bar"),
)

# What neither reads, or the engine reads as what nobody wrote.
REFUSED: tuple[tuple[str, str], ...] = (
    *((day, "put it in quotes") for day in ("2026-11-25", "2026-1-2", "2026-11-25T10:00:00Z")),
    ("2026-11-25 10:00:00", "put it in quotes"),
    *((number, f"{number} is no value") for number in (".inf", "-.INF", ".nan")),
    ("!!bool yes", "'yes' is not true or false"),
    ("!!binary aGVsbG8=", "the tag !!binary is not read here"),
    ("!!timestamp 2026-11-25", "put it in quotes"),
)


@pytest.mark.parametrize(("written", "value"), VALUES)
def test_a_value_is_read_as_the_engine_reads_it(written: str, value: object) -> None:
    found: Any = yaml_text.load(f"- {written}\n".encode())
    assert [(item, type(item)) for item in found] == [(value, type(value))]


@pytest.mark.parametrize(("written", "words"), REFUSED)
def test_what_would_be_another_value_is_refused(written: str, words: str) -> None:
    with pytest.raises(ValueError, match=f"^line 2: .*{words}"):
        yaml_text.load(f"# a list\n- {written}\n".encode())


def test_a_key_may_be_any_text_and_merging_is_no_key() -> None:
    text = b"a: &a {no: 1, b: 2}\nb: {<<: *a, no: 3}\n"
    assert yaml_text.load(text) == {"a": {"no": 1, "b": 2}, "b": {"no": 3, "b": 2}}


@pytest.mark.parametrize("text", ["no: 1", "[" * 20])
def test_a_text_in_utf_16_is_called_so(text: str) -> None:
    for encoding in ("utf-16", "utf-16-le", "utf-16-be"):
        with pytest.raises(ValueError, match="is in UTF-16 or no text; save it in UTF-8"):
            yaml_text.load(text.encode(encoding))


def test_a_date_in_the_stacks_file_is_refused_too(tmp_path: Path) -> None:
    made: Change = {"projects[1].description": "2026-11-25 00:00:00 +0000 UTC"}
    config = changed(good_config(tmp_path), made, tmp_path)
    with pytest.raises(
        SettingsError, match=r"iaas:projects\[1\].description: a date without quotes is not a text"
    ):
        load(as_pulumi(config))
