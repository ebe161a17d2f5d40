"""Repairs the state after a run that failed or was cut off: `python -m tools.resume [--stack S]`.

After a failed change Pulumi keeps the old inputs, but the provider's new values, as if the cloud
had them: the next `up` would send nothing. This puts the old values back. What a run was making as
it was cut off is looked for in the cloud, and taken into the state (`interrupted`). Then it
refreshes only these resources from the cloud. It changes the stack's state, and neither nodes nor
cloud. The variable PULUMI names Pulumi's command. Nobody needs the first part once the engine does
it itself: https://github.com/pulumi/pulumi/issues/21458.
"""

import argparse
import sys
from collections.abc import Mapping
from functools import cache
from typing import Any

from keystoneauth1.adapter import Adapter
from keystoneauth1.exceptions import ClientException

from components.exported import was_made
from components.steps.lib.snapshots import Refused

from .interrupted import Connect, Interrupted, resolve
from .snapshots import stack as of_name
from .state import NoState, export, read_from_cloud, write

RAW = "__pulumi_raw_state_delta"
"""How the provider's values differ in form. It is of the new values, so it is dropped.

It is private to Pulumi's bridge to Terraform's providers, and comes from
https://github.com/pulumi/pulumi-terraform-bridge/pull/2945.
"""


def main() -> int:
    """Put old values back, take in what was made, and refresh both; return the status."""
    parser = argparse.ArgumentParser(prog="python -m tools.resume", description=__doc__)
    parser.add_argument("--stack", default="", help="the stack; by default the selected one")
    try:
        return resume(parser.parse_args().stack)
    except NoState as error:
        print(error, file=sys.stderr)
    except (ClientException, Refused) as error:
        print(f"the cloud cannot be asked: {error}", file=sys.stderr)
    return 1


def resume(stack: str) -> int:
    """Do all of it; return 1 if something is unclear (NoState, Refused, ClientException)."""
    state = export(stack)
    urns = put_back(state)
    noted = state["deployment"].get("pending_operations")
    if not urns and not noted:
        print("nothing to resume: no change has failed, and no run was cut off")
        return 0
    cut_off = resolve(state, connected(stack)) if noted else Interrupted()
    write(stack, state)
    for name, id_ in cut_off.adopted.items():
        print(f"{name} was made by a run that was cut off: it is {id_}, and in the state now")
    for line in cut_off.unclear:
        print(f"{line}; delete there what nobody uses, then run this again")
    if targets := [*urns, *cut_off.whole]:
        print(f"reading {len(targets)} resources from the cloud", flush=True)
        try:
            print(read_from_cloud(stack, targets))
        finally:
            refreshed = export(stack)
            if keep_flavors(refreshed, urns):
                write(stack, refreshed)
    return int(bool(cut_off.unclear))


def connected(stack: str) -> Connect:
    """Return how the users of a stack's cloud log in, each once for each service (Refused)."""
    there = of_name(stack)

    @cache
    def connect(user: str, service: str) -> Adapter:
        session = there.login("" if user == "admin" else user).nova.session
        return Adapter(session, service_type=service, interface="public", region_name=there.region)

    return connect


def keep_flavors(state: dict[str, Any], urns: Mapping[str, Any]) -> bool:
    """Restore the flavor of servers that a refresh lost, as the flavor is deleted.

    Without it the provider would replace the server, and its disk would be lost.
    """
    found = False
    for resource in state["deployment"]["resources"]:
        flavor = urns.get(resource["urn"], {}).get("flavorId")
        if flavor and not resource["outputs"].get("flavorId"):
            resource["inputs"]["flavorId"] = resource["outputs"]["flavorId"] = flavor
            found = True
    return found


def put_back(state: dict[str, Any]) -> dict[str, Any]:
    """Put the old inputs' values back where a change failed; return these inputs by URN."""
    urns = {}
    for resource in state["deployment"]["resources"]:
        if resource.get("initErrors") and was_made(resource):
            outputs = {k: v for k, v in resource.get("outputs", {}).items() if k != RAW}
            inputs = resource.get("inputs", {})
            resource["outputs"] = {**outputs, **_without_marks(inputs)}
            urns[resource["urn"]] = inputs
    return urns


def _without_marks(value: Any) -> Any:  # noqa: ANN401  # any JSON
    """Return inputs without the provider's internal keys."""
    if isinstance(value, dict):
        return {k: _without_marks(v) for k, v in value.items() if not k.startswith("__")}
    if isinstance(value, list):
        return [_without_marks(item) for item in value]
    return value


if __name__ == "__main__":
    sys.exit(main())
