"""The rules of a team: what its settings may not contain, although the cloud could do it.

They are checked with all else. Protected networks need no code here: `references` checks that they
exist, and Pulumi's `protect` keeps them, as only the state knows the networks of the last run.
"""

from collections.abc import Callable, Collection, Iterator
from typing import Annotated, TypeVar

from pydantic import Field

from .addresses import WIDEST
from .base import Base
from .draft import Check, Draft, each
from .fields import Count, Many, Name, Port, Size
from .flavors import FlavorSettings
from .images import ImageSettings
from .messages import Place, Problem
from .openings import IngressSettings
from .projects import ProjectSettings
from .protocols import ANY, ICMP, ICMPV6, WITH_PORTS, PortRange
from .security_groups import SecurityGroupSettings
from .servers import ServerSettings, nics

B = TypeVar("B", bound=Base)

SIZES: tuple[tuple[str, str], ...] = (("vcpus", ""), ("ram", " MiB"), ("disk", " GiB"))
"""What a flavor has, and its unit."""


class FlavorLimitSettings(Base):
    """How large a flavor may be."""

    vcpus: Count | None = Field(None, description="virtual CPUs; none: any number")
    ram: Count | None = Field(None, description="memory (MiB); none: any size")
    disk: Size | None = Field(None, description="disk (GiB); none: any size")


class RulesSettings(Base):
    """What a team requires of its own settings; by default port security alone."""

    open_ports: Annotated[tuple[Port, ...], Many] | None = Field(
        None,
        description="TCP, UDP and SCTP ports that may be open to everywhere; other protocols but"
        " icmp then may not; none: all",
    )
    open_icmp: bool = Field(True, description="false: icmp and icmpv6 are not open to everywhere")
    max_public_flavor: FlavorLimitSettings = Field(
        FlavorLimitSettings(), description="the largest public flavor; each limit is checked alone"
    )
    image_checksums: bool = Field(
        False, description="true: each image has its sha256, those from files too"
    )

    nics_without_port_security: bool = Field(
        False,
        description="true: a NIC may have `portSecurity: false`; false: that is refused",
    )
    project_quota: bool = Field(False, description="true: each project has its quota")
    protected_networks: Annotated[tuple[Name, ...], Many] = Field(
        (), description="networks that are neither deleted nor replaced; each is in networks"
    )


def enforced(kind: type[B], find: Callable[[RulesSettings, Place, B], Iterator[Problem]]) -> Check:
    """Make a rule for one entry a check of all entries of its kind."""

    def with_rules(draft: Draft, place: Place, entry: B) -> Iterator[Problem]:
        for _, rules in draft.of(RulesSettings):
            yield from find(rules, place, entry)

    return each(kind, with_rules)


Openable = ServerSettings | SecurityGroupSettings


def _open(place: Place, entry: Openable) -> Iterator[tuple[Place, IngressSettings, str]]:
    """Yield each opening to everywhere, and what to do about it."""
    for i, ingress in enumerate(entry.ingress):
        if (cidr := ingress.cidr) is not None and cidr.prefixlen < WIDEST[cidr.version]:
            advice = f"give a network of /{WIDEST[cidr.version]} or smaller"
            yield (*place, "ingress", i, "cidr"), ingress, advice


def open_ports(rules: RulesSettings, place: Place, entry: Openable) -> Iterator[Problem]:
    """Find a port open to everywhere that is not listed; others but icmp's are all ports."""
    if rules.open_ports is None:
        return
    listed = ", ".join(map(str, rules.open_ports)) or "no port"
    for where, ingress, advice in _open(place, entry):
        what, allows = f"{ingress.cidr} opens {ingress.protocol}", "; rules.openPorts allows"
        for ports in ingress.ranges:
            if not _listed(ports, rules.open_ports):
                more = f" {ports} to everywhere{allows} it for {listed}"
                yield Problem(where, f"{what}{more}; {advice}")
        if ingress.protocol not in (*WITH_PORTS, ICMP, ICMPV6):
            more = f" to everywhere{allows} ports of {', '.join(WITH_PORTS)} alone: {listed}"
            yield Problem(where, f"{what}{more}; {advice}")


def _listed(ports: PortRange, listed: Collection[int]) -> bool:
    return {*range(ports.first, ports.last + 1)} <= {*listed}


def open_icmp(rules: RulesSettings, place: Place, entry: Openable) -> Iterator[Problem]:
    """Find icmp open to everywhere where it must not be."""
    for where, ingress, advice in () if rules.open_icmp else _open(place, entry):
        if ingress.protocol in (ICMP, ICMPV6, ANY):
            what = f"{ingress.cidr} opens {ingress.protocol} to everywhere; rules.openIcmp is false"
            yield Problem(where, f"{what}; {advice}")


def port_security(rules: RulesSettings, place: Place, server: ServerSettings) -> Iterator[Problem]:
    """Find a NIC without port security where that is not allowed."""
    for where, nic in () if rules.nics_without_port_security else nics(place, server):
        if not nic.port_security:
            what = "false lets it take every address of its network, also the gateway's; leave it"
            what += " out, or set rules.nicsWithoutPortSecurity, for routers and the like"
            yield Problem((*where, "portSecurity"), what)


def max_public_flavor(
    rules: RulesSettings, place: Place, flavor: FlavorSettings
) -> Iterator[Problem]:
    """Find a public flavor above the limit."""
    for key, unit in SIZES if flavor.public else ():
        limit, size = getattr(rules.max_public_flavor, key), vars(flavor).get(key, 0)
        if limit is not None and size > limit:
            what = f"{size}{unit} is above rules.maxPublicFlavor.{key}, {limit}{unit}"
            advice = "make it smaller, or set `public: false` and list its projects"
            yield Problem((*place, key), f"{what}; {advice}")


def image_checksums(rules: RulesSettings, place: Place, image: ImageSettings) -> Iterator[Problem]:
    """Find an image without a checksum; one from a url needs it anyway."""
    if rules.image_checksums and image.sha256 is None and image.url is None:
        what = "is missing; rules.imageChecksums asks for it (`sha256sum FILE`)"
        yield Problem((*place, "sha256"), what)


def project_quota(
    rules: RulesSettings, place: Place, project: ProjectSettings
) -> Iterator[Problem]:
    """Find a project without a quota."""
    if rules.project_quota and project.quota is None:
        what = "is missing; rules.projectQuota asks for it: {instances, cores, ram (MiB)}"
        yield Problem((*place, "quota"), what)
