"""A picture of settings: what is in it, and that it can be read however large the cloud is."""

import random
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

import pytest
import yaml

from bench.settings import Size, config, write_tenants
from components.settings import yaml_text
from tools.picture import __main__ as command
from tools.picture import dot, mermaid
from tools.picture.boxes import Picture, whole
from tools.picture.cloud import Cloud, Mark, Network, Nic, Node, Project, Router, Server, Wire
from tools.picture.fold import MOST, fitting
from tools.picture.settings import NoPicture, cloud, find, read

T = TypeVar("T")
ROOT = Path(__file__).parents[2]
DEV = cloud(read(ROOT / "Pulumi.dev.yaml"))


def said(drawn: Picture) -> set[str]:
    """Return each box as one line."""
    return {" | ".join(box.lines) for box in drawn.boxes.values()}


def tenants(number: int, servers: int = 10, vary: int = 0) -> Cloud:
    """Return a cloud of so many tenants with the same; of `vary` each has one VLAN more."""
    names = [f"t{i}" for i in range(number)]
    own = [Network(f"in-{n}", "", (f"10.{i}.0.0/24",), n) for i, n in enumerate(names)]
    vlans = [
        Network(f"v-{name}-{k}", str(200 + k), ("10.9.0.0/24",), name)
        for i, name in enumerate(names[:vary])
        for k in range(i)
    ]
    return Cloud(
        nodes=(
            Node("controller", "10.0.0.10", "ens33", controller=True),
            *(Node(f"compute{i}", f"10.0.0.{10 + i}", "ens33") for i in range(1, 100)),
        ),
        wire=Wire("provider", "100 to 201"),
        projects=tuple(Project(name) for name in names),
        networks=(Network("front", "101", ("10.101.0.0/24",), external=True), *own, *vlans),
        routers=tuple(Router(f"r-{name}", name, "front", (f"in-{name}",)) for name in names),
        servers=tuple(
            Server(f"s{i}-{k}", name, "tiny", (Nic(f"in-{name}", ""),))
            for i, name in enumerate(names)
            for k in range(servers)
        ),
    )


def test_each_thing_of_a_small_cloud_has_a_box_with_its_numbers() -> None:
    assert said(fitting(whole(DEV))) == {
        "controller | 192.168.100.10 | NIC ens33",
        "compute | 192.168.100.20 | NIC ens33",
        "compute2 | 192.168.100.30 | NIC ens33",
        "provider network provider | VLANs 100 to 201 | tunnels 10.99.0.0/24, VLAN 99",
        "VLAN 101 front | 10.101.0.0/24 | external",
        "VLAN 150 data | 10.150.0.0/24",
        "network inside | 10.10.0.0/24",
        "network vault | 10.20.0.0/24",
        "router web",
        "server web1 | tiny | 10.101.0.11",
        "server web2 | tiny | 10.101.0.12",
        "server db1 | small | 10.150.0.11",
        "server app1 | tiny | 10.10.0.11 | floating 10.101.0.50",
        "server vault1 | tiny | 10.20.0.11",
    }


def test_lines_go_from_nodes_to_servers() -> None:
    seen = {(start, end) for start, end, seen in whole(DEV).lines if seen}
    assert {
        ("controller controller", "wire"),
        ("wire", "network front"),
        ("network front", "router web web"),
        ("router web web", "network inside"),
        ("network inside", "server app1"),
    } <= seen
    assert not any(end == "network vault" for _, end in seen)


def test_a_servers_several_nics_have_a_line_each() -> None:
    nics = (Nic("front", "10.101.0.9"), Nic("{0}", "10.102.0.9, fd00::9"))
    (box,) = whole(Cloud(servers=(Server("a", "web", "tiny", nics),))).boxes.values()
    assert box.lines[2:] == ["10.101.0.9 on front", "10.102.0.9, fd00::9 on {0}"]


