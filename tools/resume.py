"""Makes a stack whose last change failed one that can go on: `python -m tools.resume [--stack S]`.

After a change that failed, Pulumi keeps the old inputs, and the provider's new values as if the
cloud had them; the next `up` would then find nothing to send. Here the values of the old inputs
take their place again, and a refresh of just these resources asks the cloud what it has. Nodes
and cloud stay as they are: only the stack's state changes. The variable PULUMI names the command.
Once the engine does it itself, nobody needs this: https://github.com/pulumi/pulumi/issues/21458.
"""

import argparse
import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from components.state import was_made
from pull_requests.cli import pulumi

RAW = "__pulumi_raw_state_delta"
"""How the provider's own values differ in form: of the new ones, so it is of no use.

It is private to Pulumi's bridge to Terraform's providers, and comes from
https://github.com/pulumi/pulumi-terraform-bridge/pull/2945.
"""


def main() -> int:
    """Put back what failed and refresh it; the status is Pulumi's."""
    parser = argparse.ArgumentParser(prog="python -m tools.resume", description=__doc__)
    parser.add_argument("--stack", default="", help="the stack; by default the selected one")
    stack = parser.parse_args().stack
    chosen = ["--stack", stack] if stack else []
    exported = _run(["stack", "export", *chosen])
    if exported.returncode:
        print(exported.stderr, file=sys.stderr)
        return exported.returncode
    state = json.loads(exported.stdout)
    urns = put_back(state)
    if not urns:
        print("nothing failed: there is nothing to resume")
        return 0
    imported = _run(["stack", "import", *chosen], json.dumps(state))
    if imported.returncode:
        print(imported.stderr, file=sys.stderr)
        return imported.returncode
    targets = [word for urn in urns for word in ("--target", urn)]
    refresh = [pulumi(), "refresh", "--yes", "--skip-preview", "--non-interactive"]
    done = subprocess.run([*refresh, *chosen, *targets], check=False)
    refreshed = json.loads(_run(["stack", "export", *chosen]).stdout)
    if keep_flavors(refreshed, urns):
        _run(["stack", "import", *chosen], json.dumps(refreshed))
    return done.returncode


def keep_flavors(state: dict[str, Any], urns: Mapping[str, Any]) -> bool:
    """Say again of which flavor a server was that a refresh did not find, as it is deleted.

    The provider would replace the server for any other flavor, and its disk would be lost.
    """
    found = False
    for resource in state["deployment"]["resources"]:
        flavor = urns.get(resource["urn"], {}).get("flavorId")
        if flavor and not resource["outputs"].get("flavorId"):
            resource["inputs"]["flavorId"] = resource["outputs"]["flavorId"] = flavor
            found = True
    return found


def put_back(state: dict[str, Any]) -> dict[str, Any]:
    """Put the values of the old inputs back where a change failed; return these by URN."""
    urns = {}
    for resource in (state.get("deployment") or {}).get("resources") or ():
        if resource.get("initErrors") and was_made(resource):
            outputs = {k: v for k, v in resource.get("outputs", {}).items() if k != RAW}
            inputs = resource.get("inputs", {})
            resource["outputs"] = {**outputs, **_without_marks(inputs)}
            urns[resource["urn"]] = inputs
    return urns


def _without_marks(value: Any) -> Any:  # noqa: ANN401  # any JSON
    """Return inputs without what the provider notes among them for itself."""
    if isinstance(value, dict):
        return {k: _without_marks(v) for k, v in value.items() if not k.startswith("__")}
    if isinstance(value, list):
        return [_without_marks(item) for item in value]
    return value


def _run(words: Sequence[str], text: str = "") -> subprocess.CompletedProcess[str]:
    command = [pulumi(), *words]
    return subprocess.run(command, input=text, capture_output=True, text=True, check=False)


if __name__ == "__main__":
    sys.exit(main())
