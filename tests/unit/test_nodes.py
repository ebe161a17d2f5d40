"""What the nodes promise: which commands, in which order, over which connection, with what."""

from collections.abc import Callable
from ipaddress import IPv4Address
from pathlib import Path

import pulumi
import pytest
from pulumi.output import Unknown

from components.backup_key import recipient
from components.certificates import Authority, Certificate
from components.nodes import Compute, Controller, Hosts, NodeDefaults
from components.passwords import Passwords
from components.settings import (
    ComputeSettings,
    NodeSettings,
    ProviderSettings,
    Settings,
    SshSettings,
)
from components.steps import CHECK, COMPUTE, CONTROLLER, DISCOVER, exports, library, text
from tests.unit.examples import SECRET, private_key, public_key
from tests.unit.mocks import Deployment, Secret, deploy

USED = {
    "one": {name for step in (*CONTROLLER, DISCOVER) for name in library(step.source)},
    **{f"its-c{i}": {name for step in COMPUTE for name in library(step.source)} for i in (1, 2, 3)},
}
"""The library files that a node's steps use."""
OWN = ("openrc.sh", "passwords.sh", "ca.crt", "node.crt", "node.key")
FILES = {node: (*OWN, *names) for node, names in USED.items()}
CONTROLLER_NODE = NodeSettings(
    name="controller", host=IPv4Address("10.0.0.1"), host_key=public_key("controller")
)
COMPUTE_NODES = tuple(
    ComputeSettings(name=f"c{i}", host=IPv4Address(f"10.0.0.{i + 1}"), host_key=public_key(f"c{i}"))
    for i in (1, 2, 3)
)


def defaults(ssh: SshSettings | None = None) -> NodeDefaults:
    """Return what the nodes have in common."""
    provider = ProviderSettings(interface_name="eth1", minvlan=5, maxvlan=6)
    return NodeDefaults(Passwords(SECRET), ssh or SshSettings(), provider, "Region2", year=2026)


AUTHORITY = Authority(Passwords(SECRET))


def certificate(name: str, host: str) -> Certificate:
    """Return a node's certificate of the year of the tests."""
    return AUTHORITY.sign(name, [name], [IPv4Address(host)], 2026)


def nodes(common: NodeDefaults) -> Callable[[], None]:
    """Return a program of somebody else: a controller and three computes, and nothing more."""

    def program() -> None:
        controller = Controller("one", CONTROLLER_NODE, COMPUTE_NODES, common)
        computes: list[Compute] = []
        for node in COMPUTE_NODES:
            computes.append(Compute(f"its-{node.name}", node, controller, common))
        Hosts("hosts", controller, computes)

    return program


@pytest.fixture(scope="module")
def deployed() -> Deployment:
    """The commands of that program."""
    return deploy(nodes(defaults()))


KINDS = [
    ("one", [step.name for step in CONTROLLER]),
    *((f"its-c{i}", [step.name for step in COMPUTE]) for i in (1, 2, 3)),
]


@pytest.mark.parametrize(("node", "steps"), KINDS)
def test_nothing_is_written_before_the_check(
    node: str, steps: list[str], deployed: Deployment
) -> None:
    assert deployed.named(f"{node}-check").after == set()
    for file in FILES[node]:
        assert deployed.named(f"{node}-{file}").after == {f"{node}-check"}
    for step in steps:
        assert f"{node}-check" in deployed.before(f"{node}-{step}")


