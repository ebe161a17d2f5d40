"""What is done to a node that leaves: when, in which order, and what stays on it."""

import re
import subprocess
from functools import cache
from pathlib import Path

import pytest

from components import steps
from components.state import COMMAND
from tests.unit.configs import changed
from tests.unit.examples import good_config
from tests.unit.mocks import Deployment, fresh
from tests.unit.roots import shell

SCRIPT = steps.CLEAN.source
TEXT = steps.text(f"lib/{steps.BEFORE}") + steps.text(SCRIPT)
NODES = ("controller", "compute", "compute2")


@pytest.fixture(scope="module")
def cleaned(files: Path) -> Deployment:
    """The program with the word that nodes are cleaned."""
    return fresh(changed(good_config(files), {"onRemoval": "clean"}, files))


def test_without_the_word_a_node_is_left_alone(whole: Deployment) -> None:
    for node in NODES:
        inputs = whole.named(f"{node}-clean").inputs
        assert not {"create", "update", "delete", "stdin"} & inputs.keys()


def test_with_the_word_a_node_is_cleaned_when_it_goes_and_not_before(cleaned: Deployment) -> None:
    for node in NODES:
        command = cleaned.named(f"{node}-clean")
        assert command.inputs["delete"] == "timeout 30m bash -s"
        assert not {"create", "update"} & command.inputs.keys(), "no change of it asks the node"
        assert command.inputs["stdin"].startswith("export HOST_IP=192.168.100.10\n")
        assert command.inputs["stdin"].endswith(steps.text(SCRIPT))
        assert command.deleted_with == ""
        own = cleaned.named(f"{node}-check").inputs["connection"]
        assert command.inputs["connection"] == own


def depth(deployment: Deployment, name: str) -> int:
    """Return how many resources, one after the other, a resource waits for at most."""
    named = {one.name: one for one in deployment}

    @cache
    def of(name: str) -> int:
        one = named[name]
        return 1 + max(map(of, {*one.after, one.parent, one.provider} - {""}), default=0)

    return of(name)


def test_nodes_are_cleaned_last_and_the_controller_after_the_computes(cleaned: Deployment) -> None:
    """Pulumi deletes first what lies deepest: `tests/engine/test_deletion_order.py`."""
    assert "controller-clean" in cleaned.before("compute-clean")
    for node in ("compute", "compute2"):
        assert f"{node}-clean" in cleaned.named(f"{node}-leave").after, (
            "first Nova says that it may"
        )
        assert depth(cleaned, "server-web1-port") > depth(cleaned, f"{node}-clean")
    for resource in cleaned:
        if resource.provider or resource.parent == "cloud":
            assert "controller-clean" in cleaned.before(resource.name), resource.name


def test_nothing_else_is_done_on_a_node_that_goes(cleaned: Deployment) -> None:
    deleting = {r.name for r in cleaned if r.type == COMMAND and "delete" in r.inputs}
    leaving = {f"{node}-leave" for node in NODES[1:]}
    assert deleting == {f"{node}-clean" for node in NODES} | leaving


BLOCK = "# nodes of the cloud\n10.0.0.1 controller\n10.0.0.2 c1\n# end of nodes\n"
# /etc/hosts before the first step, as it is, and as it is afterwards.
HOSTS: tuple[tuple[str, str, str], ...] = (
    ("127.0.0.1 localhost\n", f"127.0.0.1 localhost\n{BLOCK}", "127.0.0.1 localhost\n"),
    (
        "127.0.1.1 c1.site c1\n",
        f"127.0.1.1 c1.site\n{BLOCK}",
        "127.0.1.1 c1.site c1\n",
    ),
    ("127.0.1.1 c1\n", BLOCK, "127.0.1.1 c1\n"),
    (
        "127.0.0.1 localhost\n",
        f"127.0.0.1 localhost\n10.9.9.9 backup\n{BLOCK}127.0.0.1 by-hand\n",
        "127.0.0.1 localhost\n10.9.9.9 backup\n127.0.0.1 by-hand\n",
    ),
)


@pytest.mark.parametrize(("was", "now", "then"), HOSTS)
def test_hosts_is_as_it_was_with_what_others_have_added(
    was: str, now: str, then: str, root: Path
) -> None:
    (root / "var/lib/iaas/before/etc/hosts").write_text(was)
    hosts = root / "etc/hosts"
    hosts.write_text(now)
    shell(TEXT, "restore_hosts", run="restore_hosts", root=root)
    assert hosts.read_text() == then
    assert hosts.stat().st_mode & 0o777 == 0o644
    assert [path.name for path in (root / "etc").iterdir()] == ["hosts"]


DPKG = """
WANTED=""
dpkg-query() { cat "$STATE/dpkg"; }
"""
TABLE = "INTERFACE_IP=10.0.0.2 HOST_IP=10.0.0.1 RUNS_SERVERS=true\n"


