"""A preview in words: for each node, project and thing of the cloud what happens to it.

It reads names as the components give them: `server-web1-port` is the port of the server web1.
"""

import re
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from tools.comment.preview import SECRET, Change, Preview, Resource, State, natural
from tools.comment.preview import name as urn_name

HOSTS = "iaas:nodes:Hosts"
NODES = ("iaas:nodes:Controller", "iaas:nodes:Compute", HOSTS)
COMMAND = "command:remote:Command"
PROVIDER = "pulumi:providers:openstack"
MARK = "# Runs again when one of these changes:"
"""In a step's script: what comes behind it are its settings."""
LOST = "its disk is lost"

ADDRESS = "fixedIps[0].ipAddress"
VLAN = "segments[0].segmentationId"
LABELS: Mapping[str, str] = {
    ADDRESS: "address",
    "minDiskGb": "minDisk",
    "minRamMb": "minRam",
    "protect": "protection",
    VLAN: "VLAN",
    "userData": "user data",
}
"""Properties of providers, and how the settings or people call them."""

KINDS: Mapping[str, str] = {
    "iaas:cloud:Cloud": "cloud",
    "iaas:cloud:Flavor": "flavor",
    "iaas:cloud:Image": "image",
    "iaas:cloud:Project": "project",
    "iaas:cloud:ProviderNetwork": "network",
    "iaas:cloud:Server": "server",
}
"""Components of what is in the cloud, and how their names begin."""


TRIGGERS: Mapping[str, str] = {"Network": "who may use it", "Image": "its content"}
"""What a resource's replacement trigger stands for; of others it is the project."""

_TOLD = {"localFilePath", "flavorId"}
"""A property that another one, such as the digest of the content, tells more of."""
_DONE = {"replace": "replaced", "delete": "deleted"}


class Part(NamedTuple):
    """Something that happens to an owner: a node, a project, a thing of the cloud."""

    owner: str
    text: str
    marked: bool = False
    """Something is replaced or deleted."""


@dataclass
class Summary:
    """A preview's lines, sorted."""

    marked: list[str] = field(default_factory=list)
    nodes: list[str] = field(default_factory=list)
    projects: list[str] = field(default_factory=list)
    cloud: list[str] = field(default_factory=list)


def summary(preview: Preview) -> Summary:
    """Return a line for each owner, and one for each replacement and deletion."""
    found = Summary()
    parts: dict[str, dict[str, list[str]]] = {"nodes": {}, "projects": {}, "cloud": {}}
    for component in preview.resources.values():
        own = preview.children.get(component.urn, {})
        section = "cloud"
        if component.type in NODES:
            section, made = "nodes", _node(component, own)
        elif component.type in KINDS:
            made = _thing(preview, component, own)
        elif component.parent in preview.resources or component.type.startswith("pulumi:"):
            continue  # of a component, or a provider that Pulumi makes by itself
        else:
            made = _other(component)
        for part in made:
            if part.marked:
                found.marked.append(_said(part.owner, part.text))
            else:
                where = "projects" if part.owner.startswith("project ") else section
                parts[where].setdefault(part.owner, []).append(part.text)
    for where, lines in parts.items():
        for owner, texts in sorted(lines.items(), key=lambda item: natural(item[0])):
            getattr(found, where).append(f"{owner}: {'; '.join(texts)}")
    # The controller is the first node.
    first = {c.name for c in preview.resources.values() if c.type == NODES[0]}
    found.nodes.sort(key=lambda line: line.split(":")[0] not in first)
    found.marked.sort(key=lambda line: (LOST not in line, natural(line)))
    return found


def _said(subject: str, text: str) -> str:
    return subject + (" " if text.startswith("is ") else ": ") + text


# Nodes.


def _node(node: Resource, own: Mapping[str, Resource]) -> Iterator[Part]:
    """Say which files of a node change and which of its steps run, each with the reasons."""
    if node.op == "create" and node.type != HOSTS:
        steps = [name for name, command in own.items() if MARK in _text(command.new)]
        openrc = own.get("openrc.sh")
        host = _settings(_text(openrc.new)).get("INTERFACE_IP", "") if openrc else ""
        yield Part(node.name, f"+ new node {host} (runs {', '.join(steps)})")
        return
    if node.op == "delete":
        yield Part(node.name, "is forgotten; what is installed on it stays", marked=True)
        return
    files: dict[str, list[str]] = {}
    steps_again: dict[str, list[str]] = {}
    for name, command in own.items():
        if command.op == "update":
            why = ", ".join(_why(command))
            (files if _is_file(command) else steps_again).setdefault(why, []).append(name)
        elif command.op == "create":
            yield Part(node.name, f"+ {name}")
        elif command.op in _DONE:
            yield Part(node.name, f"{name} is {_DONE[command.op]}", marked=True)
    for why, names in sorted(files.items()):
        yield Part(node.name, f"{', '.join(names)}: {why}")
    for why, names in sorted(steps_again.items()):
        verb = "runs" if len(names) == 1 else "run"
        yield Part(node.name, f"{', '.join(names)} {verb} again, because {why}")


