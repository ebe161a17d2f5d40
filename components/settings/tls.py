"""TLS: whether the cloud's services encrypt what they say, and whose certificates they show."""

from collections.abc import Iterator
from typing import ClassVar

from pydantic import Field

from . import public_certificate
from .base import Base, Instead, Rule
from .draft import Draft
from .fields import Count, DomainName, File
from .messages import Place, Problem


class TlsSettings(Base):
    """Encryption between the nodes, and of the cloud's APIs."""

    enabled: bool = Field(
        True,
        description="false: the APIs, the queue, OVN's databases, live moves and consoles speak in"
        " clear",
    )
    ca: Count = Field(
        1,
        description="generation of the cloud's own certificate authority; one more: another signs"
        " all nodes' certificates, and this one is still trusted; two more: no longer",
    )
    public_name: DomainName | None = Field(
        None,
        description="the controller's name for the cloud's users, which then stands in the"
        " catalogue; none: its address",
    )
    certificate_file: File | None = Field(
        None,
        description="the certificate of `publicName`, and then those that signed it, up to the root"
        " (PEM); a root that this machine's system trusts may be left out; none: the cloud's own"
        " authority signs one",
    )
    key_file: File | None = Field(
        None, description="the private key of that certificate, without a passphrase (PEM)"
    )

    def broken_rules(self) -> Iterator[Rule]:
        """Refuse a certificate without its key or name."""
        if self.certificate_file and not self.key_file:
            yield Rule("keyFile", "is missing: a certificate is used with its key")
        if self.key_file and not self.certificate_file:
            yield Rule("certificateFile", "is missing: a key is used with its certificate")
        if self.certificate_file and not self.public_name:
            yield Rule("publicName", "is missing: which name of the certificate users ask for")
        if self.certificate_file and not self.enabled:
            yield Rule("enabled", "is false, and certificateFile would not be used; take one out")

    instead: ClassVar[Instead] = {
        "on disabled": "it is `enabled`: true or false",
        "certificate chain cert": "it is `certificateFile`: it, then those that signed it",
        "key privateKey": "it is `keyFile`",
        "domain hostname name fqdn": "it is `publicName`",
        "caCert caFile": "the cloud makes its own authority, whose certificate is the"
        " stack's output `ca`",
    }


def own_certificate(_: Draft, place: Place, tls: TlsSettings) -> Iterator[Problem]:
    """Find a certificate of the team's own that clients would not take, or its key."""
    if tls.certificate_file and tls.key_file and tls.public_name:
        yield from public_certificate.problems(
            place, tls.certificate_file, tls.key_file, tls.public_name
        )
