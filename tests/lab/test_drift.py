"""What somebody changed on a node by hand is seen, line by line, and undone by a repair."""

import sys
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tests.lab.conftest import NODES, Result, on, run
from tests.lab.servers import app1

KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIG5vYm9keSBrbm93cyB0aGUgcHJpdmF0ZSBwYXJ0IQ== by-hand"


def drift(*words: str) -> Result:
    """Run the tool on the lab."""
    return run("agent", sys.executable, "-m", "tools.drift", *words)


@dataclass(frozen=True)
class Hand:
    """What somebody does on a node, and what is then said of a step; passwords are not."""

    node: str
    does: str
    step: str
    said: str


HANDS = (
    Hand(
        "compute",
        "crudini --set /etc/nova/nova.conf DEFAULT my_ip 10.9.9.9;"
        " crudini --set /etc/nova/nova.conf placement password hand-made;"
        " crudini --set /etc/nova/nova.conf DEFAULT reserved_host_disk_mb 1",
        "nova-compute",
        "/etc/nova/nova.conf differs\n  - my_ip = 10.9.9.9\n  + my_ip = 192.168.100.20\n"
        "  - password = …\n  + password = …",
    ),
    Hand("compute2", "nft delete table inet iaas", "pre-host",
         "the firewall is not loaded as it is in /etc/nftables.d/iaas.nft"),
    Hand("compute2", "systemctl disable --now chrony", "pre-host",
         "chrony.service is not enabled\nchrony.service does not run"),
    Hand("compute2", "ip address add 10.250.0.1/24 dev br-provider", "neutron-compute",
         "ens33 or br-provider is down, or has other addresses than 10.99.0.30/24"),
    Hand("compute", "sed -i '/end of nodes/i 192.168.100.77 controller' /etc/hosts", "pre-host",
         "/etc/hosts differs\n  - 192.168.100.77 controller"),
    Hand("controller", "systemctl stop memcached", "mysql", "memcached.service does not run"),
    Hand("controller", "mariadb -e \"ALTER USER glance@'127.0.0.1' IDENTIFIED BY 'x'\"",
         "mysql", "the account glance cannot use the database glance"),
    Hand("controller", "ovn-sbctl set-connection ptcp:6642:127.0.0.1", "neutron-controller",
         "OVN's sb database does not listen on pssl:6642:192.168.100.10 ptcp:6642:127.0.0.1,"
         " but on ptcp:6642:127.0.0.1"),
    Hand("controller", "chmod 0644 /etc/keystone/admin-openrc.sh", "keystone",
         "/etc/keystone/admin-openrc.sh is of root:root 644, not of root:root 600"),
    Hand("controller",
         ". /etc/keystone/admin-openrc.sh; openstack endpoint set --url http://127.0.0.1:9"
         " $(openstack endpoint list --service placement --interface internal -f value -c ID)",
         "keystone", "Keystone has not, or otherwise: internal endpoint of placement"),
    Hand("compute2", "apt-mark hold nova-common", "pre-host",
         "package nova-common is held back; 'apt-mark unhold nova-common' undoes it"),
    Hand("controller", "dpkg --remove --force-depends python3-memcache", "pre-host",
         "packages are missing, or were not installed to the end: python3-memcache"),
)  # fmt: skip


@pytest.fixture(scope="module")
def drifted() -> Iterator[str]:
    """What is said after all of it, on a lab that differed in nothing."""
    clean = drift("compare")
    assert clean.stdout.splitlines() == [f"{node}: nothing differs" for node in NODES], clean.stderr
    assert clean.returncode == 0
    for node in NODES:
        on(node, f"echo '{KEY}' >>/root/.ssh/authorized_keys; nft add table inet by-hand")
    for hand in HANDS:
        on(hand.node, hand.does)
    found = drift("compare")
    assert found.returncode == 1
    yield found.stdout
    for node in NODES:
        on(node, "sed -i '/ by-hand$/d' /root/.ssh/authorized_keys; nft delete table inet by-hand")


def said_of(report: str, node: str, step: str) -> list[str]:
    """Return what a report says of a step of a node."""
    found: dict[tuple[str, str], list[str]] = {}
    of_node = of_step = ""
    for line in report.splitlines():
        if not line.startswith(" "):
            of_node = line.rstrip(":")
        elif not line.startswith("    "):
            of_step = line.strip().rstrip(":")
        else:
            found.setdefault((of_node, of_step), []).append(line.removeprefix("    "))
    return found.get((node, step), [])


@pytest.mark.parametrize("hand", HANDS, ids=lambda hand: hand.does[:40])
def test_what_was_changed_by_hand_is_said_with_its_node_and_step(drifted: str, hand: Hand) -> None:
    said = said_of(drifted, hand.node, hand.step)
    for line in hand.said.splitlines():
        assert line in said


def test_what_differs_is_said_without_a_password_and_what_is_foreign_not_at_all(
    drifted: str,
) -> None:
    assert "hand-made" not in drifted
    assert "reserved_host_disk_mb" not in drifted
    assert "by-hand" not in drifted


def test_comparing_changes_nothing(drifted: str) -> None:
    assert drift("compare").stdout == drifted


@pytest.mark.usefixtures("drifted")
def test_a_repair_undoes_it_and_leaves_foreign_things_and_servers() -> None:
    booted = app1("cat /proc/sys/kernel/random/boot_id")
    on("compute2", "apt-mark unhold nova-common")  # as the line says: no repair does it
    repaired = drift("repair", "--yes", "--non-interactive", "--skip-preview")
    assert repaired.returncode == 0, repaired.stdout + repaired.stderr
    after = drift("compare")
    assert after.returncode == 0, after.stdout
    for node in NODES:
        assert KEY in on(node, "cat /root/.ssh/authorized_keys; nft list tables")
        assert "table inet by-hand" in on(node, "nft list tables")
    assert on("compute", "crudini --get /etc/nova/nova.conf DEFAULT reserved_host_disk_mb") == "1\n"
    on("compute", "crudini --del /etc/nova/nova.conf DEFAULT reserved_host_disk_mb")
    assert app1("cat /proc/sys/kernel/random/boot_id") == booted


def test_a_changed_file_of_the_steps_is_said_before_they_are_compared() -> None:
    on("compute", "echo 'export MTU=1400' >>/etc/xiandian/openrc.sh")
    found = drift("compare")
    assert said_of(found.stdout, "compute", "files")[0] == (
        "/etc/xiandian/openrc.sh is not as 'up' has written it"
    )
    repaired = drift("repair", "--yes", "--non-interactive", "--skip-preview")
    assert repaired.returncode == 0, repaired.stdout + repaired.stderr
    assert drift("compare").returncode == 0
