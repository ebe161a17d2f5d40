"""The comment on a change, as the real engine and program make it: one file for each change.

`GOLDEN=update pytest tests/engine/test_comment.py` writes the files; read their diff then.

The stack is as where pull requests are checked: its key is an agent's, its images are named by
url and digest, and none of their files is there. Stand-ins of the scripts keep these files from
changing with each line of a script.
"""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from components.steps import FOLDER, LIBRARY
from pull_requests.cli import OPTIONS, parse_preview
from pull_requests.mark import Mark, digest, marked
from pull_requests.page import comment
from pull_requests.preview import Preview
from tests.engine.conftest import ROOT, Stack, fill, made
from tests.engine.drawn import check_picture
from tests.unit.configs import GONE, Change, changed
from tests.unit.examples import OTHER_SECRET, SECRET
from wording import WORDS

GOLDEN = Path(__file__).with_name("golden")
KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGpKGZ0ABUlv4oEsg5p0r0Vw6x0l1mPPkGf8yqUVmOr4"

WEB1: dict[str, object] = {
    "name": "web1",
    "project": "web",
    "image": "guest",
    "flavor": "tiny",
    "network": "front",
    "address": "10.101.0.11",
    "publicKey": KEY,
    "ingress": [{"protocol": "tcp", "port": 22, "cidr": "10.0.0.0/8"}],
}
DB1: dict[str, object] = {
    "name": "db1",
    "project": "db",
    "image": "guest",
    "flavor": "small",
    "network": "data",
    "publicKey": KEY,
}
BASE: dict[str, object] = {
    "controller": {"name": "controller", "host": "192.168.100.10", "hostKey": KEY},
    "computes": [
        {"name": "compute", "host": "192.168.100.20", "hostKey": KEY},
        {"name": "compute2", "host": "192.168.100.21", "hostKey": KEY},
    ],
    "provider": {"minvlan": 100, "maxvlan": 201, "tunnels": {"cidr": "10.99.0.0/24"}},
    "secret": SECRET,
    "projects": [
        {"name": "web", "quota": {"instances": 4, "cores": 4, "ram": 2048}},
        {"name": "db"},
    ],
    "images": [{"name": "guest", "url": "https://example.org/guest.qcow2", "sha256": "0" * 64}],
    "networks": [
        {"name": "front", "segment": 101, "cidr": "10.101.0.0/24", "shared": True},
        {"name": "data", "segment": 150, "cidr": "10.150.0.0/24", "project": "db"},
    ],
    "flavors": [
        {"name": "tiny", "vcpus": 1, "ram": 256, "disk": 1},
        {"name": "small", "vcpus": 1, "ram": 384, "disk": 1, "public": False, "projects": ["db"]},
    ],
    "servers": [WEB1, DB1],
}
NEW_KEY = KEY.replace("Or4", "Or8")

