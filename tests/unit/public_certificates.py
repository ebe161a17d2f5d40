"""Certificates of a team's own, with chain and key, as somebody else's authority makes them."""

from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from cryptography.x509.oid import NameOID

NAME = "cloud.example.org"
NOW = datetime.now(UTC)
DAY = timedelta(days=1)
ROOT, MIDDLE, KEY, OTHER = (ec.generate_private_key(ec.SECP256R1()) for _ in range(4))


def made(
    name: str,
    issuer: str,
    key: ec.EllipticCurvePrivateKey,
    signer: ec.EllipticCurvePrivateKey,
    begin: datetime = NOW - DAY,
    end: datetime = NOW + 90 * DAY,
) -> str:
    """Return a certificate as PEM."""

    def called(text: str) -> x509.Name:
        return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])

    signs = key is not KEY
    usage = x509.KeyUsage(
        digital_signature=not signs,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs,
        crl_sign=signs,
        encipher_only=False,
        decipher_only=False,
    )
    builder = (
        x509.CertificateBuilder()
        .subject_name(called(name))
        .issuer_name(called(issuer))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begin)
        .not_valid_after(end)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=signs, path_length=None), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False
        )
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )
    return builder.sign(signer, SHA256()).public_bytes(Encoding.PEM).decode()


def written(key: ec.EllipticCurvePrivateKey, password: bytes = b"") -> str:
    """Return a key as PEM."""
    encryption = BestAvailableEncryption(password) if password else NoEncryption()
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption).decode()


LEAF = made(NAME, "middle", KEY, MIDDLE)
RENEWED = made(NAME, "middle", KEY, MIDDLE)
BETWEEN = made("middle", "root", MIDDLE, ROOT)
TOP = made("root", "root", ROOT, ROOT)
CHAIN = LEAF + BETWEEN + TOP
LATER = RENEWED + BETWEEN + TOP
"""The next one of the same key."""
