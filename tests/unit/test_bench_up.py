"""`make bench-up`: what it reads from the nodes' logs, and what it draws."""

import subprocess
from pathlib import Path
from xml.etree import ElementTree

import pytest
import yaml

from bench.up import __main__ as bench
from bench.up.phases import END, MOMENTS, PHASES, Phase, phases, shares
from bench.up.picture import COLORS, Bar, draw
from components import steps
from tools.progress import Part

SINCE = 1000.5
LINES = """\
900 startup packages configure
1002 startup packages configure
1002 getting the packages' lists
1005 installing packages
Reading package lists...
0 upgraded, 474 newly installed, 0 to remove and 0 not upgraded.
1010 startup archives unpack
1011 startup packages configure
1011 startup archives unpack
1040 startup packages configure
1070 compiling the modules of Python
1082 installed the packages of the node
"""


def test_the_logs_of_a_node_tell_what_apt_did() -> None:
    found = phases(LINES.splitlines(), SINCE)
    assert found == [
        Phase("lists", 1.5, 4.5),
        Phase("download", 4.5, 9.5),
        Phase("unpack", 9.5, 39.5),
        Phase("set up", 39.5, 69.5),
        Phase("compile", 69.5, 81.5),
    ]
    assert [*shares(found).values()] == [3, 5, 30, 30, 12]


def test_a_phase_begins_with_what_a_step_says() -> None:
    """Apart from what dpkg itself writes."""
    said = steps.text("lib/before.sh") + steps.text("lib/services.sh")
    for line in (*PHASES, END):
        assert line.startswith("startup ") or f'"{line}"' in said


def test_the_moments_are_read_from_the_logs(tmp_path: Path) -> None:
    log, dpkg = tmp_path / "pre-host.log", tmp_path / "dpkg.log"
    log.write_text(
        "\n=== pre-host, 2026-11-26T00:00:00Z\n[  1 s] ... installing packages\n"
        "\n=== pre-host, 2026-11-27T00:00:00Z\n[  0 s] ... writing /etc/hosts\n"
        "[  4 s] ... installing packages\nSetting up age\n"
        "[100 s] installed the packages of the node\n"
    )
    dpkg.write_text(
        "2026-11-27 00:00:09 startup archives unpack\n2026-11-27 00:00:09 install age <none> 1\n"
    )
    script = MOMENTS.replace("/var/log/iaas/pre-host.log", str(log))
    done = subprocess.run(
        ["bash", "-eu", "-c", script.replace("/var/log/dpkg.log", str(dpkg))],
        env={"TZ": "UTC", "PATH": "/usr/bin:/bin"}, capture_output=True, text=True, check=True,
    )  # fmt: skip
    midnight = 1795737600
    assert done.stdout.splitlines() == [
        f"{midnight + 9} startup archives unpack",
        f"{midnight + 4} installing packages",
        f"{midnight + 100} installed the packages of the node",
    ]


