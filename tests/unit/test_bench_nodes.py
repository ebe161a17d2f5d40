"""The benchmark of many nodes: its stand-ins do as told, and it reads right what it measures."""

import os
import stat
import subprocess
import time
from pathlib import Path

import pytest

from bench.measure import Memory, Peak
from bench.nodes.__main__ import OTHER, changed, config, connections
from bench.nodes.stand_ins import ANSWER, SECONDS, StandIns, at_once
from bench.nodes.table import Row, table
from components.settings import load
from components.steps import COMPUTE, CONTROLLER, DISCOVER
from tests.unit.examples import as_pulumi

ADDRESSES = {"controller": "127.0.1.1", "c1": "127.0.1.2"}
INSTALL = "install -D -m 0755 /dev/stdin /usr/local/bin/{0} && timeout 9m /usr/local/bin/{0}"


@pytest.fixture
def there(tmp_path: Path) -> StandIns:
    """Two nodes that are none."""
    return StandIns(tmp_path / "nodes", ADDRESSES)


def answer(there: StandIns, node: str, command: str) -> subprocess.CompletedProcess[str]:
    """Run a command on a node, as its sshd does."""
    return subprocess.run(
        [ANSWER, there.folder, node],
        env={"PATH": os.environ["PATH"], "SSH_ORIGINAL_COMMAND": command},
        input="what a step reads\n" * 10_000,
        capture_output=True,
        text=True,
        check=False,
    )


def test_each_step_has_its_time() -> None:
    assert SECONDS.keys() == {step.script for step in (*CONTROLLER, *COMPUTE, DISCOVER)}


def test_a_node_takes_what_it_is_given_and_answers_after_its_time(there: StandIns) -> None:
    there.take({"iaas-slow.sh": 30}, divisor=100)
    for command, least in (
        (INSTALL.format("iaas-slow.sh"), 0.3),
        (INSTALL.format("iaas-quick.sh"), 0),
        ("install -D -m 0600 /dev/stdin /etc/xiandian/openrc.sh", 0),
        ("timeout 3m bash -s", 0),
    ):
        begin = time.perf_counter()
        assert answer(there, "c1", command).returncode == 0
        assert time.perf_counter() - begin >= least, command
    assert there.log() == ["+ c1", "- c1"] * 4
    assert there.log() == [], "what was read is gone"


def test_a_role_has_an_id(there: StandIns) -> None:
    said = answer(there, "controller", "timeout 2m bash -c '… cloud.py role member'").stdout
    assert len(said.strip()) == 32


def test_a_node_fails_where_it_is_told_to(there: StandIns) -> None:
    there.fault("fails", "c1", "iaas-one.sh")
    failed = answer(there, "c1", INSTALL.format("iaas-one.sh"))
    assert (failed.returncode, failed.stderr) == (1, "c1: iaas-one.sh fails, as it was told to\n")
    assert answer(there, "c1", INSTALL.format("iaas-two.sh")).returncode == 0
    assert answer(there, "controller", INSTALL.format("iaas-one.sh")).returncode == 0
    there.mend("c1")
    assert answer(there, "c1", INSTALL.format("iaas-one.sh")).returncode == 0


def test_a_node_has_keys_of_its_own_that_nobody_else_reads(there: StandIns) -> None:
    assert there.host_keys.keys() == ADDRESSES.keys()
    assert len({*there.host_keys.values(), (there.folder / "authorized_keys").read_text()}) == 3
    for path in (there.login, there.folder / "c1/host_key"):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_its_settings_are_good(there: StandIns) -> None:
    made = load(as_pulumi(config(list(ADDRESSES), there, OTHER)))
    assert [node.name for node in (made.controller, *made.other_computes)] == list(ADDRESSES)
    assert made.provider.maxvlan == 300


@pytest.mark.parametrize(
    ("lines", "nodes", "commands"),
    [
        ("", 0, 0),
        ("+ a,- a,+ b,- b", 1, 1),
        ("+ a,+ a,- a,+ b,- a,- b", 2, 2),
        ("+ a,+ a,+ b,- a,- a,- b,+ c,+ c,+ c,+ c", 2, 4),
    ],
)
def test_what_ran_at_once_is_counted(lines: str, nodes: int, commands: int) -> None:
    assert at_once(filter(None, lines.split(","))) == (nodes, commands)


TCP = """\
  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0A00A8C0:0016 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1 1 0
   1: 0A00A8C0:0016 0100007F:A2C4 01 00000000:00000000 00:00000000 00000000     0        0 2 1 0
   2: 0100007F:A2C4 0A00A8C0:0016 01 00000000:00000000 00:00000000 00000000     0        0 3 1 0
   3: 0A00A8C0:0016 0100007F:A2C6 06 00000000:00000000 00:00000000 00000000     0        0 0 1 0
   4: 0100007F:1616 0100007F:A2C8 01 00000000:00000000 00:00000000 00000000     0        0 4 1 0
"""


def test_open_connections_are_counted_once() -> None:
    assert connections(TCP) == 1


SAID = """\
Resources:
    + 12 created
    ~ 3 updated
    15 changes. 40 unchanged

Duration: 4s
"""


@pytest.mark.parametrize(
    ("said", "number"), [(SAID, 15), ("Resources:\n    55 unchanged\n", 0), ("", 0)]
)
def test_what_changed_is_counted(said: str, number: int) -> None:
    assert changed(said) == number


TABLE = """\
nodes  command              resources  at once  nodes at once  connections      s  CPU s  ms each  all MiB  plugins  their MiB  state MiB

   10  up, from bare nodes        150       40             10           44   12.3    6.0       40    1,024        2        512        2.0
   10  up, nothing changed          0        0              0            0    2.0    1.5       10    1,024        2        512        2.0

  100  up, from bare nodes      1,500      400            100          410  100.5   90.0       60    1,024        2        512       20.0
"""  # noqa: E501


def test_the_table_has_a_line_for_each_command() -> None:
    mib = 2**20
    peak = Peak(Memory(1024 * mib, 2048 * mib), 2, Memory(512 * mib, 768 * mib))
    rows = [
        Row(10, "up, from bare nodes", 150, 150, 40, 10, 44, 12.34, 6.0, peak, 2 * mib),
        Row(10, "up, nothing changed", 0, 150, 0, 0, 0, 2.0, 1.5, peak, 2 * mib),
        Row(100, "up, from bare nodes", 1500, 1500, 400, 100, 410, 100.5, 90.0, peak, 20 * mib),
    ]
    assert table(rows) == TABLE.rstrip("\n")