# The name of the file, and the change of the settings.
CASES: dict[str, Change] = {
    "nothing": {},
    "new-tenant": {
        "projects[2]": {"name": "app", "quota": {"instances": 2, "cores": 2, "ram": 1024}},
        "networks[2]": {
            **{"name": "app", "segment": 160, "cidr": "10.160.0.0/24", "project": "app"},
            "gateway": "10.160.0.1",
        },
        "servers[2]": {**WEB1, "name": "app1", "project": "app", "network": "app"}
        | {"address": "10.160.0.11"},
    },
    "new-router": {
        "provider.tunnels": {"cidr": "10.99.0.0/24", "segment": 99},
        "networks[0].external": True,
        "networks[0].pool": {"start": "10.101.0.100", "end": "10.101.0.199"},
        "networks[2]": {"name": "inside", "cidr": "10.10.0.0/24", "gateway": "10.10.0.1"}
        | {"project": "web"},
        "routers": [
            {"name": "edge", "project": "web", "external": "front", "networks": ["inside"]}
        ],
        "servers[2]": {**WEB1, "name": "app1", "network": "inside", "address": "10.10.0.11"}
        | {"floatingIp": "10.101.0.50"},
    },
    "more-nics": {
        "networks[2]": {
            **{"name": "back", "segment": 102, "cidr": "10.102.0.0/24", "project": "web"},
            "pool": {"start": "10.102.0.100", "end": "10.102.0.199"},
        },
        "servers[0].network": GONE,
        "servers[0].address": GONE,
        "servers[0].networks": [
            {"network": "front", "address": "10.101.0.11", "allowedAddresses": ["10.9.0.50"]},
            {"network": "back", "address": "10.102.0.21"},
        ],
    },
    "new-ipv6": {
        "networks[1].ipv6": {"cidr": "fd00:150::/64", "mode": "dhcpv6-stateful"},
        "networks[1].routes": [{"to": "10.20.0.0/16", "via": "10.150.0.2"}],
        "servers[1].address6": "fd00:150::11",
        "servers[1].ingress": [
            {"protocol": "icmpv6", "icmpType": 128, "cidr": "::/0"},
            {"protocol": "tcp", "port": 22, "cidr": "fd00:101::/64"},
        ],
    },
    "new-server": {"servers[2]": {**WEB1, "name": "web2", "address": "10.101.0.12"}},
    "placed-servers": {
        "serverGroups": [{"name": "pair", "project": "web", "policy": "anti-affinity"}],
        "servers[0].serverGroup": "pair",
        "servers[0].tags": ["blue"],
        "servers[1].metadata": {"role": "db"},
        "servers[2]": {**WEB1, "name": "web2", "address": "10.101.0.12"}
        | {"serverGroup": "pair", "host": "compute2"},
    },
    "wider-vlan-range": {"provider.maxvlan": 300},
    "new-compute": {"computes[2]": {"name": "compute3", "host": "192.168.100.22", "hostKey": KEY}},
    "removed-compute": {"computes[1]": GONE},
    "another-secret": {"secret": OTHER_SECRET},
    "another-host-key": {"computes[0].hostKey": NEW_KEY},
    "image-content": {"images[0].sha256": "1" * 64},
    "image-content-replaces-servers": {
        "images[0].sha256": "1" * 64,
        "images[0].replaceServers": True,
    },
    "flavor-size": {"flavors[0].ram": 512},
    "server-moved": {"servers[0].network": "back", "servers[0].address": "10.102.0.11"}
    | {"networks[2]": {"name": "back", "segment": 102, "cidr": "10.102.0.0/24", "shared": True}},
    "network-segment": {
        "networks[0].segment": 102,
        "allowDeletion": {"networks": ["front"]},
    },
    "network-in-use": {"networks[0].segment": 102},
    "protected-network": {"rules": {"protectedNetworks": ["front"]}},
    "image-in-use": {
        "images[0].name": "other",
        "servers[0].image": "other",
        "servers[1].image": "other",
    },
    "controller-moved": {"controller.host": "192.168.100.11"},
    "controller-renamed": {"controller.name": "head"},
    "removed-project": {
        "projects": [{"name": "web", "quota": {"instances": 4, "cores": 4, "ram": 2048}}],
        "networks[1]": GONE,
        "flavors[1]": GONE,
        "servers[1]": GONE,
        "allowDeletion": {"networks": ["data"]},
    },
    "changed-quota": {"projects[0].quota.ram": 4096},
    "renamed-server": {"servers[0].name": "web9"},
    "other-ingress": {"servers[0].ingress[0].port": 80},
    "security-groups": {
        "securityGroups": [
            {
                **{"name": "front", "project": "web"},
                "ingress": [{"protocol": "tcp", "ports": [80, "8000-8100"], "cidr": "0.0.0.0/0"}],
            },
            {
                **{"name": "behind", "project": "web"},
                "ingress": [
                    {"protocol": "any", "from": {"group": "front"}},
                    {"protocol": "vrrp", "from": {"group": "behind"}},
                ],
            },
        ],
        "servers[0].securityGroups": ["front"],
        "servers[0].egress": [{"protocol": "tcp", "port": 5432, "to": {"group": "behind"}}],
        "servers[1].ingress": [{"protocol": "icmp", "icmpType": 8, "cidr": "10.0.0.0/8"}],
    },
    "wrong-settings": {
        "provider.maxvlan": 99,
        "networks[0].gatway": "10.101.0.1",
        "servers[0].flavor": "tny",
    },
}


def stand_in(project: Path) -> None:
    """Replace every script and library file by a short text that uses the same files."""
    folder = project / FOLDER.relative_to(ROOT)
    for file in folder.glob("[!_]*/[!_]*.*"):
        used = [line for line in file.read_text().splitlines() if f" {LIBRARY}/" in line]
        begin = ["#!/usr/bin/env bash"] if file.name.startswith("iaas-") else []
        file.write_text("\n".join([*begin, f"# {file.name}", *used, ""]))
    # Certificates, which the comments name by their ends, are of one year.
    dates = project / "components/certificates.py"
    today = "return datetime.now(UTC).year"
    assert today in dates.read_text()
    dates.write_text(dates.read_text().replace(today, "return 2026"))


