"""What the settings promise of key files and keys: each is a key, and the right half of it."""

import base64
import struct
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
)

from components.settings import ServerSettings
from tests.unit.configs import GONE, SERVER, Allowed, Case, check_refused, check_taken, each, file
from tests.unit.examples import private_key, public_key, string


def locked_key(form: PrivateFormat) -> str:
    """Return a private key with a passphrase (for OpenSSH's form only its head is real)."""
    if form is PrivateFormat.OpenSSH:
        kdf = string(string(b"s" * 16) + struct.pack(">I", 16))
        head = b"openssh-key-v1\0" + string(b"aes256-ctr") + string(b"bcrypt") + kdf
        public = base64.b64decode(public_key("locked").split()[1])
        blob = head + struct.pack(">I", 1) + string(public) + string(b"x" * 160)
        text = base64.encodebytes(blob).decode()
        name = "OPENSSH PRIVATE KEY"
        return f"-----BEGIN {name}-----\n{text}-----END {name}-----\n"
    key = Ed25519PrivateKey.generate()
    return key.private_bytes(Encoding.PEM, form, BestAvailableEncryption(b"word")).decode()


CASES: tuple[Case, ...] = (
    ("no private key file", {"ssh.privateKeyFile": "no"}, "ssh.privateKeyFile", "is not there, in"),
    (
        "private key no key",
        {"ssh.privateKeyFile": file("hello")},
        "ssh.privateKeyFile",
        "'file' is no private key",
    ),
    (
        "private key is public",
        {"ssh.privateKeyFile": file(public_key())},
        "ssh.privateKeyFile",
        "is no private key",
    ),
    (
        "private key damaged",
        {"ssh.privateKeyFile": file(private_key().replace("AA", "BB"))},
        "ssh.privateKeyFile",
        "is a damaged private key",
    ),
    (
        "private key binary",
        {"ssh.privateKeyFile": file(b"\xff\xfe")},
        "ssh.privateKeyFile",
        "not a short text",
    ),
    (
        "private key too long",
        {"ssh.privateKeyFile": file(private_key().ljust(2**16 + 1, "\n"))},
        "ssh.privateKeyFile",
        "not a short text",
    ),
    (
        "private key locked, OpenSSH",
        {"ssh.privateKeyFile": file(locked_key(PrivateFormat.OpenSSH))},
        "ssh.privateKeyFile",
        "has a passphrase; put the key into the ssh agent",
    ),
    (
        "private key locked, PEM",
        {"ssh.privateKeyFile": file(locked_key(PrivateFormat.PKCS8))},
        "ssh.privateKeyFile",
        "has a passphrase",
    ),
    ("no public key", {"servers[1].publicKey": GONE}, "servers[1].publicKey", "exactly one of"),
    ("two public keys", {"servers[0].publicKey": public_key()}, "servers[0].publicKey", "exactly"),
    (
        "no public key file",
        {"servers[0].publicKeyFile": "no"},
        "servers[0].publicKeyFile",
        "is not",
    ),
    (
        "private for public",
        {"servers[1].publicKey": private_key()},
        "servers[1].publicKey",
        "is a private key; give the public one",
    ),
    (
        "file private for public",
        {"servers[0].publicKeyFile": file(private_key())},
        "servers[0].publicKeyFile",
        "is a private key",
    ),
    (
        "public key no key",
        {"servers[1].publicKey": "hello"},
        "servers[1].publicKey",
        "is no public",
    ),
    (
        "public key damaged",
        {"servers[1].publicKey": public_key()[:60]},
        "servers[1].publicKey",
        "is a damaged public key",
    ),
    (
        "two keys in one",
        {"servers[1].publicKey": f"{public_key()}\n{public_key('b')}"},
        "servers[1].publicKey",
        "is more than one line",
    ),
    (
        "no host key",
        {"controller.hostKey": GONE},
        "controller.hostKey",
        "`ssh-keyscan -t ed25519 HOST`",
    ),
    (
        "host key with address",
        {"controller.hostKey": f"192.168.100.10 {public_key()}"},
        "controller.hostKey",
        "begins with a host; leave it out",
    ),
    (
        "host key not to be checked",
        {"computes[0].checkHostKey": False},
        "computes[0].checkHostKey",
        "is false, but a hostKey is given",
    ),
)

ALLOWED: tuple[Allowed, ...] = (
    ("the longest key", {"ssh.privateKeyFile": file(private_key().ljust(2**16, "\n"))}),
)


@each(CASES)
def test_a_mistake_is_named_at_its_place(case: Case, here: Path) -> None:
    check_refused(case, here)


@each(ALLOWED)
def test_what_is_just_within_a_limit_is_taken(case: Allowed, tmp_path: Path) -> None:
    check_taken(case, tmp_path)


def test_a_key_is_one_line_without_newline() -> None:
    server = ServerSettings.model_validate(SERVER | {"publicKey": public_key("web2") + "\n"})
    assert server.key == public_key("web2")
