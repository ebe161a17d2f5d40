"""The nodes: each a component whose children are its files and its steps."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
from pulumi_command.remote import Command, ConnectionArgs

from components.passwords import Passwords
from components.settings import NodeSettings, ProviderSettings, SshSettings
from components.steps import (
    CHECK,
    COMPUTE,
    CONTROLLER,
    DISCOVER,
    LIBRARY,
    OPENRC,
    PASSWORDS,
    Step,
    exports,
    installed,
    text,
)


@dataclass(frozen=True)
class NodeDefaults:
    """What all nodes of a cloud have in common."""

    passwords: Passwords
    ssh: SshSettings = SshSettings()
    provider: ProviderSettings = ProviderSettings()
    region: str = "RegionOne"


class Node(pulumi.ComponentResource):
    """A Debian 13 machine that is made a node by files and steps, all over ssh.

    It owns what the steps in `components/steps` write on the machine. It leaves alone the
    machine itself: its disks, its management address, its kernel, and the packages' updates.
    Destroying it forgets the node and changes nothing on it.

    A step runs when it never ended well, or when its script or what it reads has changed; a
    failed one fails the run with the last lines of its log and runs again the next time.
    """

    steps: Mapping[str, pulumi.Resource]
    """The steps by name: what waits for one of them depends on it."""

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
    ) -> None:
        super().__init__(f"iaas:nodes:{kind}", name, None, opts)
        self.name = name
        self._sudo = "" if defaults.ssh.user == "root" else "sudo -n "
        self._connection = _connection(node, defaults.ssh)
        self._passwords = defaults.passwords
        self._openrc = {
            **openrc,
            "INTERFACE_IP": str(node.host),
            "INTERFACE_NAME": node.interface_name or defaults.provider.interface_name,
            "Physical_NAME": defaults.provider.physical_name,
            "minvlan": str(defaults.provider.minvlan),
            "maxvlan": str(defaults.provider.maxvlan),
            "DOMAIN_NAME": "Default",
            "REGION": defaults.region,
            "SSH_PORT": str(defaults.ssh.port),
        }
        # What is read and is no setting is a password; a node gets only its own.
        read = {name for step in table for name in step.reads} - self._openrc.keys()
        plain = {name: defaults.passwords.plain(name) for name in sorted(read)}
        check = self._command(
            "check", f"timeout {CHECK.minutes}m bash -s", self._check_script(), [], guard=guard
        )
        self._files = [
            self._file(OPENRC, "0600", exports(self._openrc), check),
            self._file(PASSWORDS, "0600", pulumi.Output.secret(exports(plain)), check),
            *(self._file(path, "0644", text(name), check) for name, path in LIBRARY.items()),
        ]

    def _run(
        self, table: Sequence[Step], others: Mapping[str, pulumi.Resource]
    ) -> dict[str, pulumi.Resource]:
        """Register the steps of a table; `others` are those of another node by full name."""
        done: dict[str, pulumi.Resource] = {}
        for step in table:
            awaited = [done.get(n) or others[n] for n in step.waits_for]
            done[step.name] = self._step(step, awaited)
        return done

    def _step(
        self,
        step: Step,
        awaited: Sequence[pulumi.Resource],
        owner: "Node | Hosts | None" = None,
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
        )

    def _check_script(self) -> str:
        """The check with its settings: it comes before any file, so it brings them along."""
        read = {name: self._openrc[name] for name in CHECK.reads}
        return exports(read) + text(CHECK.script)

    def _file(
        self, path: str, mode: str, content: pulumi.Input[str], after: pulumi.Resource
    ) -> Command:
        """Register a file of the node that the steps read."""
        return self._command(
            path.rsplit("/", 1)[-1],
            f"{self._sudo}install -D -m {mode} /dev/stdin {path}",
            content,
            [after],
        )

    def _command(
        self,
        name: str,
        create: str,
        stdin: pulumi.Input[str],
        depends_on: Sequence[pulumi.Resource],
        owner: "Node | Hosts | None" = None,
        guard: pulumi.ResourceHook | None = None,
        ignore_changes: list[str] | None = None,
    ) -> Command:
        """Register a command that runs on this node."""
        hooks = pulumi.ResourceHookBinding()
        if guard is not None:
            hooks = pulumi.ResourceHookBinding(before_update=[guard], before_delete=[guard])
        parent = owner or self
        return Command(
            f"{parent.name}-{name}",
            connection=self._connection,
            create=create,
            stdin=stdin,
            # The server would have to accept the variable that carries it.
            add_previous_output_in_env=False,
            opts=pulumi.ResourceOptions(
                parent=parent, depends_on=depends_on, hooks=hooks, ignore_changes=ignore_changes
            ),
        )


def auth_url(controller: NodeSettings) -> str:
    """Where the Keystone of a controller answers."""
    return f"http://{controller.host}:5000/v3"


class Controller(Node):
    """The node of the services: Keystone, Glance, Placement, Nova, Neutron and their base.

    `computes` are the nodes that it opens its clock to, and all nodes their firewalls; `guard` is
    asked before it moves to another machine or is deleted. See `Node` for what it owns. Outputs:
    `auth_url`, known in every preview; `member_role_id`, known once the controller is up.
    """

    auth_url: str
    region: str
    nodes: str
    """All nodes of the cloud, as words `NAME=ADDRESS`: each node lets the others in."""
    member_role_id: pulumi.Output[str]

    def __init__(
        self,
        name: str,
        node: NodeSettings,
        computes: Sequence[NodeSettings],
        defaults: NodeDefaults,
        opts: pulumi.ResourceOptions | None = None,
        guard: pulumi.ResourceHook | None = None,
    ) -> None:
        self.settings = node
        # Their order in the settings says nothing.
        computes = sorted(computes, key=lambda compute: compute.name)
        self.nodes = " ".join(f"{one.name}={one.host}" for one in (node, *computes))
        self.region = defaults.region
        self.auth_url = auth_url(node)
        openrc = {
            "HOST_IP": str(node.host),
            "HOST_NAME": node.name,
            "HOST_IP_NODE": " ".join(str(compute.host) for compute in computes),
            "HOST_NAME_NODE": " ".join(compute.name for compute in computes),
            "NODES": self.nodes,
        }
        table = (*CONTROLLER, DISCOVER)
        super().__init__("Controller", name, node, defaults, openrc, table, opts, guard)
        self.steps = self._run(CONTROLLER, {})
        # A command of its own: its text never changes, so its answer is known in every
        # later preview, also in one where the Keystone step runs again.
        role = self._command(
            "member-role",
            f"{self._sudo}timeout 2m bash -c '. /etc/keystone/admin-openrc.sh &&"
            f" exec python3 {LIBRARY['cloud.py']} role member'",
            "",
            [self.steps["keystone"]],
            # Nor does another way to the node change it.
            ignore_changes=["connection", "create"],
        )
        self.member_role_id = role.stdout.apply(str.strip)
        self.register_outputs({"authUrl": self.auth_url, "memberRoleId": self.member_role_id})

    def discover(self, owner: "Hosts") -> Command:
        """Register the step that runs here and belongs to the computes together."""
        return self._step(DISCOVER, [], owner)


class Compute(Node):
    """A node that runs servers for a controller. See `Node` for what it owns.

    Removing one from a program leaves its agents listed, as down, until somebody deletes them
    (`openstack compute service delete`, `openstack network agent delete`).
    """

    def __init__(
        self,
        name: str,
        node: NodeSettings,
        controller: Controller,
        defaults: NodeDefaults,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        openrc = {
            "HOST_IP": str(controller.settings.host),
            "HOST_NAME": controller.settings.name,
            "HOST_IP_NODE": str(node.host),
            "HOST_NAME_NODE": node.name,
            "NODES": controller.nodes,
        }
        super().__init__("Compute", name, node, defaults, openrc, COMPUTE, opts)
        others = {f"controller:{name}": step for name, step in controller.steps.items()}
        self.steps = self._run(COMPUTE, others)
        self.register_outputs({"host": str(node.host)})


class Hosts(pulumi.ComponentResource):
    """The computes in Nova's cell, when all of them are up: what servers wait for.

    `computes` are all of the controller's.
    """

    discover: pulumi.Resource
    """The step that takes them in. It waits for the computes by way of this component, so that a
    server which waits for it has one dependency, and not thousands to follow."""

    def __init__(
        self,
        name: str,
        controller: Controller,
        computes: Sequence[Compute],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        names = [step.removeprefix("computes:") for step in DISCOVER.waits_for]
        steps = [compute.steps[name] for compute in computes for name in names]
        awaited = pulumi.ResourceOptions(depends_on=steps)
        super().__init__(
            "iaas:nodes:Hosts", name, None, pulumi.ResourceOptions.merge(opts, awaited)
        )
        self.name = name
        self.discover = controller.discover(self)
        self.register_outputs({})


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
