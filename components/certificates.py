"""The stack's certificates: an authority of its own, and one for each node, from the one secret.

All of it is known in every preview: keys are derived as passwords are, signatures are RFC 6979's,
and dates and numbers are fixed by the year. So the same secret, node and year give the same text.

The authority's key is on no node, and a node's key on that node alone. Whoever has the secret has
them all; what was encrypted with them stays so, as each connection has keys of its own.

An authority has a generation. Trusted are also the one before it, so that what it has signed works
until all nodes have new certificates, and the next one, so that all trust it before it signs.
"""

import atexit
import hashlib
import os
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from ipaddress import IPv4Address

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from .passwords import Passwords
from .settings import TlsSettings
from .settings.public_certificate import chain, private_key

AUTHORITY = (datetime(2025, 1, 1, tzinfo=UTC), datetime(2049, 1, 1, tzinfo=UTC))
"""Before 2050 dates have the form that every library reads."""
ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
"""Of P-256's group (SEC 2): private keys are 1 to one less."""


def valid(year: int) -> tuple[datetime, datetime]:
    """Return from when to when a node's certificate of this year is valid.

    The first `up` of a year renews it. From one `up` to the next may be 13 months, and a node's
    clock may be a month behind; some libraries refuse what is valid for more than 825 days.
    """
    return datetime(year - 1, 12, 1, tzinfo=UTC), datetime(year + 2, 2, 1, tzinfo=UTC)


def this_year() -> int:
    """Return the year of today's certificates."""
    return datetime.now(UTC).year


@dataclass(frozen=True)
class Certificate:
    """A node's certificate and key, as PEM."""

    text: str
    key: str = field(repr=False)
    until: datetime

    def mark(self, trusted: str) -> str:
        """Return a word that changes with it and with what is trusted: its end, and a hash."""
        digest = hashlib.sha256(f"{self.text}{trusted}".encode()).hexdigest()
        return f"{self.until:%Y-%m-%d}/{digest[:8]}"


class Authority:
    """What signs the certificates of one cloud."""

    def __init__(self, passwords: Passwords, generation: int = 1) -> None:
        self._passwords = passwords
        self._generation = generation
        self._key = _private(passwords.key(f"authority {generation}"))
        self._name = _name(f"authority {generation} {passwords.fingerprint()}")

    def certificate(self) -> str:
        """Return its own certificate, as PEM."""
        public = self._key.public_key()
        usage = x509.KeyUsage(
            digital_signature=False,
            content_commitment=False,
            key_encipherment=False,
            data_encipherment=False,
            key_agreement=False,
            key_cert_sign=True,
            crl_sign=True,
            encipher_only=False,
            decipher_only=False,
        )
        builder = (
            self._begun(self._name, public, AUTHORITY)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(usage, critical=True)
        )
        return self._signed(builder)

    def trusted(self) -> str:
        """Return what is trusted, as PEM: the authority before it, its own, and the next one."""
        generations = range(max(self._generation - 1, 1), self._generation + 2)
        return "".join(Authority(self._passwords, n).certificate() for n in generations)

    def sign(
        self, node: str, names: Iterable[str], addresses: Iterable[IPv4Address], year: int
    ) -> Certificate:
        """Return what the node of this name shows to others, and by which they know it."""
        key = _private(self._passwords.key(f"node {node}"))
        own: list[x509.GeneralName] = [x509.DNSName(name) for name in names]
        own += [x509.IPAddress(address) for address in addresses]
        purposes = [ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]
        # No usage of keys: QEMU asks for one that only RSA has.
        builder = (
            self._begun(_name(node), key.public_key(), valid(year))
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(x509.ExtendedKeyUsage(purposes), critical=False)
            .add_extension(x509.SubjectAlternativeName(own), critical=False)
        )
        return Certificate(self._signed(builder), _text(key), valid(year)[1])

    def _begun(
        self, name: x509.Name, key: ec.EllipticCurvePublicKey, dates: tuple[datetime, datetime]
    ) -> x509.CertificateBuilder:
        own = x509.SubjectKeyIdentifier.from_public_key(key)
        issuer = x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key())
        begin, end = dates
        # One name has one certificate for each of its dates and issuers.
        parts = f"{name.rfc4514_string()} {begin} {end} {self._generation}".encode() + own.digest
        return (
            x509.CertificateBuilder()
            .issuer_name(self._name)
            .subject_name(name)
            .public_key(key)
            .serial_number(int.from_bytes(hashlib.sha256(parts).digest()[:16]) | 1)
            .not_valid_before(begin)
            .not_valid_after(end)
            .add_extension(own, critical=False)
            .add_extension(issuer, critical=False)
        )

    def _signed(self, builder: x509.CertificateBuilder) -> str:
        signed = builder.sign(self._key, SHA256(), ecdsa_deterministic=True)
        return signed.public_bytes(Encoding.PEM).decode()


def public(tls: TlsSettings) -> Certificate | None:
    """Return the team's own certificate with its chain, if there is one (OSError, ValueError)."""
    if tls.certificate_file is None or tls.key_file is None:
        return None
    found = chain(tls.certificate_file)
    until = min(certificate.not_valid_after_utc for certificate in found)
    return Certificate(_pem(*found), _text(private_key(tls.key_file)), until)


def trusted(passwords: Passwords, tls: TlsSettings) -> str:
    """Return the certificates, as PEM, by which users know the APIs (OSError, ValueError).

    Nodes do not trust a root of the team's among themselves: it may sign for anybody.
    """
    own = Authority(passwords, tls.ca).trusted()
    return own + _pem(chain(tls.certificate_file)[-1]) if tls.certificate_file else own


@cache
def file_of(trusted: str) -> str:
    """Return the path of a file with this text, which goes at exit: libraries read no other."""
    number, path = tempfile.mkstemp(prefix="iaas-ca-", suffix=".pem")
    with os.fdopen(number, "w", encoding="ascii") as file:
        file.write(trusted)
    atexit.register(os.unlink, path)
    return path


def _pem(*certificates: x509.Certificate) -> str:
    return "".join(one.public_bytes(Encoding.PEM).decode() for one in certificates)


def _text(key: PrivateKeyTypes) -> str:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def _private(derived: bytes) -> ec.EllipticCurvePrivateKey:
    return ec.derive_private_key(int.from_bytes(derived) % (ORDER - 1) + 1, ec.SECP256R1())


def _name(common: str) -> x509.Name:
    organization = x509.NameAttribute(NameOID.ORGANIZATION_NAME, "iaas")
    return x509.Name([organization, x509.NameAttribute(NameOID.COMMON_NAME, common)])
