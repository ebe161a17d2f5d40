"""A running cloud keeps its promises: on the lab's nodes, from bare nodes on.

The tests are one story, in this order: a test leaves the lab as the next one finds it.
"""

import itertools
import json
import re
import socket
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from components.passwords import Passwords
from components.steps import COMPUTE, CONTROLLER, DISCOVER
from tests.lab.conftest import (
    ADDRESSES,
    COMPUTES,
    NODES,
    PATIENCE,
    STEPS,
    STORE,
    Beginning,
    MakeStack,
    admin,
    changes,
    command,
    done,
    git_status,
    on,
    ping,
    run,
    up,
)

Config = dict[str, list[dict[str, object]]]

GATEWAYS = {101: "10.101.0.1", 150: "10.150.0.1"}
WEB1 = "10.101.0.11"
DB1 = "10.150.0.11"
DOOR = 7070  # a port of a node that nothing of the cloud is on
BOOT = 120  # seconds that a new server may take to answer
SCRIPTS = {
    "controller": [step.script for step in CONTROLLER],
    **{name: [step.script for step in COMPUTE] for name in COMPUTES},
}


def units(node: str) -> str:
    """When each service of the node was started."""
    return on(
        node,
        "systemctl show --property=Id,ActiveEnterTimestampMonotonic"
        " $(systemctl list-units --type=service --state=running --plain --no-legend |"
        " awk '{print $1}' | grep -Ev '^(ssh|user@)')",
    )


def log_in(key: str, command: str = "hostname") -> str:
    """What a command prints in the server web1, its name at first, to somebody with this key."""
    words = ("--vlan", "101", "--source", f"{GATEWAYS[101]}/24", str(STORE / "ssh" / key))
    return run("wire", "ssh", *words, f"root@{WEB1}", command).stdout.strip()


def hosts() -> dict[str, str]:
    """The compute of each server, as Nova says."""
    shown = admin("openstack server list --all-projects --long -f json -c Name -c Host")
    return {server["Name"]: server["Host"] for server in json.loads(shown)}


def power_off(node: str) -> None:
    """Power a node off; libvirt holds that up for some seconds while servers run on it."""
    run("ssh", node, "systemctl poweroff")
    until = time.monotonic() + PATIENCE
    while not run("ssh", node, "true").returncode:
        assert time.monotonic() < until, f"{node} does not power off"
        time.sleep(0.5)


def logins(node: str) -> int:
    """How often somebody has logged in to the node by ssh, this time included."""
    return int(on(node, "journalctl -q -u ssh | grep -c 'Accepted publickey'"))


def test_a_step_that_is_cut_off_fails_the_run_with_its_name_and_no_other(
    beginning: Beginning,
) -> None:
    for one in beginning.runs[:-1]:
        cut = {command(node, p.step) for node, points in one.cuts.items() for p in points}
        assert cut, one.result.stdout + one.result.stderr
        assert cut <= one.failed
        if not any(point.how == "reboot" for points in one.cuts.values() for point in points):
            assert one.failed == cut, one.result.stdout


def test_each_node_was_cut_off_while_it_installed_packages(beginning: Beginning) -> None:
    if "pre-host" not in beginning.steps:
        pytest.skip("CUTOFFS names other steps")
    for node in NODES:
        assert any(point.file for one in beginning.runs for point in one.cuts[node])


def test_the_next_run_goes_on_where_the_one_that_was_cut_off_stopped(beginning: Beginning) -> None:
    done(beginning.runs[-1].result)
    said = "".join(one.result.stdout for one in beginning.runs)
    created = Counter(re.findall(r"remote:Command (\S+) created", said))
    assert set(created.values()) == {1}
    assert set(created) >= {command(node, step) for node, steps in STEPS.items() for step in steps}
    for node in NODES:
        assert on(node, "systemctl list-units --failed --plain --no-legend") == ""


def test_a_server_answers_tagged_on_its_vlan() -> None:
    assert "on VLAN 101" in done(ping(WEB1, 101, GATEWAYS[101], wait=BOOT)).stdout
    assert "on VLAN 150" in done(ping(DB1, 150, GATEWAYS[150], wait=BOOT)).stdout


def test_a_server_does_not_answer_on_another_vlan() -> None:
    assert ping(WEB1, 102, GATEWAYS[101], wait=5).returncode == 1


