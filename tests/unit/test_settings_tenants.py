"""What the settings promise of a mistake in a tenant's file: it is named by file and place."""

from pathlib import Path

import pytest

from tests.unit.configs import Change
from tests.unit.examples import SECRET, public_key
from tests.unit.tenants import OPS, SHORT, config_of, problems

pytestmark = pytest.mark.usefixtures("in_the_folder")

QUOTA = {"instances": 1, "cores": 1, "ram": 512}


# A promise, the file tenants/ops.yaml, and the line of the one problem that it makes.
WRONG: tuple[tuple[str, str, str], ...] = (
    # The file
    ("empty", "", "tenants/ops.yaml: is empty; give a mapping with some of the keys project, netw"),
    ("only a comment", "# nothing\n", "tenants/ops.yaml: is empty"),
    ("a list", "- project\n", "tenants/ops.yaml: is not a mapping; give a mapping with"),
    ("a text", "project\n", "tenants/ops.yaml: is not a mapping"),
    ("a mark left open", "project:\n  name: [a\n", "tenants/ops.yaml: line 3: expected ',' or ']'"),
    ("a tab", "project:\n\tname: a\n", "tenants/ops.yaml: line 2: found character '\\t'"),
    ("two documents", "project: {}\n---\n{}\n", "tenants/ops.yaml: line 2: but found another doc"),
    ("code", "project: !!python/name:os.system\n", "tenants/ops.yaml: line 1: the tag !!python/"),
    ("no UTF-8", "project: {name: \udcff}\n", "tenants/ops.yaml: is no text in UTF-8"),
    ("nested without end", "[" * 5000, "tenants/ops.yaml: is nested too deeply"),
    ("UTF-16", "\udcff\udcfep\0r\0", "tenants/ops.yaml: is in UTF-16 or no text; save it in UTF-8"),
    (
        "a date",
        "project:\n  name: 2026-11-25\n",
        "tenants/ops.yaml: line 2: a date without quotes is",
    ),
    (
        "another tag",
        "project: !!set {a}\n",
        "tenants/ops.yaml: line 1: the tag !!set is not read here",
    ),
    (
        "a key twice",
        "servers: []\nproject: {}\nservers: []\n",
        "tenants/ops.yaml: line 3: the key 'servers' is there twice",
    ),
    (
        "a key twice deep inside",
        "project:\n  quota: {ram: 1,\n    ram: 2}\n",
        "tenants/ops.yaml: line 3: the key 'ram' is there twice",
    ),
    ("a number as key", "{1: a}", "tenants/ops.yaml: line 1: a key is not a text; put it in quo"),
    ("a truth as key", "project:\n  true: a\n", "tenants/ops.yaml: line 2: a key is not a text"),
    # Its keys
    ("unknown key", "server: []", "tenants/ops.yaml: server: is no known key; did you mean server"),
    ("of the operator", "flavors: []", "tenants/ops.yaml: flavors: is no known key; they are the"),
    ("no list", "servers: {}", "tenants/ops.yaml: servers: a mapping is not a list"),
    ("nothing", "networks:", "tenants/ops.yaml: networks: nothing is not a list"),
    ("project no mapping", "project: web", "tenants/ops.yaml: project: 'web' is not a mapping of"),
    # Its entries
    (
        "unknown key of the project",
        "project: {descripton: us}",
        "tenants/ops.yaml: project.descripton: is no known key; did you mean description?",
    ),
    ("missing key", "project: {quota: {cores: 1, ram: 1}}", "tenants/ops.yaml: project.quota.inst"),
    ("entry no mapping", "networks: [front]", "tenants/ops.yaml: networks[0]: 'front' is not a m"),
    (
        "no VLAN of the cloud's",
        "networks: [{name: a, segment: 99, cidr: 10.9.0.0/24}]",
        "tenants/ops.yaml: networks[0].segment: 99 is outside 100..201",
    ),
    (
        "gateway outside",
        "networks: [{name: a, segment: 109, cidr: 10.9.0.0/24, gateway: 10.8.0.1}]",
        "tenants/ops.yaml: networks[0].gateway: 10.8.0.1 is no machine's address in 10.9.0.0/24",
    ),
    (
        "no such flavor",
        OPS.replace("flavor: tiny", "flavor: tyni"),
        "tenants/ops.yaml: servers[0].flavor: 'tyni' is not among the flavors; did you mean tiny?",
    ),
    (
        "quota too small",
        OPS.replace("ram: 256", "ram: 255"),
        "tenants/ops.yaml: project.quota.ram: 255 is too little; its servers need 256",
    ),
    (
        "flavor of others",
        OPS.replace("flavor: tiny", "flavor: small").replace("256", "384"),
        "tenants/ops.yaml: servers[0].flavor: 'small' is not public and does not list 'ops'",
    ),
    (
        "no public key",
        OPS.replace(public_key("ops1"), "hello"),
        "tenants/ops.yaml: servers[0].publicKey: is no public key",
    ),
    (
        "name that is reserved",
        OPS.replace("project:\n", "project:\n  name: admin\n"),
        "tenants/ops.yaml: project.name: 'admin' is a name of the cloud's own",
    ),
    (
        "name that is none",
        OPS.replace("project:\n", "project:\n  name: ' '\n"),
        "tenants/ops.yaml: project.name: ' ' is not a project's name",
    ),
    (
        "name that is a number",
        OPS.replace("project:\n", "project:\n  name: 7\n"),
        "tenants/ops.yaml: project.name: 7 is not a text",
    ),
    # What is not its own
    (
        "a shared network",
        OPS.replace("/24}", "/24, shared: true}"),
        "tenants/ops.yaml: networks[0].shared: is not for a tenant's file; shared networks are the",
    ),
    (
        "another's network",
        OPS.replace("/24}", "/24, project: web}"),
        "tenants/ops.yaml: networks[0].project: is not for a tenant's file; a file's networks",
    ),
    (
        "another's server",
        OPS.replace("- name: ops1", "- name: ops1\n    project: web"),
        "tenants/ops.yaml: servers[0].project: is not for a tenant's file; a file's servers",
    ),
    (
        "a server on another's network",
        OPS.replace("network: watch", "network: data"),
        "tenants/ops.yaml: servers[0].network: 'data' belongs to project 'db', not to 'ops'",
    ),
    (
        "another's project",
        "project: {name: WEB}",
        "tenants/ops.yaml: project.name: 'WEB' is for OpenStack's database the same as 'web' ",
    ),
    (
        "another's server name",
        OPS.replace("ops1", "web1"),
        "tenants/ops.yaml: servers[0].name: 'web1' is the name of iaas:servers[0] too",
    ),
    (
        "another's VLAN",
        OPS.replace("103,", "101,"),
        "tenants/ops.yaml: networks[0].segment: 101 is the VLAN of iaas:networks[0] too",
    ),
    (
        "another's addresses",
        OPS.replace("10.103.0.0/24", "10.101.0.0/25"),
        "tenants/ops.yaml: networks[0].cidr: 10.101.0.0/25 overlaps 10.101.0.0/24 of iaas:networks",
    ),
    (
        "a node's address",
        OPS.replace("10.103.0.0/24", "192.168.100.8/30"),
        "tenants/ops.yaml: networks[0].cidr: 192.168.100.8/30 holds 192.168.100.10 of iaas:contro",
    ),
    (
        "its own, twice",
        f"servers:\n  - {SHORT}\n  - {SHORT}\n",
        "tenants/ops.yaml: servers[1].name: 'ops1' is the name of servers[0] too; take another",
    ),
)