def _text(command: State) -> str:
    return str(command.values.get("stdin", ""))


def _is_file(command: Resource) -> bool:
    """Tell a file from a step: it is installed and not run."""
    return bool(re.search(r"/dev/stdin \S+$", str(command.state.values.get("create", ""))))


def _why(command: Resource) -> list[str]:
    """Return why a command runs again."""
    changed = {re.split(r"[.\[]", change.path)[0] for change in command.changes}
    found: list[str] = []
    if "stdin" in changed:
        old, new = _text(command.old), _text(command.new)
        secret = SECRET in (old, new)
        found += ["the passwords have changed"] if secret else because(old, new)
    if "create" in changed:
        found.append("the command has changed")
    if "connection" in changed:
        found.append("the connection has changed")
    known = {"stdin", "create", "connection"}
    found += [f"{name} has changed" for name in sorted(changed - known)]
    return found


def _split(text: str) -> tuple[str, list[str]]:
    """Part a command's text into its script and the lines of its settings."""
    script, mark, tail = text.partition(MARK)
    if mark:
        return script, [line.removeprefix("#").strip() for line in tail.splitlines()]
    lines = text.splitlines()
    exported = [line for line in lines if re.match(r"export \w+=", line)]
    return "\n".join(line for line in lines if line not in exported), [
        line.removeprefix("export ") for line in exported
    ]


def _settings(text: str) -> dict[str, str]:
    """Return the settings in a command's text by name."""
    pairs = [line.partition("=") for line in _split(text)[1] if "=" in line]
    return {name: _plain(value) for name, _, value in pairs}


def _plain(quoted: str) -> str:
    try:
        return " ".join(shlex.split(quoted))
    except ValueError:  # a step's settings are not quoted
        return quoted


def because(old: str, new: str) -> list[str]:
    """Say what differs between two texts of a command."""
    before, after = _settings(old), _settings(new)
    found = [
        f"{name} {_moved(before.get(name), after.get(name))}"
        for name in dict.fromkeys([*before, *after])
        if before.get(name) != after.get(name)
    ]
    if _split(old)[0].strip() != _split(new)[0].strip():
        found.append("the script has changed" if MARK in new else "its text has changed")
    marks = [{line for line in _split(text)[1] if line and "=" not in line} for text in (old, new)]
    for start, what in (("library ", "library has"), ("passwords.sh ", "passwords have")):
        if any(line.startswith(start) for line in marks[0] ^ marks[1]):
            found.append(f"the {what} changed")
    return found


def _moved(old: str | None, new: str | None) -> str:
    """Show a setting before and after; of a list of words, those that came and went."""
    had, has = (old or "").split(), (new or "").split()
    gone = [f"- {word}" for word in had if word not in has]
    came = [f"+ {word}" for word in has if word not in had]
    if max(len(had), len(has)) > 1 and (gone or came):
        return " ".join([*gone, *came])
    return f"{_shown(old)} -> {_shown(new)}"


def _shown(value: object) -> str:
    if value is None or value == "":
        return "none"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


# What is in the cloud.


def plain(urn: str, kind: str) -> str:
    """Return the name that the settings give: `server-web1-port` is of `web1`."""
    return urn_name(urn).removeprefix(f"{kind}-").rpartition("-")[0]


def _thing(preview: Preview, component: Resource, own: Mapping[str, Resource]) -> Iterator[Part]:
    """Say what happens to a project, an image, a network, a flavor or a server."""
    kind = KINDS[component.type]
    name = component.name.removeprefix(f"{kind}-")
    main = own.get(kind)
    owner = f"{kind} {name}" if kind != "cloud" else "cloud"
    thing = ""
    if kind == "server" and main is not None:
        owner, thing = f"project {_project(main.state.provider)}", f"server {name}"
    facts = ", ".join(_facts(component, kind, own))
    facts = f" ({facts})" if facts else ""
    if component.op == "create" or (main is not None and main.op == "create"):
        yield Part(owner, f"+ {thing or 'new'}{facts}")
        # A component of before, whose thing was never made, may have other changes.
        own = {what: resource for what, resource in own.items() if resource.op != "create"}
    loss = f", {LOST}" if kind == "server" else ""
    if component.op == "delete":
        yield Part(owner, f"{thing} is deleted{loss}{facts}".strip(), marked=True)
        return
    if main is not None and main.op in _DONE:
        why = _server_why(preview, main) if kind == "server" else _list(main)
        reason = f", because {', '.join(why)}" if why else ""
        yield Part(owner, f"{thing} is {_DONE[main.op]}{loss}{reason}".strip(), marked=True)
        # What is replaced with it is in the diff.
        own = {what: resource for what, resource in own.items() if resource.op != main.op}
    for what, resource in own.items():
        if resource.op != "same":
            for text, marked in _child(preview, what, resource):
                yield Part(owner, _said(thing, text) if thing else text, marked)