def test_servers_of_two_computes_talk_on_one_vlan_and_not_across() -> None:
    # Nova's own choice is by memory, and the lab's computes share theirs.
    (other,) = set(COMPUTES) - {hosts()["web1"]}
    made = f"""
    openstack port create --network front --disable-port-security far -f value -c id
    openstack --os-compute-api-version 2.74 server create --host {other} --image guest \
      --flavor tiny --port far --wait far >&2
    openstack port show far -f json -c fixed_ips
    """
    address = json.loads(admin(made).split("\n", 1)[1])["fixed_ips"][0]["ip_address"]
    try:
        assert hosts()["far"] == other
        assert "on VLAN 101" in done(ping(address, 101, GATEWAYS[101], wait=BOOT)).stdout
        assert ping(address, 150, GATEWAYS[101], wait=5).returncode == 1
        asked = "ping -c 1 -W 5 {} >/dev/null && echo answered || echo silent"
        assert log_in("web1", asked.format(address)) == "answered"
        assert log_in("web1", asked.format(DB1)) == "silent"
    finally:
        admin("openstack server delete --wait far; openstack port delete far")


def test_each_node_knows_the_others_by_name_and_lets_only_them_in() -> None:
    for node in NODES:
        on(node, f"systemd-run --unit iaas-door python3 -m http.server {DOOR}")
    try:
        for node, other in itertools.permutations(NODES, 2):
            assert on(node, f"getent ahostsv4 {other}").split()[0] == ADDRESSES[other]
            open_door = f"timeout 30 bash -c 'until </dev/tcp/{other}/{DOOR}; do sleep 1; done'"
            on(node, open_door)
        for address in ADDRESSES.values():
            with pytest.raises(OSError, match="timed out"):
                socket.create_connection((address, DOOR), timeout=3)
    finally:
        for node in NODES:
            on(node, "systemctl stop iaas-door")


def test_the_ssh_service_may_move_to_another_port() -> None:
    node, port = COMPUTES[-1], 2222
    extra = "/etc/ssh/sshd_config.d/port.conf"
    reload = "systemctl reload ssh && sleep 1 && /usr/local/bin/iaas-pre-host.sh"
    on(node, f"printf 'Port 22\\nPort {port}\\n' >{extra} && {reload}")
    socket.create_connection((ADDRESSES[node], port), timeout=5).close()
    on(node, f"rm {extra} && {reload}")
    with pytest.raises(OSError, match="timed out"):
        socket.create_connection((ADDRESSES[node], port), timeout=3)


def test_only_its_own_key_logs_in_to_a_server() -> None:
    assert log_in("web1") == "web1"
    assert log_in("db1") == ""


def test_a_second_run_changes_nothing_and_opens_no_ssh_connection() -> None:
    before = {node: logins(node) for node in NODES}
    assert re.search(r"^\s+\d+ unchanged$", done(up()).stdout, re.MULTILINE)
    done(run("pulumi", "preview", "--expect-no-changes"))
    assert {node: logins(node) for node in NODES} == {n: count + 1 for n, count in before.items()}


def test_each_step_run_again_by_hand_changes_and_restarts_nothing() -> None:
    for node, scripts in SCRIPTS.items():
        before = units(node)
        for script in scripts:
            said = on(node, f"/usr/local/bin/{script}").splitlines()[-1]
            assert said.endswith("nothing to change"), f"{node} {script}: {said}"
        assert units(node) == before
    said = on("controller", f"/usr/local/bin/{DISCOVER.script}")
    assert said.strip().endswith("nothing to change")


def test_a_changed_setting_runs_only_the_steps_that_read_it(stack: MakeStack) -> None:
    narrower = stack(lambda config: config["iaas:provider"].__setitem__("maxvlan", 180))
    expected = {
        "controller-openrc.sh": "update",
        **{f"{compute}-openrc.sh": "update" for compute in COMPUTES},
        "controller-neutron-controller": "update",
    }
    assert changes(narrower) == expected
    before = units("compute")
    done(up(narrower))
    written = "/etc/neutron/plugins/ml2/ml2_conf.ini"
    assert "provider:100:180" in on("controller", f"grep ^network_vlan_ranges {written}")
    assert units("compute") == before
    assert changes() == expected
    done(up())
    assert "provider:100:201" in on("controller", f"grep ^network_vlan_ranges {written}")


def test_a_compute_that_is_down_fails_by_its_name_and_keeps_nothing_else(stack: MakeStack) -> None:
    down = COMPUTES[-1]

    def change(config: Config) -> None:
        config["iaas:provider"]["maxvlan"] = 180  # type: ignore[call-overload]
        config["iaas:projects"].append({"name": "spare"})

    power_off(down)
    try:
        failed = run(
            *("pulumi", "up", "--yes", "--skip-preview", "--non-interactive"),
            "--continue-on-error",
            stack=stack(change),
        )
        said = rf"Command \({down}-openrc.sh\):\n *error: .*{ADDRESSES[down]}"
        assert failed.returncode != 0
        assert re.search(said, failed.stdout)
        assert "spare" in admin("openstack project list -f value -c Name").split()
        for node in set(NODES) - {down}:
            assert "maxvlan=180" in on(node, "cat /etc/xiandian/openrc.sh")
    finally:
        done(run("up"))
    done(up(stack(change)))
    done(up())


