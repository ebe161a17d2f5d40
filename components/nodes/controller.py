"""The controller: the node of the services."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import cached_property
from typing import Literal, Self

import pulumi
from pulumi_command.remote import Command, Logging

from ..backup_key import recipient
from ..certificates import public, trusted
from ..settings import (
    ITSELF,
    ApiSettings,
    BackupSettings,
    NodeOpeningSettings,
    NodeSettings,
    Settings,
    SizeSettings,
    TlsSettings,
)
from ..steps import (
    BOTH,
    CONTROLLER,
    DASHBOARD,
    DISCOVER,
    DRAIN,
    LEAVE,
    LIBRARY,
    SNAPSHOTS,
    TLS,
    Step,
    text,
)
from .node import Node, NodeDefaults, Part

MONTH = 31
"""Days before a certificate's end from when on that is said."""


def auth_url(host: object, tls: TlsSettings) -> str:
    """Where a controller's Keystone answers: by its public name, or else at this address."""
    return f"{'https' if tls.enabled else 'http'}://{tls.public_name or host}:5000/v3"


def _warn_of_end(until: datetime) -> None:
    """Warn of a certificate of the team's own that ends within a month."""
    days = (until - datetime.now(UTC)).days
    if days <= MONTH:
        pulumi.log.warn(
            f"tls.certificateFile ends on {until:%Y-%m-%d}, in {days} days, and then no user trusts"
            " the APIs; put the next certificate there before"
        )


def _dashboard_openings(
    node: NodeSettings, api: ApiSettings, tls: TlsSettings
) -> Iterator[NodeOpeningSettings]:
    """Yield what lets the dashboard's users in: it is open to whom the APIs are open to."""
    port = 443 if tls.enabled else 80
    for network in map(str, api.allow_from or ("0.0.0.0/0",)):
        values = {"ports": [port], "cidr": network, "nodes": [node.name]}
        yield NodeOpeningSettings.model_validate(values, by_name=False)


