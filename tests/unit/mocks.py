"""Pulumi without an engine: runs a program and gives back what it registers, options too.

The SDK's public mocks give inputs alone, not the options nor what a component puts out. So the
requests themselves are read, by parts of the SDK that are no public API: where an import of this
file fails, the SDK has changed. No report found.
"""

import gc
import json
import logging
import runpy
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, NoReturn
from unittest.mock import patch

import pulumi
from pulumi.runtime import mocks, rpc
from pulumi.runtime import resource as registration
from pulumi.runtime.proto import resource_pb2
from pulumi.runtime.settings import get_root_resource, reset_options, set_root_resource
from pulumi.runtime.stack import Stack

from components.state import COMMAND
from tests.unit.examples import as_pulumi

ROOT = Path(__file__).parents[2]
STACK = "pulumi:pulumi:Stack"
REFERENCE = "pulumi:pulumi:StackReference"
NOBODY: Mapping[str, str] = {}
TAKEN = (
    (pulumi.log, "debug"),
    (registration, "_get_stack_trace"),
    (registration, "_get_callbacks"),
)
"""The SDK's functions that `scale.prepare` replaces."""


def stdout(command: str) -> str:
    """Return what a command says: of a snapshot what it is, of others a text."""
    if command.startswith("snapshot-"):
        return json.dumps({"id": f"image of {command}", "taken": "2026-01-02T03:04:05Z"})
    return f"stdout of {command}\n"


@dataclass(frozen=True)
class Secret:
    """A value that Pulumi encrypts in the state and hides in what it prints."""

    value: Any


@dataclass(frozen=True)
class Registration:
    """What a program registered as one resource; other resources stand by their names."""

    urn: str
    type: str
    name: str
    inputs: Mapping[str, Any]
    parent: str
    provider: str
    after: frozenset[str]
    """What it waits for: what its inputs come from and what its options name."""
    protect: bool
    delete_before_replace: bool | None
    replace_on_changes: tuple[str, ...]
    ignore_changes: tuple[str, ...]
    replacement_trigger: Any
    hooks: Mapping[str, tuple[str, ...]]
    deleted_with: str
    aliases: frozenset[str]
    """The names that it had before, of those that the program says itself."""


class Deployment(list[Registration]):
    """The resources in the order of their registration, and what each puts out."""

    def __init__(self) -> None:
        super().__init__()
        self.outputs: dict[str, Any] = {}
        """Outputs of components by name; those of the stack by ""."""

    def named(self, name: str) -> Registration:
        """Return the one resource of this name."""
        found = [r for r in self if r.name == name]
        assert len(found) == 1, f"{len(found)} resources are called {name}"
        return found[0]

    def names(self, kind: str = "") -> list[str]:
        """Return the names of all, or of those whose type ends so."""
        return [r.name for r in self if r.type.endswith(kind)]

    def commands(self) -> dict[str, Registration]:
        """Return what is done on nodes, by name."""
        return {r.name: r for r in self if r.type == COMMAND}

    def exported(self) -> dict[str, Any]:
        """Return what `pulumi stack export` would say after an `up` of this."""
        resources = [
            {
                "urn": r.urn,
                "type": r.type,
                "id": f"id of {r.name}" if ":cloud:" not in r.type else "",
                "parent": f"urn:pulumi:test::iaas::any::{r.parent}" if r.parent else "",
                "provider": f"urn:pulumi:test::iaas::any::{r.provider}::id" if r.provider else "",
                "inputs": r.inputs,
                "replacementTrigger": r.replacement_trigger,
                "outputs": {
                    **{"address": "10.101.0.123", **r.inputs, "allFixedIps": ["10.150.0.9"]},
                    **({"stdout": stdout(r.name)} if r.type == COMMAND else {}),
                },
                "created": "2026-01-01T00:00:00Z",
                "modified": "2026-01-01T00:00:00Z",
            }
            for r in self
        ]
        return {"version": 3, "deployment": {"resources": resources}}

    def before(self, name: str) -> set[str]:
        """Return all that a resource waits for, directly or not."""
        named = {resource.name: resource for resource in self}
        found: set[str] = set()
        todo = [name]
        while todo:
            resource = named[todo.pop()]
            # Nothing is registered before what its component waits for.
            component = named[resource.parent].after if resource.parent else ()
            new = {*resource.after, *component, resource.provider} - {""} - found
            found |= new
            todo += new
        return found


