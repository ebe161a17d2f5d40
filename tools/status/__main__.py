"""The state of a whole cloud: `python -m tools.status [--json | --page FILE]`.

    (nothing)      as text
    --json         as JSON
    --page FILE    as text, and as an HTML page in FILE

STACK and PULUMI are variables of the environment, as make gives them. It asks all nodes by ssh, and
the cloud's services as the admin; it changes nothing. Exit status 0: nothing needs a person; 1:
something does; 2: a wrong call, or no stack that it can ask.
"""

import json
import os
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from ..config import NoConfig, entries
from ..stack import NoStack, Stack, read
from . import cloud, nodes, page, text
from .judge import Hands, judge
from .report import Report, report
from .seen import Seen

WRONG = 2
"""The exit status of a wrong call."""


def look(stack: Stack) -> Report:
    """Ask nodes and cloud at the same time; return what they say."""
    with ThreadPoolExecutor(2) as pool:
        asked = pool.submit(nodes.ask_all, stack)
        answered = pool.submit(cloud.ask, stack)
        seen = Seen(
            stack=stack.name, time=time.time(), nodes=asked.result(), cloud=answered.result()
        )
    return report(seen, judge(seen, Hands(stack)))


def as_json(shown: Report) -> str:
    """Return the report as JSON: times in seconds since 1970, sizes in bytes where not named."""
    found = shown.seen.model_dump(mode="json")
    findings = [finding.model_dump(mode="json") for finding in shown.findings]
    return json.dumps({"needs_a_person": bool(findings), "findings": findings, **found}, indent=1)


def run(words: Sequence[str]) -> int:
    """Print what is asked for; return the exit status (NoConfig, NoStack, OSError)."""
    name = os.environ.get("STACK", "")
    shown = look(read(*entries(name), name))
    print(as_json(shown) if words == ["--json"] else text.write(shown), end="")
    if words and words[0] == "--page":
        Path(words[1]).write_text(page.write(shown), encoding="utf-8")
    return shown.status


def main(words: Sequence[str]) -> int:
    """Run the command of the command line."""
    if [*words] not in ([], ["--json"]) and not (len(words) == 2 and words[0] == "--page"):  # noqa: PLR2004
        print(__doc__, file=sys.stderr)
        return WRONG
    try:
        return run(words)
    except (NoConfig, NoStack, OSError) as error:
        print(error, file=sys.stderr)
        return WRONG


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
