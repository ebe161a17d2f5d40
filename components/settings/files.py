"""Keys: what a text or a file really is."""

import hashlib
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import (
    load_pem_private_key,
    load_ssh_private_key,
    load_ssh_public_key,
)

KEY_TYPES = (
    "ssh-ed25519",
    "ssh-rsa",
    "ecdsa-sha2-nistp256",
    "ecdsa-sha2-nistp384",
    "ecdsa-sha2-nistp521",
)
KEY_BYTES = 64 * 1024
"""No key's file is longer."""
SHOWN = 80
"""Characters of a value that a message repeats; a longer one is only spoken of."""


def show(value: object) -> str:
    """Quote a value for a message; what is long or may be a key is not repeated."""
    if value is None:
        return "nothing"
    if isinstance(value, dict | list):
        return "a mapping" if isinstance(value, dict) else "a list"
    quoted = repr(value)
    private = "PRIVATE" in quoted or "\\n" in quoted or len(quoted) > SHOWN
    return "this text" if private else quoted


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


def sha256(path: Path) -> str:
    """Return the file's SHA-256 in hexadecimal (OSError)."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def public_key(line: str) -> str:
    """Return the key's one line, stripped; ValueError says what it is instead, without it."""
    line = line.strip()
    if "PRIVATE KEY" in line:
        raise ValueError("is a private key; give the public one (the file named .pub)")
    if "\n" in line:
        raise ValueError("is more than one line; give one key")
    if not line.startswith(tuple(f"{kind} " for kind in KEY_TYPES)):
        raise ValueError(f"is no public key: one line that begins with {', '.join(KEY_TYPES)}")
    try:
        load_ssh_public_key(line.encode())
    except (ValueError, UnsupportedAlgorithm):
        raise ValueError("is a damaged public key; copy its whole line again") from None
    return line


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
        raise ValueError("is a damaged private key, or of a kind that is not known") from None