class Controller(Node):
    """The node of the services: Keystone, Glance, Placement, Nova, Neutron and their base.

    `computes` are the nodes that it opens its clock to, and all nodes their firewalls; with the
    word `controller` among them it runs servers itself. `guard` is asked before it moves to another
    machine or is deleted; `backup` says how it is backed up, `api` who reaches it, `sizes` how
    large its services are, `dashboard` whether Horizon is on it; where that is taken out, Horizon
    goes. See `Node` for what it owns. Outputs: `auth_url` and `ca`, known in every preview;
    `member_role_id`, known once the controller is up.
    """

    auth_url: str
    ca: str
    """The certificates, as PEM, by which one knows the cloud's services."""
    region: str
    nodes: str
    """All nodes of the cloud, as words `NAME=ADDRESS`: each node's firewall lets the others in."""
    member_role_id: pulumi.Output[str]
    as_compute: Mapping[str, pulumi.Resource]
    """Those of its steps that make a compute of it; none where it runs no servers."""
    ready: Sequence[pulumi.Resource]
    """What the cloud's resources wait for: its steps but the dashboard's, which nothing needs."""

    def __init__(
        self,
        name: str,
        node: NodeSettings,
        computes: Sequence[NodeSettings | Literal["controller"]],
        defaults: NodeDefaults,
        opts: pulumi.ResourceOptions | None = None,
        guard: pulumi.ResourceHook | None = None,
        backup: BackupSettings = BackupSettings(),
        api: ApiSettings = ApiSettings(),
        sizes: SizeSettings = SizeSettings(),
        dashboard: bool = False,
    ) -> None:
        self.settings = node
        # Their order in the settings says nothing.
        others = sorted(
            (compute for compute in computes if not isinstance(compute, str)),
            key=lambda compute: compute.name,
        )
        runs_servers = ITSELF in computes
        self.nodes = " ".join(f"{one.name}={one.host}" for one in (node, *others))
        self.region = defaults.region
        self.auth_url = auth_url(node.host, defaults.tls)
        self.ca = trusted(defaults.passwords, defaults.tls)
        own = public(defaults.tls)
        openrc = {
            "HOST_IP": str(node.host),
            "HOST_NAME": node.name,
            "HOST_IP_NODE": " ".join(str(compute.host) for compute in others),
            "HOST_NAME_NODE": " ".join(
                one.name for one in (*([node] if runs_servers else []), *others)
            ),
            "HOST_TUNNEL_IP": "",
            "RUNS_SERVERS": str(runs_servers).lower(),
            "NODES": self.nodes,
            "SELF_SERVICE": str(defaults.provider.self_service).lower(),
            "API_NETWORKS": api.words,
            "API_LOGINS": str(api.logins_per_minute),
            "API_AUDIT": str(api.audit).lower(),
            "SIZES": sizes.words,
            "PUBLIC_CERTIFICATE": own.mark("") if own else "",
            "BACKUP_EVERY": str(backup.every or ""),
            "BACKUP_KEEP": str(backup.keep),
            "BACKUP_FOLDER": backup.folder,
            "BACKUP_HOST": str(backup.host or ""),
            "BACKUP_HOST_KEY": backup.host_key or "",
            "BACKUP_USER": backup.user,
            "BACKUP_PORT": str(backup.port),
            "BACKUP_RECIPIENT": recipient(defaults.passwords),
        }
        servers = BOTH if runs_servers else ()
        table = (*CONTROLLER, *servers, *((DASHBOARD,) if dashboard else ()))
        if dashboard:
            open_to = _dashboard_openings(node, api, defaults.tls)
            defaults = replace(defaults, openings=(*defaults.openings, *open_to))
        whole = (*table, DISCOVER)
        # The name has one certificate: of two the proxy may choose the node's.
        name_of_users = defaults.tls.public_name if own is None else None
        super().__init__(
            *("Controller", name, node, defaults, openrc, whole, opts, guard),
            name_of_users=name_of_users,
        )
        if own:
            _warn_of_end(own.until)
            both = pulumi.Output.secret(own.text + own.key)
            self._files += [
                self._file(f"{TLS}/public.pem", "0600", both, self.check, goes=True),
                self._file(f"{TLS}/public-ca.crt", "0644", self.ca, self.check, goes=True),
            ]
        self.steps = self._run(table, {})
        self.ready = [self.steps[step.name] for step in CONTROLLER]
        self.as_compute = {step.name: self.steps[step.name] for step in servers}
        if dashboard:
            self._remove_later(DASHBOARD)
        self.member_role_id = self.role_id("member")
        self.register_outputs({"authUrl": self.auth_url, "memberRoleId": self.member_role_id})

    @classmethod
    def of(
        cls,
        settings: Settings,
        defaults: NodeDefaults,
        opts: pulumi.ResourceOptions | None = None,
        guard: pulumi.ResourceHook | None = None,
    ) -> Self:
        """Return the controller that the settings describe, under its name there."""
        return cls(
            settings.controller.name,
            settings.controller,
            settings.computes,
            defaults,
            opts,
            guard,
            settings.backup,
            settings.api,
            settings.sizes,
            settings.dashboard,
        )

    def _remove_later(self, step: Step) -> None:
        """Register that a step is undone when it is taken out, but not with the controller.

        It begins with nothing to do, so that a repair, which makes steps anew, removes nothing.
        """
        script = f"/usr/local/bin/{step.script}"
        Command(
            f"{self.name}-{step.name}-removal",
            connection=self._connection,
            delete=f"{self._sudo}timeout {step.minutes}m {script} remove",
            add_previous_output_in_env=False,
            opts=pulumi.ResourceOptions(
                parent=self, depends_on=[self.steps[step.name]], deleted_with=self
            ),
        )

    def role_id(self, role: str) -> pulumi.Output[str]:
        """Return the id of a role, known once the controller is up."""
        # A separate command: its text never changes, so its answer is known in every later
        # preview, also in one where the Keystone step runs again.
        asked = self._command(
            f"{role}-role",
            f"{self._sudo}timeout 2m bash -c '. /etc/keystone/admin-openrc.sh &&"
            f" exec python3 {LIBRARY}/cloud.py role {role}'",
            "",
            [self.steps["keystone"]],
            # Another connection to the node does not change the answer either.
            ignore_changes=["connection", "create"],
        )
        return asked.stdout.apply(str.strip)

    def discover(self, owner: Part) -> Command:
        """Register the step that runs here and belongs to the computes together."""
        return self._step(DISCOVER, [], owner)

    @cached_property
    def _snapshots(self) -> Command:
        """The file that snapshots are made by: only there where there are some."""
        return self._module(SNAPSHOTS)

    @cached_property
    def _drain(self) -> Command:
        """The file that computes are drained by: only there where one is."""
        return self._module(DRAIN)

    @cached_property
    def _leave(self) -> Command:
        """The file that takes computes out of the cloud: only there where there are some."""
        return self._module(LEAVE)

    def _module(self, name: str) -> Command:
        """Register a library file that no step uses."""
        return self._file(f"{LIBRARY}/{name}", "0644", text(f"lib/{name}"), self.steps["keystone"])

    def _as_admin(self, file: str, words: str) -> str:
        """The command that runs a library file as the cloud's admin: in an hour it is done."""
        folder, module = LIBRARY.rsplit("/", 1)[0], file.removesuffix(".py")
        package = LIBRARY.rsplit("/", 1)[1]
        return (
            f"{self._sudo}timeout 70m bash -c '. /etc/keystone/admin-openrc.sh && cd {folder} &&"
            f" exec python3 -B -m {package}.{module} {words}'"
        )

    def leave(self, compute: NodeSettings, owner: Node) -> Command:
        """Register that the cloud forgets a compute when this goes, but not with the cloud.

        It begins with nothing to do, so that no change of it asks the controller.
        """
        return Command(
            f"{owner.name}-leave",
            connection=self._connection,
            delete=self._as_admin(LEAVE, f"{compute.name} {compute.host}"),
            add_previous_output_in_env=False,
            opts=pulumi.ResourceOptions(
                parent=owner,
                # It goes before the compute is cleaned: that is only for one without servers.
                depends_on=[self._leave, self.steps["nova-controller"], owner.clean],
                deleted_with=self,
            ),
        )

    def drain(self, compute: Part, name: str, owner: Part, after: pulumi.Resource) -> Command:
        """Register that a compute's servers move to others, for as long as this is there.

        With the compute itself it goes without a word: no server may come then.
        """
        return Command(
            f"{owner.name}-drain-{name}",
            connection=self._connection,
            create=self._as_admin(DRAIN, f"drain {name}"),
            delete=self._as_admin(DRAIN, f"release {name}"),
            add_previous_output_in_env=False,
            opts=pulumi.ResourceOptions(
                parent=owner,
                depends_on=[self._drain, self._snapshots, after],
                deleted_with=compute,
            ),
        )

    def snapshot(
        self,
        name: str,
        create: str,
        request: pulumi.Output[str],
        opts: pulumi.ResourceOptions,
        update: str = "",
        delete: str = "",
        ignore_changes: Sequence[str] = (),
    ) -> Command:
        """Register what is done to a snapshot: commands of snapshots.py, and none where empty.

        The request has a password. It is of a moment: another one changes nothing.
        """

        def line(command: str) -> str:
            return self._as_admin(SNAPSHOTS, command)

        return Command(
            name,
            connection=self._connection,
            create=line(create),
            # Without one, a change would do it again.
            update=line(update) if update else "true",
            delete=line(delete) if delete else None,
            stdin=request,
            add_previous_output_in_env=False,
            logging=Logging.STDERR,
            opts=pulumi.ResourceOptions.merge(
                opts,
                pulumi.ResourceOptions(
                    depends_on=[self._snapshots], ignore_changes=["stdin", *ignore_changes]
                ),
            ),
        )
