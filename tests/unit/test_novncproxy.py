"""Nova's console proxy, as the controller runs it: it knows the computes that it fetches from."""

import runpy
import socket
import ssl
import sys
import threading
from ipaddress import IPv4Address
from pathlib import Path
from types import ModuleType

import pytest
from cryptography import x509

from components import steps
from components.certificates import Authority
from components.passwords import Passwords
from tests.unit.examples import OTHER_SECRET, SECRET

HERE = "127.0.0.1"
OURS, OTHERS = Authority(Passwords(SECRET)), Authority(Passwords(OTHER_SECRET))


def written(folder: Path, name: str, authority: Authority, address: str) -> dict[str, str]:
    """Return the files of a node's certificate and key."""
    made = authority.sign(name, [name], [IPv4Address(address)], 2026)
    files = {"certfile": made.text, "keyfile": made.key}
    for kind, text in files.items():
        (folder / f"{name}.{kind}").write_text(text)
    return {kind: str(folder / f"{name}.{kind}") for kind in files}


def heard(compute: dict[str, str], trusted: Path) -> tuple[int, list[str]]:
    """Serve one connection as a compute; return its port, and who has shown a certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(**compute)
    context.load_verify_locations(trusted)
    context.verify_mode = ssl.CERT_REQUIRED
    server, said = socket.create_server((HERE, 0)), list[str]()

    def serve() -> None:
        connection, _ = server.accept()
        with server, connection:
            try:
                with context.wrap_socket(connection, server_side=True) as secret:
                    shown = x509.load_der_x509_certificate(secret.getpeercert(True) or b"")
                    said.append(shown.subject.rfc4514_string())
                    secret.sendall(b"done")
            except OSError:
                said.append("nobody")

    threading.Thread(target=serve, daemon=True).start()
    return server.getsockname()[1], said


@pytest.mark.parametrize(
    ("authority", "address", "refused"),
    [
        pytest.param(OURS, HERE, "", id="the compute"),
        pytest.param(OURS, "127.0.0.9", "IP address mismatch", id="another node"),
        pytest.param(OTHERS, HERE, "certificate verify failed", id="a stranger"),
    ],
)
def test_the_proxy_takes_a_console_from_its_compute_alone(
    authority: Authority,
    address: str,
    refused: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    nova, cmd, main = (ModuleType(name) for name in ("nova", "nova.cmd", "nova.cmd.novncproxy"))
    monkeypatch.setattr(cmd, "novncproxy", main, raising=False)
    for module in (nova, cmd, main):
        monkeypatch.setitem(sys.modules, module.__name__, module)
    wrap_socket = runpy.run_path(str(steps.FOLDER / "lib/novncproxy.py"))["wrap_socket"]
    trusted = tmp_path / "ca.crt"
    trusted.write_text(OURS.trusted())
    own = written(tmp_path, "controller", OURS, "127.0.0.2")
    port, said = heard(written(tmp_path, "compute", authority, address), trusted)
    more = {"server_side": False, "cert_reqs": ssl.CERT_REQUIRED}
    with socket.create_connection((HERE, port), 30) as plain:
        if refused:
            with pytest.raises(ssl.SSLError, match=refused):
                wrap_socket(plain, **own, ca_certs=str(trusted), **more)
        else:
            with wrap_socket(plain, **own, ca_certs=str(trusted), **more) as secret:
                assert secret.recv(4) == b"done"
            assert said == ["CN=controller,O=iaas"]
