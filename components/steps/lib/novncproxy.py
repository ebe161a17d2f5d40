#!/usr/bin/env python3
"""nova-novncproxy, which knows the computes that it fetches consoles from.

    novncproxy.py ARGS    as the package's own program of this name

Nova 2025.1 asks by ssl.wrap_socket. Python has none since 3.12, and the one that eventlet puts in
its place checks no certificate, whatever Nova asks for. This one does, and that the certificate is
of the address that was called. All else is Nova's.
"""

import socket
import ssl
import sys

from nova.cmd import novncproxy


def wrap_socket(
    sock: socket.socket, keyfile: str, certfile: str, ca_certs: str, **_: object
) -> ssl.SSLSocket:
    """Return the connection, encrypted; ssl.SSLError, as Nova expects, if it is another's."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_verify_locations(ca_certs)
    context.load_cert_chain(certfile, keyfile)
    return context.wrap_socket(sock, server_hostname=sock.getpeername()[0])


if __name__ == "__main__":
    # By now Nova has let eventlet change the module.
    vars(ssl)["wrap_socket"] = wrap_socket
    sys.exit(novncproxy.main())