@pytest.mark.parametrize(("text", "line"), [row[1:] for row in WRONG], ids=[r[0] for r in WRONG])
def test_a_mistake_is_named_by_file_and_place(text: str, line: str, tmp_path: Path) -> None:
    lines = problems(config_of(tmp_path, {"ops.yaml": text}))
    assert len(lines) == 1, lines
    assert lines[0].startswith(line)


def test_the_teams_rules_hold_for_files_too(tmp_path: Path) -> None:
    change: Change = {"rules": {"projectQuota": True}, "projects[1].quota": QUOTA}
    (line,) = problems(config_of(tmp_path, {"ops.yaml": "{}"}, change))
    assert line.startswith("tenants/ops.yaml: project.quota: is missing; rules.projectQuota asks")


def test_a_name_that_another_file_has_is_refused_with_that_file(tmp_path: Path) -> None:
    other = "project: {name: OPS}\nservers:\n  - " + SHORT
    lines = problems(config_of(tmp_path, {"ops.yaml": OPS, "b.yaml": other}))
    assert lines == [
        "tenants/ops.yaml: project.name: 'ops' is for OpenStack's database the same as 'OPS' of"
        " tenants/b.yaml: project; take another",
        "tenants/ops.yaml: servers[0].name: 'ops1' is the name of tenants/b.yaml: servers[0] too;"
        " take another",
    ]


