"""Takes what is in a cloud into the stack's state, where that lacks it: `python -m tools.adopt`.

For a state that was lost, or lacks a part. What `up` would make is looked for in the cloud, and
what is there already gets into the state, so that `up` makes just the rest. It changes the state,
and neither nodes nor cloud. STACK and PULUMI are variables of the environment, as make gives them.
WRITE=1 does something else: it adds what is in the cloud, and not in the settings, to the stack's
file, for a person to look at.

Exit status 0: nothing is unclear; 1: something is, or the cloud does not answer; a second run goes
on; 2: a wrong call.
"""

import os
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from keystoneauth1.exceptions import ClientException

from components.settings import SettingsError
from components.steps.lib.snapshots import Refused

from ..config import NoConfig, entries
from ..interrupted import KINDS, Connect
from ..resume import connected
from ..state import NoState, Raw, export, read_from_cloud, stack_name, write
from . import found
from .beyond import Beyond, beyond
from .look import look
from .planned import NoPlan, planned
from .state import take_in, unread
from .there import kind_of

RESUME = "a run was cut off, or a change has failed: run `make resume` first; nothing was changed"


@dataclass
class Done:
    """What a run has done, by URN."""

    adopted: dict[str, str] = field(default_factory=dict)
    """Ids of what is in the state from now on."""
    unclear: Mapping[str, str] = field(default_factory=dict)
    left: Mapping[str, Raw] = field(default_factory=dict)
    """What `up` makes."""
    beyond: Sequence[Beyond] = ()


def adopt(stack: str, connect: Connect, tell: Callable[[str], None]) -> Done:
    """Take in what is there, until nothing more is found (NoPlan, NoState, ClientException).

    What refers to something is found when that is in the state, so it takes several rounds. Each
    one leaves a state that the next run goes on with.
    """
    done = Done()
    state = export(stack)
    if state["deployment"].get("pending_operations"):
        raise NoState(RESUME)
    while True:
        if urns := unread(state):
            tell(f"reading {len(urns)} of them from the cloud")
            read_from_cloud(stack, urns)
            state = export(stack)
        plan = planned(stack)
        looked = look(plan, state, connect)
        if not looked.found:
            looked = look(plan, state, connect, patient=False)
        again = looked.found.keys() & done.adopted
        new = {urn: raw for urn, raw in looked.found.items() if urn not in again}
        if not new:
            lost = dict.fromkeys(again, "the cloud lists it, and says that it is not there")
            done.unclear = {**looked.unclear, **lost}
            done.left = {urn: raw for urn, raw in plan.items() if urn not in done.unclear}
            done.beyond = [*beyond(state, done.adopted, connect)]
            return done
        take_in(state, plan, new)
        write(stack, state)
        done.adopted |= {urn: raw["id"] for urn, raw in new.items()}
        state = export(stack)


def said(done: Done) -> Iterator[str]:
    """Yield the lines of the table."""
    rows = [("adopted", _name(urn), id_) for urn, id_ in sorted(done.adopted.items())]
    rows += [("unclear", _name(urn), why) for urn, why in sorted(done.unclear.items())]
    more = "is not in the settings: `openstack security group rule delete"
    rows += [("a rule", _name(one.group), f"{one.words} {more} {one.id}`") for one in done.beyond]
    kinds = Counter[str]()
    for urn, raw in sorted(done.left.items()):
        if kind_of(raw) in KINDS:
            rows.append(("not there", _name(urn), "`up` makes it"))
        elif raw.get("custom") and not raw["type"].startswith("pulumi:"):
            kinds[raw["type"].rpartition(":")[2]] += 1
    width = max((len(name) for _, name, _ in rows), default=0)
    yield from (f"{what:9}  {name:{width}}  {text}".rstrip() for what, name, text in rows)
    if kinds:
        counted = ", ".join(f"{number} {kind}" for kind, number in sorted(kinds.items()))
        yield f"and what is the same if it is made again: {counted}"


def advice(done: Done) -> str:
    """Return what to do next."""
    if done.unclear:
        return "look at what is unclear, and run this again before `pulumi up`: it would make that"
    if done.left:
        return "look at `pulumi preview`, then run `pulumi up`"
    return "the state has all of it"


def _name(urn: str) -> str:
    return urn.rsplit("::", 1)[-1]


def main() -> int:
    """Run it, and print the table."""
    if len(sys.argv) != 1:
        print(__doc__, file=sys.stderr)
        return 2
    stack = os.environ.get("STACK", "")
    try:
        connect = connected(stack)
        if os.environ.get("WRITE", "") not in ("", "0"):
            print("\n".join(written(stack, connect)))
            return 0
        done = adopt(stack, connect, tell)
    except (Refused, NoConfig, NoPlan, NoState, SettingsError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    except ClientException as error:
        print(f"the cloud cannot be asked: {error}", file=sys.stderr)
        return 1
    print("\n".join([*said(done), "", advice(done)]))
    return int(bool(done.unclear))


def written(stack: str, connect: Connect) -> Iterator[str]:
    """Add what the settings lack to the stack's file, and yield what to say of it."""
    config, namespace = entries(stack)
    name = os.environ.get("PULUMI_OPTION_CONFIG_FILE") or f"Pulumi.{stack_name(stack)}.yaml"
    done = found.write(config, namespace, Path(name), connect, tell)
    yield from found.said(done)
    yield ""
    if done.file is None:
        yield "the settings have all that they can have of this cloud"
    elif done.file == found.PASTE:
        yield f"{name} has a list in brackets: put what you want of {done.file} into it yourself"
        yield "then run `make adopt`"
    else:
        yield f"look at {name}, take out what you don't want, then run `make adopt`"


def tell(line: str) -> None:
    """Print a line at once."""
    print(line, flush=True)


if __name__ == "__main__":
    sys.exit(main())
