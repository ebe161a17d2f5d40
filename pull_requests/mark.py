"""The first line of what a forge shows: a comment in HTML, which people do not see.

It says what the text is of, so that the next run finds it, and which changes it shows, so that
an `up` can tell whether they are still the same.
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
    # Of any first word, as earlier marks have that of a project.
    rf"<!-- [\w-]+ (?P<what>preview|drift) of (?P<stack>{STACK.pattern}): "
    r"(failed|sha256 (?P<digest>[0-9a-f]{64})) -->\s*(\n|$)"
)


class Mark(NamedTuple):
    """What a text is: `preview` or `drift`, of which stack, and the digest of its changes."""

    what: str
    stack: str
    digest: str
    """"" where there is none: the preview failed."""

    def __str__(self) -> str:
        said = f"sha256 {self.digest}" if self.digest else "failed"
        return f"<!-- pulumi {self.what} of {self.stack}: {said} -->"


def marked(text: str) -> Mark | None:
    """Return the mark that a text begins with; None where it has none."""
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

    It is of the changes and not of the comment: a comment leaves out what is too long, and counts
    the resources that stay, of which there are more after each other pull request.
    """
    if preview.errors:
        return ""
    done = [
        (r.op, r.urn, name(r.old.provider), name(r.new.provider), *r.changes)
        for r in sorted(preview.changed, key=lambda r: r.urn)
    ]
    return hashlib.sha256(json.dumps(done).encode()).hexdigest()
