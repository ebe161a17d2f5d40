"""How the status judges: one cause is told once, with commands that are right."""

import re

import pytest

from components import steps
from tests.unit.readings import GIB, NOW, Json, cloud, disk, judged, seen, stack
from tests.unit.readings_changed import LEFT, entry, part, servers, step, units, unreached
from tools.status.on_nodes import expected
from tools.status.seen import Kind
from tools.status.units import NEEDED


def test_what_is_broken_comes_first() -> None:
    found = judged(seen(changed={"c1": {"reboot": ["x"]}, "c2": {"disks": [disk(1, GIB)]}}))
    assert [(f.severity, f.where) for f in found] == [("broken", "c2"), ("soon", "c1")]


DEAD: Json = {
    "services": entry("services", 2, up=False)["answers"]["services"],
    "hypervisors": entry("hypervisors", 0, up=False)["answers"]["hypervisors"],
    "agents": entry("agents", 1, alive=False)["answers"]["agents"],
}


@pytest.mark.parametrize(
    ("changed", "expected_rules"),
    [
        ({"unreached": {"cause": "silent", "said": "no"}}, ["node-silent"]),
        ({"unreached": {"cause": "login", "said": "no"}}, ["login", "nova-down", "agent-dead"]),
        ({}, ["nova-down", "agent-dead"]),
    ],
)
def test_one_cause_is_told_once(changed: Json, expected_rules: list[str]) -> None:
    found = judged(seen(changed={"c1": changed}, answers=DEAD))
    assert [finding.rule for finding in found] == expected_rules


def test_a_silent_node_says_what_nova_knows_of_it() -> None:
    (alive,) = judged(seen(**unreached("silent")))
    assert alive.message.endswith("; Nova still hears from it, and has 1 server there")
    (dead,) = judged(seen(**unreached("silent"), answers=DEAD))
    assert dead.message.endswith("; Nova does not hear from it either, and has 1 server there")
    (unknown,) = judged(seen(**unreached("silent"), answers={"services": None}))
    assert unknown.message == "does not answer at 10.0.0.20: ssh said so"


def test_a_service_that_does_not_run_is_not_told_again_by_nova() -> None:
    off = units(**{"nova-compute": "failed (failed)"})
    assert [f.rule for f in judged(seen(**off, answers=DEAD))] == ["service", "agent-dead"]


