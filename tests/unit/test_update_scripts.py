"""What an update runs on a node: packages and the steps; and how it is heard."""

import os
import re
import subprocess
from pathlib import Path

import pytest

from components import steps
from components.settings import SshSettings
from tests.unit.readings import stack
from tools import as_admin
from tools.ssh import Answer, reach
from tools.update import nodes

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
get_lists() {{ apt_get update; }}
with_progress() {{ "$@"; }}
dpkg() {{ :; }}
dpkg-query() {{ printf 'ii  bash 1\\n'; }}
sync() {{ :; }}
"""


@pytest.mark.parametrize(
    ("what", "names", "broken", "ends"),
    [
        ("lists", "", False, ["== done", "update: nothing to change"]),
        ("packages", "bash", False, ["== done", "update: nothing to change"]),
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
    lines = re.sub(r"^\[ *\d+ s\] ", "", done.stdout, flags=re.MULTILINE).splitlines()
    assert lines[0] == "waiting for another run of apt to end"
    assert lines[-len(ends) :] == ends, done.stdout
    assert done.returncode == int(broken)
    assert ("apt says" in (tmp_path / "update.log").read_text()) == (
        what == "packages" or not broken
    )
