#!/usr/bin/env python3
"""Runs on a node: begins a console's connection, and prints what it is offered, and taken to.

    vnc.py qemu HOST PORT [CERTIFICATE KEY]   at QEMU itself
    vnc.py proxy URL                          by the proxy, as a browser does

A line is: the security types (RFB, 7.1.2), those inside of VeNCrypt, the version and the cipher of
TLS, and the result; `refused` and why, if it comes to none.
"""

import base64
import os
import socket
import ssl
import struct
import sys
from collections.abc import Callable, Mapping
from urllib.parse import parse_qs, urlsplit

CA = "/etc/xiandian/tls/ca.crt"
VERSION = b"RFB 003.008\n"
NONE, VENCRYPT, X509_NONE = 1, 19, 260

Read = Callable[[int], bytes]


def exactly(connection: socket.socket) -> Read:
    """Return what reads so many bytes."""

    def read(count: int) -> bytes:
        found = b""
        while len(found) < count:
            more = connection.recv(count - len(found))
            if not more:
                raise ConnectionError(f"it ends after {found!r}")
            found += more
        return found

    return read


def trusting() -> ssl.SSLContext:
    """Return what takes only a node's certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(CA)
    return context


def qemu(host: str, port: str, *own: str) -> str:
    """Ask QEMU."""
    with socket.create_connection((host, int(port)), 30) as plain:
        read = exactly(plain)
        plain.sendall(read(len(VERSION)))
        kinds = [*read(read(1)[0])]
        if VENCRYPT not in kinds:
            return f"{kinds} without TLS"
        plain.sendall(bytes([VENCRYPT]))
        plain.sendall(read(2))
        assert read(1) == b"\0"
        count = read(1)[0]
        inside = [*struct.unpack(f"!{count}I", read(4 * count))]
        plain.sendall(struct.pack("!I", X509_NONE))
        assert read(1) == b"\1"
        context = trusting()
        if own:
            context.load_cert_chain(*own)
        with context.wrap_socket(plain, server_hostname=host) as secret:
            cipher = secret.cipher()
            assert cipher
            result = struct.unpack("!I", exactly(secret)(4))[0]
            return f"{kinds} {inside} {secret.version()} {cipher[0]} {result}"


def proxy(url: str) -> str:
    """Ask the proxy: its websocket has one frame for each answer, and ours have a mask of zeros."""
    parts = urlsplit(url)
    path = parse_qs(parts.query)["path"][0]
    assert parts.hostname and parts.port
    with socket.create_connection((parts.hostname, parts.port), 60) as plain:
        secret = trusting().wrap_socket(plain, server_hostname=parts.hostname)
        head = {
            "Host": parts.netloc,
            "Upgrade": "websocket",
            "Connection": "Upgrade",
            "Sec-WebSocket-Key": base64.b64encode(os.urandom(16)).decode(),
            "Sec-WebSocket-Version": "13",
            "Sec-WebSocket-Protocol": "binary",
        }
        lines = [f"GET /{path.removeprefix('/')} HTTP/1.1", *(f"{k}: {v}" for k, v in head.items())]
        secret.sendall("\r\n".join([*lines, "", ""]).encode())
        read, said = exactly(secret), b""
        while not said.endswith(b"\r\n\r\n"):
            said += read(1)
        assert b" 101 " in said.splitlines()[0], said
        stream = b""

        def answer(count: int) -> bytes:
            nonlocal stream
            while len(stream) < count:
                length = read(2)[1]
                stream += read(struct.unpack("!H", read(2))[0] if length == 126 else length)
            found, stream = stream[:count], stream[count:]
            return found

        def say(what: bytes) -> None:
            secret.sendall(bytes([0x82, 0x80 | len(what)]) + bytes(4) + what)

        say(answer(len(VERSION)))
        kinds = [*answer(answer(1)[0])]
        say(bytes([NONE]))
        return f"{kinds} {struct.unpack('!I', answer(4))[0]}"


WAYS: Mapping[str, Callable[..., str]] = {"qemu": qemu, "proxy": proxy}

if __name__ == "__main__":
    try:
        print(WAYS[sys.argv[1]](*sys.argv[2:]))
    except OSError as error:
        print("refused:", error)
