"""What the key of backups promises: age's forms, from the secret alone."""

import subprocess
import sys

import pytest

from components import backup_key
from components.passwords import Passwords
from tests.unit.examples import SECRET

# What `age-keygen -y` of age 1.2 makes of the first is the second.
IDENTITY = "AGE-SECRET-KEY-1RHFTWEZ48MXD3UEZH7R9QCGFWYETNE9MYKX9PV42JEJVJW58PA3SAWY0C5"
RECIPIENT = "age1dq722mlasp0hsfgnhhwpukewqfr8elppemewanj63jp8a0447yzqn0vvtg"


@pytest.mark.parametrize(
    ("prefix", "content", "text"),
    [
        ("a", "", "a12uel5l"),
        (
            "abcdef",
            "00443214c74254b635cf84653a56d7c675be77df",
            "abcdef1qpzry9x8gf2tvdw0s3jn54khce6mua7lmqqqxw",
        ),
        (
            "split",
            "c5f38b70305f519bf66d85fb6cf03058f3dde463ecd7918f2dc743918f2d",
            "split1checkupstagehandshakeupstreamerranterredcaperred2y9e3w",
        ),
    ],
)
def test_texts_are_those_of_bip_173(prefix: str, content: str, text: str) -> None:
    assert backup_key._bech32(prefix, bytes.fromhex(content)) == text


def test_a_secret_always_has_the_same_key() -> None:
    """Another version of the program must read the backups that there are."""
    passwords = Passwords("another version of the program")
    assert backup_key.recipient(passwords) == RECIPIENT
    assert backup_key.identity(passwords) == IDENTITY


def test_the_command_prints_what_age_reads_backups_with() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "components.backup_key"],
        input=f"{SECRET}\n",
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == f"{backup_key.identity(Passwords(SECRET))}\n"
    assert SECRET not in done.stdout