def test_only_packages_that_the_steps_have_brought_go(root: Path) -> None:
    state = root / "var/lib/iaas"
    (state / "before/packages").write_text("bash\nchrony\n")
    (state / "installing").write_text("bash\nby-hand\nchrony\nold\n")
    lists = {
        "dpkg": "bash installed\nby-hand installed\nchrony installed\nlibnova installed\n"
        "nova-compute installed\nold config-files\n"
    }
    (state / "dpkg").write_text(lists["dpkg"])
    used = ("installed_packages", "end_packages", "ours", "with_status")
    said = shell(
        TEXT,
        *used,
        before=DPKG,
        run='end_packages; ours; echo =; with_status installed; echo =; cat "$STATE/replaced"',
        root=root,
    )
    assert said.split("=\n") == ["libnova\nnova-compute\n"] * 2 + ["old\n"]
    assert not (state / "installing").exists()
    # A second transaction adds to it.
    (state / "installing").write_text("bash\nby-hand\nchrony\nlibnova\nnova-compute\n")
    (state / "dpkg").write_text(lists["dpkg"] + "haproxy installed\n")
    said = shell(TEXT, *used, before=DPKG, run="end_packages; ours", root=root)
    assert said == "haproxy\nlibnova\nnova-compute\n"
    # One that somebody has asked apt for by its name stays.
    said = shell(TEXT, *used, before=DPKG, run="WANTED=libnova; ours", root=root)
    assert said == "haproxy\nnova-compute\n"


@pytest.mark.parametrize("mark", ["", "bash\n"], ids=["an empty mark", "a list"])
def test_a_node_of_an_older_version_loses_only_the_packages_of_the_table(
    mark: str, root: Path
) -> None:
    state = root / "var/lib/iaas"
    for path in (state / "before/etc", state / "before"):
        path.rmdir()
    (state / "installing").write_text(mark)
    (state / "dpkg").write_text("bash installed\nlibnova installed\nnova-compute installed\n")
    used = ("packages", "installed_packages", "end_packages", "ours", "with_status")
    run = "end_packages; with_status installed"
    assert shell(TEXT, *used, before=TABLE + DPKG, run=run, root=root) == "nova-compute\n"


def test_what_a_node_was_is_noted_once_and_not_when_it_is_too_late(root: Path) -> None:
    state = root / "var/lib/iaas"
    for path in (state / "before/etc", state / "before"):
        path.rmdir()
    (state / "dpkg").write_text("bash installed\n")
    hosts = root / "etc/hosts"
    for name in ("passwd", "group", "hostname"):
        (root / "etc" / name).write_text(f"{name}:x\n")
    (root / "var/spool").mkdir()
    made_up = DPKG + "systemctl() { echo ssh.service enabled; }; ip() { :; }; sync() { :; }\n"
    used = ("installed_packages", "paths", "keep_before")

    hosts.write_text(BLOCK)
    shell(TEXT, *used, before=made_up, run="keep_before", root=root)
    assert not (state / "before").exists(), "a step has changed it already"
    hosts.write_text("127.0.0.1 localhost\n")
    shell(TEXT, *used, before=made_up, run="keep_before", root=root)
    assert (state / "before/packages").read_text() == "bash\n"
    assert (state / "before/units").read_text() == "ssh.service\n"
    hosts.write_text("another\n")
    shell(TEXT, *used, before=made_up, run="keep_before", root=root)
    kept = list((state / "before").rglob("hosts"))
    assert [path.read_text() for path in kept] == ["127.0.0.1 localhost\n"]


def test_a_node_with_servers_is_left_as_it_is(root: Path) -> None:
    (root / "etc/libvirt/qemu/networks").mkdir(parents=True)
    (root / "etc/libvirt/qemu/networks/default.xml").write_text("")
    run = 'HOSTNAME=c1; refuse_servers && echo "goes on"'
    assert shell(TEXT, "refuse_servers", run=run, root=root) == "goes on\n"
    (root / "etc/libvirt/qemu/instance-00000008.xml").write_text("")
    run = 'trap \'echo "$REFUSED"; exit 0\' EXIT; HOSTNAME=c1; refuse_servers; echo "goes on"'
    said = shell(TEXT, "refuse_servers", run=run, root=root)
    assert said == "c1 has servers: instance-00000008 and is left as it is; move or delete them\n"


WHOLE = "chrony glance keystone mysql neutron nova openstack-dashboard placement rabbitmq xiandian"
"""Folders of /etc that go with their packages, which the steps bring, and the steps' own."""


def test_what_a_step_writes_goes_with_a_package_or_is_in_a_table() -> None:
    texts = [path.read_text() for path in steps.FOLDER.rglob("*.sh")]
    written = {
        path
        for text in texts
        for path in re.findall(r"\b(?:(?:put|merge|slim) |(?:file|unit)=)(/etc/\S+)", text)
        if path.split("/")[2] not in WHOLE.split()
    }
    assert len(written) > 8
    assert [path for path in sorted(written) if path not in TEXT] == []


def test_the_script_is_read_whole_before_it_runs() -> None:
    """It comes by stdin: one that is cut off does nothing."""
    assert TEXT.endswith("\nmain </dev/null\n")
    subprocess.run(["bash", "-n"], input=TEXT, text=True, check=True)
