"""Changes of servers that were made by hand: none of them can be a row."""

from tests.changes.kinds import visible

MADE_BY_HAND = "`up` makes none to begin with: tests/lab/test_adopt.py changes one"
EXEMPT: dict[tuple[str, str], str] = {
    (key, kind): MADE_BY_HAND
    for key, kinds in visible().items()
    if key.startswith("adoptedServers")
    for kind in kinds
}