def _other(resource: Resource) -> Iterator[Part]:
    if resource.op != "same":
        words = ", ".join(_list(resource))
        yield Part(resource.name, f"{resource.op} {words}".strip(), resource.op in _DONE)


def _child(preview: Preview, what: str, resource: Resource) -> Iterator[tuple[str, bool]]:
    """Say what happens to one resource of a component that stays, and whether to mark it."""
    kind = resource.type.rsplit(":", 1)[-1]
    values = resource.state.values
    if kind == "SecGroupRule":
        ports = [_shown(values["portRangeMin"])] if "portRangeMin" in values else []
        what = " ".join(
            [str(values.get("protocol")), *ports, "from", str(values.get("remoteIpPrefix"))]
        )
    elif kind == "FlavorAccess":
        what = f"access of project {resource.name.rpartition('/')[2].removesuffix('-access')}"
    elif kind in ("Instance", "Image", "Network", "Flavor", "Project"):
        what = ""
    elif resource.type == PROVIDER:
        what = "login"
    if resource.op == "create":
        yield f"+ {what}", False
    elif resource.op in _DONE:
        why = _list(resource) if resource.op == "replace" else []
        because_of = f", because {', '.join(why)}" if why else ""
        yield f"{what} is {_DONE[resource.op]}{because_of}", True
    else:
        words = _server_why(preview, resource) if kind == "Instance" else _list(resource)
        if any(change.path == "flavorId" for change in resource.changes) and kind == "Instance":
            reason = ", ".join(words) or "it is not of its flavor yet"
            words = [f"is resized and down meanwhile, because {reason}"]
        if resource.type == PROVIDER and urn_name(resource.parent).startswith("project-"):
            words = [word for word in words if not word.startswith("password")]  # the user's
        if words:
            yield f"{what} {', '.join(words)}".strip(), False


def _list(resource: Resource) -> list[str]:
    kind = resource.type.rsplit(":", 1)[-1]
    return [_word(change, kind) for change in resource.changes if change.path not in _TOLD]


def _word(change: Change, kind: str = "") -> str:
    label = LABELS.get(change.path, change.path)
    if change.path == "replacementTrigger":
        label = TRIGGERS.get(kind, "its project")
    if change.old == change.new or change.path in ("replacementTrigger", "userData"):
        return f"{label} has changed"
    return f"{label} {_shown(change.old)} -> {_shown(change.new)}"


def _facts(component: Resource, kind: str, own: Mapping[str, Resource]) -> list[str]:
    """Return what a reviewer wants to know of a thing that comes or goes."""

    def values(what: str) -> Mapping[str, object]:
        return own[what].state.values if what in own else {}

    def origin(what: str, key: str) -> str:
        return own[what].state.origins.get(key, "") if what in own else ""

    found: list[str] = []
    if kind == "server":
        named = component.state.values
        found = [
            _shown(named.get("flavor")),
            _shown(values("port").get(ADDRESS, "an address of Neutron's choice")),
            f"VLAN {_shown(named.get('segment'))}",
        ]
    elif kind == "project":
        quota = values("quota")
        units = (("instances", " servers"), ("cores", " cores"), ("ram", " MiB"))
        found = [f"{_shown(quota[key])}{unit}" for key, unit in units if key in quota]
    elif kind == "network":
        vlan = values("network").get(VLAN)
        project = plain(origin("network", "tenantId"), "project")
        found = [f"VLAN {_shown(vlan)}", _shown(values("subnet").get("cidr"))]
        found.append(f"of project {project}" if project else "for all projects")
    elif kind == "flavor":
        flavor = values("flavor")
        units = (("vcpus", " vCPU"), ("ram", " MiB"), ("disk", " GiB"))
        found = [f"{_shown(flavor.get(key))}{unit}" for key, unit in units]
        found += [] if flavor.get("isPublic") else ["not public"]
    elif kind == "image":
        found = [_shown(values("image").get("diskFormat"))]
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
    told = {"flavorId", "imageId", "networks[0].port"}
    for kind, key, resource in links:
        names = [_shown(state.values.get(kind)) for state in (component.old, component.new)]
        if names[0] != names[1]:
            found.append(f"{kind} {' -> '.join(names)}")
        elif resource.old.values.get(key) != resource.new.values.get(key):
            found.append(f"{kind} {names[1]} is replaced")
    if server.op == "replace" and port is not None:
        found += [_word(change) for change in port.changes if change.path == ADDRESS]
    for change in server.changes:
        if change.path not in told and not change.path.startswith("replacementTrigger"):
            found.append(_word(change))
    key_pair = own.get("key")
    if server.op == "replace" and key_pair is not None and key_pair.op == "replace":
        found = [word for word in found if not word.startswith("keyPair")]
        found.append("its public key has changed")
    if not found and server.op == "replace":
        triggers = [c for c in server.changes if c.path.startswith("replacementTrigger")]
        found.append("its image has changed" if triggers else "it was never built")
    return found