@pytest.mark.parametrize(
    ("large", "told"),
    [
        (tenants(2, 60), {"60 servers | s0-0 … s0-59 | tiny", "network in-t1 | 10.1.0.0/24"}),
        (
            tenants(30, 34),
            {
                "1020 servers | s0-0 … s29-33 | tiny",
                "30 networks | in-t0 … in-t29 | 10.0.0.0/24 … 10.29.0.0/24",
            },
        ),
        (
            tenants(101, 10, vary=12),
            {
                "900 servers | s0-0 … s100-9 | tiny",
                "66 VLANs | 200 v-t1-0 … 210 v-t11-10 | 10.9.0.0/24",
            },
        ),
    ],
    ids=["servers", "projects", "projects that differ"],
)
def test_what_is_alike_in_a_large_cloud_is_one_box(large: Cloud, told: set[str]) -> None:
    drawn = fitting(whole(large))
    assert len(drawn.boxes) <= MOST
    told |= {"99 computes | compute1 … compute99 | 10.0.0.11 … 10.0.0.109 | NIC ens33"}
    assert told <= said(drawn)


def test_alike_projects_are_one_frame() -> None:
    drawn = fitting(whole(tenants(30, 34)))
    (frame,) = (projects for projects in drawn.frames if projects)
    assert drawn.title(frame) == ("30 projects: t0 … t29", Mark.KEPT)


def test_no_cloud_has_more_boxes_than_a_person_reads() -> None:
    chance = random.Random(1)
    for _ in range(8):
        large = tenants(chance.randint(1, 60), chance.randint(1, 9))
        marks = [*Mark]
        mixed = [
            replace(s, flavor=chance.choice("abcdefgh"), mark=chance.choice(marks))
            for s in large.servers
        ]
        assert len(fitting(whole(replace(large, servers=tuple(mixed)))).boxes) <= MOST


@pytest.mark.parametrize("number", [1, 30])
def test_what_changes_stays_apart(number: int) -> None:
    large = tenants(number, 60)
    first, second, *others = large.servers
    servers = (replace(first, mark=Mark.GONE), replace(second, mark=Mark.NEW), *others)
    drawn = fitting(whole(replace(large, servers=servers)))
    marked = {(box.names, box.mark) for box in drawn.boxes.values() if box.mark}
    assert marked == {(("s0-0",), Mark.GONE), (("s0-1",), Mark.NEW)}
    text = mermaid.write(drawn)
    assert '"GONE: server s0-0<br/>tiny"' in text
    assert '"NEW: server s0-1<br/>tiny"' in text
    for mark in ("gone", "new"):
        assert f"  classDef {mark} " in text


@pytest.mark.parametrize("large", [DEV, tenants(30, 5), tenants(101, 2, vary=12)])
def test_the_order_of_settings_changes_nothing(large: Cloud) -> None:
    def mixed(part: Sequence[T]) -> tuple[T, ...]:
        return tuple(random.Random(1).sample(part, len(part)))

    other = replace(
        large,
        nodes=mixed(large.nodes),
        projects=mixed(large.projects),
        networks=mixed(large.networks),
        routers=mixed(large.routers),
        servers=mixed(large.servers),
    )
    drawn, again = fitting(whole(large)), fitting(whole(other))
    assert dot.write(again) == dot.write(drawn)
    assert mermaid.write(again) == mermaid.write(drawn)


def test_a_name_is_never_markup() -> None:
    evil = r'"]<b>&#x\n`--> end'
    networks = (Network(evil, "7", ("10.0.0.0/24",), evil),)
    drawn = whole(Cloud(projects=(Project(evil),), networks=networks))
    chart = mermaid.write(drawn)
    safe = "#34;#93;#60;b#62;#38;#35;x#92;n#96;--#62; end"
    assert f'  b0["VLAN 7 {safe}<br/>10.0.0.0/24"]\n' in chart
    assert f'  subgraph p1["project {safe}"]\n' in chart
    text = dot.write(drawn)
    assert r'label="project \"]<b>&#x\\n`--> end"' in text
    assert r'<b>VLAN 7 "]&lt;b&gt;&amp;#x\n`--&gt; end</b>' in text


