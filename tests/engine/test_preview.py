"""What `pulumi preview` shows: on an empty state, and when a setting changes."""

import json
import re
import socket
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from components.passwords import Passwords
from pull_requests.preview import name
from tests.engine.conftest import Stack, allow_loopback, made
from tests.unit.configs import GONE, Change, changed
from tests.unit.examples import OTHER_SECRET, SECRET, good_config, private_key, public_key, qcow2
from tests.unit.mocks import STACK, deploy, main
from tests.unit.test_program import COMPUTE, CONTROLLER

Shown = Mapping[str, Any]
"""What `pulumi preview --json` prints."""

PASSWORDS = (
    *("ADMIN_PASS", "METADATA_SECRET", "KEYSTONE_DBPASS", "GLANCE_DBPASS", "PLACEMENT_DBPASS"),
    *("NOVA_DBPASS", "NEUTRON_DBPASS", "GLANCE_PASS", "PLACEMENT_PASS", "NOVA_PASS"),
    *("NEUTRON_PASS", "NOVA_RABBIT_PASS", "NEUTRON_RABBIT_PASS", "NOVA_SSH_KEY"),
    *("project web", "project db"),
)


def operations(shown: Shown) -> dict[str, str]:
    """Return what is done to which resource, by name; without unchanged resources."""
    found: dict[str, str] = {}
    for step in shown["steps"]:
        if step["op"] != "same":
            found[name(step["urn"])] = "replace" if "replace" in step["op"] else step["op"]
    return found


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
        assert f'http://{nodes[0]}:5000/v3"' in json.dumps(shown), "it is about these nodes"
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


PROTECT: Change = {"rules": {"protectedNetworks": ["front"]}}
ALLOW: Change = {"allowDeletion": {"networks": ["front"]}}


def new_content(folder: Path) -> object:
    """Give the image's file another content; no digest stands in the config."""
    (folder / "guest.qcow2").write_bytes(qcow2() + b"more")
    return GONE


def each(operation: str, names: str) -> dict[str, str]:
    """Say that this is done to each of these."""
    return dict.fromkeys(names.split(), operation)


def updated(names: str) -> dict[str, str]:
    """Say that these are changed in place."""
    return each("update", names)


def commands(node: str, names: str) -> str:
    """Return the names of a node's commands."""
    return " ".join(f"{node}-{name}" for name in names.split())


OPENRC = "controller-openrc.sh compute-openrc.sh compute2-openrc.sh "
# The answer of this one stays known, so that a preview is whole.
EVERY_COMMAND_OF_THE_CONTROLLER = commands("controller", CONTROLLER.replace("member-role", ""))
EVERY_COMMAND = " ".join(
    [
        EVERY_COMMAND_OF_THE_CONTROLLER,
        "hosts-discover",
        *(commands(node, COMPUTE) for node in ("compute", "compute2")),
    ]
)

# A promise, a change of the settings, and all that is done because of it.
CHANGES: tuple[tuple[str, Change, Mapping[str, str]], ...] = (
    (
        "another range of VLANs sets up Neutron alone",
        {"provider.minvlan": 99},
        updated(OPENRC + "controller-neutron-controller"),
    ),
    (
        "another provider NIC sets up the networks of the nodes that have no own",
        {"provider.interfaceName": "eth1"},
        updated(
            commands("controller", "check openrc.sh neutron-controller ")
            + commands(" compute", "check openrc.sh neutron-compute")
        ),
    ),
    (
        "another provider NIC of one node sets up that one alone",
        {"computes[1].interfaceName": "eth1"},
        updated(commands("compute2", "check openrc.sh neutron-compute")),
    ),
    (
        "another provider network is set up everywhere, and its networks are others",
        {
            "provider.physicalName": "wire",
            "allowDeletion": {"networks": ["front", "data"]},
        },
        {
            **updated(OPENRC + "controller-neutron-controller"),
            **updated("compute-neutron-compute compute2-neutron-compute"),
            **each("replace", "network-front-network network-front-subnet"),
            **each("replace", "network-data-network network-data-subnet"),
            **each("replace", "server-web1-port server-web1-server"),
            **each("replace", "server-db1-port server-db1-server"),
        },
    ),
    (
        "another way to the nodes runs all of their commands again",
        {"ssh.port": 2222, "ssh.user": "debian"},
        updated(EVERY_COMMAND),
    ),
    (
        "another host key of the controller runs its commands again, and no other node's",
        {"controller.hostKey": public_key("new")},
        updated(EVERY_COMMAND_OF_THE_CONTROLLER + " hosts-discover"),
    ),
    (
        "a compute that is taken out is let in no more",
        {"computes[1]": GONE, "allowDeletion": {"computes": ["compute2"]}},
        {
            **updated(OPENRC + "controller-pre-host compute-pre-host hosts-discover"),
            **each("delete", "compute2 " + commands("compute2", COMPUTE)),
        },
    ),
    (
        "what an image asks of a flavor is changed in place",
        {"images[0].minRam": 64},
        updated("image-guest-image"),
    ),
    (
        "another address is the port's alone",
        {"servers[0].address": "10.101.0.12"},
        updated("server-web1-port"),
    ),
    (
        "new contents replace images, and the servers of the one that says so",
        {"images[0].sha256": new_content, "images[1].sha256": "1" * 64},
        {
            "image-guest-image": "replace",
            "server-web1-server": "replace",
            "image-other-image": "replace",
        },
    ),
    (
        "another VLAN replaces the network and what is on it",
        {"networks[0].segment": 102, **ALLOW},
        {
            "server-web1": "update",
            "network-front-network": "replace",
            "network-front-subnet": "replace",
            "server-web1-port": "replace",
            "server-web1-server": "replace",
        },
    ),
    (
        "another key replaces the server that would not know it",
        {"servers[1].publicKey": public_key("new")},
        {"server-db1-key": "replace", "server-db1-server": "replace"},
    ),
    (
        "user data that only a first start reads replaces the server",
        {"servers[0].userData": "#cloud-config\nhostname: other\n"},
        {"server-web1-server": "replace"},
    ),
    (
        "a rule that opens something else touches no server",
        {"servers[0].ingress[1].port": 80},
        {"server-web1-tcp-22-10.0.0.0-8": "delete", "server-web1-tcp-80-10.0.0.0-8": "create"},
    ),
)


