"""A team's own certificate for the public APIs: it with those that signed it, and its key.

Checked before anything is changed: the chain is whole, from the name's certificate to a root that
signed itself; dates, name and key are right.
"""

import ssl
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from . import files
from .messages import Place, Problem, show


def chain(path: Path) -> list[x509.Certificate]:
    """Return the certificates in a file (OSError; ValueError: what it is instead).

    The root is added where the file ends before it and this machine's system trusts it.
    """
    content = path.read_bytes()
    if b"PRIVATE KEY" in content:
        raise ValueError("has a private key in it, which belongs into keyFile alone")
    try:
        found = x509.load_pem_x509_certificates(content)
    except ValueError:
        raise ValueError("has no certificates as PEM (-----BEGIN CERTIFICATE-----)") from None
    return found if signed(found[-1], found[-1]) else [*found, *_root(found[-1])]


def _root(certificate: x509.Certificate) -> list[x509.Certificate]:
    """Return the root that signed a certificate, if this machine's system trusts it."""
    name = certificate.issuer.public_bytes()
    for der in ssl.create_default_context().get_ca_certs(binary_form=True):
        if name in der and signed(certificate, root := x509.load_der_x509_certificate(der)):
            return [root]
    return []


def private_key(path: Path) -> PrivateKeyTypes:
    """Return the key in a file (OSError; ValueError: what it is instead)."""
    try:
        return load_pem_private_key(path.read_bytes(), None)
    except TypeError:
        what = "has a passphrase, which nobody types when the proxy starts; `openssl pkey` takes it"
        raise ValueError(f"{what} off") from None
    except (ValueError, UnsupportedAlgorithm):
        raise ValueError("is no private key as PEM (-----BEGIN PRIVATE KEY-----)") from None


def names(certificate: x509.Certificate) -> list[str]:
    """Return the DNS names of a certificate."""
    try:
        of = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName)
    except (x509.ExtensionNotFound, ValueError):
        return []
    return of.value.get_values_for_type(x509.DNSName)


def covers(pattern: str, name: str) -> bool:
    """Return whether a name of a certificate stands for a host's; `*.` for one label."""
    if pattern.startswith("*."):
        return name.partition(".")[2] == pattern[2:].lower()
    return pattern.lower() == name


def wrong(found: Sequence[x509.Certificate], name: str, now: datetime) -> Iterator[str]:
    """Yield what is wrong with a chain for this name at this time."""
    first, last = found[0], found[-1]
    if not any(covers(pattern, name) for pattern in names(first)):
        listed = ", ".join(names(first)) or "none"
        yield f"begins with a certificate that is not of {name} (publicName); its names: {listed}"
    for number, certificate in enumerate(found, 1):
        begin, end = certificate.not_valid_before_utc, certificate.not_valid_after_utc
        if not begin <= now <= end:
            dates = f"from {begin:%Y-%m-%d} to {end:%Y-%m-%d}"
            yield f"has a certificate (number {number}) that is valid {dates}, not today"
    for number, (certificate, signer) in enumerate(pairwise(found), 2):
        if not signed(certificate, signer):
            issuer = certificate.issuer.rfc4514_string()
            yield f"has no chain: certificate {number} should be that of {issuer}, and is another"
    if not signed(last, last):
        issuer = last.issuer.rfc4514_string()
        what = f"append the certificate of {issuer}, which this machine's system does not trust"
        yield f"does not end with a root, which signed itself; {what}"


def signed(certificate: x509.Certificate, signer: x509.Certificate) -> bool:
    """Return whether one certificate signed another."""
    try:
        certificate.verify_directly_issued_by(signer)
    except (ValueError, TypeError, InvalidSignature, UnsupportedAlgorithm):
        return False
    return True


def problems(place: Place, certificate: Path, key: Path, name: str) -> Iterator[Problem]:
    """Find what is wrong with the two files."""
    of_key, of_certificate = (*place, "keyFile"), (*place, "certificateFile")
    no_key = list(files.problems(of_key, key, private_key))
    no_chain = list(files.problems(of_certificate, certificate, chain))
    yield from (*no_key, *no_chain)
    if no_chain:
        return
    found = chain(certificate)
    for what in wrong(found, name, datetime.now(UTC)):
        yield Problem(of_certificate, f"{show(str(certificate))} {what}")
    if not no_key and private_key(key).public_key() != found[0].public_key():
        what = "is not the key of the first certificate in certificateFile"
        yield Problem(of_key, f"{show(str(key))} {what}")
