"""The key that backups are encrypted to, derived from the cloud's secret: age's X25519.

Only the recipient, which is public, goes to a node. Who has the secret can read every backup with
age alone: `python -m components.backup_key` prints the identity of the secret that comes by stdin.
https://github.com/C2SP/C2SP/blob/main/age.md has the format, BIP 173 its text form (Bech32).
"""

import sys
from collections.abc import Iterable

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from .passwords import Passwords

CHARACTERS = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
GENERATOR = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)


def identity(passwords: Passwords) -> str:
    """The private key: it decrypts backups. It is on no node."""
    return _bech32("age-secret-key-", passwords.key("backup")).upper()


def recipient(passwords: Passwords) -> str:
    """The public key: it encrypts them."""
    key = X25519PrivateKey.from_private_bytes(passwords.key("backup"))
    return _bech32("age", key.public_key().public_bytes_raw())


def _bech32(prefix: str, content: bytes) -> str:
    words = list(_fives(content))
    head = [*(ord(c) >> 5 for c in prefix), 0, *(ord(c) & 31 for c in prefix)]
    check = _checksum([*head, *words, *[0] * 6]) ^ 1
    words += [check >> shift & 31 for shift in (25, 20, 15, 10, 5, 0)]
    return f"{prefix}1{''.join(CHARACTERS[word] for word in words)}"


def _fives(content: bytes) -> Iterable[int]:
    """Yield the bits of bytes by five, the last ones filled with zeros."""
    bits = "".join(f"{byte:08b}" for byte in content)
    return (int(bits[i : i + 5].ljust(5, "0"), 2) for i in range(0, len(bits), 5))


def _checksum(words: Iterable[int]) -> int:
    check = 1
    for word in words:
        top, check = check >> 25, (check & 0x1FFFFFF) << 5 ^ word
        for i, generator in enumerate(GENERATOR):
            check ^= generator if top >> i & 1 else 0
    return check


if __name__ == "__main__":
    print(identity(Passwords(sys.stdin.read().strip())))
