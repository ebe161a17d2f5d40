"""The controller's disk is thrown away while servers answer, and it comes back from a backup."""

import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from tests.lab.conftest import COMPUTES, NODES, admin, changes, done, on, ping, run, up
from tests.lab.servers import FLOATING, GATEWAY, app1
from tests.logins import PATIENCE

WEB1 = "10.101.0.11"
BOOT = "cat /proc/sys/kernel/random/boot_id"
SILENT = 15
"""Seconds for which a server may not answer, while its compute meets the new controller."""
KEYS = "cat /etc/keystone/fernet-keys/* /etc/ssh/ssh_host_ed25519_key.pub | sha256sum"
LATE = "late"


class Asking:
    """Asks a server on its VLAN all the time; knows for how long it was silent at most."""

    def __init__(self) -> None:
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._ask)
        self.silent = 0.0
        self.answers = 0

    def __enter__(self) -> "Asking":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._end.set()
        self._thread.join()

    def _ask(self) -> None:
        heard = time.monotonic()
        while not self._end.is_set():
            if ping(WEB1, 101, GATEWAY, wait=1).returncode == 0:
                heard = time.monotonic()
                self.answers += 1
            self.silent = max(self.silent, time.monotonic() - heard)
            self._end.wait(0.5)


@dataclass
class Restored:
    """What was before, what the restore said, and how long a server was silent."""

    servers: str
    booted: str
    keys: str
    token: str
    said: str = ""
    asking: Asking = field(default_factory=Asking)


def servers() -> str:
    """Return what Nova says of the servers of the settings."""
    listed = admin("openstack server list --all-projects --long -f value -c ID -c Name -c Host")
    return "\n".join(sorted(line for line in listed.splitlines() if f" {LATE} " not in line))


@pytest.fixture(scope="module")
def restored(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Restored]:
    """A backup, something that is made after it, a new disk, and the restore."""
    done(up())
    folder = tmp_path_factory.mktemp("backup")
    tool = (sys.executable, "-m")
    done(run("agent", "env", f"TO={folder}", *tool, "tools.backups", "make"))
    one = Restored(
        servers(), app1(BOOT), on("controller", KEYS),
        admin("openstack token issue -f value -c id").strip(),
    )  # fmt: skip
    admin(
        "openstack server create --image guest --flavor tiny --network front --wait"
        f" {LATE} >/dev/null"
    )
    late = admin(f"openstack server show {LATE} -f value -c id").strip()
    with one.asking:
        done(run("up", "--bare", "controller"))
        one.said = done(
            run("agent", "env", f"FROM={folder}", *tool, "tools.restore_controller")
        ).stdout
    yield one
    for compute in COMPUTES:
        on(compute, f"virsh -q destroy {late} && virsh -q undefine {late} || true")


def test_the_cloud_is_as_it_was(restored: Restored) -> None:
    assert servers() == restored.servers
    assert changes() == {}
    assert on("controller", KEYS) == restored.keys
    image = admin("openstack image show guest -f value -c status -c os_hash_value")
    assert "active" in image


def test_servers_ran_on_and_answered(restored: Restored) -> None:
    assert restored.asking.answers > 0
    assert restored.asking.silent < SILENT
    done(ping(FLOATING, 101, GATEWAY, wait=PATIENCE))
    assert app1(BOOT) == restored.booted


def test_a_token_of_before_is_still_one(restored: Restored) -> None:
    asked = (
        f"python3 - '{restored.token}' \"$OS_AUTH_URL/auth/tokens\" <<'EOF'\n"
        "import sys, urllib.request\n"
        "head = {'X-Auth-Token': sys.argv[1], 'X-Subject-Token': sys.argv[1]}\n"
        "print(urllib.request.urlopen(urllib.request.Request(sys.argv[2], headers=head)).status)\n"
        "EOF\n"
    )
    assert admin(asked).strip() == "200"


def test_what_was_made_after_the_backup_is_told_and_runs(restored: Restored) -> None:
    (line,) = (line for line in restored.said.splitlines() if line.startswith(f"server {LATE} "))
    assert "Nova does not know it: it was made after the backup" in line
    assert any("running" in on(c, f"virsh -q domstate {line.split('(')[1].split(',')[0]} || true")
               for c in COMPUTES)  # fmt: skip


def test_nothing_differs_and_the_cloud_can_be_changed(restored: Restored) -> None:
    compared = run("agent", sys.executable, "-m", "tools.drift", "compare")
    assert compared.stdout.splitlines() == [f"{node}: nothing differs" for node in NODES]
    admin(
        "openstack server create --image guest --flavor tiny --network front --wait again"
        " && openstack server delete --wait again"
    )