def _name(urn: str) -> str:
    """Return the name in a URN, or in a provider's URN::ID; the stack has none."""
    parts = urn.split("::")
    return parts[3] if urn and parts[2] != STACK else ""


def _plain(value: object) -> Any:  # noqa: ANN401  # what it is, the test knows
    """Return a value as the program gave it: secrets marked, whole numbers whole again."""
    if rpc.is_rpc_secret(value):
        return Secret(_plain(rpc.unwrap_rpc_secret(value)))
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value


def _value(value: Any) -> Any:  # noqa: ANN401  # protobuf's Value has no types here
    """Return what is in a protobuf Value; nothing in an empty one."""
    kind = value.WhichOneof("kind")
    return _plain(rpc.deserialize_property(getattr(value, kind))) if kind else None


def _secret(value: object) -> object:
    """Return a value with what is secret in it as the SDK has it."""
    if isinstance(value, Secret):
        return pulumi.Output.secret(value.value)
    if isinstance(value, Mapping):
        return {key: _secret(item) for key, item in value.items()}
    return value


class _World(mocks.Mocks):
    """Answers as a cloud would; in a preview nothing is there to answer."""

    def __init__(self, preview: bool, stacks: Mapping[str, Mapping[str, object]]) -> None:
        self.preview = preview
        self.stacks = stacks

    def call(self, args: mocks.MockCallArgs) -> NoReturn:
        """Refuse every function of a provider: it would be called in a preview, too."""
        raise AssertionError(f"the program calls {args.token}")

    def new_resource(self, args: mocks.MockResourceArgs) -> tuple[str | None, dict[Any, Any]]:
        """Return an id and outputs."""
        if args.typ == REFERENCE:
            outputs = self.stacks[args.inputs["name"]]
            secret = [name for name, value in outputs.items() if isinstance(value, Secret)]
            known = {"outputs": _secret(outputs), "secretOutputNames": secret}
            return args.name, {**args.inputs, **known}
        if self.preview:
            return "", args.inputs
        computed: dict[str, dict[str, object]] = {
            COMMAND: {"stdout": stdout(args.name), "stderr": ""},
            "openstack:networking/floatingIp:FloatingIp": {"address": "10.101.0.123"},
            "openstack:networking/port:Port": {
                **{"allFixedIps": ["10.9.9.9"], "macAddress": "fa:16:3e:12:34:56"}
            },
        }
        return f"id of {args.name}", {**args.inputs, **computed.get(args.typ, {})}


class _Monitor(mocks.MockMonitor):
    """Notes each request."""

    def __init__(self, world: _World, seen: Deployment) -> None:
        super().__init__(world)
        self.seen = seen

    def RegisterResource(  # noqa: N802
        self, request: resource_pb2.RegisterResourceRequest
    ) -> resource_pb2.RegisterResourceResponse:
        response = super().RegisterResource(request)  # type: ignore[no-untyped-call]
        assert isinstance(response, resource_pb2.RegisterResourceResponse)
        if request.type != STACK:
            defined = request.deleteBeforeReplaceDefined
            self.seen.append(
                Registration(
                    urn=response.urn,
                    type=request.type,
                    name=request.name,
                    inputs=_plain(rpc.deserialize_properties(request.object, True)),
                    parent=_name(request.parent),
                    provider=_name(request.provider),
                    after=frozenset(map(_name, request.dependencies)),
                    protect=request.protect,
                    delete_before_replace=request.deleteBeforeReplace if defined else None,
                    replace_on_changes=tuple(request.replaceOnChanges),
                    ignore_changes=tuple(request.ignoreChanges),
                    replacement_trigger=_value(request.replacement_trigger),
                    hooks={f.name: tuple(names) for f, names in request.hooks.ListFields()},
                    deleted_with=_name(request.deletedWith),
                    aliases=frozenset(alias.spec.name for alias in request.aliases),
                )
            )
        return response

    def RegisterResourceOutputs(  # noqa: N802
        self, request: resource_pb2.RegisterResourceOutputsRequest
    ) -> object:
        outputs = rpc.deserialize_properties(request.outputs, True)
        self.seen.outputs[_name(request.urn)] = _plain(outputs)
        return super().RegisterResourceOutputs(request)  # type: ignore[no-untyped-call]


