"""What no entry can know by itself: references, duplicates, files, totals.

A check reads the draft and yields problems. What depends on a field that is broken is not
reported: it would only repeat that field's own problem.
"""

import contextlib
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from ipaddress import IPv4Network
from pathlib import Path
from typing import NamedTuple, TypeVar

from pydantic.alias_generators import to_camel

from components.settings import disk_images, files, keys, userdata
from components.settings.advice import nearest
from components.settings.files import show
from components.settings.models import (
    Base,
    FlavorSettings,
    ImageSettings,
    NetworkSettings,
    NodeSettings,
    ProviderSettings,
    RulesSettings,
    ServerSettings,
    SshSettings,
)

Place = tuple[str | int, ...]
"""Where in the config: ("networks", 1, "segment")."""

NAMESPACE = "iaas:"

T = TypeVar("T")
B = TypeVar("B", bound=Base)
GIB = 2**30
WORD = r"[\w.\[\]-]{1,60}"

REFERENCES: tuple[tuple[type[Base], str, str], ...] = (
    (NetworkSettings, "project", "projects"),
    (FlavorSettings, "projects", "projects"),
    (ServerSettings, "project", "projects"),
    (ServerSettings, "image", "images"),
    (ServerSettings, "flavor", "flavors"),
    (ServerSettings, "network", "networks"),
    (RulesSettings, "protected_networks", "networks"),
)
"""Who names what, and the section where it must be."""


class Problem(NamedTuple):
    """What is wrong at one place, and what would be right."""

    place: Place
    message: str


@dataclass(frozen=True)
class Draft:
    """The config as far as it could be read."""

    entries: dict[Place, Base]
    """Each entry. One that is broken lacks its broken fields: to ask for one is AttributeError."""

    unread: set[str]
    """The sections that are no lists, or of which a tenant's file could not be read."""

    origins: dict[Place, tuple[str, Place]]
    """Of each entry from a tenant's file: that file, and the entry's place in it."""

    def origin(self, place: Place) -> tuple[str, str]:
        """Return the tenant's file (empty: the stack's config) and the place in it."""
        file, inner = self.origins.get(place[:2], ("", place[:2]))
        return file, at((*inner, *place[2:]))

    def at(self, place: Place, seen_from: Place | None = None) -> str:
        """Write where people find a place; seen from the same file, only where in it."""
        file, inner = self.origin(place)
        if seen_from and self.origin(seen_from)[0] == file:
            return inner
        return ": ".join(filter(None, (file, inner))) if file else NAMESPACE + inner

    def of(self, kind: type[B]) -> Iterator[tuple[Place, B]]:
        """Yield the entries of one kind with their places."""
        for place, entry in self._kinds.get(kind, ()):
            if isinstance(entry, kind):
                yield place, entry

    def values(self, kind: type[Base], field: str) -> Iterator[tuple[Place, object]]:
        """Yield a field of each entry of one kind, where it could be read."""
        for place, entry in self.of(kind):
            if field in vars(entry):
                yield (*place, to_camel(field)), vars(entry)[field]

    def find(self, kind: type[B], name: str | None) -> B | None:
        """Return the entry of that name, if there is one; of two the first."""
        entry = self._index.get((kind, name))
        return entry if isinstance(entry, kind) else None

    @cached_property
    def _kinds(self) -> dict[type[Base], list[tuple[Place, Base]]]:
        found: dict[type[Base], list[tuple[Place, Base]]] = {}
        for place, entry in self.entries.items():
            found.setdefault(type(entry), []).append((place, entry))
        return found

    @cached_property
    def _index(self) -> dict[tuple[type[Base], object], Base]:
        entries = reversed(self.entries.values())
        return {(type(entry), vars(entry).get("name")): entry for entry in entries}

    def names(self, *sections: str) -> dict[Place, str | None]:
        """Return the names of the entries in these sections; None where it can't be read."""
        places = (place for place in self.entries if place[0] in sections)
        return {place: vars(self.entries[place]).get("name") for place in places}


def known(found: Iterator[T]) -> Iterator[T]:
    """Yield what is found until a broken field is needed: its own problem is reported."""
    with contextlib.suppress(AttributeError):
        yield from found