@pytest.mark.parametrize(
    ("host", "has", "has_not"),
    [("10.0.0.1", "keystone", "nova-compute"), ("10.0.0.2", "nova-compute", "keystone")],
)
def test_apt_alone_gets_the_packages_of_the_node(
    host: str, has: str, has_not: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def run(_: bench.Node, script: str) -> list[str]:
        words = ["bash", "-eu", "-s"]
        done = subprocess.run(words, input=script, capture_output=True, text=True, check=True)
        return done.stdout.splitlines()

    monkeypatch.setattr(bench.Node, "run", run)
    found = bench.Node("node", host, "10.0.0.1").with_steps("packages")
    assert has in found
    assert has_not not in found


def test_the_processor_time_is_that_of_the_whole_node(tmp_path: Path) -> None:
    stat = tmp_path / "cpu.stat"
    stat.write_text("usage_usec 1500000\nuser_usec 1200000\nsystem_usec 300000\n")
    script = bench.PROCESSOR.replace("/sys/fs/cgroup/cpu.stat", str(stat))
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout == "1500000\n"


def taken(seconds: float, **packages: list[str]) -> bench.Taken:
    found = {node: [Phase("unpack", 3.0, seconds - 1)] for node in packages}
    return bench.Taken(seconds, dict.fromkeys(packages, 80.0), found, packages)


@pytest.mark.parametrize(
    ("mine", "theirs", "said"),
    [
        (["a 1", "b 2"], ["b 2", "a 1"], []),
        (["a 1"], ["a 2"], ["n: only apt alone has: a 1", "n: only `up` has: a 2"]),
    ],
)
def test_other_packages_are_no_comparison(
    mine: list[str], theirs: list[str], said: list[str]
) -> None:
    assert bench.differences(taken(10, n=mine), taken(20, n=theirs)) == said


TABLE = """\
node        by         CPU  lists  download  unpack  set up  compile

controller  apt alone   80      0         0      96       0        0

controller  up          80      0         0     126       0        0

apt alone 100 s, `up` 130 s: 1.30 times as long"""


def test_the_table_ends_with_the_ratio() -> None:
    assert bench.table(taken(100, controller=[]), taken(130, controller=[])) == TABLE


PARTS = [
    Part("controller-openrc.sh", "controller", 2.0, 2.5),
    Part("controller-step.sh", "controller", 2.0, 3.0),
    Part("controller-pre-host", "controller", 3.0, 90.0),
    Part("controller-keystone", "controller", 90.0, 100.0),
    Part("hosts-discover", "hosts", 110.0, 112.0),
    Part("network-front", "cloud", 101.0, 102.0),
    Part("network-data", "cloud", 101.5, 104.0),
    Part("server-web1-server", "cloud", 112.0, 125.0),
]


def test_the_picture_has_a_bar_for_each_step() -> None:
    bars = [*bench.bars(PARTS, taken(100, controller=[]), taken(130, controller=[]))]
    rows = dict.fromkeys((bar.group, bar.name) for bar in bars)
    assert [*rows] == [
        ("apt alone", "controller"),
        ("controller", "files"),
        ("controller", "pre-host"),
        ("controller", "keystone"),
        ("hosts", "discover"),
        ("cloud", "networks"),
        ("cloud", "server-web1-server"),
    ]
    drawn = ElementTree.fromstring(draw(bars, "a <title>", {"apt alone": 100}))
    space = "{http://www.w3.org/2000/svg}"
    texts = [text.text for text in drawn.iter(f"{space}text")]
    assert {"a <title>", "keystone", "apt alone: 100 s", "10 s", "13 s"} <= {*texts}
    assert texts.index("networks") < texts.index("server-web1-server")
    titles = [title.text for title in drawn.iter(f"{space}title")]
    assert "keystone: 10.0 s, from 90.0 s on" in titles
    assert "pre-host, unpack: 126.0 s, from 3.0 s on" in titles
    for box in drawn.iter(f"{space}rect"):
        assert box.get("width") == "100%" or float(box.get("x", "0")) >= 0


def test_a_bar_has_a_colour_of_its_kind() -> None:
    assert {*shares([])} < COLORS.keys()
    drawn = draw([Bar("n", "s", 0, 10, kind) for kind in COLORS], "t")
    for color in COLORS.values():
        assert drawn.count(f'fill="{color}"') == 2, "the bar, and its line of the legend"


def test_the_nodes_are_those_of_the_stack(tmp_path: Path) -> None:
    config = {
        "iaas:controller": {"name": "c", "host": "10.0.0.1"},
        "iaas:computes": [{"name": "d", "host": "10.0.0.2"}],
    }
    (tmp_path / "stack.yaml").write_text(yaml.safe_dump({"config": config}))
    found = bench.nodes(tmp_path / "stack.yaml")
    assert found == [
        bench.Node("c", "10.0.0.1", "10.0.0.1"),
        bench.Node("d", "10.0.0.2", "10.0.0.1"),
    ]
