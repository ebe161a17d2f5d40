"""Security updates reach the nodes one after the other, and disturb nothing but what uses them."""

import re
import sys
from collections.abc import Iterator

import pytest

from tests.lab.conftest import Result, on, run
from tests.lab.servers import app1

UPDATED = {"controller": "python3-memcache", "compute": "libxml2"}
"""A module that Python's services read, and a library that libvirtd maps."""
FOLDER = "/var/tmp/by-hand"  # noqa: S108  # on a node
SOURCE = "/etc/apt/sources.list.d/by-hand.list"
# A newer build of a package, in a suite that is called as those of security are.
PUBLISH = f"""
set -eu
mkdir -p {FOLDER}/repo && cd {FOLDER}/repo
apt-get -q update >/dev/null
(cd .. && apt-get -q download {{name}} >/dev/null && dpkg-deb -R {{name}}_*.deb tree)
sed -i 's/^Version: .*/&+lab1/' ../tree/DEBIAN/control
dpkg-deb -b ../tree {{name}}.deb >/dev/null
apt-ftparchive packages . >Packages
apt-ftparchive -o APT::FTPArchive::Release::Suite=lab-security release . >../Release
mv ../Release Release
echo 'deb [trusted=yes] file:{FOLDER}/repo ./' >{SOURCE}
"""
TAKE_BACK = f"""
rm -rf {SOURCE} {FOLDER}
apt-get -q update >/dev/null
apt-get -q -y --allow-downgrades install {{name}}={{version}} >/dev/null
"""
# As dpkg holds it.
HOLD = (
    'import fcntl, time; file = open("/var/lib/dpkg/lock-frontend", "w");'
    " fcntl.lockf(file, fcntl.LOCK_EX); time.sleep(40)"
)
STARTED = "systemctl show -P ActiveEnterTimestampMonotonic {}"
SWITCHES = "openvswitch-switch ovsdb-server ovs-vswitchd ovn-controller"
BOOTED = "systemctl show -P UserspaceTimestamp"


def update(*words: str) -> Result:
    """Run the tool on the lab."""
    return run("agent", "env", *words, sys.executable, "-m", "tools.update")


def version(node: str, name: str) -> str:
    """The installed version of a package."""
    return on(node, f"dpkg-query -W -f '${{Version}}' {name}")


def started(node: str, units: str) -> str:
    """When services of a node were started."""
    return on(node, STARTED.format(units))


@pytest.fixture(scope="module")
def waiting() -> Iterator[dict[str, str]]:
    """The versions of before, on nodes for which updates wait; one asks for a reboot."""
    before = {node: version(node, name) for node, name in UPDATED.items()}
    for node, name in UPDATED.items():
        on(node, PUBLISH.format(name=name))
    on("compute2", "touch /run/reboot-required")
    yield before
    for node, name in UPDATED.items():
        on(node, TAKE_BACK.format(name=name, version=before[node]))


def test_a_dry_run_says_what_would_be_done_and_changes_nothing(waiting: dict[str, str]) -> None:
    on("controller", "apt-get -q update")
    said = update("DRY=1")
    assert said.returncode == 0, said.stderr
    # The mirror has updates of its own, and services run old files that other tests have unpacked.
    assert re.search(r"^controller: update .*\bpython3-memcache\b", said.stdout, re.MULTILINE)
    assert re.search(r"^compute2: .*reboot: asked for by a package$", said.stdout, re.MULTILINE)
    assert version("controller", UPDATED["controller"]) == waiting["controller"]
    assert on("compute2", "ls /run/reboot-required")


def test_an_update_restarts_what_uses_it_and_not_ovn(waiting: dict[str, str]) -> None:
    switches = {node: started(node, SWITCHES) for node in UPDATED}
    others = started("controller", "mariadb rabbitmq-server")
    libvirt = started("compute", "libvirtd")
    boots = {node: on(node, BOOTED) for node in ("controller", "compute", "compute2")}
    server = app1("cat /proc/sys/kernel/random/boot_id")
    on("compute", f"systemd-run --unit by-hand python3 -c '{HOLD}'")
    done = update("NODES=controller compute")
    assert done.returncode == 0, done.stdout + done.stderr
    for node, name in UPDATED.items():
        old = waiting[node]
        assert f"{node}: {name} {old} -> {old}+lab1\n" in done.stdout
        assert version(node, name) == f"{old}+lab1"
    assert "compute: [" in done.stdout
    assert "waiting for another run of apt to end" in done.stdout
    assert "keystone runs since before the update of python3-memcache" in done.stdout
    assert "compute: libvirtd runs /usr/lib/" in done.stdout
    assert started("compute", "libvirtd") != libvirt
    assert started("controller", "mariadb rabbitmq-server") == others
    assert {node: started(node, SWITCHES) for node in UPDATED} == switches
    assert {node: on(node, BOOTED) for node in boots} == boots
    assert app1("cat /proc/sys/kernel/random/boot_id") == server
    assert done.stdout.count("steps prove that it works") == len(UPDATED)


@pytest.mark.usefixtures("waiting")
def test_a_node_that_asks_for_a_reboot_gets_one_and_no_other_does() -> None:
    boots = {node: on(node, BOOTED) for node in ("controller", "compute", "compute2")}
    done = update()
    assert done.returncode == 0, done.stdout + done.stderr
    assert "compute2: reboots: asked for by a package\ncompute2: is back after " in done.stdout
    after = {node: on(node, BOOTED) for node in boots}
    assert [node for node in boots if after[node] != boots[node]] == ["compute2"]


@pytest.mark.usefixtures("waiting")
def test_the_next_run_has_nothing_to_do() -> None:
    done = update()
    assert done.returncode == 0, done.stderr
    assert done.stdout.endswith("\nnothing to do\n")


@pytest.mark.usefixtures("waiting")
def test_a_node_that_does_not_come_back_stops_it_and_the_next_run_proves_it() -> None:
    """Its step fails, as it finds no compute service; the node after it is left alone."""
    on("compute", "touch /run/reboot-required")
    on("compute2", "touch /run/reboot-required")
    script = "/usr/local/bin/iaas-install-nova-compute.sh"
    boot = on("compute2", BOOTED)
    on(
        "compute",
        f"cp -p {script} {script}.kept && sed -i '2i echo broken by hand; exit 1' {script}",
    )
    try:
        stopped = update()
    finally:
        on("compute", f"mv {script}.kept {script}")
    assert stopped.returncode == 1
    assert "compute: does not come back: step nova-compute fails:" in stopped.stderr
    assert "broken by hand" in stopped.stderr
    assert "stopped at compute; not updated yet: compute2." in stopped.stderr
    assert on("compute2", BOOTED) == boot
    done = update()
    assert done.returncode == 0, done.stdout + done.stderr
    assert "compute: prove it, as an earlier run has stopped there\n" in done.stdout
    assert on("compute2", BOOTED) != boot