def each(
    kind: type[B], find: Callable[[Draft, Place, B], Iterator[Problem]]
) -> Callable[[Draft], Iterator[Problem]]:
    """Make a check of one entry one of all entries of its kind."""

    def check(draft: Draft) -> Iterator[Problem]:
        for place, entry in draft.of(kind):
            yield from known(find(draft, place, entry))

    return check


def at(place: Place) -> str:
    """Write a place as the config has it: networks[1].segment; a key that is no word is quoted."""
    words = (p if isinstance(p, int) or re.fullmatch(WORD, p) else show(p) for p in place)
    return "".join(f"[{p}]" if isinstance(p, int) else f".{p}" for p in words).removeprefix(".")


def references(draft: Draft) -> Iterator[Problem]:
    """Find names of things that are not there."""
    for kind, field, section in REFERENCES:
        there = draft.names(section).values()
        if None in there or section in draft.unread:
            continue
        names = [name for name in there if name is not None]
        for place, value in draft.values(kind, field):
            many = isinstance(value, tuple)
            for i, name in enumerate(value if isinstance(value, tuple) else (value,)):
                if isinstance(name, str) and name not in names:
                    what = f"{show(name)} is not among the {section}; {nearest(name, names)}"
                    yield Problem((*place, i) if many else place, what)


def segment(draft: Draft, place: Place, network: NetworkSettings) -> Iterator[Problem]:
    """Find a VLAN outside the provider's range."""
    for _, provider in draft.of(ProviderSettings):
        low, high = provider.minvlan, provider.maxvlan
        if low <= high and not low <= network.segment <= high:
            used = {vlan for _, vlan in draft.values(NetworkSettings, "segment")}
            free = next((vlan for vlan in range(low, high + 1) if vlan not in used), None)
            advice = f"take a free one, e.g. {free}" if free else "none in it is free; widen it"
            what = f"{network.segment} is outside {low}..{high}; {advice}"
            yield Problem((*place, "segment"), what)


def overlap(draft: Draft, place: Place, network: NetworkSettings) -> Iterator[Problem]:
    """Find a network whose addresses are an earlier one's or a node's."""
    for other, cidr in draft.values(NetworkSettings, "cidr"):
        if other[:-1] == place:
            break
        if isinstance(cidr, IPv4Network) and network.cidr.overlaps(cidr):
            what = f"{network.cidr} overlaps {cidr} of {draft.at(other[:-1], place)}; take another"
            yield Problem((*place, "cidr"), what)
    for node, host in draft.values(NodeSettings, "host"):
        if host in network.cidr:
            what = f"{network.cidr} holds {host} of {draft.at(node[:-1], place)}; take another"
            yield Problem((*place, "cidr"), what)


def address(draft: Draft, place: Place, server: ServerSettings) -> Iterator[Problem]:
    """Find a fixed address that the server can't have on its network."""
    network = draft.find(NetworkSettings, server.network)
    if server.address is None or network is None:
        return
    for rule in network.unusable("address", server.address):
        yield Problem((*place, rule.key), rule.message)
    if server.address == network.gateway:
        what = f"{server.address} is the gateway of {show(network.name)}; take another"
        yield Problem((*place, "address"), what)


def network_user(draft: Draft, place: Place, server: ServerSettings) -> Iterator[Problem]:
    """Find a server whose project may not use its network."""
    network = draft.find(NetworkSettings, server.network)
    if network and network.project not in (None, server.project):
        what = f"{show(network.name)} belongs to project {show(network.project)}"
        yield Problem((*place, "network"), f"{what}, not to {show(server.project)}")


def flavor_user(draft: Draft, place: Place, server: ServerSettings) -> Iterator[Problem]:
    """Find a server whose project may not use its flavor."""
    flavor = draft.find(FlavorSettings, server.flavor)
    if flavor and not flavor.public and server.project not in flavor.projects:
        what = f"{show(flavor.name)} is not public and does not list {show(server.project)}"
        yield Problem((*place, "flavor"), what)


def somewhere_to_run(draft: Draft) -> Iterator[Problem]:
    """Find servers in a cloud without a compute."""
    if draft.names("servers") and not draft.names("computes") and "computes" not in draft.unread:
        yield Problem(("computes",), "there is none, and servers need one to run on; add one")


