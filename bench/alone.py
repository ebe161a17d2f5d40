"""What Pulumi itself takes for a preview of many resources: a program of nothing but key pairs.

`.venv/bin/python -m bench.alone 1000` prints the CPU time of the Python program with Pulumi's SDK
in it, and of the engine with the plugin; with the log of each run that Pulumi keeps, and without.
Each resource has a text of some kB, as the steps of nodes have.
"""

import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from tests.engine.conftest import ENGINE, OFFLINE, ROOT, Stack

TEXT = ROOT / "components/steps/node/iaas-clean.sh"
PROGRAM = f"""
import atexit, pathlib, time
atexit.register(lambda: pathlib.Path("seconds").write_text(str(time.process_time())))
import pulumi, pulumi_openstack as openstack
cloud = openstack.Provider("cloud", auth_url="http://127.0.0.1:1/v3", delayed_auth=True)
text = pathlib.Path({str(TEXT)!r}).read_text()
for i in range(int(pulumi.Config().require("number"))):
    opts = pulumi.ResourceOptions(provider=cloud)
    openstack.compute.Keypair(f"key{{i}}", name=f"key{{i}}", public_key=text, opts=opts)
"""


def stack_of(number: int, folder: Path) -> Stack:
    """Make an empty stack of so many key pairs."""
    project = folder / "project"
    project.mkdir()
    (folder / "state").mkdir()
    runtime = "{name: python, options: {virtualenv: .venv}}"
    (project / "Pulumi.yaml").write_text(f"name: alone\nruntime: {runtime}\n")
    (project / "__main__.py").write_text(PROGRAM)
    (project / ".venv").symlink_to(sys.prefix)
    stack = Stack(folder)
    stack.pulumi("stack", "init")
    stack.pulumi("config", "set", "number", str(number))
    return stack


def preview(stack: Stack, log: bool) -> tuple[float, float]:
    """Return the CPU time of the program, and of the engine and the plugin, in seconds."""
    home = stack.folder / f"home-{log}"
    home.mkdir()
    built = ROOT / ".engine/home"
    there = built if built.exists() else Path(os.environ.get("PULUMI_HOME", "~/.pulumi"))
    (home / "plugins").symlink_to(there.expanduser() / "plugins")
    if not log:
        (home / "logs").touch()
    process = subprocess.Popen(
        [*OFFLINE, *ENGINE, "env", f"PULUMI_HOME={home}", "pulumi", "preview"],
        cwd=stack.folder / "project",
        env=stack.environment,
        stdout=subprocess.DEVNULL,
    )
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"pulumi preview: status {process.returncode}")
    program = float((stack.folder / "project/seconds").read_text())
    return program, used.ru_utime + used.ru_stime - program


def main(arguments: Sequence[str]) -> None:
    """Print a line for each of both."""
    with tempfile.TemporaryDirectory(prefix="iaas-bench-") as name:
        stack = stack_of(int(arguments[0]), Path(name))
        for title, log in (("with a log", True), ("without", False)):
            program, others = preview(stack, log)
            print(f"{title:10}  program {program:5.1f} s  engine and plugin {others:5.1f} s")


if __name__ == "__main__":
    main(sys.argv[1:])
