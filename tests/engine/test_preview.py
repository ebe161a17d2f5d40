"""What `pulumi preview` shows: on an empty state, without a change, line by line, no secret."""

import json
import re
import socket
from pathlib import Path
from typing import Any

import pytest

from components.certificates import Authority
from components.passwords import Passwords
from pull_requests.preview import name
from tests.engine.conftest import Stack, allow_loopback, made
from tests.engine.shown import Shown, operations
from tests.unit.configs import Change, changed
from tests.unit.examples import OTHER_SECRET, SECRET, good_config, private_key
from tests.unit.mocks import STACK, deploy, main

PASSWORDS = (
    *("ADMIN_PASS", "METADATA_SECRET", "KEYSTONE_DBPASS", "GLANCE_DBPASS", "PLACEMENT_DBPASS"),
    *("NOVA_DBPASS", "NEUTRON_DBPASS", "GLANCE_PASS", "PLACEMENT_PASS", "NOVA_PASS"),
    *("NEUTRON_PASS", "NOVA_RABBIT_PASS", "NEUTRON_RABBIT_PASS", "NOVA_SSH_KEY"),
    *("BACKUP_SEAL", "BACKUP_SSH_KEY", "MEMCACHE_SECRET"),
    *("project web", "project db"),
)


def settled(shown: Shown) -> dict[str, Any]:
    """Remove what differs between runs: times, and the order of unordered entries."""

    def sort(key: str, value: object) -> object:
        if key == "dependencies" and isinstance(value, list):
            return sorted(value)
        if key == "propertyDependencies" and isinstance(value, dict):
            return {name: sorted(urns) for name, urns in value.items()}
        return value

    steps = [
        {**step, "newState": {key: sort(key, value) for key, value in step["newState"].items()}}
        for step in sorted(shown["steps"], key=lambda step: str(step["urn"]))
    ]
    return {**shown, "duration": 0, "steps": steps}


def test_a_first_preview_is_whole(first: Shown, config: dict[str, object]) -> None:
    announced = {(s["newState"]["type"], name(s["urn"])) for s in first["steps"]}
    registered = {(r.type, r.name) for r in deploy(main, config)}
    assert announced == registered | {(STACK, "iaas-test")}
    assert set(operations(first).values()) == {"create"}
    assert [said["message"].strip() for said in first["diagnostics"]] == [
        "warning: compute2: its ssh host key is not checked, as the settings say"
    ]


def test_a_preview_twice_is_the_same(empty: Stack, first: Shown) -> None:
    again = json.loads(empty.pulumi("preview", "--json"))
    assert json.dumps(settled(again)) == json.dumps(settled(first))


def test_a_preview_calls_neither_nodes_nor_cloud(tmp_path: Path, config: dict[str, object]) -> None:
    """They are there: their ssh and the controller's Keystone listen on addresses of this host."""
    nodes = ("127.0.0.2", "127.0.0.3", "127.0.0.4")
    ssh = socket.create_server((nodes[0], 0))
    port = ssh.getsockname()[1]
    doors = [ssh, socket.create_server((nodes[0], 5000))]
    doors += [socket.create_server((node, port)) for node in nodes[1:]]
    change: Change = {
        "ssh.port": port,
        "controller.host": nodes[0],
        "computes[0].host": nodes[1],
        "computes[1].host": nodes[2],
    }
    stack = made(tmp_path, config)
    allow_loopback(stack)
    stack.configure(changed(config, change, Path()))
    try:
        shown = json.loads(stack.pulumi("preview", "--json", offline=False))
        assert f'https://{nodes[0]}:5000/v3"' in json.dumps(shown), "it is about these nodes"
        for door in doors:
            door.setblocking(False)
            with pytest.raises(BlockingIOError):  # nobody waits there
                door.accept()
    finally:
        for door in doors:
            door.close()


