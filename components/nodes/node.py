"""A node: a component whose children are its files and its steps."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Self

import pulumi
from pulumi_command.remote import Command, ConnectionArgs

from ..certificates import Authority, this_year
from ..passwords import Passwords
from ..settings import (
    NodeOpeningSettings,
    NodeSettings,
    ProviderSettings,
    Settings,
    SshSettings,
    TlsSettings,
)
from ..steps import (
    BEFORE,
    CHECK,
    CLEAN,
    LIBRARY,
    OPENRC,
    PASSWORDS,
    TLS,
    Step,
    exports,
    installed,
    library,
    text,
)

REACHED = 5
"""Minutes: so long it takes at most until a node is reached, or known not to be."""
AT_ONCE = 2
"""Minutes for what is done at once."""


@dataclass(frozen=True)
class NodeDefaults:
    """What all nodes of a cloud have in common."""

    passwords: Passwords
    ssh: SshSettings = SshSettings()
    provider: ProviderSettings = ProviderSettings()
    region: str = "RegionOne"
    openings: Sequence[NodeOpeningSettings] = ()
    clean: bool = False
    """Whether a node that is destroyed loses what its steps have brought."""
    tls: TlsSettings = TlsSettings()
    year: int = field(default_factory=this_year)
    """Of the nodes' certificates."""

    @classmethod
    def of(cls, settings: Settings, passwords: Passwords) -> Self:
        """Return what the settings give all nodes."""
        return cls(
            passwords,
            settings.ssh,
            settings.provider,
            settings.region,
            settings.node_openings,
            settings.on_removal == "clean",
            settings.tls,
        )

    @cached_property
    def authority(self) -> Authority:
        """What signs the nodes' certificates."""
        return Authority(self.passwords, self.tls.ca)

    @cached_property
    def trusted(self) -> str:
        """The certificates, as PEM, by which one knows the nodes."""
        return self.authority.trusted()


class Part(pulumi.ComponentResource):
    """A component whose children's names begin with its own."""

    def __init__(self, kind: str, name: str, opts: pulumi.ResourceOptions | None) -> None:
        super().__init__(f"iaas:nodes:{kind}", name, None, opts)
        self.name = name


