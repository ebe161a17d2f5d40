"""Rules for names: those of the services that store them, and of their database.

The lengths are those of the services' own API schemas. The database is MariaDB with utf8mb3: it
stores no character beyond U+FFFF, and its collation, utf8mb3_uca1400_ai_ci, ignores case and
accents. So names that look different can be the same for Keystone and Nova.
"""

import re
import unicodedata
from typing import NamedTuple

from .messages import show


class Form(NamedTuple):
    """The form of a text: a pattern for the whole of it, and the same in words."""

    pattern: str
    words: str


def _name(what: str, length: int) -> Form:
    return Form(
        rf"(?=\S)[ -~\xa0-\ud7ff\ue000-\ufffd]{{1,{length}}}(?<=\S)",
        f"{what}: 1 to {length} characters, none beyond U+FFFF (as emoji are), no control"
        " character, no space at its ends",
    )


NAME = _name("a name", 255)
"""Glance's and Neutron's rule, and the start of Nova's."""
PROJECT = _name("a project's name", 64)
"""Keystone's rule for projects; a user's name could be longer."""
HOSTNAME = Form(
    r"(?!localhost$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?",
    "a host name: 1 to 63 of a-z, 0-9 and '-', no '-' at its ends, not localhost",
)

RESERVED = ("admin", "service", "glance", "keystone", "neutron", "nova", "placement")
"""Projects and users of the cloud itself."""
DESCRIPTION_BYTES = 65535
"""The database's limit for a description."""

VOWELS = (9, 84, 91, 103, 118, 129, 130, 132)
"""Unicode's combining classes of marks that are not accents: viramas and vowels."""
BASES = str.maketrans(
    {"ø": "o", "đ": "d", "ð": "d", "ł": "l", "ħ": "h", "æ": "ae", "œ": "oe", "ґ": "г"}  # noqa: RUF001
    | dict(zip("ァィゥェォッャュョヮヵヶ", "アイウエオツヤユヨワカケ", strict=True))
    | dict.fromkeys(["ـ", *map(chr, range(0xFE00, 0xFE10))], "")
)
"""Differences that the database ignores and Unicode's decomposition does not show."""
HIRAGANA = str.maketrans({chr(code): chr(code + 0x60) for code in range(0x3041, 0x3097)})


def fold(name: str) -> str:
    """Return one text for all names that the database takes for the same.

    It has no case, accents, invisible characters or other forms of one character (full
    width, ligatures, hiragana, digits of other scripts). Rare letters of phonetics and old scripts
    are not folded; Й and И, which the database tells apart, are.
    """
    text = _bare(_bare(name).casefold()).translate(HIRAGANA).translate(BASES)
    return "".join(str(unicodedata.digit(character, character)) for character in text)


def _bare(text: str) -> str:
    """Remove accents and invisible characters."""
    return "".join(
        character
        for character in unicodedata.normalize("NFKD", text)
        if unicodedata.combining(character) in (0, *VOWELS)
        and unicodedata.category(character) != "Cf"
    )


def project(name: str) -> str:
    """Refuse the names of the cloud's own projects and users (ValueError)."""
    if fold(name) in RESERVED:
        raise ValueError(f"{show(name)} is a name of the cloud's own; take another")
    return name


def group(name: str) -> str:
    """Refuse `default`, which no security group can be named, nor a server's (ValueError)."""
    if name == "default":
        raise ValueError(f"{show(name)} is the name of each project's own group; take another")
    return name


def flavor(name: str) -> str:
    """Refuse invisible characters, as Nova does (ValueError)."""
    for character in name:
        category = unicodedata.category(character)
        if category[0] == "C" or category in ("Zl", "Zp"):
            raise ValueError(f"holds U+{ord(character):04X}, which Nova refuses in a flavor's name")
    return name


def description(text: str) -> str:
    """Refuse what the database cannot store (ValueError)."""
    if found := re.search(r"[^\x01-\ud7ff\ue000-\uffff]", text):
        what = f"holds U+{ord(found[0]):04X}; the database stores none beyond U+FFFF (as emoji are)"
        raise ValueError(what if ord(found[0]) else "holds a NUL; leave it out")
    if (size := len(text.encode())) > DESCRIPTION_BYTES:
        raise ValueError(f"{size} bytes are more than the {DESCRIPTION_BYTES} of the database")
    return text
