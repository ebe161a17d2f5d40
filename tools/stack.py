"""What is asked: the nodes and the cloud of a stack, as its config names them."""

from dataclasses import dataclass, field
from typing import Any, TypeVar

from pydantic import ValidationError

from components import backup_key
from components.certificates import trusted
from components.passwords import Passwords
from components.settings import ITSELF, ComputeSettings, NodeSettings, SshSettings, TlsSettings
from components.settings.base import Base

from .config import Entries
from .config import value as of_config

Model = TypeVar("Model", bound=Base)


class NoStack(Exception):  # noqa: N818  # it is what a user reads
    """There is nothing to ask, and why."""


@dataclass(frozen=True)
class Stack:
    """A cloud's stack. `name` is empty for the selected one; `computes` lack the controller."""

    name: str
    controller: NodeSettings
    computes: tuple[NodeSettings, ...]
    ssh: SshSettings
    region: str
    password: str = field(repr=False)
    """The admin's."""
    tls: TlsSettings = TlsSettings()
    ca: str = ""
    """The certificates, as PEM, by which one knows the cloud's services."""
    identity: str = field(default="", repr=False)
    """The key that its backups are read with."""
    dashboard: bool = False
    runs_servers: bool = False
    """Whether the controller is a compute, too."""

    @property
    def nodes(self) -> tuple[NodeSettings, ...]:
        """All nodes, the controller first."""
        return (self.controller, *self.computes)

    @property
    def all_computes(self) -> tuple[NodeSettings, ...]:
        """The nodes that run servers."""
        return (*((self.controller,) if self.runs_servers else ()), *self.computes)


def read(config: Entries, namespace: str, name: str = "") -> Stack:
    """Return the stack of a config (NoStack: all that is wrong).

    Only what is asked for is read: a status is needed most when other settings are wrong.
    """
    wrong: list[str] = []

    def value(key: str) -> Any:  # noqa: ANN401  # any JSON
        return of_config(config, namespace, key)

    def part(model: type[Model], key: str, raw: object) -> Model | None:
        try:
            return model.model_validate(raw, by_name=False)
        except ValidationError as error:
            for problem in error.errors(include_url=False, include_input=False):
                place = ".".join(str(word) for word in (key, *problem["loc"]))
                message = problem["msg"].removeprefix("Value error, ")
                wrong.append(f"  {namespace}:{place}: {message}")
        return None

    if cloud := value("cloud"):
        raise NoStack(f"this is a tenant's stack; its nodes are those of STACK={cloud}")
    if not value("controller") or not value("secret"):
        raise NoStack(f"the stack has no {namespace}:controller and {namespace}:secret")
    controller = part(NodeSettings, "controller", value("controller"))
    given = value("computes") or ()
    found = (
        part(ComputeSettings, f"computes[{i}]", raw) for i, raw in enumerate(given) if raw != ITSELF
    )
    computes = tuple(node for node in found if node)
    ssh = part(SshSettings, "ssh", value("ssh") or {})
    tls = part(TlsSettings, "tls", value("tls") or {})
    if controller is None or ssh is None or tls is None or wrong:
        raise NoStack("\n".join(["the stack's config can't be read:", *wrong]))
    passwords = Passwords(value("secret").strip())
    password, identity = passwords.plain("ADMIN_PASS"), backup_key.identity(passwords)
    region = value("region") or "RegionOne"
    try:
        ca = trusted(passwords, tls)
    except (OSError, ValueError) as error:
        raise NoStack(f"tls.certificateFile can't be read: {error}") from None
    return Stack(
        *(name, controller, computes, ssh, region, password, tls, ca, identity),
        dashboard=value("dashboard") in (True, "true"),
        runs_servers=ITSELF in given,
    )
