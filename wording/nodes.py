"""What happens to a node: which of its files change and which steps run again, and why."""

import re
import shlex
from collections.abc import Iterator, Mapping

from pull_requests.preview import SECRET, Resource, State
from pull_requests.summary import MARKED, shown
from pull_requests.words import Part

CONTROLLER = "iaas:nodes:Controller"
HOSTS = "iaas:nodes:Hosts"
NODES = (CONTROLLER, "iaas:nodes:Compute", HOSTS)
SECTION = "Nodes"
DRAIN = "drain-"
"""What the move of a compute's servers is called, with the compute's name."""
LEAVE, CLEAN = "leave", "clean"
"""What takes a compute out of the cloud, and cleans a node, when these go with it."""
REMOVAL = "-removal"
"""After the name of a step: what undoes that when the step is taken out."""
MARK = "# Runs again when one of these changes:"
"""In a step's script: the settings follow this line."""


def node(component: Resource, own: Mapping[str, Resource]) -> Iterator[Part]:
    """Describe what happens to a node; the controller comes first.

    own: its files and steps, by name without the node's name.
    """
    drains = {name: own[name] for name in own if name.startswith(DRAIN)}
    for name, command in drains.items():
        compute = name.removeprefix(DRAIN)
        if command.op == "create":
            what = "is drained: its servers move to other computes, and no new one comes"
            yield Part(compute, what, True, SECTION)
        elif command.op == "delete" and compute in _computes(own):
            yield Part(compute, "takes servers again", False, SECTION)
    removals = {name: own[name] for name in own if name.endswith(REMOVAL)}
    own = {n: command for n, command in own.items() if n not in {*drains, *removals, LEAVE}}
    for name, command in removals.items():
        step = name.removesuffix(REMOVAL)
        if command.op == "delete" and component.op != "delete":
            # Its own library files go without a word.
            own = {n: one for n, one in own.items() if n != step and not n.startswith(f"{step}.")}
            yield Part(component.name, f"{step} goes, with its packages", True, SECTION)
    clean = own.pop(CLEAN, None)
    for text, marked in (*_events(component, own, clean), *_cleaning(clean)):
        first = component.type == CONTROLLER and not marked
        yield Part(component.name, text, marked, SECTION, first)


def _computes(own: Mapping[str, Resource]) -> list[str]:
    """Return the computes that there are after a change."""
    discover = own.get("discover")
    return _settings(_text(discover.new)).get("HOST_NAME_NODE", "").split() if discover else []


def _cleaning(clean: Resource | None) -> Iterator[tuple[str, bool]]:
    """Yield whether a node that leaves will be cleaned, where that changes."""
    if clean is not None and clean.op == "update" and _cleans(clean.old) != _cleans(clean.new):
        what = "goes" if _cleans(clean.new) else "stays"
        yield f"when it leaves, what is installed on it {what}", False


def _cleans(clean: State) -> bool:
    return bool(clean.values.get("delete"))


def _events(
    node: Resource, own: Mapping[str, Resource], clean: Resource | None
) -> Iterator[tuple[str, bool]]:
    """Yield which files change and which steps run, with reasons, and whether to mark it."""
    if node.op == "create" and node.type != HOSTS:
        steps = [name for name, command in own.items() if MARK in _text(command.new)]
        openrc = own.get("openrc.sh")
        host = _settings(_text(openrc.new)).get("INTERFACE_IP", "") if openrc else ""
        yield f"+ new node {host} (runs {', '.join(steps)})", False
        return
    if node.op == "delete":
        what = "goes" if clean is not None and _cleans(clean.old) else "stays"
        yield f"leaves the cloud, if no server is on it; what is installed on it {what}", True
        return
    files: dict[str, list[str]] = {}
    steps_again: dict[str, list[str]] = {}
    for name, command in own.items():
        if command.op == "update":
            why = ", ".join(_reasons(command))
            (files if _is_file(command) else steps_again).setdefault(why, []).append(name)
        elif command.op == "create":
            yield f"+ {name}", False
        elif command.op in MARKED:
            yield f"{name} is {MARKED[command.op]}", True
    for why, names in sorted(files.items()):
        yield f"{', '.join(names)}: {why}", False
    for why, names in sorted(steps_again.items()):
        verb = "runs" if len(names) == 1 else "run"
        yield f"{', '.join(names)} {verb} again, because {why}", False


def openrc(own: Mapping[str, Resource]) -> Mapping[str, str]:
    """Return a node's settings by name, as its steps read them; {} without its openrc.sh."""
    return _settings(_text(own["openrc.sh"].state)) if "openrc.sh" in own else {}


def _text(command: State) -> str:
    return str(command.values.get("stdin", ""))


def _is_file(command: Resource) -> bool:
    """Return whether a command installs a file; a step is also run."""
    return bool(re.search(r"/dev/stdin \S+$", str(command.state.values.get("create", ""))))


def _reasons(command: Resource) -> list[str]:
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
    """Split a command's text into its script and the lines of its settings."""
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
    """Return the differences between two texts of a command."""
    before, after = _settings(old), _settings(new)
    found = [
        f"{name} {_value_change(before.get(name), after.get(name))}"
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


def _value_change(old: str | None, new: str | None) -> str:
    """Return a setting before and after; of a list, the added and removed words."""
    had, has = (old or "").split(), (new or "").split()
    gone = [f"- {word}" for word in had if word not in has]
    came = [f"+ {word}" for word in has if word not in had]
    if max(len(had), len(has)) > 1 and (gone or came):
        return " ".join([*gone, *came])
    return f"{shown(old)} -> {shown(new)}"
