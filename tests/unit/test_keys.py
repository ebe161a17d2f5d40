"""What is no key is said to be what it is, and never repeated."""

import base64
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from components.settings import load
from components.settings.keys import host_key, public_key
from tests.unit import examples
from tests.unit.configs import changed, file, problems
from tests.unit.examples import as_pulumi, good_config, string

KEY = examples.public_key("key")
BLOB = KEY.split()[1]
RSA = rsa.generate_private_key(65537, 2048).public_key()
POINT = ec.generate_private_key(ec.SECP256R1()).public_key()


def line(kind: str, *parts: bytes) -> str:
    """Write a public key of these parts."""
    blob = b"".join(map(string, (kind.encode(), *parts)))
    return f"{kind} {base64.b64encode(blob).decode()} comment"


SK_ED25519 = line(
    "sk-ssh-ed25519@openssh.com",
    Ed25519PrivateKey.generate().public_key().public_bytes_raw(),
    b"ssh:",
)
SK_ECDSA = line(
    "sk-ecdsa-sha2-nistp256@openssh.com",
    b"nistp256",
    POINT.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint),
    b"ssh:work",
)
SSH2 = f'---- BEGIN SSH2 PUBLIC KEY ----\nComment: "a"\n{BLOB}\n---- END SSH2 PUBLIC KEY ----\n'
PEM = RSA.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
PKCS1 = RSA.public_bytes(Encoding.PEM, PublicFormat.PKCS1).decode()

# A promise, a text that is no key, and what is said of it for servers.
WRONG: tuple[tuple[str, str, str], ...] = (
    ("options", f'from="10.0.0.0/8,10.1.0.0/16" {KEY}', "begins with options; leave them out"),
    ("options without a value", f"no-pty,no-X11-forwarding {KEY}", "begins with options"),
    ("options and a command", f'restrict,command="echo a b" {KEY}', "begins with options"),
    ("options in capitals", f"Restrict {KEY}", "begins with options"),
    ("a host", f"192.168.100.10 {KEY}", "begins with a host; leave it out"),
    ("hosts", f"controller-1,192.168.100.10 {KEY}", "begins with a host"),
    ("a host and a port", f"[192.168.100.10]:2222 {KEY}", "begins with a host"),
    ("a hashed host", f"|1|Zm9v=|YmFy= {KEY}", "begins with a host"),
    ("a host called as an option", f"node-pty.example {KEY}", "begins with a host"),
    ("a marked host", f"@cert-authority *.example.org {KEY}", "begins with a host"),
    ("a byte order mark", f"\ufeff{KEY}", "begins with a byte order mark"),
    ("a comment above", f"# HEADER: by hand\n{KEY}", "has a comment line; give the key's line"),
    ("a comment below", f"{KEY}\n # of web1", "has a comment line"),
    ("a comment alone", "# none yet", "has a comment line"),
    ("two keys", f"{KEY}\n{KEY}", "is more than one line; give one key"),
    ("SSH2", SSH2, "is in SSH2's form; `ssh-keygen -i -f FILE` writes the one line"),
    ("PEM", PEM, "is in PEM's form; `ssh-keygen -i -m PKCS8 -f FILE`"),
    ("PKCS#1", PKCS1, "is in PEM's form; `ssh-keygen -i -m PEM -f FILE`"),
    ("PuTTY's", "PuTTY-User-Key-File-3: ssh-ed25519\nPublic-Lines: 2\n", "is a private key"),
    ("a path", "web1.pub", "is a file's path; a path is for publicKeyFile"),
    ("a path in a folder", "~/.ssh/id_ed25519", "is a file's path; a path is for publicKeyFile"),
    ("no kind", BLOB, "lacks its kind before it, such as ssh-ed25519"),
    ("no kind, but a name", f"{BLOB} web1", "lacks its kind before it"),
    ("a certificate", f"ssh-rsa-cert-v01@openssh.com {BLOB}", "is a certificate; give the key"),
    ("a DSA key", f"ssh-dss {BLOB}", "is a DSA key, which no ssh service takes any more"),
    ("another's kind", KEY.replace("ssh-ed25519", "ssh-rsa"), "is a damaged public key"),
    ("half a security key", SK_ECDSA[:80], "is a damaged public key"),
    ("a word", "hunter2", "is no public key: one line that begins with ssh-ed25519, ssh-rsa, "),
    ("nothing", "", "is no public key"),
)

TAKEN: tuple[tuple[str, str], ...] = (
    ("ed25519", KEY),
    ("rsa", RSA.public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode()),
    ("ecdsa", POINT.public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode()),
    ("a security key", SK_ED25519),
    ("an older security key", SK_ECDSA),
    ("a comment of another script", f"{KEY} 小明 的 # 1"),
    ("a comment that looks like a host's key", f"{KEY} was 10.0.0.1 ssh-rsa AAAA"),
)


@pytest.mark.parametrize(("text", "words"), [row[1:] for row in WRONG], ids=[r[0] for r in WRONG])
def test_what_is_no_key_is_said_to_be_what_it_is(text: str, words: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(words)}") as error:
        public_key(text)
    assert BLOB not in str(error.value)
    assert not text or text not in str(error.value)


@pytest.mark.parametrize("key", [row[1] for row in TAKEN], ids=[row[0] for row in TAKEN])
def test_what_nova_takes_is_a_servers_key(key: str) -> None:
    assert public_key(f"{key}\r\n") == key


def test_a_mistake_in_a_key_is_named_at_its_place(here: Path) -> None:
    change: dict[str, object] = {
        "controller.hostKey": f"192.168.100.10 {KEY}",
        "servers[0].publicKeyFile": file(f"restrict {KEY}"),
        "servers[1].publicKey": "web1.pub",
    }
    lines = problems(as_pulumi(changed(good_config(here), change, here)))
    assert lines == [
        "controller.hostKey: begins with a host; leave it out",
        "servers[0].publicKeyFile: 'file' begins with options; leave them out, the"
        " cloud takes the key alone",
        "servers[1].publicKey: is a file's path; a path is for publicKeyFile",
    ]


def test_a_server_has_a_security_key(tmp_path: Path) -> None:
    change: dict[str, object] = {
        "servers[0].publicKeyFile": file(SK_ED25519),
        "servers[1].publicKey": SK_ECDSA,
    }
    settings = load(as_pulumi(changed(good_config(tmp_path), change, tmp_path)))
    assert [server.key for server in settings.servers] == [SK_ED25519, SK_ECDSA]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        pytest.param(f"192.168.100.10 {KEY}", "begins with a host; leave it out", id="a host"),
        pytest.param("/etc/ssh/key.pub", "is a file's path; give the line that is in", id="a path"),
        pytest.param(SK_ED25519, "is no public key: one line that begins", id="a security key"),
        pytest.param(f"# node:22 SSH-2.0\nnode {KEY}", "has a comment line", id="a scan's comment"),
    ],
)
def test_what_is_no_host_key_is_said_to_be_what_it_is(text: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        host_key(text)


@pytest.mark.parametrize("check", [public_key, host_key])
def test_a_key_is_its_line(check: Callable[[str], str]) -> None:
    assert check(f" {KEY}\n") == KEY
