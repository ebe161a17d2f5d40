"""What happens to what is in the cloud: its networks, routers, groups, servers and the rest."""

from collections.abc import Iterable, Iterator, Mapping

from pull_requests.preview import Change, Preview, Resource
from pull_requests.preview import name as urn_name
from pull_requests.summary import MARKED, change_text, part_line, shown
from pull_requests.words import Part

from . import networks, nics, placing, snapshots
from .floating import floating
from .groups import memberships, rule_text, rules_of, without_swap

PROJECTS, CLOUD = "Projects", "Cloud"
PROVIDER = "pulumi:providers:openstack"
LOST = "its disk is lost"
NEVER_MADE = "is never made: make adopt takes it in"

VLAN, TYPE = "segments[0].segmentationId", "segments[0].networkType"
UNTAGGED = "untagged"
"""What a network without a VLAN is; the provider has 0 there."""
LABELS: Mapping[str, str] = {
    nics.ADDRESS: "address",
    nics.ADDRESS6: "address6",
    "configDrive": "config drive",
    "enableDhcp": "dhcp",
    "enableSnat": "snat",
    "externalFixedIps[0].ipAddress": "address",
    "ipv6AddressMode": "mode",
    "externalNetworkId": "external network",
    "minDiskGb": "minDisk",
    "nextHop": "via",
    "minRamMb": "minRam",
    "policies": "policy",
    "protect": "protection",
    "rules.maxServerPerHost": "maxPerHost",
    VLAN: "VLAN",
    "userData": "user data",
}
"""Properties of providers, and their names in the settings."""

KINDS: Mapping[str, str] = {
    "iaas:cloud:AdoptedServer": "adopted",
    "iaas:cloud:Cloud": "cloud",
    "iaas:cloud:Flavor": "flavor",
    "iaas:cloud:FloatingIp": "floating",
    "iaas:cloud:Image": "image",
    "iaas:cloud:Project": "project",
    "iaas:cloud:ProjectNetwork": "network",
    "iaas:cloud:ProviderNetwork": "network",
    snapshots.RESTORE: "restore",
    "iaas:cloud:Router": "router",
    "iaas:cloud:SecurityGroup": "group",
    "iaas:cloud:Server": "server",
    "iaas:cloud:ServerGroup": "servergroup",
    "iaas:cloud:Snapshot": "snapshot",
}
"""Types of components in the cloud, and the first word of their names."""

TRIGGERS: Mapping[str, str] = {"Network": "who may use it", "Image": "its content"}
"""The meaning of a resource's replacement trigger; for other types it is the project."""

TITLES: Mapping[str, str] = {"group": "security group", "servergroup": "server group"}
"""What the comment calls a kind, where that is longer."""

MAIN = ("Flavor", "Image", "Instance", "Network", "Project", "Router", "ServerGroup")
"""Resources that are called as their components."""

_IMPLIED = frozenset({"localFilePath", "flavorId", "fixedIps", "ipv6RaMode", TYPE})
"""Properties whose change follows from another one that says more, such as the content's digest.

The provider names all fixedIps where another property of a port changes.
"""


def plain(urn: str, kind: str) -> str:
    """Return the name that the settings give: `web1` for `server-web1-port`."""
    return urn_name(urn).removeprefix(f"{kind}-").rpartition("-")[0]


def cloud_resource(
    preview: Preview, component: Resource, own: Mapping[str, Resource]
) -> Iterator[Part]:
    """Describe what happens to a project, an image, a network, a flavor, a group or a server.

    own: the resources of the component, by name without the component's name.
    """
    for part in _described(preview, component, own):
        section = PROJECTS if part.owner.startswith("project ") else CLOUD
        first = part.first or (part.marked and LOST in part.text)
        yield part._replace(section=section, first=first)


def _described(
    preview: Preview, component: Resource, own: Mapping[str, Resource]
) -> Iterator[Part]:
    match KINDS[component.type]:
        case "floating":
            return floating(component, own)
        case "snapshot":
            return snapshots.snapshot(component, own)
        case "restore":
            return snapshots.restore(preview, component, own)
        case kind:
            return _parts(preview, kind, component, own)