@pytest.fixture(scope="module")
def reviewed(tmp_path_factory: pytest.TempPathFactory) -> Stack:
    """A stack in whose state everything of the base is there."""
    stack = made(tmp_path_factory.mktemp("reviewed"), BASE)
    stand_in(stack.folder / "project")
    fill(stack)
    return stack


def previewed(stack: Stack) -> Preview:
    """Return the preview of the stack's present files."""
    return parse_preview(stack.run("preview", *OPTIONS), WORDS)


def said(stack: Stack) -> str:
    """Return the comment on them."""
    return comment(previewed(stack))


def compare(name: str, found: str) -> None:
    """Compare a comment with its file, or write it there."""
    file = GOLDEN / f"{name}.md"
    if os.environ.get("GOLDEN") == "update":
        file.parent.mkdir(exist_ok=True)
        file.write_text(found, encoding="utf-8")
    assert found == file.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", CASES)
def test_the_comment_is_the_golden_one(name: str, reviewed: Stack) -> None:
    config = changed(BASE, CASES[name], Path())
    reviewed.configure(config)
    preview = previewed(reviewed)
    compare(name, comment(preview))
    if not preview.errors:
        check_picture(preview, config)


def test_another_machine_and_user_say_the_same(
    reviewed: Stack, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    name = "new-server"
    reviewed.configure(changed(BASE, CASES[name], Path()))
    assert said(reviewed) == (GOLDEN / f"{name}.md").read_text(encoding="utf-8")


@pytest.fixture
def edited(reviewed: Stack) -> Iterator[Callable[[str, str], None]]:
    """Change a file of the steps for one test."""
    folder = reviewed.folder / "project" / FOLDER.relative_to(ROOT)
    before: dict[Path, str] = {}

    def edit(name: str, more: str) -> None:
        file = folder / name
        before[file] = file.read_text()
        file.write_text(before[file] + more)

    yield edit
    for file, text in before.items():
        file.write_text(text)


@pytest.mark.parametrize(
    ("name", "file"),
    [("step-script", "controller/iaas-install-glance.sh"), ("library", "lib/step.sh")],
)
def test_the_comment_of_a_changed_script_is_the_golden_one(
    name: str, file: str, reviewed: Stack, edited: Callable[[str, str], None]
) -> None:
    reviewed.configure(BASE)
    edited(file, "echo more\n")
    compare(name, said(reviewed))


def test_the_command_writes_the_comment_and_fails_with_the_preview(
    reviewed: Stack, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "pyproject.toml").symlink_to(ROOT / "pyproject.toml")
    pulumi = tmp_path / "pulumi"
    for name in ("nothing", "wrong-settings"):
        reviewed.configure(changed(BASE, CASES[name], Path()))
        done = reviewed.run("preview", *OPTIONS)
        (tmp_path / "shown.json").write_text(done.stdout)
        pulumi.write_text(f"#!/bin/sh\ncat {tmp_path}/shown.json\nexit {done.returncode}\n")
        pulumi.chmod(0o755)
        options = ["--output", "note.md", "--stack", "prod"]
        ran = subprocess.run(
            [sys.executable, "-m", "pull_requests", "preview", *options],
            env={"PATH": os.environ["PATH"], "PULUMI": str(pulumi), "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert ran.stdout == "the comment is in note.md\n"
        assert ran.returncode == done.returncode
        assert bool(ran.returncode) == (name == "wrong-settings")
        mark, _, text = (tmp_path / "note.md").read_text().partition("\n")
        assert text == (GOLDEN / f"{name}.md").read_text()
        assert marked(mark) == Mark("preview", "prod", digest(parse_preview(done, WORDS)))


def test_a_comment_has_no_secret_and_no_place_of_a_machine() -> None:
    texts = {file.stem: file.read_text() for file in GOLDEN.glob("*.md")}
    assert set(texts) == {*CASES, "step-script", "library", "restored-server"}
    for text in texts.values():
        assert SECRET not in text
        assert str(ROOT) not in text
        assert "/tmp" not in text  # noqa: S108
    assert "[secret]" in texts["another-secret"]
    assert json.dumps(texts).count("04da6b54") == 0