def test_wrong_nodes_are_refused_before_anything_on_them_is_changed(stack: MakeStack) -> None:
    def misname(config: Config) -> None:
        config["iaas:controller"]["interfaceName"] = "ens99"  # type: ignore[call-overload]
        config["iaas:computes"][0]["interfaceName"] = "eth0"

    sums = "find /etc/xiandian -type f -exec sha256sum {} + | sort"
    before = {node: on(node, sums) for node in NODES}
    result = up(stack(misname))
    assert result.returncode != 0
    assert "controller: has no interface ens99" in result.stdout
    assert f"is reached by {ADDRESSES['compute']} on eth0" in result.stdout
    assert {node: on(node, sums) for node in NODES} == before
    done(up())


def test_a_server_that_cannot_be_built_fails_with_novas_reason_and_is_replaced(
    stack: MakeStack,
) -> None:
    def add_server(flavor: str) -> Callable[[Config], None]:
        def change(config: Config) -> None:
            config["iaas:flavors"].append({"name": "vast", "vcpus": 1, "ram": 900000, "disk": 1})
            config["iaas:projects"][0]["quota"] = {"instances": 4, "cores": 4, "ram": 1000000}
            server = {**config["iaas:servers"][0], "name": "web3", "address": "10.101.0.13"}
            config["iaas:servers"].append({**server, "flavor": flavor})

        return change

    failed = up(stack(add_server("vast")))
    assert failed.returncode != 0
    assert "server web3: No valid host was found" in failed.stdout
    assert up(stack(add_server("vast"))).returncode != 0, "a server in ERROR counts as done"
    done(up(stack(add_server("tiny"))))
    done(ping("10.101.0.13", 101, GATEWAYS[101], wait=BOOT))
    done(run("pulumi", "up", "--yes", "--skip-preview", "--non-interactive"))
    assert ping(WEB1, 101, GATEWAYS[101]).returncode == 0


def test_a_tenants_server_and_its_rules_belong_to_the_tenants_project() -> None:
    owner = admin("openstack project show web -f value -c id").strip()
    shown = admin("openstack server list --all --project web -f value -c Name")
    assert sorted(shown.split()) == ["app1", "web1", "web2"]
    groups = admin(f"openstack security group list --project {owner} -f value -c Name")
    assert sorted(groups.split()) == ["app1", "default", "web1", "web2"]


def test_a_member_of_a_project_may_not_make_networks() -> None:
    password = Passwords(done(run("pulumi", "config", "get", "secret")).stdout.strip())
    made = admin(
        f"export OS_USERNAME=web OS_PROJECT_NAME=web OS_PASSWORD={password.plain('project web')}\n"
        "openstack network create mine 2>&1 || true"
    )
    assert "HttpException: 403" in made or "ForbiddenException: 403" in made


def test_placement_answers_whoever_asks_the_catalogue() -> None:
    socket.create_connection((ADDRESSES["controller"], 8778), timeout=5).close()


def test_glance_knows_its_metadata_definitions() -> None:
    listed = admin("openstack image metadef namespace list -f value -c Namespace")
    assert "OS::Compute::Hypervisor" in listed


def test_a_server_that_powers_itself_off_is_soon_seen_as_off() -> None:
    log_in("web1", "poweroff")
    until = time.monotonic() + PATIENCE
    while "SHUTOFF" not in admin("openstack server list --all --name '^web1$' -f value -c Status"):
        assert time.monotonic() < until, "Nova looks for itself every ten minutes only"
        time.sleep(1)
    seen = on(hosts()["web1"], "grep 'VM Stopped (Lifecycle Event)' /var/log/nova/nova-compute.log")
    assert seen
    admin("openstack server start $(openstack server list --all --name '^web1$' -f value -c ID)")
    done(ping(WEB1, 101, GATEWAYS[101], wait=120))