# How the nodes are reached, a change, and the commands of its finding.
COMMANDS: tuple[tuple[Json, Json, tuple[str, ...]], ...] = (
    ({}, units(libvirtd="failed"), (
        "ssh root@10.0.0.20 journalctl -u libvirtd -n 50 --no-pager",
        "ssh root@10.0.0.20 systemctl restart libvirtd")),
    ({"user": "admin", "port": 2222, "privateKeyFile": "/keys/my key"}, units(libvirtd="failed"), (
        "ssh -i '/keys/my key' -p 2222 admin@10.0.0.20 sudo journalctl -u libvirtd -n 50"
        " --no-pager",
        "ssh -i '/keys/my key' -p 2222 admin@10.0.0.20 sudo systemctl restart libvirtd")),
    ({}, servers(status="ERROR"), (
        "ssh root@10.0.0.10 '. /etc/keystone/admin-openrc.sh && openstack server show id-1'",
        "ssh root@10.0.0.10 '. /etc/keystone/admin-openrc.sh && openstack server reboot --hard"
        " id-1'")),
    ({"user": "admin"}, {"answers": {"services": [*cloud()["services"], LEFT]}}, (
        "ssh admin@10.0.0.10 'sudo bash -c '\"'\"'. /etc/keystone/admin-openrc.sh && openstack"
        " compute service delete x'\"'\"''",)),
    ({"name": "prod"}, part(steps={}), ("pulumi up --stack prod",)),
    ({}, part(updates={"security": ["a"], "all": 1, "listed": NOW}), (
        "ssh root@10.0.0.20 apt list --upgradable", "make update")),
    ({"name": "prod"}, part(reboot=["a new kernel"]), ("make update NODES=c1 STACK=prod",)),
    ({}, units(**{"nova-compute": "failed"}), (
        "ssh root@10.0.0.20 journalctl -u nova-compute -n 50 --no-pager",
        "ssh root@10.0.0.20 'grep -E \" (ERROR|CRITICAL) \" /var/log/nova/nova-compute.log"
        " | tail -n 20'",
        "ssh root@10.0.0.20 systemctl restart nova-compute")),
    ({}, {"answers": {"images": None, "unanswered": {"glance": "no"}}}, (
        "ssh root@10.0.0.10 'grep -E \" (ERROR|CRITICAL) \" /var/log/glance/glance-api.log"
        " | tail -n 20'",
        "ssh root@10.0.0.10 systemctl restart glance-api")),
    ({}, entry("agents", 1, alive=False), (
        "ssh root@10.0.0.20 journalctl -u ovn-controller -n 50 --no-pager",
        "ssh root@10.0.0.20 systemctl restart ovn-controller")),
    ({}, unreached("login"), ("ssh-add -l", "ssh root@10.0.0.20 true")),
    ({"privateKeyFile": "/k"}, unreached("login"), (
        "ssh-keygen -l -f /k", "ssh -i /k root@10.0.0.20 true")),
    ({}, unreached("refused"), ("systemctl restart ssh  (on its console)",)),
    ({"port": 99}, unreached("host key"), ("ssh-keyscan -p 99 10.0.0.20",)),
    ({}, step(well=False), (
        "ssh root@10.0.0.20 tail -n 30 /var/log/iaas/nova-compute.log",
        "ssh root@10.0.0.20 /usr/local/bin/iaas-install-nova-compute.sh", "pulumi up")),
)  # fmt: skip


@pytest.mark.parametrize(("how", "wrong", "commands"), COMMANDS)
def test_each_finding_has_the_commands_that_help(
    how: Json, wrong: Json, commands: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PULUMI", raising=False)
    (finding,) = judged(seen(**wrong), stack(**how))
    assert finding.commands == commands


def test_a_name_from_outside_is_quoted_in_commands() -> None:
    odd = {**LEFT, "id": "x; reboot"}
    (finding,) = judged(seen(answers={"services": [*cloud()["services"], odd]}))
    assert "delete '\"'\"'x; reboot'\"'\"''" in finding.commands[0]


def test_the_steps_are_those_of_the_table_by_the_names_of_their_logs() -> None:
    assert expected("compute")["nova-compute"] == "/usr/local/bin/iaas-install-nova-compute.sh"
    assert expected("controller")["discover-hosts"] == "/usr/local/bin/iaas-discover-hosts.sh"
    assert len(expected("controller")) == 12


@pytest.mark.parametrize(
    ("kind", "table", "others"),
    [
        # Where it runs servers, its step for Nova restarts nova-compute, too.
        (
            "controller",
            (*steps.CONTROLLER, steps.DASHBOARD, steps.DISCOVER),
            {"systemd-networkd", "nova-compute"},
        ),
        # rabbitmq.sh, which computes ask by, has the controller's part, too.
        ("compute", steps.COMPUTE, {"systemd-networkd", "rabbitmq-server"}),
    ],
)
def test_the_services_are_those_that_the_steps_start(
    kind: Kind, table: tuple[steps.Step, ...], others: set[str]
) -> None:
    texts = [steps.text(one.source) for one in table]
    texts += [steps.text(f"lib/{name}") for one in table for name in steps.library(one.source)]
    whole = "\n".join(texts)
    started = set(re.findall(r"outdated ([\w-]+)\.service", whole))
    for words in re.findall(r'^UNITS="(.+)"|for unit in (nova.+);', whole, re.MULTILINE):
        started |= set("".join(words).split())
    parts = {"ovs-vswitchd", "ovsdb-server"}  # of openvswitch-switch, which only starts them
    assert (started - others) | parts == set(NEEDED[kind])
