"""Every password of the cloud, derived by name from the one secret of the settings.

RFC 5869 (HKDF-SHA256): without the secret, one password reveals nothing about another. A new
secret gives all new passwords.

`python -m components.passwords NAME` prints the password of a name, such as `project web`, in a
cloud whose secret comes by stdin.
"""

import sys

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF


class Passwords:
    """The passwords of one cloud. None is printed or stored."""

    def __init__(self, secret: str) -> None:
        self._secret = secret.encode()

    def plain(self, name: str) -> str:
        """The password of this name: 40 hexadecimal digits."""
        return self._derive(f"password {name}", 20).hex()

    def key(self, name: str) -> bytes:
        """The private key of this name: 32 bytes."""
        return self._derive(f"key {name}", 32)

    def fingerprint(self) -> str:
        """Eight hexadecimal digits that change with the secret, for previews.

        They do not reveal the secret: it is long and random.
        """
        return self._derive("fingerprint", 4).hex()

    def _derive(self, info: str, length: int) -> bytes:
        key = HKDF(algorithm=SHA256(), length=length, salt=b"iaas", info=info.encode())
        return key.derive(self._secret)


if __name__ == "__main__":
    print(Passwords(sys.stdin.read().strip()).plain(sys.argv[1]))
