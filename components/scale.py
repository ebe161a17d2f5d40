"""What keeps a program of thousands of resources fast.

`make bench-preview` measures it.
"""

import asyncio
import atexit
import gc
import os
from functools import cache

import pulumi
from pulumi.runtime import resource as registration
from pulumi.runtime import settings
from pulumi.runtime.proto import source_pb2


def prepare() -> None:
    """Call it once, before the first resource of a program.

    - Pulumi's SDK sends each of its debug messages, five for a resource, to the engine and waits
      for the answer, even if nobody reads them. IAAS_DEBUG=1 in the environment keeps them, for
      `pulumi up --debug`. The SDK has no switch for them, so its function is replaced. Report:
      https://github.com/pulumi/pulumi/issues/7292, closed when there were fewer of them.
    - For each resource it also notes the calls that led to it and looks at the file of each, for
      the state and for nothing else. IAAS_DEBUG=1 keeps that, too. The function is no public one:
      a test fails where the SDK has another. No report found; it came with
      https://github.com/pulumi/pulumi/pull/20430.
    - Each hook starts a server with a port of its own, because a task does not see which server
      another task keeps in a context variable: two for each server of the cloud, and more than
      the 1,024 files that a process may open on Debian. So all share the first one's. This is no
      public function, either. No report found.
    - If the program ends before its first registration starts, the SDK waits for all unknown
      outputs at once, and starts again whenever one becomes known: time grows with the square
      of their number. So the registrations start first: `pulumi.run` is public, and what it runs
      is awaited before that. No report found; https://github.com/pulumi/pulumi/pull/22411 did it.
    - Nothing of the graph is garbage before the program's end. Python's collector would still
      search it many times, and once more at exit.
    """
    if not os.environ.get("IAAS_DEBUG"):
        pulumi.log.debug = _discard
        registration._get_stack_trace = source_pb2.StackTrace
    start = settings._get_callbacks
    shared = cache(lambda: asyncio.ensure_future(start()))
    registration._get_callbacks = shared  # type: ignore[attr-defined, assignment]
    pulumi.run(_yield_once)
    gc.disable()
    atexit.register(gc.freeze)


def _discard(
    msg: str,
    resource: pulumi.Resource | None = None,
    stream_id: int | None = None,
    ephemeral: bool | None = None,
) -> None:
    """Replace `pulumi.log.debug`: send nothing."""


async def _yield_once() -> None:
    await asyncio.sleep(0)