class Node(Part):
    """A Debian 13 machine that is made a node by files and steps, all over ssh.

    It owns what its steps (`steps`) write on the machine. It leaves alone the
    machine itself: its disks, its management address, its kernel, and the packages' updates.
    Destroying it forgets the node and changes nothing on it; with `clean` it is made what it was
    before the first step.

    A step runs until it succeeds, and again when its script or what it reads has changed. One that
    fails, fails the run with the last lines of its log.
    """

    steps: Mapping[str, pulumi.Resource]
    """The steps by name: what waits for one of them depends on it."""
    check: Command
    """What looks at the machine before anything is changed."""
    clean: Command
    """What cleans the node when this goes: after all that depends on it."""

    def __init__(
        self,
        kind: str,
        name: str,
        node: NodeSettings,
        defaults: NodeDefaults,
        openrc: Mapping[str, str],
        table: Sequence[Step],
        opts: pulumi.ResourceOptions | None,
        guard: pulumi.ResourceHook | None = None,
        cleaned_later: Sequence["Node"] = (),
        name_of_users: str | None = None,
    ) -> None:
        super().__init__(kind, name, opts)
        self._sudo = "" if defaults.ssh.user == "root" else "sudo -n "
        self._connection = _connection(node, defaults.ssh)
        self._passwords = defaults.passwords
        tunnels = defaults.provider.tunnels
        names = [node.name, *filter(None, [name_of_users])]
        certificate = defaults.authority.sign(node.name, names, [node.host], defaults.year)
        self._openrc = {
            **openrc,
            "NODE_NAME": node.name,
            "INTERFACE_IP": str(node.host),
            "INTERFACE_NAME": node.interface_name or defaults.provider.interface_name,
            "TUNNEL_IP": str(tunnels.end(node.host)) if tunnels else "",
            "TUNNEL_VLAN": str(tunnels.segment or "") if tunnels else "",
            "Physical_NAME": defaults.provider.physical_name,
            "MTU": str(defaults.provider.mtu),
            "minvlan": str(defaults.provider.minvlan),
            "maxvlan": str(defaults.provider.maxvlan),
            "DOMAIN_NAME": "Default",
            "REGION": defaults.region,
            "SSH_PORT": str(defaults.ssh.port),
            "TLS": certificate.mark(defaults.trusted) if defaults.tls.enabled else "",
            "PUBLIC_NAME": defaults.tls.public_name or "",
            # Their order in the settings says nothing.
            "OPENINGS": " ".join(
                sorted(
                    opening.word
                    for opening in defaults.openings
                    if not opening.nodes or node.name in opening.nodes
                )
            ),
        }
        # What is read and is no setting is a password; a node gets only its own.
        read = {name for step in table for name in step.reads} - self._openrc.keys()
        plain = {name: defaults.passwords.plain(name) for name in sorted(read)}
        self.check = check = self._command(
            "check",
            f"timeout {CHECK.minutes}m bash -s",
            self._check_script(),
            [],
            guard=guard,
            minutes=CHECK.minutes,
        )
        self.clean = self._clean(defaults.clean, [check, *(node.clean for node in cleaned_later)])
        self._files = [
            self._file(OPENRC, "0600", exports(self._openrc), check),
            self._file(PASSWORDS, "0600", pulumi.Output.secret(exports(plain)), check),
            self._file(f"{TLS}/ca.crt", "0644", defaults.trusted, check),
            self._file(f"{TLS}/node.crt", "0644", certificate.text, check),
            self._file(f"{TLS}/node.key", "0600", pulumi.Output.secret(certificate.key), check),
            *(
                self._file(f"{LIBRARY}/{name}", "0644", text(f"lib/{name}"), check)
                for name in sorted({name for step in table for name in library(step.source)})
            ),
        ]

    def _run(
        self, table: Sequence[Step], others: Mapping[str, pulumi.Resource]
    ) -> dict[str, pulumi.Resource]:
        """Register the steps of a table; `others` are those of another node by full name."""
        done: dict[str, pulumi.Resource] = {}
        for step in table:
            awaited = [done.get(n) or others[n] for n in step.waits_for]
            # So that it is cleaned after all that needs the step. What cleans a compute waits for
            # the controller: only steps that do so, too, wait for it.
            if not others or any(n in others for n in step.waits_for):
                awaited.append(self.clean)
            done[step.name] = self._step(step, awaited)
        return done

    def _step(
        self,
        step: Step,
        awaited: Sequence[pulumi.Resource],
        owner: Part | None = None,
    ) -> Command:
        """Register one step: install its script, and run it with a limit of time.

        It belongs to another component where that is its `owner`.
        """
        path = f"/usr/local/bin/{step.script}"
        return self._command(
            step.name,
            f"{self._sudo}install -D -m 0755 /dev/stdin {path}"
            f" && {self._sudo}timeout {step.minutes}m {path}",
            installed(step, self._openrc, self._passwords.fingerprint()),
            [*self._files, *awaited],
            owner,
            minutes=step.minutes,
        )

    def _check_script(self) -> str:
        """The check with its settings: it runs before openrc.sh is there, so it contains them."""
        read = {name: self._openrc[name] for name in CHECK.reads}
        return exports(read) + text(CHECK.source)

    def _clean(self, wanted: bool, after: Sequence[pulumi.Resource]) -> Command:
        """Register what cleans the node.

        It begins with nothing to do, so that no change of it asks the node: it may be dead.
        """
        read = {name: self._openrc[name] for name in CLEAN.reads}
        script = exports(read) + text(f"lib/{BEFORE}") + text(CLEAN.source)
        return Command(
            f"{self.name}-clean",
            connection=self._connection,
            delete=f"{self._sudo}timeout {CLEAN.minutes}m bash -s" if wanted else None,
            stdin=script if wanted else None,
            add_previous_output_in_env=False,
            opts=pulumi.ResourceOptions(parent=self, depends_on=after),
        )

    def _file(
        self,
        path: str,
        mode: str,
        content: pulumi.Input[str],
        after: pulumi.Resource,
        goes: bool = False,
    ) -> Command:
        """Register a file of the node that the steps read.

        goes: the node loses it when the program has it no longer, but not with the node itself.
        """
        return self._command(
            path.rsplit("/", 1)[-1],
            f"{self._sudo}install -D -m {mode} /dev/stdin {path}",
            content,
            [after],
            delete=f"{self._sudo}rm -f {path}" if goes else None,
        )

    def _command(
        self,
        name: str,
        create: str,
        stdin: pulumi.Input[str],
        depends_on: Sequence[pulumi.Resource],
        owner: Part | None = None,
        guard: pulumi.ResourceHook | None = None,
        ignore_changes: list[str] | None = None,
        minutes: int = AT_ONCE,
        delete: str | None = None,
    ) -> Command:
        """Register a command that runs on this node.

        minutes: after these it ends by itself. A node that hangs is not waited for much longer.
        """
        hooks = pulumi.ResourceHookBinding()
        if guard is not None:
            hooks = pulumi.ResourceHookBinding(before_update=[guard], before_delete=[guard])
        parent = owner or self
        limit = f"{minutes + REACHED}m"
        return Command(
            f"{parent.name}-{name}",
            connection=self._connection,
            create=create,
            delete=delete,
            stdin=stdin,
            # The server would have to accept the variable that carries it.
            add_previous_output_in_env=False,
            opts=pulumi.ResourceOptions(
                parent=parent,
                depends_on=depends_on,
                hooks=hooks,
                ignore_changes=ignore_changes,
                deleted_with=self if delete else None,
                custom_timeouts=pulumi.CustomTimeouts(create=limit, update=limit),
            ),
        )


def _connection(node: NodeSettings, ssh: SshSettings) -> ConnectionArgs:
    """How a node is reached; without a key file the key is the ssh agent's."""
    if node.host_key is None:
        pulumi.log.warn(f"{node.name}: its ssh host key is not checked, as the settings say")
    key = None
    if ssh.private_key_file is not None:
        key = pulumi.Output.secret(ssh.private_key_file.read_text(encoding="utf-8"))
    return ConnectionArgs(
        host=str(node.host),
        port=ssh.port,
        user=ssh.user,
        private_key=key,
        host_key=node.host_key,
    )