def test_the_services_listen_where_they_should_and_the_firewall_stands() -> None:
    sockets = on("controller", "ss -Htln | awk '{print $4}'").split()
    here, there = "127.0.0.1", ADDRESSES["controller"]
    apis = {port: [here, there] for port in (5000, 6080, 8774, 8775, 8778, 9292, 9696)}
    others = {3306: [here], 11211: [here], 5671: [there], 6641: [here], 6642: [here, there]}
    for port, hosts in {**apis, **others, 5672: []}.items():
        listening = sorted({s for s in sockets if s.endswith(f":{port}")})
        assert listening == [f"{host}:{port}" for host in hosts], port
    for node in NODES:
        assert "policy drop" in on(node, "nft list chain inet iaas input")
        on(node, "nft add table inet of-others && systemctl restart iaas-firewall")
        on(node, "nft list table inet of-others")
        on(node, "nft flush ruleset && /usr/local/bin/iaas-pre-host.sh")
        assert "policy drop" in on(node, "nft list chain inet iaas input")
    for file in ("keystone/keystone.conf", "nova/nova.conf", "neutron/neutron.conf"):
        service = file.split("/", maxsplit=1)[0]
        owner = on("controller", f"stat -c '%U:%G %a' /etc/{file}").split()
        assert owner == [f"root:{service}", "640"]


def test_no_secret_is_in_logs_argv_readable_files_or_the_state() -> None:
    secret = done(run("pulumi", "config", "get", "secret")).stdout.strip()
    passwords = Passwords(secret)
    names = set(re.findall(r"[A-Z_]+PASS\b|[A-Z]+_SECRET", on("controller", PASSWORD_NAMES)))
    assert len(names) == 14
    secrets = [secret, *(passwords.plain(n) for n in (*names, "project web", "project db"))]
    assert on("controller", "cat /etc/nova/nova.conf").count(passwords.plain("NOVA_PASS")) > 0
    for node in NODES:
        listed = "\n".join(secrets)
        found = on(node, f"cat >/run/secrets.txt <<'EOF'\n{listed}\nEOF\n{SEARCH}")
        assert found == "", f"{node}: {found}"
    for path in [*STORE.glob("log/*"), *STORE.glob("state/**/*")]:
        if path.is_file():
            content = path.read_bytes()
            assert not [s for s in secrets if s.encode() in content], path


# The names of all passwords that the controller has.
PASSWORD_NAMES = "cat /etc/xiandian/passwords.sh | sed 's/=.*//'"  # noqa: S105
# Names the places where one of the secrets stands in clear, and removes their list.
SEARCH = r"""
chmod 600 /run/secrets.txt
{
  grep -rlFf /run/secrets.txt /var/log /tmp /var/tmp 2>/dev/null
  find /etc /usr/local /var/lib /opt -xdev -type f -perm -o=r -exec grep -lFf /run/secrets.txt {} +
  journalctl -q | grep -qFf /run/secrets.txt && echo the journal
  for argv in /proc/[0-9]*/cmdline; do
    tr '\0' ' ' <"$argv" 2>/dev/null | grep -qFf /run/secrets.txt && echo "$argv"
  done
  true
} || true
rm /run/secrets.txt
"""


def test_a_new_secret_gives_every_service_a_new_password() -> None:
    kept = STORE / "state" / "secret.yaml"
    old = Passwords(done(run("pulumi", "config", "get", "secret")).stdout.strip())
    done(run("pulumi", "config", "set", "--secret", "secret", stdin=OTHER_SECRET))
    kept.write_text(secret_part(STORE / "Pulumi.dev.yaml"), encoding="utf-8")
    done(up())
    config = on("compute", "cat /etc/nova/nova.conf")
    assert Passwords(OTHER_SECRET).plain("NOVA_PASS") in config
    assert old.plain("NOVA_PASS") not in config
    assert changes() == {}


OTHER_SECRET = "another secret of forty characters, or so"  # noqa: S105


def secret_part(stack: Path) -> str:
    """What the lab adds to a stack file: its salt and its secret."""
    content = yaml.safe_load(stack.read_text(encoding="utf-8"))
    config = {"iaas:secret": content["config"]["iaas:secret"]}
    return yaml.safe_dump({"encryptionsalt": content["encryptionsalt"], "config": config})


def test_a_computes_servers_are_back_after_its_reboot() -> None:
    boot = on(
        "compute", "cat /proc/sys/kernel/random/boot_id; systemctl show -P UserspaceTimestamp"
    )
    run("ssh", "compute", "systemctl reboot")
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        again = run("ssh", "compute", "systemctl show -P UserspaceTimestamp").stdout.strip()
        if again and again not in boot:
            break
        time.sleep(1)
    done(ping(WEB1, 101, GATEWAYS[101], wait=120))
    done(ping(DB1, 150, GATEWAYS[150], wait=120))
    for script in SCRIPTS["compute"]:  # they wait until it is whole
        on("compute", f"/usr/local/bin/{script}")
    assert not changes()


def test_nothing_of_the_runs_shows_in_git(beginning: Beginning) -> None:
    assert git_status() == beginning.git_status
