"""What names promise: those that OpenStack's database takes for the same are the same here."""

import pytest

from components.settings.names import fold

# As MariaDB 10.11 compares them in utf8mb3_uca1400_ai_ci.
SAME: tuple[tuple[str, str], ...] = (
    ("web", "WEB"),
    ("cafe", "Café"),
    ("cafe\u0301", "café"),
    ("Straße", "STRASSE"),
    ("Smørrebrød", "smorrebrod"),
    ("Łódź", "lodz"),
    ("Ðakovo Đ", "dakovo d"),
    ("Ægir", "aegir"),
    ("ﬁle", "file"),
    ("ＷＥＢ２", "web2"),  # noqa: RUF001
    ("web²", "web2"),
    ("web\u200b", "web"),
    ("we\u00adb", "web"),
    ("❤\ufe0f", "❤"),
    ("۳", "3"),
    ("ウェブ", "うえふ"),
    ("ΣΊΣΥΦΟΣ", "σισυφος"),
    ("ґанок", "ганок"),
    ("که\u0640", "که"),
    ("שָׁלוֹם", "שלום"),
    ("ที่", "ที"),
)
OTHER: tuple[tuple[str, str], ...] = (
    ("web1", "web2"),
    ("web-1", "web1"),
    ("web 1", "web1"),
    ("a.b", "a,b"),
    ("कि", "कु"),
    ("ปู", "ปี"),
    ("前端", "后端"),
    ("þ", "th"),
)


@pytest.mark.parametrize(("one", "other"), SAME)
def test_names_that_the_database_takes_for_the_same_are_the_same(one: str, other: str) -> None:
    assert fold(one) == fold(other)


@pytest.mark.parametrize(("one", "other"), OTHER)
def test_other_names_stay_apart(one: str, other: str) -> None:
    assert fold(one) != fold(other)