@pytest.mark.parametrize(("node", "steps"), KINDS)
def test_a_step_waits_for_all_files_of_its_node(
    node: str, steps: list[str], deployed: Deployment
) -> None:
    for step in steps:
        assert {f"{node}-{file}" for file in FILES[node]} <= deployed.named(f"{node}-{step}").after


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("one-pre-host", "its-c1-pre-host"),
        ("its-c1-pre-host", "its-c2-pre-host"),
        ("one-keystone", "its-c1-mysql-client"),
        ("one-glance", "one-placement"),
        ("one-glance", "one-nova-controller"),
        ("one-glance", "one-neutron-controller"),
        ("one-placement", "one-neutron-controller"),
        ("one-nova-controller", "one-neutron-controller"),
        ("its-c1-nova-compute", "its-c1-neutron-compute"),
        ("its-c1-nova-compute", "its-c2-nova-compute"),
        ("its-c1-nova-compute", "one-neutron-controller"),
        ("its-c1-neutron-compute", "one-nova-controller"),
        ("its-c1-neutron-compute", "one-placement"),
    ],
)
def test_what_does_not_depend_on_each_other_runs_side_by_side(
    one: str, other: str, deployed: Deployment
) -> None:
    assert one not in deployed.before(other)
    assert other not in deployed.before(one)


def test_the_controller_registers_the_computes_when_all_have_ended(deployed: Deployment) -> None:
    files = {f"one-{file}" for file in FILES["one"]}
    steps = {f"its-c{i}-{step}" for i in (1, 2, 3) for step in ("nova-compute", "neutron-compute")}
    order = deployed.names()
    assert order.index("hosts") > max(map(order.index, steps))
    assert deployed.named("hosts").after == set(), "one that failed would keep servers from all"
    assert deployed.named("hosts-discover").after == files, "a server would follow the others"
    on = [deployed.named(name).inputs["connection"] for name in ("hosts-discover", "one-check")]
    assert on[0] == on[1]


@pytest.mark.parametrize(
    ("node", "settings"), [("one", CONTROLLER_NODE), ("its-c2", COMPUTE_NODES[1])]
)
def test_every_command_goes_to_its_node_and_knows_its_key(
    node: str, settings: NodeSettings, deployed: Deployment
) -> None:
    expected = {
        "host": str(settings.host),
        "port": 22,
        "user": "root",
        "hostKey": settings.host_key,
        "dialErrorLimit": 10,
        "perDialTimeout": 15,
    }
    for command in (r for r in deployed if r.parent == node and r.name != f"{node}-leave"):
        assert command.inputs["connection"] == Secret(expected), command.name