@pytest.mark.parametrize(
    ("change", "expected"),
    [pytest.param(change, expected, id=promise) for promise, change, expected in CHANGES],
)
def test_a_change_does_exactly_this(
    change: Change,
    expected: Mapping[str, str],
    whole: Stack,
    config: dict[str, object],
    files: Path,
) -> None:
    whole.configure(changed(config, change, files))
    assert operations(json.loads(whole.pulumi("preview", "--json"))) == expected


# What a failed creation, and a failed change, leave of a resource in the state.
FAILURES: tuple[tuple[str, str, bool, Mapping[str, str]], ...] = (
    (
        "a server whose creation failed is replaced",
        "server-web1-server",
        False,
        {"server-web1-server": "replace"},
    ),
    (
        "an image whose upload failed is replaced",
        "image-guest-image",
        False,
        {"image-guest-image": "replace", "server-web1-server": "replace"},
    ),
    (
        "a server whose change failed keeps its disk",
        "server-web1-server",
        True,
        {"server-web1-server": "update"},
    ),
)


@pytest.mark.parametrize(
    ("failed", "was_made", "expected"),
    [pytest.param(*failure, id=promise) for promise, *failure in FAILURES],
)
def test_after_a_failure(
    failed: str,
    was_made: bool,
    expected: Mapping[str, str],
    whole: Stack,
    config: dict[str, object],
) -> None:
    whole.configure(config)
    good = whole.pulumi("stack", "export")
    state = json.loads(good)
    (resource,) = [r for r in state["deployment"]["resources"] if r["urn"].endswith(f"::{failed}")]
    resource |= {"initErrors": ["no"], "created": "2026-01-01T00:00:00Z"}
    resource["modified"] = "2026-01-02T00:00:00Z" if was_made else resource["created"]
    whole.pulumi("stack", "import", text=json.dumps(state))
    try:
        shown = json.loads(whole.pulumi("preview", "--json"))
        assert operations(shown) == expected
        said = " ".join(entry["message"] for entry in shown["diagnostics"])
        assert (f"{failed}: no" in said) == was_made, "what the cloud has is not known"
    finally:
        whole.pulumi("stack", "import", text=good)


# A change that would cost the protected network, and why a preview fails.
LOSSES: tuple[tuple[str, Change, str], ...] = (
    (
        "taken out, and off the list at once",
        {
            **{"networks[0].name": "new", "servers[0].network": "new"},
            **{"networks[0].segment": 102, **ALLOW},
        },
        r'resource "\S+::network-front-subnet" cannot be deleted\s+because it is protected',
    ),
    (
        "another segment",
        {**PROTECT, "networks[0].segment": 102},
        r'unable to replace resource "\S+::network-front-network"\s+as it is currently marked',
    ),
    (
        "another cidr",
        {**PROTECT, "networks[0].cidr": "10.101.0.0/23"},
        r"networks\[front\]\.cidr: 10\.101\.0\.0/24 -> 10\.101\.0\.0/23, but the addresses of web1",
    ),
)


@pytest.fixture
def protected(whole: Stack, files: Path) -> Iterator[Stack]:
    """The stack as an `up` of the rule that protects the network leaves it."""
    whole.configure(changed(good_config(files), PROTECT, files))
    shown = json.loads(whole.pulumi("preview", "--json", "--expect-no-changes"))
    kept = {step["urn"] for step in shown["steps"] if step["newState"].get("protect")}
    good = whole.pulumi("stack", "export")
    state = json.loads(good)
    for resource in state["deployment"]["resources"]:
        resource["protect"] = resource["urn"] in kept
    whole.pulumi("stack", "import", text=json.dumps(state))
    yield whole
    whole.pulumi("stack", "import", text=good)


@pytest.mark.parametrize(
    ("change", "why"), [pytest.param(change, why, id=name) for name, change, why in LOSSES]
)
def test_a_protected_network_is_kept(
    change: Change, why: str, protected: Stack, config: dict[str, object]
) -> None:
    protected.configure(changed(config, change, Path()))
    done = protected.run("preview")
    assert done.returncode != 0
    assert re.search(why, done.stdout + done.stderr)


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
        before, after = lines(rotated, step)
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
