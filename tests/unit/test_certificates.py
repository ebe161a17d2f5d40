"""What the stack's certificates promise: known beforehand, trusted, of the node alone."""

import ssl
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from cryptography.x509.verification import PolicyBuilder, Store, VerificationError

from components.certificates import Authority, Certificate, file_of, valid
from components.passwords import Passwords
from tests.unit.examples import OTHER_SECRET, SECRET

PASSWORDS = Passwords(SECRET)
HOST = IPv4Address("10.0.0.1")
YEAR = 2026
NOW = datetime(2026, 6, 1, tzinfo=UTC)


def of(
    node: str = "c", year: int = YEAR, generation: int = 1, passwords: Passwords = PASSWORDS
) -> Certificate:
    """Return a node's certificate."""
    return Authority(passwords, generation).sign(node, [node], [HOST], year)


def read(text: str) -> x509.Certificate:
    """Return the certificate in a PEM."""
    return x509.load_pem_x509_certificate(text.encode())


def trusts(authority: Authority, certificate: Certificate, when: datetime = NOW) -> bool:
    """Return whether who trusts an authority takes a certificate for that of this address."""
    roots = x509.load_pem_x509_certificates(authority.trusted().encode())
    policy = PolicyBuilder().store(Store(roots)).time(when)
    verifier = policy.build_server_verifier(x509.IPAddress(HOST))
    try:
        verifier.verify(read(certificate.text), [])
    except VerificationError:
        return False
    return True


def test_the_same_secret_node_and_year_give_the_same_text() -> None:
    """A preview would show a change otherwise."""
    assert of() == of()
    assert Authority(PASSWORDS).certificate() == Authority(PASSWORDS).certificate()


def test_another_version_of_the_program_makes_the_same_certificates() -> None:
    """Another one would renew those of every node."""
    assert of().mark(Authority(PASSWORDS).trusted()) == "2028-02-01/ad9da719"


@pytest.mark.parametrize(
    "other",
    [of("d"), of(year=YEAR + 1), of(generation=2), of(passwords=Passwords(OTHER_SECRET))],
    ids=["node", "year", "generation", "secret"],
)
def test_another_one_has_another_text_number_and_mark(other: Certificate) -> None:
    assert other.text != of().text
    assert read(other.text).serial_number != read(of().text).serial_number
    assert other.mark("") != of().mark("")


def test_a_node_keeps_its_key_from_year_to_year_and_no_other_has_it() -> None:
    assert of(year=YEAR + 1).key == of().key == of(generation=2).key
    assert of("d").key != of().key
    assert of().key not in repr(of())


def test_the_certificate_belongs_to_the_key_and_names_the_node() -> None:
    found = read(of().text)
    key = load_pem_private_key(of().key.encode(), None)
    assert found.public_key() == key.public_key()
    names = found.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["c"]
    assert names.get_values_for_type(x509.IPAddress) == [HOST]


@pytest.mark.parametrize(
    ("signed", "trusting", "works"),
    [(1, 1, True), (1, 2, True), (2, 1, True), (1, 3, False), (3, 1, False)],
)
def test_nodes_trust_each_other_while_a_new_authority_comes(
    signed: int, trusting: int, works: bool
) -> None:
    """And no longer what the one before the last has signed."""
    assert trusts(Authority(PASSWORDS, trusting), of(generation=signed)) is works


def test_what_another_stack_has_signed_is_not_trusted() -> None:
    assert not trusts(Authority(Passwords(OTHER_SECRET)), of())


def test_an_authority_signs_nodes_alone() -> None:
    """With its certificate alone a node is no authority."""
    found = read(Authority(PASSWORDS).certificate())
    limits = found.extensions.get_extension_for_class(x509.BasicConstraints).value
    assert (limits.ca, limits.path_length) == (True, 0)
    assert not read(of().text).extensions.get_extension_for_class(x509.BasicConstraints).value.ca


@pytest.mark.parametrize("year", [2026, 2027, 2047])
def test_who_runs_up_once_a_year_never_meets_an_end(year: int) -> None:
    begin, end = valid(year)
    assert begin <= datetime(year, 1, 1, tzinfo=UTC) - timedelta(days=28)
    assert end >= datetime(year + 1, 12, 31, tzinfo=UTC) + timedelta(days=31)
    assert end - begin <= timedelta(days=825), "some libraries refuse more"
    assert of(year=year).until == end


def test_the_system_reads_all_that_is_trusted() -> None:
    context = ssl.create_default_context(cafile=file_of(Authority(PASSWORDS, 3).trusted()))
    assert len(context.get_ca_certs()) == 3


def test_a_text_has_one_file() -> None:
    one = file_of("text of a test")
    assert one == file_of("text of a test")
    assert Path(one).read_text() == "text of a test"
