"""What the passwords promise: each from the secret and its name alone, and none from another."""

import hmac
import re
import subprocess
import sys

import pytest

from components.passwords import Passwords
from tests.unit.examples import SECRET

NAMES = ("ADMIN_PASS", "NOVA_PASS", "NOVA_DBPASS", "project web", "project NOVA_PASS")


def hkdf(secret: str, info: str, length: int) -> str:
    """Derive as RFC 5869 says, with SHA-256 and the salt `iaas`, for one block."""
    key = hmac.digest(b"iaas", secret.encode(), "sha256")
    return hmac.digest(key, info.encode() + b"\x01", "sha256")[:length].hex()


@pytest.mark.parametrize("name", NAMES)
def test_a_password_is_hkdf_of_secret_and_name(name: str) -> None:
    """Another version of the program must find the passwords that a cloud already has."""
    assert Passwords(SECRET).plain(name) == hkdf(SECRET, f"password {name}", 20)


def test_a_password_is_safe_in_shell_urls_and_config_files() -> None:
    assert all(re.fullmatch("[0-9a-f]{40}", Passwords(SECRET).plain(name)) for name in NAMES)


def test_no_two_are_the_same() -> None:
    secrets = (SECRET, SECRET + " ", SECRET.upper())
    made = [Passwords(secret).plain(name) for secret in secrets for name in NAMES]
    assert len(set(made)) == len(made)


def test_the_fingerprint_changes_with_the_secret_and_is_no_part_of_a_password() -> None:
    passwords, others = Passwords(SECRET), Passwords(SECRET + SECRET)
    assert re.fullmatch("[0-9a-f]{8}", passwords.fingerprint())
    assert passwords.fingerprint() == Passwords(SECRET).fingerprint()
    assert passwords.fingerprint() != others.fingerprint()
    assert not any(passwords.fingerprint() in passwords.plain(name) for name in NAMES)


def test_another_version_of_the_program_has_the_same_fingerprint() -> None:
    """Another one would run every step of every node again."""
    assert Passwords(SECRET).fingerprint() == hkdf(SECRET, "fingerprint", 4)


def test_it_does_not_show_the_secret() -> None:
    assert SECRET not in f"{Passwords(SECRET)!r} {Passwords(SECRET)}"


def test_the_command_prints_the_password_of_a_name() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "components.passwords", "project web"],
        input=f"{SECRET}\n",
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == f"{Passwords(SECRET).plain('project web')}\n"
