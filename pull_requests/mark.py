"""The mark: the first line of a comment or an issue, as an HTML comment, which is not displayed.

It names the stack, so that the next run finds the text, and has a digest of the changes, so that
`apply` knows whether they are still the same.
"""

import hashlib
import json
import re
from typing import NamedTuple

from .page import comment
from .preview import Preview, name

STACK = re.compile(r"[A-Za-z0-9_.-]+(/[A-Za-z0-9_.-]+){0,2}")
"""A stack as Pulumi's commands take it: NAME, ORGANIZATION/NAME or ORGANIZATION/PROJECT/NAME."""
_LINE = re.compile(
    # Any first word, as earlier versions wrote a project's name.
    rf"<!-- [\w-]+ (?P<what>preview|drift) of (?P<stack>{STACK.pattern}): "
    r"(failed|sha256 (?P<digest>[0-9a-f]{64})) -->\s*(\n|$)"
)


class Mark(NamedTuple):
    """Kind of a text (`preview` or `drift`), its stack, and the digest of its changes."""

    what: str
    stack: str
    digest: str
    """"" where there is none: the preview failed."""

    def __str__(self) -> str:
        said = f"sha256 {self.digest}" if self.digest else "failed"
        return f"<!-- pulumi {self.what} of {self.stack}: {said} -->"


def marked(text: str) -> Mark | None:
    """Return the mark in a text's first line; None if it has none."""
    found = _LINE.match(text)
    return Mark(found["what"], found["stack"], found["digest"] or "") if found else None


def marked_comment(preview: Preview, stack: str) -> str:
    """Return the comment with its mark.

    stack: as the command was given it; "" for the selected one.
    """
    mark = Mark("preview", stack or preview.stack or "unknown", digest(preview))
    return f"{mark}\n{comment(preview)}"


def digest(preview: Preview) -> str:
    """Return the SHA-256 of everything that would be done, "" where the preview failed.

    It is made from the changes, not from the comment: a comment leaves out what is too long, and
    counts unchanged resources, whose number changes with other pull requests.
    """
    if preview.errors:
        return ""
    done = [
        (r.op, r.urn, name(r.old.provider), name(r.new.provider), *r.changes)
        for r in sorted(preview.changed, key=lambda r: r.urn)
    ]
    return hashlib.sha256(json.dumps(done).encode()).hexdigest()
