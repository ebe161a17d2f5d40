"""What happens to a server's floating address."""

from collections.abc import Iterator, Mapping

from pull_requests.preview import Resource, State
from pull_requests.preview import name as urn_name
from pull_requests.summary import shown
from pull_requests.words import Part

WHAT = "floating address "
CHOSEN = "of Neutron's choice"


def floating(component: Resource, own: Mapping[str, Resource]) -> Iterator[Part]:
    """Say which server gets, changes or loses a floating address."""
    address = own.get("address")
    if address is None:
        return
    before, after = _server(component.old), _server(component.new)
    old, new = _address(address.old), _address(address.new)
    owner = f"project {_project(address.state)}"
    if address.op == "create":
        yield Part(owner, f"server {after} gets {new}")
    elif address.op == "delete":
        yield Part(owner, f"server {before} loses {old}", marked=True)
    elif address.op == "replace":
        instead = f" instead of {old.removeprefix(WHAT)}" if old != new else ", which is replaced"
        yield Part(owner, f"server {after} gets {new}{instead}", marked=True)
    elif before != after:
        yield Part(owner, f"{new} moves from server {before} to {after}")
    elif address.op != "same":
        yield Part(owner, f"{new} of server {after} follows its port")


def _server(state: State) -> str:
    return shown(state.values.get("server"))


def _address(state: State) -> str:
    return f"{WHAT}{state.values.get('address') or CHOSEN}"


def _project(state: State) -> str:
    """Its project: the owner that the admin names, or who made it in a tenant's stack."""
    urn = state.origins.get("tenantId", "")
    found = urn_name(urn) if urn_name(urn).startswith("project-") else urn_name(state.provider)
    return found.removeprefix("project-").rpartition("-")[0]
