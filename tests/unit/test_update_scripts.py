"""What an update runs on a node: packages, what runs old files, the steps; and how it is heard."""

import os
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from components import steps
from components.settings import SshSettings
from tests.unit.readings import stack
from tools import as_admin
from tools.ssh import Answer, reach
from tools.update import nodes, old

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


UPDATE = """
PATH={folder}:$PATH
export STATE={folder}
say() {{ printf '[%3d s] %s\\n' 0 "$*" >&3; }}
doing() {{ :; }}
await_apt() {{ :; }}
with_progress() {{ "$@"; }}
apt_get() {{ echo "apt-get $*" >>{folder}/asked; echo "openssl 2" >{folder}/openssl; }}
dpkg-query() {{ printf 'ii  bash 1\\nii  openssl %s\\nrc  gone 1\\n' "$(cat {folder}/version)"; }}
dpkg() {{
  if [[ $1 == --audit ]]; then cat {folder}/audit; else echo "dpkg $*" >>{folder}/asked; fi
}}
sync() {{ echo 2 >{folder}/version; }}
"""


@pytest.mark.parametrize(
    ("names", "audit", "asked"),
    [
        ("openssl bash", "", "apt-get --only-upgrade --no-remove install openssl bash\n"),
        ("", "", ""),
        (
            "",
            "half configured",
            "dpkg --configure -a --force-confdef --force-confold\napt-get --fix-broken install\n",
        ),
    ],
)
def test_packages_are_updated_and_what_was_cut_off_is_ended_first(
    names: str, audit: str, asked: str, tmp_path: Path
) -> None:
    for name, text in {"version": "1", "audit": audit, "asked": ""}.items():
        (tmp_path / name).write_text(text)
    script = (nodes.HERE / "update.sh").read_text().rpartition("# Read whole")[0]
    text = f"set -eu -o pipefail\n{script}{UPDATE.format(folder=tmp_path)}"
    done = subprocess.run(
        ["bash", "-c", f"{text}\nexec 3>&1\nPACKAGES='{names}'\nupdate_packages"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout == "openssl 1 -> 2\n"
    assert (tmp_path / "asked").read_text() == asked
    assert (tmp_path / "updating").exists()


def test_a_node_without_the_library_says_what_to_do() -> None:
    text = nodes._update("lists").decode().replace("/usr/local/lib/iaas", "/nowhere")
    done = subprocess.run(["bash", "-s"], input=text, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "run `pulumi up` first" in done.stdout


@pytest.mark.parametrize(("status", "ends"), [(0, "== done\n"), (3, "it ran two\n")])
def test_steps_run_until_one_fails(status: int, ends: str, tmp_path: Path) -> None:
    (tmp_path / "mark").touch()
    for name, code in (("one", 0), ("two", status)):
        step = tmp_path / name
        step.write_text(f"#!/bin/sh\necho it ran {name}\nexit {code}\n")
        step.chmod(0o755)
    script = (nodes.HERE / "prove.sh").read_text().replace("/var/lib/iaas/updating", "$MARK")
    rows = f"one 1 {tmp_path}/one\ntwo 1 {tmp_path}/two"
    done = subprocess.run(
        ["bash", "-s"], input=f"STEPS='{rows}' MARK={tmp_path}/mark\n{script}",
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.stdout.startswith("== one\nit ran one\n== two\nit ran two\n")
    assert done.stdout.endswith(ends)
    assert (tmp_path / "mark").exists() == bool(status)


FAKE = """#!/bin/sh
# A ssh that runs what it is given here.
for last; do :; done
{before}
exec sh -c "$last"
"""


@pytest.mark.parametrize(
    ("script", "before", "answer"),
    [
        ("echo a; echo b >&2", "", Answer(b"a\nb")),
        ("echo a; echo 'Permission denied'; exit 3", "",
         Answer(b"a\nPermission denied", "failed", "Permission denied")),
        ("echo a", "echo 'ssh: Connection refused' >&2; exit 255",
         Answer(b"ssh: Connection refused", "refused", "ssh: Connection refused")),
        ("echo a; exec sleep 9", "", Answer(b"a", "slow", "not done within 1 s")),
    ],
    ids=["well", "failed", "not reached", "too slow"],
)  # fmt: skip
def test_what_a_node_says_is_heard_line_by_line(
    script: str, before: str, answer: Answer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ssh = tmp_path / "ssh"
    ssh.write_text(FAKE.format(before=before))
    ssh.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    heard: list[str] = []
    with reach((), SshSettings()) as way:
        found = way.follow(stack().controller, "sh -s", script.encode(), 2, heard.append)
    assert found == answer
    assert "\n".join(heard).encode() == answer.text


def test_a_program_for_the_admin_is_sent_with_what_it_imports(tmp_path: Path) -> None:
    text = as_admin.script(steps.DRAIN, "drain c1 --reason 'by hand'", steps.SNAPSHOTS)
    (tmp_path / "openrc.sh").write_text("python3() { echo $*; ls iaas; cat iaas/drain.py; }\n")
    text = text.replace("/etc/keystone/admin-openrc.sh", f"{tmp_path}/openrc.sh")
    text = text.replace("/run/", f"{tmp_path}/")
    done = subprocess.run(
        ["bash", "-s"], input=text, capture_output=True, text=True, check=True
    ).stdout
    begin = "-B -m iaas.drain drain c1 --reason by hand\ndrain.py\nsnapshots.py\n"
    assert done == begin + steps.text(f"lib/{steps.DRAIN}")
    assert [path.name for path in tmp_path.iterdir()] == ["openrc.sh"]


SERVICES = """
await_apt() {{
  say "waiting for another run of apt to end"
}}
apt_get() {{ echo "apt says: $*"; [[ ! -e {folder}/broken ]]; }}
with_progress() {{ "$@"; }}
dpkg() {{ :; }}
dpkg-query() {{ printf 'ii  bash 1\\n'; }}
sync() {{ :; }}
"""


@pytest.mark.parametrize(
    ("what", "names", "broken", "ends"),
    [
        ("lists", "", False, ["== done", "[  0 s] update: nothing to change"]),
        ("packages", "bash", False, ["== done", "[  0 s] update: nothing to change"]),
        (
            "packages",
            "bash",
            True,
            ["  | apt says: --only-upgrade --no-remove install bash"],
        ),
    ],
)
def test_an_update_has_the_frame_of_a_step(
    what: str, names: str, broken: bool, ends: list[str], tmp_path: Path
) -> None:
    """Its log is the node's, and a failure shows the end of it."""
    frame = steps.text("lib/step.sh").replace("$EUID != 0", "0 != 0")
    for there in ("/etc/xiandian", "/run/lock", "/run", "/var/log/iaas", "/var/lib/iaas"):
        frame = frame.replace(f"{there}/", f"{tmp_path}/").replace(f"={there}\n", f"={tmp_path}\n")
    (tmp_path / "step.sh").write_text(frame)
    (tmp_path / "services.sh").write_text(SERVICES.format(folder=tmp_path))
    for name in ("openrc.sh", "passwords.sh", *(["broken"] if broken else [])):
        (tmp_path / name).touch()
    text = nodes._update(what, names.split()).decode()
    text = text.replace("/usr/local/lib/iaas", str(tmp_path))
    done = subprocess.run(
        ["bash", "-s"], input=text, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        text=True, check=False,
    )  # fmt: skip
    lines = done.stdout.splitlines()
    assert lines[0] == "[  0 s] waiting for another run of apt to end"
    assert lines[-len(ends) :] == ends, done.stdout
    assert done.returncode == int(broken)
    assert ("apt says" in (tmp_path / "update.log").read_text()) == (
        what == "packages" or not broken
    )
