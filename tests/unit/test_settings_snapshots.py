"""What is refused of snapshots, and of servers that go back to them or start from them."""

from pathlib import Path

import pytest

from components.settings import SettingsError, load
from tests.unit.configs import GONE, SERVER, Allowed, Case, check_refused, check_taken, each
from tests.unit.tenants import OPS, config_of

BEFORE: dict[str, object] = {"name": "before", "server": "web1"}
TWO: list[dict[str, object]] = [BEFORE, {"name": "later", "server": "db1"}]

REFUSED: tuple[Case, ...] = (
    ("no server", {"snapshots": [{"name": "x"}]}, "snapshots[0].server", "is missing"),
    (
        "two of one name",
        {"snapshots": [BEFORE, {"name": "Before", "server": "db1"}]},
        *("snapshots[1].name", "same as 'before' of snapshots[0]; take another"),
    ),
    (
        "its project",
        {"snapshots": [{**BEFORE, "project": "web"}]},
        *("snapshots[0].project", "a snapshot belongs to its server's project; leave it out"),
    ),
    (
        "a restore to none",
        {"snapshots": [BEFORE], "servers[0].restore": "befor"},
        *("servers[0].restore", "'befor' is not among the snapshots; a snapshot stays as long as"),
    ),
    (
        "a restore to another server's",
        {"snapshots": TWO, "servers[0].restore": "later"},
        *("servers[0].restore", "'later' is of server 'db1'; take a snapshot of 'web1' itself"),
    ),
    (
        "a server from none",
        {"servers[0].image": GONE, "servers[0].fromSnapshot": "before"},
        *("servers[0].fromSnapshot", "'before' is not among the snapshots; there is none"),
    ),
    (
        "a server from an image and a snapshot",
        {"snapshots": [BEFORE], "servers[0].fromSnapshot": "before"},
        *("servers[0].image", "give exactly one of image and fromSnapshot"),
    ),
    (
        "a server from nothing",
        {"servers[0].image": GONE},
        *("servers[0].image", "give exactly one of image and fromSnapshot"),
    ),
    (
        "a server from another project's",
        {"snapshots": TWO, "servers[0].image": GONE, "servers[0].fromSnapshot": "later"},
        *("servers[0].fromSnapshot", "'later' belongs to project 'db', not to 'web'"),
    ),
    (
        "Terraform's words",
        {"servers[0].rebuild": True},
        *("servers[0].rebuild", "to go back to a snapshot is `restore`"),
    ),
)

TAKEN: tuple[Allowed, ...] = (
    ("a snapshot of a server that is gone", {"snapshots": [{"name": "x", "server": "gone"}]}),
    ("a server that goes back", {"snapshots": TWO, "servers[0].restore": "before"}),
    (
        "a server from a snapshot",
        {
            "snapshots": [BEFORE],
            "servers[2]": {k: v for k, v in SERVER.items() if k != "image"}
            | {"fromSnapshot": "before"},
        },
    ),
    ("a snapshot with the name of an image", {"snapshots": [{**BEFORE, "name": "guest"}]}),
)


@each(REFUSED)
def test_it_is_refused(case: Case, tmp_path: Path) -> None:
    check_refused(case, tmp_path)


@each(TAKEN)
def test_it_is_taken(case: Allowed, tmp_path: Path) -> None:
    check_taken(case, tmp_path)


@pytest.mark.usefixtures("in_the_folder")
def test_a_tenants_file_has_snapshots_of_its_own_servers(tmp_path: Path) -> None:
    own = OPS + "\nsnapshots: [{name: mine, server: ops1}]\n"
    (snapshot,) = load(config_of(tmp_path, {"ops.yaml": own})).snapshots
    assert (snapshot.name, snapshot.server) == ("mine", "ops1")
    for server in ("web1", "gone"):
        with pytest.raises(SettingsError) as caught:
            load(
                config_of(tmp_path, {"ops.yaml": own.replace("server: ops1", f"server: {server}")})
            )
        assert (
            f"tenants/ops.yaml: snapshots[0].server: '{server}' is no server of this file; a"
            " snapshot of another one"
        ) in str(caught.value)
