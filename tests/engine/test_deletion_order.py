"""What we rely on and the engine promises nowhere: it deletes first what lies deepest in the graph.

No server depends on a compute, so that one that fails keeps no server from the others. Yet one
is to be cleaned when its servers are gone: `components/nodes/hosts.py`.
"""

import os
import sys
from pathlib import Path

import pytest

from bench.nodes.stand_ins import StandIns
from tests.engine.conftest import Stack
from tests.engine.test_nodes_that_fail import require_sshd, run

PROGRAM = """
import pathlib, pulumi
from pulumi_command.remote import Command, ConnectionArgs

def command(name, host, *after):
    connection = ConnectionArgs(host=host, private_key=pathlib.Path("{login}").read_text())
    opts = pulumi.ResourceOptions(depends_on=after)
    return Command(name, connection=connection, delete=f"/gone/{{name}}", opts=opts)

command("clean", "127.0.1.1")
first = command("first", "127.0.1.2")
command("server", "127.0.1.3", command("second", "127.0.1.2", first))
"""

pytestmark = pytest.mark.skipif(os.getuid() != 0, reason="an sshd of many users needs root")


def test_what_lies_deeper_goes_first_without_an_edge_between(tmp_path: Path) -> None:
    require_sshd()
    names = ("clean", "first", "server")
    there = StandIns(tmp_path / "nodes", {name: f"127.0.1.{i}" for i, name in enumerate(names, 1)})
    there.take({"server": 0.5})
    project = tmp_path / "project"
    project.mkdir()
    (tmp_path / "state").mkdir()
    runtime = "{name: python, options: {virtualenv: .venv}}"
    (project / "Pulumi.yaml").write_text(f"name: order\nruntime: {runtime}\n")
    (project / "__main__.py").write_text(PROGRAM.format(login=there.login))
    (project / ".venv").symlink_to(sys.prefix)
    stack = Stack(tmp_path)
    stack.pulumi("stack", "init")
    stack.pulumi("up", "--yes", "--skip-preview")
    assert there.log() == []
    done = run(stack, there, "destroy", "--yes", "--skip-preview")
    assert done.returncode == 0, done.stdout + done.stderr
    log = there.log()
    assert log.index("+ clean") > log.index("- server"), (
        "the engine does not wait for what lies deeper in the graph any more:"
        " components/nodes/hosts.py must give a server an edge to what cleans its compute"
    )