def _parts(
    preview: Preview, kind: str, component: Resource, own: Mapping[str, Resource]
) -> Iterator[Part]:
    name = component.name.removeprefix(f"{kind}-")
    owner = f"{TITLES.get(kind, kind)} {name}" if kind != "cloud" else "cloud"
    subject, server = "", kind in ("server", "adopted")
    main = own.get("server" if server else kind)
    if kind == "adopted":
        named = component.state.values
        owner, subject = f"project {shown(named['project'])}", f"server {shown(named['name'])}"
        if main is not None and main.op == "create":
            yield Part(owner, f"{subject} is not in the state, and {NEVER_MADE}", marked=True)
            return
    elif kind == "server" and main is not None:
        owner, subject = f"project {_project(main.state.provider)}", f"server {name}"
    facts = ", ".join(_facts(component, kind, own))
    facts = f" ({facts})" if facts else ""
    if component.op == "create" or (main is not None and main.op == "create"):
        yield Part(owner, f"+ {subject or 'new'}{facts}")
        # A component from an earlier run whose resource was never made may have other changes.
        own = {what: resource for what, resource in own.items() if resource.op != "create"}
    loss = f", {LOST}" if server else ""
    if component.op == "delete":
        yield Part(owner, f"{subject} is deleted{loss}{facts}".strip(), marked=True)
        return
    if main is not None and main.op in MARKED:
        why = _server_why(preview, main) if server else _change_texts(main)
        reason = f", because {', '.join(why)}" if why else ""
        yield Part(owner, f"{subject} is {MARKED[main.op]}{loss}{reason}".strip(), marked=True)
        # What is replaced together with it is only in the diff.
        own = {what: resource for what, resource in own.items() if resource.op != main.op}
    if server:
        said, own = without_swap(nics.without_plugs(own))
        if main is not None and main.op not in MARKED:
            said += placing.renamed(component)
        for text in (*memberships(component), *nics.groups(component), *said):
            yield Part(owner, part_line(Part(subject, text)))
    for what, resource in own.items():
        if resource.op != "same":
            for text, marked in _child(preview, what, resource):
                yield Part(owner, part_line(Part(subject, text)) if subject else text, marked)


def _called(what: str, resource: Resource) -> str:
    """Return what one resource of a component is called: `what`, or in words; "" for its main."""
    kind = resource.type.rsplit(":", 1)[-1]
    if kind == "SecGroupRule":
        return rule_text(resource)
    if kind == "FlavorAccess":
        return f"access of project {resource.name.rpartition('/')[2].removesuffix('-access')}"
    if found := networks.what_of(what, resource):
        return found
    if nics.network_of(resource):
        return nics.what_of(resource)
    shared = kind == "SecGroup" and urn_name(resource.parent).startswith("group-")
    if shared or kind in MAIN:
        return ""
    what = f"role {what}" if kind == "RoleAssignment" else what
    return "login" if resource.type == PROVIDER else what


def _child(preview: Preview, what: str, resource: Resource) -> Iterator[tuple[str, bool]]:
    """Say what happens to one resource of a component that stays, and whether to mark it."""
    kind = resource.type.rsplit(":", 1)[-1]
    what = _called(what, resource)
    if resource.op == "create":
        yield f"+ {what}", False
    elif resource.op in MARKED:
        why = _change_texts(resource) if resource.op == "replace" else []
        because_of = f", because {', '.join(why)}" if why else ""
        yield f"{what} is {MARKED[resource.op]}{because_of}", True
    else:
        words = _server_why(preview, resource) if kind == "Instance" else _change_texts(resource)
        if any(change.path == "flavorId" for change in resource.changes) and kind == "Instance":
            reason = ", ".join(words) or "it is not of its flavor yet"
            words = [f"is resized and down meanwhile, because {reason}"]
        if resource.type == PROVIDER and urn_name(resource.parent).startswith("project-"):
            words = [each for each in words if not each.startswith("password")]  # the user's
        if words:
            yield f"{what} {', '.join(words)}".strip(), False


def _change_texts(resource: Resource) -> list[str]:
    kind = resource.type.rsplit(":", 1)[-1]
    implied = _IMPLIED | ({"replacementTrigger"} if kind == "Router" else set())
    hidden: tuple[str, ...] = ("securityGroupIds",)
    said: Iterable[str] = ()
    if kind == "Port":
        implied |= {"name"}
        hidden, said = (*hidden, *nics.SAID_HERE), nics.changes(resource)
    if resource.name.endswith("-subnet6"):
        hidden = (*hidden, "allocationPools")  # which follow from its mode and cidr
    changes = [
        _change_text(change, kind)
        for change in resource.changes
        if change.path not in implied
        and not change.path.startswith(hidden)
        and not _follows(change)
    ]
    return [*changes, *said]


def _follows(change: Change) -> bool:
    """Return whether a change follows from another one: a NIC's or a router's place elsewhere."""
    if change.path.startswith(("fixedIps[", "externalFixedIps[")):
        return change.old == change.new or change.path.endswith(".subnetId")
    return change.path == "enableSnat" and None in (change.old, change.new)


def _change_text(change: Change, kind: str = "") -> str:
    if change.path == "replacementTrigger":
        return f"{TRIGGERS.get(kind, 'its project')} has changed"
    label = LABELS.get(change.path, change.path)
    if change.path == "externalNetworkId":
        names = [_of_network(value) for value in (change.old, change.new)]
        change = change._replace(old=names[0], new=names[1])
    if change.path == VLAN:
        change = change._replace(old=change.old or UNTAGGED, new=change.new or UNTAGGED)
    return f"{label} has changed" if change.path == "userData" else change_text(change, label)


