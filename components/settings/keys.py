"""Checks of keys. No message repeats a text that is no key: it may be a secret."""

import re
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import (
    load_pem_private_key,
    load_ssh_private_key,
    load_ssh_public_key,
)

HOST_KINDS = (
    "ssh-ed25519",
    "ssh-rsa",
    "ecdsa-sha2-nistp256",
    "ecdsa-sha2-nistp384",
    "ecdsa-sha2-nistp521",
)
KINDS = (*HOST_KINDS, "sk-ssh-ed25519@openssh.com", "sk-ecdsa-sha2-nistp256@openssh.com")
"""Kinds that Nova accepts for a server; the last two are of security keys."""

KEY_BYTES = 64 * 1024
"""Most bytes of a key's file."""

KIND = "|".join(map(re.escape, KINDS))
OPTION = (
    r"(?i:restrict|cert-authority|(no-)?((agent|port|x11)-forwarding|pty|user-rc)"
    r"|no-touch-required|verify-required|[a-z0-9-]+=\")"
)
"""The start of an option of sshd's authorized_keys."""

NO_KEYS: tuple[tuple[str, str], ...] = (
    (".*(PRIVATE KEY|PuTTY-User)", "is a private key; give the public one (the file named .pub)"),
    ("\ufeff", "begins with a byte order mark; save it as UTF-8 without one"),
    ("---- BEGIN SSH2", "is in SSH2's form; `ssh-keygen -i -f FILE` writes the one line"),
    (
        "-----BEGIN PUBLIC KEY",
        "is in PEM's form; `ssh-keygen -i -m PKCS8 -f FILE` writes the one line",
    ),
    (
        "-----BEGIN RSA PUBLIC KEY",
        "is in PEM's form; `ssh-keygen -i -m PEM -f FILE` writes the one line",
    ),
    (r"(.*\n)?\s*#", "has a comment line; give the key's line alone"),
    (".*\n", "is more than one line; give one key"),
    ("[a-z0-9-]+-cert-v01@", "is a certificate; give the key that it is for"),
    ("ssh-dss ", "is a DSA key, which no ssh service takes any more; make an ed25519 one"),
    ("AAAA[A-Za-z0-9+/=]+( |$)", "lacks its kind before it, such as ssh-ed25519"),
    (
        rf"{OPTION}.* ({KIND}) ",
        "begins with options; leave them out, the cloud takes the key alone",
    ),
    (rf"(@[a-z-]+ +)?(?!({KIND}) )[^ ]+ +({KIND}) ", "begins with a host; leave it out"),
)
"""The start of a text that is no key, and the message."""

PATH = r"\S*(/\S*|\.pub|\.pem)"


def text(path: Path) -> str:
    """Read a key's file (OSError; ValueError if it is too long or not text)."""
    with path.open("rb") as file:
        content = file.read(KEY_BYTES + 1)
    try:
        if len(content) <= KEY_BYTES:
            return content.decode()
    except UnicodeDecodeError:
        pass
    raise ValueError("is no key: not a short text")


def _one_line(line: str, kinds: tuple[str, ...], for_a_path: str) -> str:
    line = line.strip()
    for begin, what in NO_KEYS:
        if re.match(begin, line, re.DOTALL):
            raise ValueError(what)
    if re.fullmatch(PATH, line):
        raise ValueError(f"is a file's path; {for_a_path}")
    if not line.startswith(tuple(f"{kind} " for kind in kinds)):
        raise ValueError(f"is no public key: one line that begins with {', '.join(kinds)}")
    try:
        load_ssh_public_key(line.encode())
    except (ValueError, UnsupportedAlgorithm):
        raise ValueError("is a damaged public key; copy its whole line again") from None
    return line


def public_key(line: str) -> str:
    """Return a server's key as one line, stripped; ValueError says what it is instead."""
    return _one_line(line, KINDS, "a path is for publicKeyFile")


def host_key(line: str) -> str:
    """Return a node's host key as one line, stripped; ValueError says what it is instead."""
    return _one_line(line, HOST_KINDS, "give the line that is in it")


def check_private_key(content: str) -> None:
    """Raise ValueError unless this is a private key without passphrase."""
    if "PRIVATE KEY" not in content:
        raise ValueError("is no private key (OpenSSH or PEM)")
    load = load_ssh_private_key if "BEGIN OPENSSH" in content else load_pem_private_key
    try:
        load(content.encode(), None)
    except TypeError:
        raise ValueError(
            "has a passphrase; put the key into the ssh agent and leave privateKeyFile out"
        ) from None
    except (ValueError, UnsupportedAlgorithm):
        raise ValueError("is a damaged private key, or of an unknown kind") from None
