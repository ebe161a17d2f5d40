"""The cloud of a preview as a picture: as it will be, with what goes."""

from collections.abc import Iterator, Mapping, Sequence, Set
from ipaddress import ip_interface

from pull_requests.preview import Preview, Resource
from pull_requests.summary import shown
from tools.picture import mermaid
from tools.picture.boxes import whole
from tools.picture.cloud import (
    CHOSEN,
    Cloud,
    Mark,
    Network,
    Nic,
    Node,
    Project,
    Router,
    Server,
    Wire,
)
from tools.picture.fold import fitting

from . import networks, nics, nodes
from .cloud import KINDS, TYPE, VLAN, plain

Own = Mapping[str, Resource]
"""The resources of a component, by name without the component's name."""
Parts = Sequence[tuple[Resource, Own]]
"""Components of one kind, each with its own resources."""


def chart(preview: Preview) -> str:
    """Return the picture as Mermaid's text; "" where the change does nothing to what it shows."""
    found = cloud(preview)
    return mermaid.write(fitting(whole(found))) if found.marked else ""


def cloud(preview: Preview) -> Cloud:
    """Return what a picture of a preview shows, and what happens to it."""

    def of(*types: str) -> Parts:
        return [
            (component, preview.children.get(component.urn, {}))
            for component in preview.resources.values()
            if component.type in types
        ]

    def called(kind: str) -> Parts:
        return of(*(type_ for type_, first in KINDS.items() if first == kind))

    there = of(*(type_ for type_ in nodes.NODES if type_ != nodes.HOSTS))
    floating = _floating(called("floating"))
    restored = {
        shown(component.state.values.get("server"))
        for component, own in called("restore")
        if "rebuild" in own and own["rebuild"].op == "create"
    }
    servers = [(component, own) for component, own in called("server") if "server" in own]
    known = [_network(component, own) for component, own in called("network")]
    known += _elsewhere(servers, {network.name for network in known})
    return Cloud(
        nodes=tuple(_node(component, own) for component, own in there),
        wire=_wire(there),
        projects=tuple(
            Project(_name(component, "project"), _mark(component, own, "project"))
            for component, own in called("project")
        ),
        networks=tuple(known),
        routers=tuple(_router(component, own) for component, own in called("router")),
        servers=tuple(_server(component, own, floating, restored) for component, own in servers),
    )


def _name(component: Resource, kind: str) -> str:
    return component.name.removeprefix(f"{kind}-")


def _mark(component: Resource, own: Own, main: str) -> Mark:
    """Return what happens to a component; `main`: which of its resources is the thing itself."""
    ops = {component.op, own[main].op if main in own else ""}
    for op, mark in (("delete", Mark.GONE), ("create", Mark.NEW), ("replace", Mark.REPLACED)):
        if op in ops:
            return mark
    kept = all(resource.op == "same" for resource in own.values())
    return Mark.KEPT if kept else Mark.CHANGED


def _node(component: Resource, own: Own) -> Node:
    said = nodes.openrc(own)
    return Node(
        component.name,
        said.get("INTERFACE_IP", ""),
        said.get("INTERFACE_NAME", ""),
        component.type == nodes.CONTROLLER,
        _mark(component, own, ""),
    )


def _wire(there: Parts) -> Wire | None:
    """Return the provider network, as a node that stays or comes is told of it."""
    for component, own in there:
        if component.op != "delete" and (said := nodes.openrc(own)):
            end, vlan = said.get("TUNNEL_IP", ""), said.get("TUNNEL_VLAN", "")
            tunnels = str(ip_interface(end).network) if end else ""
            tunnels += f", VLAN {vlan}" if tunnels and vlan else ""
            vlans = f"{said.get('minvlan', '')} to {said.get('maxvlan', '')}"
            return Wire(said.get("Physical_NAME", ""), vlans, tunnels)
    return None


def _network(component: Resource, own: Own) -> Network:
    values = own["network"].state.values if "network" in own else {}
    origins = own["network"].state.origins if "network" in own else {}
    cidrs = (
        shown(own[subnet].state.values.get("cidr"))
        for subnet in ("subnet", "subnet6")
        if subnet in own and _stays(component, own[subnet])
    )
    return Network(
        _name(component, "network"),
        shown(vlan) if (vlan := values.get(VLAN)) else "",
        tuple(cidrs),
        plain(origins.get("tenantId", ""), "project"),
        values.get(TYPE) == "flat",
        bool(values.get("external")),
        _mark(component, own, "network"),
    )


def _router(component: Resource, own: Own) -> Router:
    state = own["router"].state if "router" in own else component.state
    there = {key: one for key, one in own.items() if _stays(component, one)}
    return Router(
        _name(component, "router"),
        plain(state.origins.get("tenantId", ""), "project"),
        plain(state.origins.get("externalNetworkId", ""), "network"),
        tuple(networks.interfaces(there)),
        str(state.values.get("externalFixedIps[0].ipAddress", "")),
        _mark(component, own, "router"),
    )


def _server(
    component: Resource, own: Own, floating: Mapping[str, Resource], restored: Set[str]
) -> Server:
    name = _name(component, "server")
    ports = {
        nics.network_of(one) or shown(component.state.values.get("network")): one
        for key, one in own.items()
        if (key == "port" or key.endswith(nics.PORT)) and _stays(component, one)
    }
    mark, address = _mark(component, own, "server"), ""
    if (found := floating.get(name)) is not None:
        address = str(found.state.values.get("address") or CHOSEN)
        address += f" ({Mark.GONE})" if found.op == "delete" and mark != Mark.GONE else ""
        mark = mark or (Mark.KEPT if found.op == "same" else Mark.CHANGED)
    if name in restored:
        mark = mark or Mark.CHANGED
    return Server(
        name,
        plain(own["server"].state.provider, "project"),
        shown(component.state.values.get("flavor")),
        tuple(Nic(network, _address(port)) for network, port in ports.items()),
        address,
        mark,
    )


def _stays(component: Resource, one: Resource) -> bool:
    """Return whether a resource is there afterwards, or was there with its component."""
    return component.op == "delete" or one.op != "delete"


def _address(port: Resource) -> str:
    values = port.state.values
    return ", ".join(str(values[key]) for key in (nics.ADDRESS, nics.ADDRESS6) if key in values)


def _floating(there: Parts) -> Mapping[str, Resource]:
    """Return the floating addresses by server; of two, the one that does not go."""
    order = sorted(there, key=lambda each: each[0].op != "delete")
    return {
        shown(component.state.values.get("server")): own["address"]
        for component, own in order
        if "address" in own
    }


def _elsewhere(servers: Parts, known: set[str]) -> Iterator[Network]:
    """Yield the networks of servers that are in another stack, as far as these name them."""
    vlans: dict[str, str] = {}
    for _, own in servers:
        vlans |= dict.fromkeys(filter(None, map(nics.network_of, own.values())), "")
    for component, _ in servers:
        values = component.state.values
        first = shown(values.get("network"))
        vlans[first] = shown(values["segment"]) if "segment" in values else ""
    yield from (Network(name, vlan, ()) for name, vlan in vlans.items() if name not in known)
