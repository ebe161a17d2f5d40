"""What no entry can know by itself: references, duplicates, files, totals.

A check reads the entries that are whole and yields problems. What depends on a broken entry is
not reported: it would only repeat that entry's own problem.
"""

import contextlib
import difflib
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import NamedTuple, TypeVar

from components.settings import files
from components.settings.files import show
from components.settings.models import (
    Base,
    FlavorSettings,
    ImageSettings,
    NetworkSettings,
    NodeSettings,
    ProjectSettings,
    ProviderSettings,
    ServerSettings,
    SshSettings,
)

Place = tuple[str | int, ...]
"""Where in the config: ("networks", 1, "segment")."""

B = TypeVar("B", bound=Base)
GIB = 2**30
WORD = r"[\w.\[\]-]{1,60}"

NAMED: tuple[tuple[str, ...], ...] = (
    ("controller", "computes"),
    ("projects",),
    ("images",),
    ("networks",),
    ("flavors",),
    ("servers",),
)
"""Sections that share one space of names."""

REFERENCES: tuple[tuple[type[Base], str, str], ...] = (
    (NetworkSettings, "project", "projects"),
    (FlavorSettings, "projects", "projects"),
    (ServerSettings, "project", "projects"),
    (ServerSettings, "image", "images"),
    (ServerSettings, "flavor", "flavors"),
    (ServerSettings, "network", "networks"),
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
    """The entries that are whole by themselves."""

    names: dict[Place, str | None]
    """The name of each entry, also of a broken one; None where it can't be read."""

    def of(self, kind: type[B]) -> Iterator[tuple[Place, B]]:
        """Yield the entries of one kind with their places."""
        for place, entry in self.entries.items():
            if isinstance(entry, kind):
                yield place, entry

    def find(self, kind: type[B], name: str | None) -> B | None:
        """Return the entry of that name, if there is one and it is whole."""
        entry = self._index.get((kind, name))
        return entry if isinstance(entry, kind) else None

    @cached_property
    def _index(self) -> dict[tuple[type[Base], object], Base]:
        entries = reversed(self.entries.values())  # of two with one name, the first counts
        return {(type(entry), getattr(entry, "name", None)): entry for entry in entries}

    def section(self, *sections: str) -> dict[Place, str | None]:
        """Return the names of the entries in these sections."""
        return {place: name for place, name in self.names.items() if place[0] in sections}


def nearest(word: str, known: Iterable[str]) -> str:
    """Say which known word was meant, or else which there are."""
    words = {known_word.casefold(): known_word for known_word in known}
    close = difflib.get_close_matches(word.casefold(), words, n=1, cutoff=0.5)
    if close:
        return f"did you mean {words[close[0]]}?"
    return f"there is {', '.join(words.values())}" if words else "there is none"


def at(place: Place) -> str:
    """Write a place as the config has it: networks[1].segment; a key that is no word is quoted."""
    words = (p if isinstance(p, int) or re.fullmatch(WORD, p) else show(p) for p in place)
    return "".join(f"[{p}]" if isinstance(p, int) else f".{p}" for p in words).removeprefix(".")


def _twice(values: Iterable[tuple[Place, object, str]]) -> Iterator[Problem]:
    """Report each value (place, value, what it is) that an earlier place has."""
    first: dict[object, Place] = {}
    for place, value, what in values:
        if value in first:
            yield Problem(place, f"{what} of {at(first[value][:-1])} too; take another")
        first.setdefault(value, place)


def duplicate_names(draft: Draft) -> Iterator[Problem]:
    """Find names used twice; to OpenStack's database upper and lower case are the same."""
    for sections in NAMED:
        yield from _twice(
            ((*place, "name"), name.casefold(), f"{show(name)} is the name")
            for place, name in draft.section(*sections).items()
            if name is not None
        )


def duplicate_hosts(draft: Draft) -> Iterator[Problem]:
    """Find one machine given as two nodes."""
    nodes = draft.of(NodeSettings)
    yield from _twice(((*p, "host"), node.host, f"{node.host} is the address") for p, node in nodes)


def references(draft: Draft) -> Iterator[Problem]:
    """Find names of things that are not there."""
    for kind, field, section in REFERENCES:
        names = draft.section(section)
        if None in names.values():
            continue
        known = [name for name in names.values() if name is not None]
        for place, entry in draft.of(kind):
            value: str | tuple[str, ...] | None = getattr(entry, field)
            many = isinstance(value, tuple)
            for i, name in enumerate(value if isinstance(value, tuple) else (value,)):
                if name is not None and name not in known:
                    where = (*place, field, i) if many else (*place, field)
                    what = f"{show(name)} is not among the {section}; {nearest(name, known)}"
                    yield Problem(where, what)


def segments(draft: Draft) -> Iterator[Problem]:
    """Find VLANs outside the provider's range or used twice."""
    used = {network.segment for _, network in draft.of(NetworkSettings)}
    for _, provider in draft.of(ProviderSettings):
        low, high = provider.minvlan, provider.maxvlan
        free = next((vlan for vlan in range(low, high + 1) if vlan not in used), None)
        advice = f"take a free one, e.g. {free}" if free else "none in it is free; widen it"
        for place, network in draft.of(NetworkSettings):
            if low <= high and not low <= network.segment <= high:
                what = f"{network.segment} is outside {low}..{high}; {advice}"
                yield Problem((*place, "segment"), what)
    yield from _twice(
        ((*place, "segment"), network.segment, f"{network.segment} is the VLAN")
        for place, network in draft.of(NetworkSettings)
    )


def overlaps(draft: Draft) -> Iterator[Problem]:
    """Find networks whose addresses are another's or a node's."""
    before: list[tuple[Place, NetworkSettings]] = []
    for place, network in draft.of(NetworkSettings):
        for other_place, other in before:
            if network.cidr.overlaps(other.cidr):
                what = f"{network.cidr} overlaps {other.cidr} of {at(other_place)}; take another"
                yield Problem((*place, "cidr"), what)
        for node_place, node in draft.of(NodeSettings):
            if node.host in network.cidr:
                what = f"{network.cidr} holds {node.host} of {at(node_place)}; take another"
                yield Problem((*place, "cidr"), what)
        before.append((place, network))


def addresses(draft: Draft) -> Iterator[Problem]:
    """Find fixed addresses that a server can't have on its network."""
    for place, server in draft.of(ServerSettings):
        network = draft.find(NetworkSettings, server.network)
        if server.address is None or network is None:
            continue
        if server.address == network.gateway:
            what = f"{server.address} is the gateway of {show(network.name)}; take another"
            yield Problem((*place, "address"), what)
        for rule in network.unusable("address", server.address):
            yield Problem((*place, rule.key), rule.message)
    yield from _twice(
        ((*place, "address"), (server.network, server.address), f"{server.address} is the address")
        for place, server in draft.of(ServerSettings)
        if server.address is not None
    )


def permissions(draft: Draft) -> Iterator[Problem]:
    """Find servers whose project may not use their network or flavor."""
    for place, server in draft.of(ServerSettings):
        network = draft.find(NetworkSettings, server.network)
        if network and network.project not in (None, server.project):
            what = f"{show(network.name)} belongs to project {show(network.project)}"
            yield Problem((*place, "network"), f"{what}, not to {show(server.project)}")
        flavor = draft.find(FlavorSettings, server.flavor)
        if flavor and not flavor.public and server.project not in flavor.projects:
            what = f"{show(flavor.name)} is not public and does not list {show(server.project)}"
            yield Problem((*place, "flavor"), what)


def somewhere_to_run(draft: Draft) -> Iterator[Problem]:
    """Find servers in a cloud without a compute."""
    if draft.section("servers") and not draft.section("computes"):
        yield Problem(("computes",), "there is none, and servers need one to run on; add one")


def _cannot_read(path: Path) -> str | None:
    """Say why the file can't be read, if so."""
    try:
        if not path.is_file():
            there = "is not a regular file" if path.exists() else f"is not there, in {Path.cwd()}"
            return f"{show(str(path))} {there}"
        path.open("rb").close()
    except OSError as error:
        return f"{show(str(path))} cannot be read: {error.strerror}"
    return None


def _key_file(place: Place, path: Path | None, check: Callable[[str], object]) -> Iterator[Problem]:
    if path is None:
        return
    if what := _cannot_read(path):
        yield Problem(place, what)
        return
    try:
        check(files.text(path))
    except ValueError as error:
        yield Problem(place, f"{show(str(path))} {error}")


def key_files(draft: Draft) -> Iterator[Problem]:
    """Find key files that are not there or hold no key."""
    for place, ssh in draft.of(SshSettings):
        where = (*place, "privateKeyFile")
        yield from _key_file(where, ssh.private_key_file, files.check_private_key)
    for place, server in draft.of(ServerSettings):
        yield from _key_file((*place, "publicKeyFile"), server.public_key_file, files.public_key)


def image_files(draft: Draft) -> Iterator[Problem]:
    """Find image files that are not there or not what the config says."""
    for place, image in draft.of(ImageSettings):
        if image.file is None:
            continue
        if what := _cannot_read(image.file):
            yield Problem((*place, "file"), what)
            continue
        if image.sha256 and (content := files.sha256(image.file)) != image.sha256:
            what = f"is not that of {show(str(image.file))}, whose SHA-256 is {content}"
            yield Problem((*place, "sha256"), what)
        found = files.image_formats(image.file) or {"raw"}
        if image.disk_format not in found:
            what = f"{show(str(image.file))} is {' or '.join(sorted(found))},"
            yield Problem((*place, "diskFormat"), f"{what} not {image.disk_format}")
        elif image.disk_format == "qcow2":
            try:
                backing = files.qcow2_header(image.file)[1]
            except ValueError as error:
                yield Problem((*place, "file"), f"{show(str(image.file))} {error}")
                continue
            if backing:
                what = "has a backing file, which the cloud doesn't have; `qemu-img convert` it"
                yield Problem((*place, "file"), f"{show(str(image.file))} {what}")


def _least_disk(image: ImageSettings) -> int:
    """GiB that a server from the image needs; at least 1.

    Nova lets only administrators start servers whose flavor has no disk.
    """
    size = 0
    with contextlib.suppress(OSError, ValueError):  # image_files says so
        formats = files.image_formats(image.file) if image.file else set()
        if image.file and image.disk_format == "qcow2" and "qcow2" in formats:
            size = files.qcow2_header(image.file)[0]
        elif image.file and image.disk_format == "raw" and not formats:
            size = image.file.stat().st_size
    return max(1, image.min_disk, -(-size // GIB))


def flavor_sizes(draft: Draft) -> Iterator[Problem]:
    """Find servers whose flavor is too small for their image."""
    for place, server in draft.of(ServerSettings):
        image = draft.find(ImageSettings, server.image)
        flavor = draft.find(FlavorSettings, server.flavor)
        if image is None or flavor is None:
            continue
        ram, disk = image.min_ram, _least_disk(image)
        if flavor.ram < ram or flavor.disk < disk:
            fit = [f.name for _, f in draft.of(FlavorSettings) if f.ram >= ram and f.disk >= disk]
            yield Problem(
                (*place, "flavor"),
                f"{show(flavor.name)} ({flavor.ram} MiB, {flavor.disk} GiB disk) is too small for"
                f" image {show(image.name)}, which needs {ram} MiB and {disk} GiB;"
                f" {'take ' + ' or '.join(fit) if fit else 'no flavor is large enough'}",
            )


def quotas(draft: Draft) -> Iterator[Problem]:
    """Find projects whose servers need more than their quota."""
    for place, project in draft.of(ProjectSettings):
        servers = [s for _, s in draft.of(ServerSettings) if s.project == project.name]
        flavors = [f for s in servers if (f := draft.find(FlavorSettings, s.flavor))]
        if project.quota is None:
            continue
        for key, limit, need in (
            ("instances", project.quota.instances, len(servers)),
            ("cores", project.quota.cores, sum(flavor.vcpus for flavor in flavors)),
            ("ram", project.quota.ram, sum(flavor.ram for flavor in flavors)),
        ):
            if need > limit:
                what = f"{limit} is too little; its servers need {need}"
                yield Problem((*place, "quota", key), what)


CHECKS: tuple[Callable[[Draft], Iterator[Problem]], ...] = (
    duplicate_names,
    duplicate_hosts,
    references,
    segments,
    overlaps,
    addresses,
    permissions,
    somewhere_to_run,
    key_files,
    image_files,
    flavor_sizes,
    quotas,
)
