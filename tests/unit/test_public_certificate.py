"""A team's own certificate: what of it is refused before anything is changed, and why."""

from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from components.certificates import public, trusted
from components.passwords import Passwords
from components.settings import TlsSettings
from components.settings.public_certificate import covers, problems
from tests.unit.examples import SECRET
from tests.unit.public_certificates import (
    BETWEEN,
    CHAIN,
    DAY,
    KEY,
    LEAF,
    MIDDLE,
    NAME,
    NOW,
    OTHER,
    ROOT,
    TOP,
    made,
    written,
)

PASSWORDS = Passwords(SECRET)
ENDED = made(NAME, "root", KEY, ROOT, NOW - 2 * DAY, NOW - DAY)
OPENSSH = KEY.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption()).decode()
CASES: tuple[tuple[str, str, str, str], ...] = (
    ("another name", made("x.org", "root", KEY, ROOT) + TOP, written(KEY), f"is not of {NAME}"),
    ("ended", ENDED + TOP, written(KEY), "is valid from"),
    ("not begun", made(NAME, "root", KEY, ROOT, NOW + DAY) + TOP, written(KEY), "is valid from"),
    ("one is missing", LEAF + TOP, written(KEY), "certificate 2 should be that of CN=middle"),
    ("no root", LEAF + BETWEEN, written(KEY), "append the certificate of CN=root"),
    ("another key", CHAIN, written(OTHER), "is not the key of the first certificate"),
    ("the other way round", TOP + BETWEEN + LEAF, written(KEY), "certificate 2 should be"),
    ("a passphrase", CHAIN, written(KEY, b"x"), "has a passphrase"),
    ("no key", CHAIN, "nothing", "is no private key as PEM"),
    ("a key for ssh", CHAIN, OPENSSH, "is no private key as PEM"),
    ("no certificate", "nothing", written(KEY), "has no certificates as PEM"),
    ("the key is in it", CHAIN + written(KEY), written(KEY), "belongs into keyFile alone"),
)

FILES = ("certificate.pem", "key.pem")


def of_files(folder: Path) -> TlsSettings:
    """Return settings with the files of a folder."""
    certificate, key = (folder / name for name in FILES)
    return TlsSettings(public_name=NAME, certificate_file=certificate, key_file=key)


Said = Callable[[str, str], list[str]]


@pytest.fixture
def said(tmp_path: Path) -> Said:
    """A function that says what is wrong with the texts of two files."""

    def of(certificate: str, key: str) -> list[str]:
        of, its_key = (tmp_path / name for name in FILES)
        of.write_text(certificate)
        its_key.write_text(key)
        return [problem.message for problem in problems(("tls",), of, its_key, NAME)]

    return of


@pytest.mark.parametrize(
    ("certificate", "key", "why"), [c[1:] for c in CASES], ids=[c[0] for c in CASES]
)
def test_what_clients_would_not_take_is_refused(
    certificate: str, key: str, why: str, said: Said
) -> None:
    assert why in "\n".join(said(certificate, key))


def test_all_that_is_wrong_is_said_at_once(said: Said) -> None:
    assert len(said("nothing", "nothing")) == 2
    found = said(made("x.org", "middle", KEY, MIDDLE, NOW + DAY) + TOP, written(OTHER))
    expected = ("is not of", "not today", "has no chain", "is not the key")
    assert [words in what for words, what in zip(expected, found, strict=True)] == [True] * 4


def test_a_whole_chain_with_its_key_is_taken(said: Said) -> None:
    assert said(CHAIN, written(KEY)) == []


def test_a_root_that_the_machine_trusts_may_be_left_out(
    said: Said, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As that of a public authority, whose files end before it; users are given it all the same."""
    (tmp_path / "system.pem").write_text(TOP)
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "system.pem"))
    assert said(LEAF + BETWEEN, written(KEY)) == []
    assert trusted(PASSWORDS, of_files(tmp_path)).endswith(TOP)
    assert "does not trust" in said(LEAF, written(KEY))[0]


@pytest.mark.parametrize(
    ("pattern", "name", "does"),
    [
        ("cloud.example.org", NAME, True),
        ("Cloud.Example.ORG", NAME, True),
        ("*.example.org", NAME, True),
        ("*.org", NAME, False),
        ("example.org", NAME, False),
    ],
)
def test_a_name_stands_for_a_host(pattern: str, name: str, does: bool) -> None:
    assert covers(pattern, name) is does


def test_users_trust_its_root_besides_the_clouds_own_authority(said: Said, tmp_path: Path) -> None:
    said(CHAIN, written(KEY))
    tls, plain = of_files(tmp_path), TlsSettings()
    assert trusted(PASSWORDS, tls) == trusted(PASSWORDS, plain) + TOP
    found = public(tls)
    assert found and (found.text, found.key) == (CHAIN, written(KEY))
    assert public(plain) is None
