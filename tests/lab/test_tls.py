"""What goes over the wire of the lab's cloud is encrypted, and each side knows the other."""

import socket
import ssl
import subprocess

import pytest

from components.certificates import Authority, file_of
from components.passwords import Passwords
from tests.changes.lab import run
from tests.lab.conftest import ADDRESSES, on

CONTROLLER = ADDRESSES["controller"]
PORTS = {
    "keystone": 5000,
    "nova": 8774,
    "metadata": 8775,
    "placement": 8778,
    "glance": 9292,
    "neutron": 9696,
    "consoles": 6080,
    "RabbitMQ": 5671,
}
"""What of the controller speaks TLS."""


@pytest.fixture(scope="module")
def trusted() -> str:
    """The file of the certificates that the lab's cloud is known by."""
    secret = run("pulumi", "config", "get", "secret").stdout.strip()
    return file_of(Authority(Passwords(secret)).trusted())


def greeted(port: int, context: ssl.SSLContext) -> str:
    """Return the version of TLS that a port speaks (OSError)."""
    with (
        socket.create_connection((CONTROLLER, port), timeout=10) as plain,
        context.wrap_socket(plain, server_hostname=CONTROLLER) as encrypted,
    ):
        return encrypted.version() or ""


@pytest.mark.parametrize("name", PORTS)
def test_a_service_shows_a_certificate_of_the_stacks_authority(name: str, trusted: str) -> None:
    assert greeted(PORTS[name], ssl.create_default_context(cafile=trusted)) == "TLSv1.3"


@pytest.mark.parametrize("name", PORTS)
def test_who_does_not_know_the_authority_does_not_trust_a_service(name: str) -> None:
    with pytest.raises(ssl.SSLCertVerificationError):
        greeted(PORTS[name], ssl.create_default_context())


@pytest.mark.parametrize("name", PORTS)
def test_a_service_speaks_no_earlier_version_and_no_weak_cipher(name: str) -> None:
    for options in ("-tls1_1 -cipher DEFAULT@SECLEVEL=0", "-tls1_2 -cipher ECDHE-ECDSA-AES128-SHA"):
        words = ["openssl", "s_client", "-connect", f"{CONTROLLER}:{PORTS[name]}", *options.split()]
        done = subprocess.run(words, input="", capture_output=True, text=True, check=False)
        assert "Cipher is (NONE)" in done.stdout + done.stderr, options


@pytest.mark.parametrize("name", PORTS)
def test_a_service_does_not_answer_in_clear(name: str) -> None:
    with socket.create_connection((CONTROLLER, PORTS[name]), timeout=10) as plain:
        plain.sendall(b"GET / HTTP/1.0\r\n\r\n")
        assert not plain.recv(100).startswith(b"HTTP/1.1 2")


@pytest.mark.parametrize("node", ADDRESSES)
def test_a_nodes_key_is_its_own(node: str) -> None:
    """Read by root and by services that need it, and the same as no other node's."""
    line = "stat -c '%U %a' /etc/xiandian/tls/node.key; sha256sum </etc/xiandian/tls/node.key"
    said = {name: on(name, line).splitlines() for name in ADDRESSES}
    assert said[node][0] == "root 600"
    assert [key for _, key in said.values()].count(said[node][1]) == 1


@pytest.mark.parametrize("node", ADDRESSES)
def test_nothing_of_the_cloud_asks_in_clear(node: str) -> None:
    """Each URL in the services' files is of this node alone, or encrypted."""
    where = "/etc/{keystone,glance,placement,nova,neutron} /etc/xiandian/openrc.sh"
    line = f"grep -rhoE '^[^#]*http://[^ ]+' {where} 2>/dev/null | grep -v 127.0.0.1 || true"
    assert on(node, line) == ""
