"""Duplicates: names, and other values that must be unique."""

from collections.abc import Iterable, Iterator
from functools import partial

from .adopted_servers import AdoptedServerSettings
from .base import Base
from .draft import Draft, until_broken
from .messages import Place, Problem, show
from .names import fold
from .networks import NetworkSettings
from .nodes import ITSELF, ControllerItself, NodeSettings
from .servers import ServerSettings, nics

NAMED: tuple[tuple[str, ...], ...] = (
    ("controller", "computes"),
    ("projects",),
    ("images",),
    ("networks",),
    ("routers",),
    ("flavors",),
    ("serverGroups",),
    ("servers", "securityGroups"),
    ("snapshots",),
)
"""Sections whose names must be unique together. Each server has a group of its name."""

UNIQUE: tuple[tuple[type[Base], str, str], ...] = (
    (NodeSettings, "host", "the address"),
    (NetworkSettings, "segment", "the VLAN"),
    (AdoptedServerSettings, "id", "the id"),
)
"""Values that must be unique, apart from names."""


def _twice(draft: Draft, values: Iterable[tuple[Place, object, str]]) -> Iterator[Problem]:
    """Report each value (place, value, what it is) that an earlier place has."""
    first: dict[object, Place] = {}
    for place, value, what in values:
        if value in first:
            other = draft.at(first[value][:-1], seen_from=place)
            yield Problem(place, f"{what} of {other} too; take another")
        first.setdefault(value, place)


def names(draft: Draft) -> Iterator[Problem]:
    """Find names that are the same, or that the database takes for the same."""
    for sections in NAMED:
        first: dict[str, tuple[str, Place]] = {}
        for place, name in draft.names(*sections).items():
            if name is None or isinstance(draft.entries[place], ControllerItself):
                continue
            other, there = first.setdefault(fold(name), (name, place))
            if there != place:
                where = draft.at(there, seen_from=(*place, "name"))
                what = f"is the name of {where} too"
                if other != name:
                    what = f"is for OpenStack's database the same as {show(other)} of {where}"
                advice = "take another"
                if there == ("controller",):
                    advice += f"; if it is the same machine, the entry is the word `{ITSELF}`"
                yield Problem((*place, "name"), f"{show(name)} {what}; {advice}")


def values(draft: Draft) -> Iterator[Problem]:
    """Find duplicate addresses of nodes, VLANs and addresses of servers."""
    twice = partial(_twice, draft)
    for kind, field, what in UNIQUE:
        given = ((p, value) for p, value in draft.values(kind, field) if value is not None)
        yield from twice((p, value, f"{value} is {what}") for p, value in given)
    yield from twice(
        ((*where, key), (nic.network, address), f"{address} is the address")
        for place, server in draft.of(ServerSettings)
        for where, nic in until_broken(nics(place, server))
        for key in ("address", "address6")
        if (address := vars(nic).get(key))
    )
