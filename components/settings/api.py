"""Who reaches the cloud's APIs."""

from collections.abc import Iterator
from typing import Annotated, ClassVar

from pydantic import Field

from .base import Base, Instead, Rule
from .fields import Count, Many, Network
from .messages import STACK


class ApiSettings(Base):
    """The controller's APIs, and the consoles of servers."""

    allow_from: Annotated[tuple[Network, ...], Many] = Field(
        (),
        description="the networks that they are open to, besides the nodes; none: all. The machine"
        " that runs Pulumi must be in one",
    )
    logins_per_minute: Count = Field(
        1200,
        description="logins a minute that Keystone takes from one address; more are answered with"
        " 429. Each tenant is a login of a run",
    )
    audit: bool = Field(
        False,
        description="true: Keystone and Nova log who asked for which change (CADF), in their own"
        " logs",
    )

    @property
    def words(self) -> str:
        """How openrc.sh has the networks: their order in the settings says nothing."""
        return " ".join(sorted(map(str, self.allow_from)))

    def broken_rules(self) -> Iterator[Rule]:
        """Require networks that let in less than all, none of them within another."""
        for i, one in enumerate(self.allow_from):
            if one.prefixlen == 0:
                yield Rule(f"allowFrom[{i}]", f"{one} is everybody; leave allowFrom out for that")
                continue
            for other in (*self.allow_from[:i], *self.allow_from[i + 1 :]):
                if one.subnet_of(other) and (one != other or other in self.allow_from[:i]):
                    yield Rule(f"allowFrom[{i}]", f"{one} is in {other} already; leave it out")
                    break

    instead: ClassVar[Instead] = {
        "allow from allowedCidrs allowedNetworks sources cidr cidrs": "the networks are"
        " `allowFrom`, a list",
        "rate limit rateLimit": "it is `loginsPerMinute`",
        "cadf": "it is `audit: true`",
        "ports": f"its ports are fixed; other ports of nodes are `{STACK}nodeOpenings`",
    }