def cannot_read(path: Path) -> str | None:
    """Say why the file can't be read, if so."""
    try:
        if not path.is_file():
            there = "is not a regular file" if path.exists() else f"is not there, in {Path.cwd()}"
            return f"{show(str(path))} {there}"
        path.open("rb").close()
    except OSError as error:
        return f"{show(str(path))} cannot be read: {error.strerror}"
    return None


def _file(place: Place, path: Path | None, check: Callable[[Path], object]) -> Iterator[Problem]:
    if path is None:
        return
    if what := cannot_read(path):
        yield Problem(place, what)
        return
    try:
        check(path)
    except ValueError as error:
        yield Problem(place, f"{show(str(path))} {error}")


def private_key(_: Draft, place: Place, ssh: SshSettings) -> Iterator[Problem]:
    """Find a private key's file that is not there or holds none."""
    where = (*place, "privateKeyFile")
    yield from _file(where, ssh.private_key_file, lambda p: keys.check_private_key(keys.text(p)))


def public_key(_: Draft, place: Place, server: ServerSettings) -> Iterator[Problem]:
    """Find a public key's file that is not there or holds none."""
    where = (*place, "publicKeyFile")
    yield from _file(where, server.public_key_file, lambda path: keys.public_key(keys.text(path)))


def user_data(_: Draft, place: Place, server: ServerSettings) -> Iterator[Problem]:
    """Find a file of user data that is not there or that the server will not read."""
    yield from _file((*place, "userDataFile"), server.user_data_file, userdata.read)


def image_file(_: Draft, place: Place, image: ImageSettings) -> Iterator[Problem]:
    """Find an image's file that is not there, or that no server would start from."""
    if image.file is None:
        return
    name = show(str(image.file))
    if what := cannot_read(image.file):
        yield Problem((*place, "file"), what)
        return
    try:
        disk_images.inspect(image.file, image.disk_format)
    except disk_images.ImageError as wrong:
        yield Problem((*place, wrong.key), f"{name} {wrong}")
        if wrong.key == "file":
            return
    if image.sha256 and (content := files.sha256(image.file)) != image.sha256:
        yield Problem((*place, "sha256"), f"is not that of {name}, whose SHA-256 is {content}")


def image_url(_: Draft, place: Place, image: ImageSettings) -> Iterator[Problem]:
    """Find an address of what must be unpacked first."""
    if image.url is not None and (what := disk_images.packed_at(image.url)):
        yield Problem((*place, "url"), what)


def _least_disk(image: ImageSettings) -> int:
    """GiB that a server from the image needs; at least 1.

    Nova lets only administrators start servers whose flavor has no disk.
    """
    return max(1, image.min_disk, -(-image.disk_size // GIB))


def flavor_size(draft: Draft, place: Place, server: ServerSettings) -> Iterator[Problem]:
    """Find a server whose flavor is too small for its image."""
    image = draft.find(ImageSettings, server.image)
    flavor = draft.find(FlavorSettings, server.flavor)
    if image is None or flavor is None:
        return
    ram, disk = image.min_ram, _least_disk(image)
    if flavor.ram < ram or flavor.disk < disk:
        fit = [f.name for _, f in draft.of(FlavorSettings) if f.ram >= ram and f.disk >= disk]
        yield Problem(
            (*place, "flavor"),
            f"{show(flavor.name)} ({flavor.ram} MiB, {flavor.disk} GiB disk) is too small for"
            f" image {show(image.name)}, which needs {ram} MiB and {disk} GiB;"
            f" {'take ' + ' or '.join(fit) if fit else 'no flavor is large enough'}",
        )


CHECKS: tuple[Callable[[Draft], Iterator[Problem]], ...] = (
    references,
    somewhere_to_run,
    each(SshSettings, private_key),
    each(ImageSettings, image_file),
    each(ImageSettings, image_url),
    each(NetworkSettings, segment),
    each(NetworkSettings, overlap),
    each(ServerSettings, address),
    each(ServerSettings, network_user),
    each(ServerSettings, flavor_user),
    each(ServerSettings, flavor_size),
    each(ServerSettings, public_key),
    each(ServerSettings, user_data),
)