def _of_network(shown_id: object) -> str:
    """Return a network's name, of an id as a preview shows it."""
    return str(shown_id or "").removeprefix("the new ").removeprefix("network-").rpartition("-")[0]


def _facts(component: Resource, kind: str, own: Mapping[str, Resource]) -> list[str]:
    """Return what a reviewer wants to know of a resource that is created or deleted."""

    def values(what: str) -> Mapping[str, object]:
        return own[what].state.values if what in own else {}

    def origin(what: str, key: str) -> str:
        return own[what].state.origins.get(key, "") if what in own else ""

    found: list[str] = []
    if kind == "server":
        named = component.state.values
        found = [
            shown(named.get("flavor")),
            shown(values("port").get(nics.ADDRESS, nics.CHOSEN)),
            f"VLAN {shown(named['segment'])}"
            if "segment" in named
            else f"network {shown(named.get('network'))}",
            *nics.later(own),
            *placing.facts(named, values("server")),
        ]
    elif kind == "adopted":
        named = component.state.values
        found = [shown(named["flavor"])] if "flavor" in named else []
    elif kind == "project":
        quota = values("quota")
        units = (("instances", " servers"), ("cores", " cores"), ("ram", " MiB"))
        found = [f"{shown(quota[key])}{unit}" for key, unit in units if key in quota]
    elif kind == "network":
        vlan = values("network").get(VLAN)
        project = plain(origin("network", "tenantId"), "project")
        found = [f"VLAN {shown(vlan)}" if vlan else "project's own" if vlan is None else UNTAGGED]
        found.append(shown(values("subnet").get("cidr")))
        found += [shown(cidr)] if (cidr := values("subnet6").get("cidr")) else []
        found.append(f"of project {project}" if project else "for all projects")
        found += ["external"] if values("network").get("external") else []
    elif kind == "router":
        interfaces = [*networks.interfaces(own)]
        project, outside = (
            plain(origin("router", key), what)
            for key, what in (("tenantId", "project"), ("externalNetworkId", "network"))
        )
        found = [f"of project {project}"]
        found += [f"external network {outside}"] if outside else []
        found += ["without SNAT"] if values("router").get("enableSnat") is False else []
        found += [f"on {', '.join(interfaces)}"] if interfaces else []
    elif kind == "group":
        found = [f"of project {_project(own[kind].state.provider)}"] if kind in own else []
        found += rules_of(own)
    elif kind == "servergroup":
        found = [f"of project {_project(own[kind].state.provider)}"] if kind in own else []
        found += placing.group_facts(values(kind))
    elif kind == "flavor":
        flavor = values("flavor")
        units = (("vcpus", " vCPU"), ("ram", " MiB"), ("disk", " GiB"))
        found = [f"{shown(flavor.get(key))}{unit}" for key, unit in units]
        found += [] if flavor.get("isPublic") else ["not public"]
    elif kind == "image":
        found = [shown(values("image").get("diskFormat"))]
    return [fact for fact in found if fact]


def _project(provider: str) -> str:
    return plain(provider, "project")


def _server_why(preview: Preview, server: Resource) -> list[str]:
    """Say why a server is replaced or changed."""
    own = preview.children[server.parent]
    found: list[str] = []
    old, new = server.old, server.new
    before, after = _project(old.provider), _project(new.provider)
    if before != after:
        found.append(f"project {before} -> {after}")
    component = preview.resources[server.parent]
    links = [("flavor", "flavorId", server), ("image", "imageId", server)]
    if (port := own.get("port")) is not None:
        links.append(("network", "networkId", port))
    reported = {"flavorId", "imageId", "networks[0].port"}
    for kind, key, resource in links:
        names = [shown(state.values.get(kind)) for state in (component.old, component.new)]
        if names[0] != names[1]:
            found.append(f"{kind} {' -> '.join(names)}")
        elif resource.old.values.get(key) != resource.new.values.get(key):
            found.append(f"{kind} {names[1]} is replaced")
    if server.op == "replace" and port is not None:
        found += [_change_text(change) for change in port.changes if change.path == nics.ADDRESS]
    found += placing.changes(component, server)
    for change in server.changes:
        if change.path.startswith(placing.SAID_HERE):
            continue
        if change.path not in reported and not change.path.startswith("replacementTrigger"):
            found.append(_change_text(change))
    key_pair = own.get("key")
    if server.op == "replace" and key_pair is not None and key_pair.op == "replace":
        found = [reason for reason in found if not reason.startswith("keyPair")]
        found.append("its public key has changed")
    if not found and server.op == "replace":
        triggers = [c for c in server.changes if c.path.startswith("replacementTrigger")]
        found.append("its image has changed" if triggers else "it was never built")
    return found
