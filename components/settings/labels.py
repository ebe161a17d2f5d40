"""What people write on servers for themselves and their tools: metadata and tags."""

import re
from collections.abc import Iterator, Sequence
from typing import Annotated

from pydantic import BeforeValidator, WithJsonSchema

from .base import Rule
from .kinds import Kind, formed
from .messages import show
from .names import Form, description, fold

PAIRS = 128
"""Nova 2025.1's default quota of a server's metadata."""
VALUE_LENGTH = 255
TAGS = 50
"""Nova's limit of a server's tags."""
METADATA_KEY = Form(
    r"[A-Za-z0-9_:. -]{1,255}", "a key: 1 to 255 letters, digits, '-', '_', ':', '.' and spaces"
)
TAG = Form(
    r"(?=\S)[ -+.0-~\xa0-\ud7ff\ue000-\ufffd-]{1,60}(?<=\S)",
    "a tag: 1 to 60 characters, no ',' or '/', none beyond U+FFFF (as emoji are), no control"
    " character, no space at its ends",
)


def same(text: str, earlier: Sequence[str]) -> str | None:
    """Return which earlier text Nova's database takes for the same as this one."""
    return next((other for other in earlier if fold(other) == fold(text)), None)


def _metadata(value: object) -> object:
    """Refuse what Nova refuses (ValueError)."""
    if not isinstance(value, dict):
        raise ValueError(f"{show(value)} is not a mapping of texts; write it as {{role: web}}")
    if len(value) > PAIRS:
        raise ValueError(f"has {len(value)} keys; Nova takes at most {PAIRS}")
    keys = list(value)
    for i, (key, text) in enumerate(value.items()):
        if not isinstance(key, str) or not re.fullmatch(METADATA_KEY.pattern, key):
            raise ValueError(f"{show(key)} is not {METADATA_KEY.words}")
        if (other := same(key, keys[:i])) is not None:
            raise ValueError(f"{show(key)} is for OpenStack's database the same as {show(other)}")
        if not isinstance(text, str):
            raise ValueError(f"{key}: {show(text)} is not a text; put it in quotes")
        if len(text) > VALUE_LENGTH:
            raise ValueError(f"{key}: {len(text)} characters are more than Nova's {VALUE_LENGTH}")
        try:
            description(text)
        except ValueError as error:
            raise ValueError(f"{key}: {error}") from None
    return value


def broken_tags(tags: Sequence[str]) -> Iterator[Rule]:
    """Yield what is wrong with a server's tags together."""
    if len(tags) > TAGS:
        yield Rule("tags", f"has {len(tags)} entries; Nova takes at most {TAGS}")
    for i, tag in enumerate(tags):
        if (other := same(tag, tags[:i])) is not None:
            what = f"{show(tag)} is there twice"
            if other != tag:
                what = f"{show(tag)} is for OpenStack's database the same as {show(other)}"
            yield Rule(f"tags[{i}]", f"{what}; leave one out")


Metadata = Annotated[
    dict[str, str],
    BeforeValidator(_metadata),
    WithJsonSchema(
        {
            "type": "object",
            "propertyNames": {
                "pattern": f"^(?:{METADATA_KEY.pattern})$",
                "patternErrorMessage": f"is not {METADATA_KEY.words}",
            },
            "additionalProperties": {"type": "string", "maxLength": VALUE_LENGTH},
            "maxProperties": PAIRS,
        }
    ),
    Kind(
        "mapping of texts",
        f"at most {PAIRS} keys of letters, digits, '-', '_', ':', '.' and spaces, with texts of at"
        f" most {VALUE_LENGTH} characters",
    ),
]
Tag = Annotated[str, formed(TAG), Kind("tag", TAG.words.partition(": ")[2])]
