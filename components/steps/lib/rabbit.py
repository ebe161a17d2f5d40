#!/usr/bin/env python3
"""RabbitMQ's accounts, and who listens on its queues, for the steps of a node.

    rabbit.py definitions NAME ...    prints the accounts' definitions, passwords hashed
    rabbit.py accounts HOST NAME ...  these accounts may log in, and `guest` may not
    rabbit.py strangers HOST NAME ... prints who of them may use another's virtual host: NAME OTHER
    rabbit.py listens HOST NAME QUEUE somebody takes messages from the queue

The password of NAME is in the variable NAME_RABBIT_PASS (upper case); TLS is not empty if RabbitMQ
speaks it. Exit status 0 if it is so,
1 with the reason on stderr if not.
"""

import base64
import hashlib
import json
import os
import ssl
import sys
import time

from amqp import Connection
from amqp.exceptions import AccessRefused, NotAllowed, NotFound

OWN = {"nova": "/", "neutron": "neutron"}
"""The virtual host of each account. Nova's cells know theirs."""

TRUSTED = "/etc/xiandian/tls/ca.crt"

PATIENCE = 5.0  # seconds that one process asks for: starting one takes longer than asking
PAUSE = 0.2  # seconds between two questions


def password_of(name: str) -> str:
    """The account's password."""
    return os.environ[f"{name.upper()}_RABBIT_PASS"]


def hashed(password: str) -> str:
    """RabbitMQ's own hash. The salt comes from the password: the same one gives the same text."""
    salt = hashlib.sha256(b"salt" + password.encode()).digest()[:4]
    digest = hashlib.sha256(salt + password.encode()).digest()
    return base64.b64encode(salt + digest).decode()


def definitions(names: list[str]) -> str:
    """The accounts, each with all rights in its virtual host and none elsewhere."""
    users = [
        {
            "name": name,
            "password_hash": hashed(password_of(name)),
            "hashing_algorithm": "rabbit_password_hashing_sha256",
            "tags": [],
        }
        for name in names
    ]
    rights = [
        {"user": name, "vhost": OWN[name], "configure": ".*", "read": ".*", "write": ".*"}
        for name in names
    ]
    hosts = [{"name": OWN[name]} for name in names]
    return json.dumps({"vhosts": hosts, "users": users, "permissions": rights}, indent=1)


def connection(host: str, name: str, password: str, where: str) -> Connection:
    """A connection that is opened by `with` (AccessRefused, NotAllowed, OSError)."""
    port, encrypted = 5672, None
    if os.environ.get("TLS"):
        checked = {"ca_certs": TRUSTED, "cert_reqs": ssl.CERT_REQUIRED, "server_hostname": host}
        port, encrypted = 5671, checked
    return Connection(
        f"{host}:{port}", name, password, virtual_host=where, connect_timeout=5, ssl=encrypted
    )


def may_enter(host: str, name: str, password: str, where: str) -> bool:
    """Whether RabbitMQ lets the account into a virtual host (OSError if it does not answer)."""
    try:
        with connection(host, name, password, where):
            return True
    except (AccessRefused, NotAllowed):
        return False


def wrong_accounts(host: str, names: list[str]) -> str:
    """Which accounts are not as they must be; empty if all are."""
    refused = [name for name in names if not may_enter(host, name, password_of(name), OWN[name])]
    guest = ["guest, who must not"] if may_enter(host, "guest", "guest", "/") else []
    return ", ".join([*(f"{name}, who must" for name in refused), *guest])


def strangers(host: str, names: list[str]) -> list[str]:
    """Which accounts may use another's virtual host: a line for each."""
    return [
        f"{name} {OWN[other]}"
        for name in names
        for other in names
        if other != name and may_enter(host, name, password_of(name), OWN[other])
    ]


def deaf(host: str, name: str, queue: str) -> str:
    """Why nobody takes messages from the queue for a while; empty as soon as somebody does."""
    until = time.monotonic() + PATIENCE
    with connection(host, name, password_of(name), OWN[name]) as rabbit:
        while True:
            try:
                if rabbit.channel().queue_declare(queue, passive=True).consumer_count:
                    return ""
                reason = f"nobody listens on {queue}"
            except NotFound:
                reason = f"there is no queue {queue}"
            if time.monotonic() > until:
                return reason
            time.sleep(PAUSE)


def main(command: str, *rest: str) -> int:
    """Run the command of the command line."""
    if command == "definitions":
        print(definitions(list(rest)))
        return 0
    try:
        if command == "strangers":
            print("\n".join(strangers(rest[0], list(rest[1:]))))
            return 0
        reason = wrong_accounts(rest[0], list(rest[1:])) if command == "accounts" else deaf(*rest)
    except OSError as error:
        reason = f"RabbitMQ does not answer: {error}"
    if reason:
        print(reason, file=sys.stderr)
    return 1 if reason else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
