"""What a step leaves that is killed while it writes a file with passwords: nothing to read."""

import os
import signal
import subprocess
import time
from pathlib import Path

import pytest

from components import steps

STEP = """#!/usr/bin/env bash
. {root}/step.sh
. {root}/services.sh
step trial
{body}
"""
PUT = 'put {file} "$(id -un):$(id -gn)" 0640'


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A folder with the library, whose paths of a node are in it."""
    for name in ("step.sh", "services.sh"):
        text = steps.text(f"lib/{name}").replace("$EUID != 0", "0 != 0")
        for path in ("/etc/xiandian", "/var/lib/iaas", "/var/log/iaas", "/run/lock", "/run"):
            text = text.replace(path, str(tmp_path / Path(path).name))
        (tmp_path / name).write_text(text)
    for folder in ("xiandian", "run", "lock", "etc"):
        (tmp_path / folder).mkdir()
    for name in ("openrc.sh", "passwords.sh"):
        (tmp_path / "xiandian" / name).touch()
    return tmp_path


def step(root: Path, body: str) -> list[str]:
    """Write a step with this body; return the command that runs it."""
    script = root / "trial"
    script.write_text(STEP.format(root=root, body=body))
    return ["bash", str(script)]


def test_a_killed_step_leaves_what_it_was_writing_to_root_alone_until_its_next_run(
    root: Path,
) -> None:
    file = root / "etc" / "a.conf"
    put = PUT.format(file=file)
    slow = step(root, f"{{ echo password = x; sleep 60; }} | {put}")
    killed = subprocess.Popen(slow, start_new_session=True, stdout=subprocess.DEVNULL)
    until = time.monotonic() + 20
    while not any(path.read_bytes() for path in root.glob("run/*.d/*")):
        assert time.monotonic() < until
        time.sleep(0.02)
    os.killpg(killed.pid, signal.SIGKILL)
    killed.wait()
    assert list(file.parent.iterdir()) == [], "it is not beside the file"
    (folder,) = root.glob("run/*.d")
    assert folder.stat().st_mode & 0o777 == 0o700
    said = subprocess.run(
        step(root, f"echo password = x | {put}"), capture_output=True, text=True, check=True
    ).stdout
    assert said.splitlines()[-1].endswith("trial: done, 1 changed")
    assert list(root.glob("run/*.d")) == []
    assert [path.name for path in file.parent.iterdir()] == ["a.conf"]
    assert (file.read_text(), file.stat().st_mode & 0o777) == ("password = x\n", 0o640)


def test_a_step_that_is_stopped_leaves_nothing(root: Path) -> None:
    file = root / "etc" / "a.conf"
    stopped = step(root, f"echo password = x | {PUT.format(file=file)}; kill -TERM $$; sleep 60")
    done = subprocess.run(stopped, capture_output=True, text=True, check=False)
    assert "trial was stopped" in done.stderr
    assert list(root.glob("run/*.d")) == []
