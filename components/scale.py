"""What keeps a program of thousands of resources from waiting for itself.

`make bench-preview` measures it.
"""

import asyncio
import atexit
import gc
import os

import pulumi


def prepare() -> None:
    """Call it once, before the first resource of a program.

    - Pulumi's SDK sends each of its debug messages, five for a resource, to the engine and waits
      for the answer, whether somebody will read it or not. IAAS_DEBUG=1 in the environment keeps
      them, for `pulumi up --debug`.
    - Where a program ends before the first registration has begun, the SDK waits for all of its
      unknown outputs at once, and anew whenever one becomes known: that takes the square of their
      number. So the registrations begin first.
    - Nothing of the graph is garbage before the program's end. Python looks for it again and
      again all the same, and a last time at its exit.
    """
    if not os.environ.get("IAAS_DEBUG"):
        pulumi.log.debug = _discard
    pulumi.run(_yield_once)
    gc.disable()
    atexit.register(gc.freeze)


def _discard(
    msg: str,
    resource: pulumi.Resource | None = None,
    stream_id: int | None = None,
    ephemeral: bool | None = None,
) -> None:
    """Take the place of `pulumi.log.debug`."""


async def _yield_once() -> None:
    await asyncio.sleep(0)
