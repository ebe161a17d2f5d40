"""What the parts of networks and routers are called."""

from collections.abc import Iterator, Mapping
from urllib.parse import unquote

from pull_requests.preview import Resource
from pull_requests.summary import shown

INTERFACE, ROUTE = "RouterInterface", "SubnetRoute"
OF_IPV6 = "IPv6 "


def what_of(what: str, resource: Resource) -> str:
    """Return what a subnet of IPv6, a route or a router's interface is called; "" for others."""
    kind = resource.type.rpartition(":")[2]
    if kind == INTERFACE:
        version = OF_IPV6 if resource.name.endswith("6") else ""
        return f"{version}interface on {_network(resource)}"
    if kind == ROUTE:
        values = resource.state.values
        route = f"route to {shown(values.get('destinationCidr'))}"
        alone = resource.op in ("create", "delete")
        return f"{route} via {shown(values.get('nextHop'))}" if alone else route
    return f"{OF_IPV6}subnet" if what == "subnet6" else ""


def interfaces(own: Mapping[str, Resource]) -> Iterator[str]:
    """Yield the networks that a router is on, each once."""
    for resource in own.values():
        if resource.type.endswith(f":{INTERFACE}") and not resource.name.endswith("6"):
            yield _network(resource)


def _network(interface: Resource) -> str:
    return unquote(interface.name.rpartition("/")[2].rpartition("-interface")[0])
