"""TLS: whether the cloud's services encrypt what they say, and whose certificates they show."""

from typing import ClassVar

from pydantic import Field

from .base import Base, Instead
from .fields import Count


class TlsSettings(Base):
    """Encryption between the nodes, and of the cloud's APIs."""

    enabled: bool = Field(
        True, description="false: the APIs, the queue and OVN's databases speak in clear"
    )
    ca: Count = Field(
        1,
        description="generation of the cloud's own certificate authority; one more: another signs"
        " all nodes' certificates, and this one is still trusted; two more: no longer",
    )

    instead: ClassVar[Instead] = {
        "on disabled": "it is `enabled`: true or false",
        "caCert caFile": "the cloud makes its own authority, whose certificate is the"
        " stack's output `ca`",
    }
