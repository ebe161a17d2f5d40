"""The order of an update: look, then one node after the other, each until it is proven."""

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from components.settings import NodeSettings

from ..ssh import AT_ONCE
from ..status import cloud, nodes
from ..status.seen import Kind, Seen
from ..status.words import count, some
from .nodes import Hands, Stopped
from .plan import RELOADED, Plan, plan, problems, restarts, shown

Print = Callable[[str], object]
UNCHANGED = "nothing was changed; mend this, or name the other nodes by NODES='…'"


@dataclass(frozen=True)
class Wanted:
    """What is asked for. nodes: none for all; every: not only updates of security."""

    nodes: tuple[str, ...] = ()
    every: bool = False
    drain: bool = False
    dry: bool = False


def update(hands: Hands, wanted: Wanted, out: Print) -> None:
    """Update nodes, one after the other (Stopped: at the first that does not come back)."""
    stack = hands.stack
    there = nodes.kinds(stack)
    chosen = [pair for pair in there if not wanted.nodes or pair[0].name in wanted.nodes]
    plans = look(hands, chosen, wanted, out)
    for one in plans:
        out(f"{one.name}: {shown(one)}")
        if one.held:
            out(f"{one.name}: held back by hand, and stay: {' '.join(one.held)}")
    if wanted.dry:
        out("nothing was changed: this is what apt's lists say that the nodes have (DRY)")
        return
    settings = {node.name: node for node, _ in there}
    left = [one for one in plans if not one.nothing]
    if not left:
        out("nothing to do")
    for number, one in enumerate(left):
        try:
            _node(hands, settings[one.name], one, out)
        except Stopped as stopped:
            said = [f"stopped at {one.name}"]
            if others := ", ".join(later.name for later in left[number + 1 :]):
                said.append(f"not updated yet: {others}")
            do = "`make status` shows what is wrong; then run `make update` again: it goes on here"
            raise Stopped(f"{stopped}\n{'; '.join(said)}. {do}") from None


def look(
    hands: Hands, chosen: Sequence[tuple[NodeSettings, Kind]], wanted: Wanted, out: Print
) -> list[Plan]:
    """Return what is to be done (Stopped: why nothing can begin, all of it)."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        if not wanted.dry:
            said = pool.map(lambda pair: hands.lists(pair[0], out), chosen)
            if wrong := [why for why in said if why]:
                raise Stopped("\n".join([*wrong, UNCHANGED]))
        of_cloud = pool.submit(cloud.ask, hands.stack)
        answers = pool.map(lambda pair: nodes.ask(hands.way, *pair), chosen)
        seen = Seen(
            stack=hands.stack.name,
            time=time.time(),
            nodes=tuple(answers),
            cloud=of_cloud.result(),
        )
        reached = {node.name for node in seen.nodes if node.reading}
        asked = [pair for pair in chosen if pair[0].name in reached]
        found = list(pool.map(lambda pair: hands.old(*pair), asked))
    old = {node.name: one for (node, _), one in zip(asked, found, strict=True)}
    plans = plan(seen, old, every=wanted.every, drain=wanted.drain)
    if wrong := list(problems(seen, plans, drain=wanted.drain)):
        raise Stopped("\n".join([*wrong, UNCHANGED]))
    return plans


def _node(hands: Hands, node: NodeSettings, one: Plan, out: Print) -> None:
    """Do what is to be done on a node, and prove that it works."""

    def tell(line: str) -> None:
        out(f"{node.name}: {line}")

    if one.drain:
        tell(f"moving {count(one.servers, 'server')} away")
        hands.drain(node.name, tell)
    try:
        if one.touches:
            _change(hands, node, one, tell)
    except Stopped as stopped:
        off = f"\n{one.name} takes no new servers until then" if one.drain or one.release else ""
        raise Stopped(f"{stopped}{off}") from None
    if one.drain or one.release:
        hands.release(node.name, tell)


def _change(hands: Hands, node: NodeSettings, one: Plan, tell: Print) -> None:
    if one.packages:
        tell(f"updating {count(len(one.packages), 'package')}")
    hands.packages(node, one.packages, tell)
    if reasons := _reboot(hands, node, one.kind):
        tell(f"reboots: {reasons}")
        tell(f"is back after {hands.reboot(node)} s")
        if still := _reboot(hands, node, one.kind):
            tell(f"asks for a reboot again, so look which kernel it boots: {still}")
    else:
        _restart(hands, node, one.kind, tell)
    tell(hands.prove(node, one.kind))


def _reboot(hands: Hands, node: NodeSettings, kind: Kind) -> str:
    """Return why a node asks for a reboot, "" if it does not."""
    reading = nodes.ask(hands.way, node, kind).reading
    return "; ".join((reading.reboot if reading else None) or ())


def _restart(hands: Hands, node: NodeSettings, kind: Kind, tell: Print) -> None:
    """Restart the services that run old files, and no other."""
    old = hands.old(node, kind)
    for unit, why in old.units.items():
        tell(f"{unit} {why}")
    if old.units:
        groups = restarts(kind, old.units)
        failed = hands.restart(node, groups, old)
        names = [unit for unit in RELOADED if unit in old.units]
        names += [unit for group in groups for unit in group]
        tell(f"restarted {' '.join(names)}{f': {failed}' if failed else ''}")
    if old.others:
        tell(f"run on with old files until a reboot, or a restart by hand: {some(old.others, 20)}")
    if old.servers:
        tell(
            f"{count(old.servers, 'server')} run on with the QEMU of before its update, until each"
            " is moved, or stopped and started"
        )