def test_a_host_key_that_is_not_checked_is_a_warning(monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    monkeypatch.setattr(pulumi.log, "warn", said.append)
    open_node = ComputeSettings(name="c9", host=IPv4Address("10.0.0.9"), check_host_key=False)

    def program() -> None:
        controller = Controller("one", CONTROLLER_NODE, [open_node], defaults())
        Compute("its-c9", open_node, controller, defaults())

    deployed = deploy(program)
    assert said == ["c9: its ssh host key is not checked, as the settings say"]
    assert "hostKey" not in deployed.named("its-c9-check").inputs["connection"].value


def test_a_key_file_reaches_the_connection_as_a_secret(tmp_path: Path) -> None:
    key = tmp_path / "key"
    key.write_text(private_key())
    ssh = SshSettings(user="debian", port=2222, private_key_file=key)
    for command in deploy(nodes(defaults(ssh))).commands().values():
        connection = command.inputs["connection"]
        assert isinstance(connection, Secret)
        assert connection.value["privateKey"] == private_key()
        assert (connection.value["user"], connection.value["port"]) == ("debian", 2222)


@pytest.mark.parametrize(("user", "sudo"), [("root", ""), ("debian", "sudo -n ")])
def test_a_user_other_than_root_uses_sudo(user: str, sudo: str) -> None:
    run = {
        name: command.inputs.get("create", "")
        for name, command in deploy(nodes(defaults(SshSettings(user=user)))).commands().items()
    }
    # It looks at the node as the user, and says itself if there is no sudo.
    assert run["one-check"] == "timeout 3m bash -s"
    openrc = f"{sudo}install -D -m 0600 /dev/stdin /etc/xiandian/openrc.sh"
    assert run["its-c1-openrc.sh"] == openrc
    assert run["one-passwords.sh"] == openrc.replace("openrc.sh", "passwords.sh")
    assert run["one-cloud.py"] == (
        f"{sudo}install -D -m 0644 /dev/stdin /usr/local/lib/iaas/cloud.py"
    )
    path = "/usr/local/bin/iaas-pre-host.sh"
    assert run["its-c1-pre-host"] == (
        f"{sudo}install -D -m 0755 /dev/stdin {path} && {sudo}timeout 40m {path}"
    )
    assert run["one-member-role"] == (
        f"{sudo}timeout 2m bash -c '. /etc/keystone/admin-openrc.sh &&"
        " exec python3 /usr/local/lib/iaas/cloud.py role member'"
    )
    if not sudo:
        assert not any("sudo" in create for create in run.values())


def test_openrc_has_the_manuals_names(deployed: Deployment) -> None:
    common = {
        "INTERFACE_NAME": "eth1",
        "TUNNEL_IP": "",
        "TUNNEL_VLAN": "",
        "Physical_NAME": "provider",
        "MTU": "1500",
        "minvlan": "5",
        "maxvlan": "6",
        "DOMAIN_NAME": "Default",
        "REGION": "Region2",
        "SSH_PORT": "22",
    }
    every = {"NODES": "controller=10.0.0.1 c1=10.0.0.2 c2=10.0.0.3 c3=10.0.0.4"}
    ours = {"HOST_IP": "10.0.0.1", "HOST_NAME": "controller"}
    members = {"SELF_SERVICE": "false"}
    sources = {"API_NETWORKS": ""}
    requests = {"API_LOGINS": "1200", "API_AUDIT": "false"}
    sizes = {"SIZES": "", "PUBLIC_CERTIFICATE": ""}
    backups = {
        "BACKUP_EVERY": "",
        "BACKUP_KEEP": "7",
        "BACKUP_FOLDER": "/var/backups/iaas",
        "BACKUP_HOST": "",
        "BACKUP_HOST_KEY": "",
        "BACKUP_USER": "backup",
        "BACKUP_PORT": "22",
        "BACKUP_RECIPIENT": recipient(Passwords(SECRET)),
    }
    others = {"HOST_IP_NODE": "10.0.0.2 10.0.0.3 10.0.0.4", "HOST_NAME_NODE": "c1 c2 c3"}
    own = {"HOST_IP_NODE": "10.0.0.3", "HOST_NAME_NODE": "c2"}
    none = {"HOST_TUNNEL_IP": "", "RUNS_SERVERS": "false"}
    servers, tunnels = {"RUNS_SERVERS": "true"}, {"HOST_TUNNEL_IP": ""}
    controller_tls, compute_tls = (
        {
            "TLS": certificate(name, host).mark(AUTHORITY.trusted()),
            "PUBLIC_NAME": "",
            "OPENINGS": "",
        }
        for name, host in (("controller", "10.0.0.1"), ("c2", "10.0.0.3"))
    )
    controller, compute = (
        deployed.named(f"{node}-openrc.sh").inputs["stdin"] for node in ("one", "its-c2")
    )
    of_all = {**ours, **others, **none, **every, **members}
    of_one = {**of_all, **sources, **requests, **sizes, **backups}
    of_c2 = {**ours, **own, **every, **servers, **sources, **tunnels}
    first = {**of_one, "NODE_NAME": "controller", "INTERFACE_IP": "10.0.0.1"}
    second = {**of_c2, "NODE_NAME": "c2", "INTERFACE_IP": "10.0.0.3"}
    assert controller == exports({**first, **common, **controller_tls})
    assert compute == exports({**second, **common, **compute_tls})


def test_a_program_of_somebody_else_has_the_settings_defaults() -> None:
    common = NodeDefaults(Passwords(SECRET))
    fields = Settings.model_fields
    assert common.region == fields["region"].default
    assert common.ssh == fields["ssh"].default
    assert common.provider == fields["provider"].default
    assert common.openings == fields["node_openings"].default
    assert common.tls == fields["tls"].default


def test_a_node_gets_the_library_files_of_its_steps_as_they_are(deployed: Deployment) -> None:
    for node, names in USED.items():
        for name in names:
            assert deployed.named(f"{node}-{name}").inputs["stdin"] == text(f"lib/{name}")
    assert USED["its-c1"] - USED["one"] == {"qemu.sh"}
    assert "mariadb.sh" in USED["one"] - USED["its-c1"]


def test_the_check_brings_its_settings_and_needs_no_file(deployed: Deployment) -> None:
    read = {"HOST_IP": "10.0.0.1", "API_NETWORKS": "", "INTERFACE_IP": "10.0.0.2"}
    read |= {"INTERFACE_NAME": "eth1", "MTU": "1500", "RUNS_SERVERS": "true"}
    assert deployed.named("its-c1-check").inputs["stdin"] == exports(read) + text(CHECK.source)


def test_a_node_may_have_an_interface_of_its_own() -> None:
    node = CONTROLLER_NODE.model_copy(update={"interface_name": "enp9"})
    deployed = deploy(lambda: Controller("one", node, (), defaults()))
    assert "export INTERFACE_NAME=enp9\n" in deployed.named("one-openrc.sh").inputs["stdin"]
    assert "#   INTERFACE_NAME=enp9\n" in deployed.named("one-neutron-controller").inputs["stdin"]


def test_no_environment_is_asked_of_the_nodes_ssh_service(deployed: Deployment) -> None:
    """It would have to accept the variables."""
    for name, command in deployed.commands().items():
        assert command.inputs["addPreviousOutputInEnv"] is False, name
        assert "environment" not in command.inputs, name


def test_no_command_removes_or_replaces_anything(deployed: Deployment) -> None:
    """A change runs a step again in place; destroying a node only forgets it."""
    for name, command in deployed.commands().items():
        if not name.endswith("-leave"):
            assert not {"delete", "update", "triggers"} & set(command.inputs), name


def test_a_controller_says_where_its_cloud_is(deployed: Deployment) -> None:
    expected = {"authUrl": "https://10.0.0.1:5000/v3"}
    real = deployed.outputs
    assert real["one"] == expected | {"memberRoleId": "stdout of one-member-role"}
    assert real["its-c3"] == {"host": "10.0.0.4"}
    preview = deploy(nodes(defaults()), preview=True).outputs
    assert preview["one"].pop("memberRoleId").__class__ is Unknown
    assert preview["one"] == expected, "it is known before the cloud is there"


def test_no_setting_but_the_way_to_the_controller_makes_the_role_unknown(
    deployed: Deployment,
) -> None:
    """Where its command changes, a preview no longer knows the members' role."""
    common = NodeDefaults(Passwords("another secret of the tests"))
    first, second = (
        deployment.named("one-member-role").inputs
        for deployment in (deployed, deploy(nodes(common)))
    )
    assert first == second
    assert first["stdin"] == "", "it reads nothing"


def test_a_nodes_options_hold_for_all_of_it() -> None:
    def program() -> None:
        keep = pulumi.ResourceOptions(protect=True)
        controller = Controller("one", CONTROLLER_NODE, COMPUTE_NODES[:1], defaults(), keep)
        compute = Compute("its-c1", COMPUTE_NODES[0], controller, defaults(), keep)
        Hosts("hosts", controller, [compute], keep)

    deployed = deploy(program)
    assert len(deployed) > 20
    assert [resource.name for resource in deployed if not resource.protect] == []


def test_a_controller_needs_no_compute() -> None:
    deployed = deploy(lambda: Controller("one", CONTROLLER_NODE, (), defaults()))
    assert "export HOST_IP_NODE=''\n" in deployed.named("one-openrc.sh").inputs["stdin"]
    assert not [name for name in deployed.names() if "discover" in name]