def test_each_kind_in_it_is_in_the_legend() -> None:
    legend = dot.write(whole(DEV)).partition("cluster_legend")[2]
    kinds = "controller, compute, provider network, network on a VLAN, a project's own network"
    for kind in (*kinds.split(", "), "router", "server"):
        assert f'[label="{kind}", shape=' in legend
    assert "several" not in legend
    assert "several of a kind" in dot.write(fitting(whole(tenants(30))))


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a stack's file whose secrets and keys are encrypted, and tenants' files."""
    size = Size(servers=4, tenants=2, nodes=3, own_networks=True)
    write_tenants(size, tmp_path / "tenants")
    hidden = {"secure": "v1:AAAA"}
    settings = config(size, Path("tenants")) | {
        "secret": hidden,
        "projects": [{"name": "more", "description": hidden}],
        "servers": [
            {"name": "one", "project": "more", "image": "guest", "flavor": "tiny"}
            | {"network": "front", "publicKey": hidden, "userDataFile": "none"}
        ],
    }
    own = {f"iaas:{key}": value for key, value in settings.items()}
    (tmp_path / "Pulumi.yaml").write_text("name: iaas\n")
    (tmp_path / "Pulumi.prod.yaml").write_text(yaml.safe_dump({"config": {**own, "other:key": 1}}))
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("STACK", raising=False)
    return tmp_path


def test_the_command_needs_no_key_and_no_pulumi(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "dot").write_text("#!/bin/sh\necho '<svg>'\n/bin/cat\n")
    (folder / "dot").chmod(0o755)
    monkeypatch.setenv("PATH", str(folder))
    assert command.main() == 0
    assert capsys.readouterr().out == "Pulumi.prod.yaml is drawn in picture.svg and picture.mmd\n"
    drawn = whole(cloud(read(Path("Pulumi.prod.yaml"))))
    assert (folder / "picture.mmd").read_text() == mermaid.write(drawn)
    assert (folder / "picture.svg").read_text() == f"<svg>\n{dot.write(drawn)}"
    told = {"server one | tiny", "router edge1", "VLAN 101 front | 10.0.0.0/16 | external"}
    assert told <= said(drawn)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (
            {"iaas:networks": [{"name": "front", "segment": 5000, "shared": True}]},
            ["  iaas:networks[0].segment: ", "  iaas:networks[0].cidr: is missing"],
        ),
        (
            {
                "iaas:projects": [],
                "iaas:servers": [
                    {"name": "a", "project": "no", "image": "guest", "flavor": "tiny"}
                    | {"network": "x"}
                ],
            },
            [
                "  iaas:servers[0].project: 'no' is not among",
                "  iaas:servers[0].network: 'x' is not",
            ],
        ),
        ({"iaas:cloud": "main", "iaas:tenant": "web"}, ["it is in the picture of STACK=main"]),
    ],
    ids=["values", "names", "a tenant's stack"],
)
def test_settings_that_cannot_be_drawn_are_named_all_at_once(
    folder: Path,
    capsys: pytest.CaptureFixture[str],
    change: dict[str, object],
    told: list[str],
) -> None:
    file = folder / "Pulumi.prod.yaml"
    content = yaml_text.load(file.read_bytes())
    assert isinstance(content, dict)
    content["config"].update(change)
    file.write_text(yaml.safe_dump(content))
    assert command.main() == 1
    shown = capsys.readouterr().err
    for text in told:
        assert text in shown
    assert not (folder / "picture.svg").exists()


def test_of_several_stacks_one_is_named(folder: Path) -> None:
    (folder / "Pulumi.dev.yaml").touch()
    with pytest.raises(NoPicture, match="STACK=NAME, one of dev, prod"):
        find("")
    assert find("organization/iaas/prod") == Path("Pulumi.prod.yaml")
    with pytest.raises(NoPicture, match=r"there is no Pulumi\.test\.yaml"):
        find("test")
