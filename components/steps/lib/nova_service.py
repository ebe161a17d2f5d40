#!/usr/bin/env python3
"""A service of Nova that waits for the others no longer than they take.

    nova_service.py nova-NAME ARGS    as the package's own program of this name

Nova's API imports this file into uWSGI instead.

This differs, and all else is Nova's:

Calls. Since its version 14.5 oslo.messaging looks for the answer to a call twice a second, and no
sooner (Launchpad bug 2035113: who waits on the queue itself keeps the connection's heartbeats
back). Most answers are there after some milliseconds, and nova-compute reads and writes all that it
knows by calls, dozens for each server. This looks again after a millisecond, then after longer and
longer.

Events. At its first start nova-compute asks libvirt for servers before it asks for events, and gets
none until it is started again. Here libvirt's connection is never opened before that.

Helpers. nova-compute starts its two privileged helpers when the first server needs them, which
then waits for several programs of Python to start. Here they start as soon as it takes orders.
"""

import queue
import sys
import threading
import time
from importlib import import_module
from typing import Protocol

# The first of Nova's: eventlet changes other modules here.
import nova.cmd  # isort: skip
from oslo_messaging import MessagingTimeout
from oslo_messaging._drivers.amqpdriver import ReplyWaiters

FIRST = 0.001
LONGEST = 0.05
"""Seconds until it looks again."""


class Waiters(Protocol):
    """What of ReplyWaiters is used here."""

    _queues: dict[str, "queue.Queue[object]"]
    """The answers to each call that waits."""


class Host(Protocol):
    """What of Nova's libvirt is used here."""

    def initialize(self) -> None:
        """Listen for libvirt's events; once, however often it is called."""


HELPERS = {"nova.privsep": "sys_admin_pctxt", "vif_plug_ovs.privsep": "vif_plug"}
"""The contexts of the privileged helpers, by their modules: for disks, and for ports."""


def answer(self: Waiters, msg_id: str, timeout: float) -> object:
    """Return the answer to a call; MessagingTimeout if there is none within these seconds."""
    until = time.monotonic() + timeout
    pause = FIRST
    while time.monotonic() < until:
        try:
            return self._queues[msg_id].get(block=False)
        except queue.Empty:
            time.sleep(pause)
            pause = min(2 * pause, LONGEST)
    raise MessagingTimeout(f"no answer to the call {msg_id} within {timeout} s")


def listen_first() -> None:
    """Let Nova listen for libvirt's events before it opens a connection."""
    host = import_module("nova.virt.libvirt.host").Host
    connection = host.get_connection

    def listening(self: Host) -> object:
        self.initialize()
        return connection(self)

    host.get_connection = listening


def start_helpers() -> None:
    """Let Nova start its privileged helpers when it has started itself."""
    service = import_module("nova.service").Service
    contexts = [getattr(import_module(module), name) for module, name in HELPERS.items()]
    start = service.start

    def starting(self: object) -> None:
        start(self)
        for context in contexts:
            threading.Thread(target=context.start, daemon=True).start()

    service.start = starting


ReplyWaiters.get = answer

if __name__ == "__main__":
    # Nova finds its files by the program's name.
    sys.argv = sys.argv[1:]
    program = sys.argv[0].removeprefix("nova-")
    if program == "compute":
        listen_first()
        start_helpers()
    sys.exit(import_module(f"{nova.cmd.__name__}.{program}").main())