def test_without_a_change_nothing_changes(whole: Stack, config: dict[str, object]) -> None:
    whole.configure(config)
    assert operations(json.loads(whole.pulumi("preview", "--json", "--expect-no-changes"))) == {}


def lines(shown: str, urn_end: str) -> list[str]:
    """Return the lines that `preview --diff` takes away or adds in one resource."""
    (section,) = re.findall(rf"::{re.escape(urn_end)}\]\n(.*?)(?=\n *\[id=|\Z)", shown, re.DOTALL)
    return [" ".join(line.split()) for line in re.findall(r"^ +[-+] .*", section, re.MULTILINE)]


def test_a_changed_range_is_shown_line_by_line(whole: Stack, config: dict[str, object]) -> None:
    whole.configure(changed(config, {"provider.maxvlan": 150}, Path()))
    shown = whole.pulumi("preview", "--diff")
    for node in ("controller", "compute", "compute2"):
        assert lines(shown, f"{node}-openrc.sh") == [
            "- export maxvlan=201",
            "+ export maxvlan=150",
        ]
    assert lines(shown, "controller-neutron-controller") == [
        "- # maxvlan=201",
        "+ # maxvlan=150",
    ]
    assert "~ 4 to update\n" in shown


@pytest.fixture(scope="module")
def rotated(whole: Stack, files: Path) -> str:
    """What is shown when there is another secret."""
    whole.configure({**good_config(files), "secret": OTHER_SECRET})
    return whole.pulumi("preview", "--diff")


def test_another_secret_is_shown_by_names_only(rotated: str) -> None:
    for node in ("controller", "compute", "compute2"):
        (change,) = re.findall(rf"::{node}-passwords.sh\]\n.*\n +~ stdin: (.*)", rotated)
        assert change == "[secret] => [secret]"
    for step in ("controller-mysql", "compute-nova-compute", "hosts-discover"):
        before, after = (line for line in lines(rotated, step) if "# TLS=" not in line)
        assert re.fullmatch(r"- # passwords.sh [0-9a-f]{8}", before)
        assert re.fullmatch(r"\+ # passwords.sh [0-9a-f]{8}", after)
        assert before[1:] != after[1:]
    for user in ("project-web-user", "project-db-user"):
        (change,) = re.findall(rf"::{user}\]\n.*\n +~ password: (.*)", rotated)
        assert change == "[secret] => [secret]"
    assert not re.search(r"::(controller|compute2?)-(pre-host|mysql-client|check)\]", rotated)


def test_no_secret_is_printed(empty: Stack, first: Shown, rotated: str) -> None:
    printed = "\n".join([json.dumps(first), rotated, empty.pulumi("preview", "--diff")])
    assert "[secret]" in printed
    hidden = [line for line in private_key().splitlines() if not line.startswith("-----")]
    for secret in (SECRET, OTHER_SECRET):
        hidden += [secret, *(Passwords(secret).plain(password) for password in PASSWORDS)]
        key = Authority(Passwords(secret)).sign("controller", [], [], 2026).key
        hidden += [line for line in key.splitlines() if not line.startswith("-----")]
    assert [text for text in hidden if text in printed] == []


def test_all_mistakes_are_said_before_anything(whole: Stack, config: dict[str, object]) -> None:
    mistakes: Change = {
        "provider.maxvlan": 99,
        "flavors[0].vcpus": "1",
        "networks[0].gatway": "10.101.0.1",
    }
    whole.configure(changed(config, mistakes, Path()))
    done = whole.run("preview", "--diff")
    assert done.returncode != 0
    said = re.findall(r"^  iaas:(\S+): ", done.stdout + done.stderr, re.MULTILINE)
    assert said == ["provider.minvlan", "networks[0].gatway", "flavors[0].vcpus"]
    assert "The settings have 3 problems; nothing was changed:" in done.stdout + done.stderr
    assert "command:remote" not in done.stdout, "nothing is planned"
    assert "Traceback" not in done.stdout + done.stderr
