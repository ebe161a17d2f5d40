"""A cloud of a stack's file: without Pulumi, a key, or the files of keys and images."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from components.settings import (
    NetworkSettings,
    NicSettings,
    NodeSettings,
    ServerSettings,
    Settings,
    namespace,
    tenants,
    yaml_text,
)
from components.settings.base import key as key_of
from components.settings.draft import Draft
from components.settings.explain import explain
from components.settings.load import LATER
from components.settings.messages import STACK, Problem
from components.settings.references import references
from components.settings.stack import ELSEWHERE

from .cloud import CHOSEN, Cloud, Network, Nic, Node, Project, Router, Server, Wire


class NoPicture(Exception):  # noqa: N818  # it is what a user reads
    """There is nothing to draw, and why."""


def find(stack: str, folder: Path = Path()) -> Path:
    """Return the file of a stack; without a name that of the only one (NoPicture)."""
    if stack:
        file = folder / f"Pulumi.{stack.rpartition('/')[2]}.yaml"
        if not file.exists():
            raise NoPicture(f"there is no {file}, the settings of the stack {stack}")
        return file
    files = sorted(folder.glob("Pulumi.*.yaml"))
    names = ", ".join(file.name.removeprefix("Pulumi.").removesuffix(".yaml") for file in files)
    if not files:
        raise NoPicture("there is no Pulumi.STACK.yaml here, the settings of a stack")
    if len(files) > 1:
        raise NoPicture(f"say which stack: STACK=NAME, one of {names}")
    return files[0]


def read(file: Path, project: str = "iaas") -> Settings:
    """Return the settings in a stack's file, as far as a picture needs them (NoPicture).

    project: Pulumi's name of the project. Types and names are checked. What is encrypted is not
    read, and no other file but those of tenants.
    """
    ours = namespace(project)
    try:
        content: Any = yaml_text.load(file.read_bytes())
        config: dict[str, object] = dict(content["config"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise NoPicture(f"{file} can't be read: {error}") from None
    tree = {
        key.removeprefix(ours): _clear(value)
        for key, value in config.items()
        if key.startswith(ours)
    }
    if "cloud" in tree:
        raise NoPicture(f"this is a tenant's stack; it is in the picture of STACK={tree['cloud']}")
    tree["secret"] = ELSEWHERE
    draft = Draft({}, set(), {})
    problems = [*tenants.read(tree, draft)]
    try:
        settings = Settings.model_validate(tree, by_name=False, context=LATER)
    except ValidationError as error:
        problems += (explain(wrong, tree) for wrong in error.errors(include_url=False))
    else:
        problems += _unknown_names(settings, draft)
    if problems:
        lines = [f"  {draft.at(place)}: {message}" for place, message in problems]
        text = "\n".join([f"the settings in {file} are wrong:", *lines])
        raise NoPicture(text.replace(STACK, ours))
    return settings


def _clear(value: object) -> object:
    """Return a value without what is encrypted in it."""
    if isinstance(value, list):
        return [_clear(item) for item in value]
    if isinstance(value, dict):
        return {key: _clear(item) for key, item in value.items() if not _encrypted(item)}
    return value


def _encrypted(value: object) -> bool:
    return isinstance(value, dict) and set(value) == {"secure"}


def _unknown_names(settings: Settings, draft: Draft) -> Iterator[Problem]:
    """Yield the names that do not exist."""
    for field, value in vars(settings).items():
        for i, entry in enumerate(value if isinstance(value, tuple) else ()):
            draft.entries[key_of(field), i] = entry
    return references(draft)


def cloud(settings: Settings) -> Cloud:
    """Return what a picture of these settings shows."""
    provider, tunnels = settings.provider, settings.provider.tunnels
    carried = f"{tunnels.cidr}" if tunnels else ""
    if tunnels and tunnels.segment is not None:
        carried += f", VLAN {tunnels.segment}"

    def node(one: NodeSettings, controller: bool = False) -> Node:
        nic = one.interface_name or provider.interface_name
        return Node(one.name, str(one.host), nic, controller)

    return Cloud(
        nodes=(node(settings.controller, True), *(node(one) for one in settings.other_computes)),
        wire=Wire(provider.physical_name, f"{provider.minvlan} to {provider.maxvlan}", carried),
        projects=tuple(Project(one.name) for one in settings.projects),
        networks=tuple(_network(one) for one in settings.networks),
        routers=tuple(
            Router(r.name, r.project, r.external or "", r.networks, _text(r.address))
            for r in settings.routers
        ),
        servers=tuple(_server(one) for one in settings.servers),
    )


def _network(one: NetworkSettings) -> Network:
    cidrs = (str(one.cidr), *([str(one.ipv6.cidr)] if one.ipv6 else []))
    return Network(one.name, _text(one.segment), cidrs, one.project or "", one.flat, one.external)


def _server(one: ServerSettings) -> Server:
    floating = CHOSEN if one.floating_ip is True else _text(one.floating_ip)
    nics = tuple(Nic(nic.network, _address(nic)) for nic in one.nics)
    return Server(one.name, one.project, one.flavor, nics, floating)


def _address(nic: NicSettings) -> str:
    return ", ".join(_text(address) for address in (nic.address, nic.address6) if address)


def _text(value: object) -> str:
    return "" if value is None else str(value)