def test_all_mistakes_of_all_files_are_told_at_once(tmp_path: Path) -> None:
    """Those of the stack first, then each file's together."""
    files = {
        "b.yaml": "projct: {}\nservers:\n  - {name: b_1}\n",
        "a.yaml": "networks: [1, {name: x}, {name: y}]\nproject: {quota: 1}\n",
        "c.yaml": "networks: {}\nservers: {}\n",
    }
    config = config_of(tmp_path, files, {"foo": 1, "ssh.port": 0, "servers[0].image": "x"})
    assert [line.split(" is")[0] for line in problems(config)] == [
        "iaas:ssh.port: 0",
        "iaas:servers[0].image: 'x'",
        "iaas:foo:",
        "tenants/a.yaml: project.quota: 1",
        "tenants/a.yaml: networks[0]: 1",
        "tenants/a.yaml: networks[1].segment:",
        "tenants/a.yaml: networks[1].cidr:",
        "tenants/a.yaml: networks[2].segment:",
        "tenants/a.yaml: networks[2].cidr:",
        "tenants/b.yaml: projct:",
        "tenants/b.yaml: servers[0].name: 'b_1'",
        "tenants/b.yaml: servers[0].image: give exactly one of image and fromSnapshot",
        "tenants/b.yaml: servers[0].flavor:",
        "tenants/b.yaml: servers[0].network: give exactly one of network and networks",
        "tenants/b.yaml: servers[0].publicKey: give exactly one of publicKey and publicKeyFile",
        "tenants/c.yaml: networks: a mapping",
        "tenants/c.yaml: servers: a mapping",
    ]


@pytest.mark.parametrize(
    ("text", "change", "line"),
    [
        ("]", {"flavors[1].projects[1]": "shop"}, "tenants/shop.yaml: line 1"),
        ("]", {"servers[0].network": "shops"}, "tenants/shop.yaml: line 1"),
        ("]", {"servers": {}}, "tenants/shop.yaml: line 1"),
        ("networks: {}", {"servers[0].network": "shops"}, "tenants/shop.yaml: networks: a mapping"),
    ],
)
def test_what_is_in_a_broken_file_is_not_missed(
    text: str, change: Change, line: str, tmp_path: Path
) -> None:
    """It may be there: to ask for it in other places would only repeat that."""
    lines = problems(config_of(tmp_path, {"shop.yaml": text}, change))
    assert lines[-1].startswith(line)
    assert not any("is not among" in other for other in lines)


@pytest.mark.parametrize(
    ("value", "line"),
    [
        ("nowhere", "iaas:tenants: 'nowhere' is not a folder, in /"),
        ("id_ed25519", "iaas:tenants: 'id_ed25519' is not a folder, in /"),
    ],
)
def test_the_folder_must_be_there(value: str, line: str, tmp_path: Path) -> None:
    lines = problems(config_of(tmp_path, {}) | {"iaas:tenants": value})
    assert len(lines) == 1, lines
    assert lines[0].startswith(line)


def test_a_file_of_another_ending_is_not_passed_over(tmp_path: Path) -> None:
    lines = problems(config_of(tmp_path, {"ops.yml": OPS}))
    assert lines == ["tenants/ops.yml: is not read; a tenant's file ends in .yaml"]
    (tmp_path / "tenants/ops.yml").unlink()
    (tmp_path / "tenants/ops.yaml").mkdir()
    assert problems(config_of(tmp_path, {})) == [
        "tenants/ops.yaml: 'tenants/ops.yaml' is not a regular file"
    ]


def test_no_secret_is_in_a_files_problem(tmp_path: Path) -> None:
    (line,) = problems(config_of(tmp_path, {"ops.yaml": f"project: {{quota: {SECRET}}}"}))
    assert "[secret]" in line
    assert SECRET not in line
