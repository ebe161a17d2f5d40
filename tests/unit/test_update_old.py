"""Which services of a node run files that an update has replaced."""

import os
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from tools.update import old

LIB = "/usr/lib/x86_64-linux-gnu/libssl.so.3"
STATUS = """\
Package: nova-api
Status: install ok installed
Depends: python3-nova (= 3:31.0.0), uwsgi-core | python3-uwsgi, lsb-base
Provides: nova-service

Package: python3-nova
Status: install ok installed
Depends: python3:any, a-virtual-one (>= 2)

Package: python3-requests
Status: install ok installed
Provides: a-virtual-one
Pre-Depends: libc6

Package: python3-gone
Status: deinstall ok config-files
Provides: a-virtual-one

"""


@dataclass
class Node:
    """A folder as the node's /proc and dpkg; services that run, by when they began."""

    folder: Path
    begun: dict[str, float]

    def process(
        self, number: int, unit: str, program: str, *files: str, began: float = 200
    ) -> None:
        """Let a program run."""
        of = self.folder / "proc" / str(number)
        of.mkdir(parents=True)
        (of / "exe").symlink_to(program)
        (of / "cgroup").write_text(f"0::/system.slice/{unit}.service\n")
        lines = [f"7f00-7f01 r-xp 00000000 00:2b 123 {file}" for file in (program, *files)]
        (of / "maps").write_text("\n".join([*lines, "7f00-7f01 rw-p 00000000 00:00 0"]))
        ticks = round(began * os.sysconf("SC_CLK_TCK"))
        (of / "stat").write_text(f"{number} (a (b) c) S {'0 ' * 18}{ticks} 0\n")

    def unpack(
        self, package: str, at: float, file: str = "/usr/lib/python3/dist-packages/x"
    ) -> None:
        """Unpack a package, so many seconds after the boot."""
        listed = self.folder / "dpkg" / "info" / f"{package}.list"
        listed.write_text(f"/.\n{file}\n")
        boot = time.time() - time.clock_gettime(time.CLOCK_MONOTONIC)
        os.utime(listed, (boot + at, boot + at))


@pytest.fixture
def node(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Node:
    """A node with the service nova-api, of the package of that name."""
    (tmp_path / "dpkg" / "info").mkdir(parents=True)
    (tmp_path / "dpkg" / "status").write_text(STATUS)
    one = Node(tmp_path, {"nova-api": 200, "mariadb": 200})

    def said(*words: str) -> str:
        if words[0] == "systemctl":
            blocks = [
                f"Id={unit}.service\nActiveState=active\n"
                f"InactiveExitTimestampMonotonic={round(begun * 1e6)}\n"
                for unit, begun in one.begun.items()
                if unit in words
            ]
            return "\n".join([*blocks, "Id=x.service\nActiveState=inactive\n"])
        return "nova-api, other: /usr/lib/systemd/system/nova-api.service\n"

    monkeypatch.setattr(old, "said", said)
    monkeypatch.setattr(old, "PROC", tmp_path / "proc")
    monkeypatch.setattr(old, "DPKG", tmp_path / "dpkg")
    monkeypatch.setattr(old, "MARK", tmp_path / "updating")
    return one


def units() -> object:
    """Return what is old of the services that are asked for."""
    return old.old(["nova-api", "mariadb", "libvirtd"])["units"]


@pytest.mark.parametrize(
    ("file", "why"),
    [
        (LIB, None),
        (f"{LIB} (deleted)", f"runs {LIB} of before its update"),
        ("/dev/zero (deleted)", None),
        ("/var/lib/mysql/x (deleted)", None),
        ("/memfd:x (deleted)", None),
    ],
)
def test_a_service_that_maps_a_deleted_program_or_library_is_old(
    file: str, why: str | None, node: Node
) -> None:
    node.process(7, "mariadb", "/usr/sbin/mariadbd", file)
    assert units() == ({"mariadb": why} if why else {})


def test_a_process_that_has_outlived_a_restart_makes_no_service_old(node: Node) -> None:
    node.process(7, "mariadb", "/usr/sbin/mariadbd", f"{LIB} (deleted)", began=100)
    assert units() == {}


@pytest.mark.parametrize(
    ("package", "at", "program", "is_old"),
    [
        ("python3-requests", 300, "/usr/bin/python3.13", True),
        ("python3-nova", 300, "/usr/bin/python3.13", True),
        ("python3-requests", 100, "/usr/bin/python3.13", False),
        ("python3-other", 300, "/usr/bin/python3.13", False),
        ("python3-pymysql", 300, "/usr/bin/python3.13", True),
        ("python3-requests", 300, "/usr/sbin/mariadbd", False),
    ],
)
def test_a_python_service_is_old_when_a_module_that_it_needs_is_newer(
    package: str, at: float, program: str, is_old: bool, node: Node
) -> None:
    files = ("/usr/lib/python3/dist-packages/x.so",) if "python" in program else ()
    node.process(7, "nova-api", program, *files)
    node.unpack(package, at)
    said = {"nova-api": f"runs since before the update of {package}"}
    assert units() == (said if is_old else {})


def test_a_package_without_modules_makes_no_python_service_old(node: Node) -> None:
    node.process(7, "nova-api", "/usr/bin/python3.13", "/usr/lib/python3/dist-packages/x.so")
    node.unpack("python3-requests", 300, "/usr/share/doc/x")
    assert units() == {}


def test_servers_and_other_services_are_counted_and_are_no_services_of_the_cloud(
    node: Node,
) -> None:
    node.begun["libvirtd"] = 100
    node.process(7, "libvirtd", "/usr/bin/qemu-system-x86_64 (deleted)")
    node.process(8, "libvirtd", "/usr/bin/qemu-system-x86_64")
    node.process(9, "dbus", "/usr/bin/dbus-daemon", f"{LIB} (deleted)")
    (node.folder / "updating").touch()
    found = old.old(["nova-api", "libvirtd"])
    assert found == {"units": {}, "others": ["dbus"], "servers": 1, "unproven": True}