def deploy(
    program: Callable[[], object],
    config: Mapping[str, object] | None = None,
    preview: bool = False,
    stacks: Mapping[str, Mapping[str, object]] | None = None,
    encrypted: Sequence[str] = ("secret",),
    state: Mapping[str, object] | None = None,
    project: str = "iaas",
    on: Mapping[str, Sequence[str]] | None = None,
    dead: Mapping[str, str] = NOBODY,
) -> Deployment:
    """Run a program with this config and return what it registers; these keys are encrypted.

    stacks: the outputs of other stacks. state: what `pulumi stack export` says of this one.
    project: Pulumi's name of the program. on: the servers that Nova has, by compute. dead: why
    nodes do not answer, by address.
    """
    seen = Deployment()
    reset_options()
    logging.getLogger("asyncio").setLevel(logging.CRITICAL)  # as where Pulumi runs a program
    world = _World(preview, stacks or {})
    pulumi.runtime.set_mocks(world, project, "test", preview, monitor=_Monitor(world, seen))
    # That made a stack which takes no program any more.
    set_root_resource(None)  # type: ignore[arg-type]
    Stack()
    seen.clear()

    def run() -> None:
        program()
        stack = get_root_resource()
        assert isinstance(stack, Stack)
        stack.register_outputs(stack.outputs)

    keys = [f"{project}:{key}" for key in encrypted]
    given = [getattr(module, name) for module, name in TAKEN]
    pulumi.runtime.set_all_config(as_pulumi(config or {}, project), keys)
    try:
        with (
            patch("components.state.exported", return_value=state or {}),
            patch(
                "components.refusals.computes.servers_on",
                side_effect=lambda _, compute: [*(on or {}).get(compute, ())],
            ),
            patch(
                "components.refusals.computes.silent", side_effect=lambda host, _: dead.get(host)
            ),
        ):
            pulumi.runtime.test(run)()  # type: ignore[no-untyped-call]
    finally:
        pulumi.runtime.set_all_config({}, [])
        if project != "iaas":  # another one's name is for this run
            pulumi.runtime.configure(pulumi.runtime.Settings(project="iaas", stack="test"))
        # What `scale.prepare` takes away for the one program of a run.
        gc.enable()
        for (module, name), function in zip(TAKEN, given, strict=True):
            setattr(module, name, function)
    return seen


def main() -> None:
    """Run the real program."""
    runpy.run_path(str(ROOT / "__main__.py"))


class _JudgedError(Exception):
    """No change is refused any more: the program would declare its cloud now."""


def judged() -> None:
    """Run the real program until it would declare its cloud, for tests of what is refused."""
    with patch("components.guard.Guard", side_effect=_JudgedError), suppress(_JudgedError):
        main()


def fresh(config: Mapping[str, object]) -> Deployment:
    """Return what the real program registers on bare nodes; it runs once for each config.

    Not for tests of what a run says, or of what its files say.
    """
    return _fresh(json.dumps(config))


@cache
def _fresh(config: str) -> Deployment:
    return deploy(main, json.loads(config))
