"""What the program registers of snapshots and restores, in which order, and what it refuses."""

import json
from pathlib import Path

import pulumi
import pytest

from tests.unit.configs import GONE, SERVER, Change, changed
from tests.unit.examples import SECRET, good_config
from tests.unit.mocks import Deployment, Registration, Secret, deploy, main

BEFORE: Change = {"snapshots": [{"name": "before", "server": "web1"}]}
RESTORE: Change = BEFORE | {"servers[0].restore": "before"}
NEW: dict[str, object] = {k: v for k, v in SERVER.items() if k != "image"}
MADE_FROM: Change = {
    "servers[2]": {**NEW, "fromSnapshot": "before"},
    "projects[0].quota": {"instances": 4, "cores": 4, "ram": 2048},
}
IMAGE, REBUILD = "snapshot-before-image", "restore-web1/before-rebuild"


@pytest.fixture(scope="module")
def taken(whole: Deployment, files: Path) -> Deployment:
    """What is there when the snapshot was taken."""
    return after(BEFORE, whole, good_config(files), files)


def after(change: Change, there: Deployment, config: dict[str, object], folder: Path) -> Deployment:
    """Return what a change registers where others were applied."""
    return deploy(main, changed(config, change, folder), state=there.exported())


def request(command: Registration) -> dict[str, str]:
    """Return what a command asks snapshots.py for."""
    stdin = command.inputs["stdin"]
    assert isinstance(stdin, Secret), "it has a password"
    found: dict[str, str] = json.loads(stdin.value)
    return found


def test_a_snapshot_is_taken_by_the_controller_as_the_projects_user(taken: Deployment) -> None:
    command = taken.named(IMAGE)
    wanted = request(command)
    assert wanted.pop("password") != SECRET
    assert wanted == {"snapshot": "before", "server": "id of server-web1-server", "user": "web"}
    words = {key: command.inputs[key].split()[-1] for key in ("create", "update", "delete")}
    assert words == {"create": "take'", "update": "show'", "delete": "delete'"}
    assert "SECRET" not in command.inputs["create"]
    assert command.ignore_changes == ("stdin",), "nothing takes it again"
    assert taken.outputs["snapshot-before"] == {"id": f"image of {IMAGE}"}
    assert {"controller-snapshots.py", "hosts-discover", "project-web-member"} <= taken.before(
        IMAGE
    )


def test_without_snapshots_nothing_more_is_registered(whole: Deployment) -> None:
    assert not [name for name in whole.names() if "snapshot" in name]


def test_a_snapshot_comes_before_all_that_changes_of_its_server(taken: Deployment) -> None:
    for part in ("port", "group", "key", "server"):
        assert IMAGE in taken.before(f"server-web1-{part}")
        assert IMAGE not in taken.before(f"server-db1-{part}")
    assert not [name for name in taken.before(IMAGE) if name.startswith("server-")]


def test_a_snapshot_of_a_new_server_comes_after_it(
    config: dict[str, object], tmp_path: Path
) -> None:
    deployed = deploy(main, changed(config, BEFORE, tmp_path))
    assert "server-web1-server" in deployed.before(IMAGE)
    assert request(deployed.named(IMAGE))["server"] == "id of server-web1-server"


GOES: Change = {
    "servers": [],
    "projects[0].quota": {"instances": 1, "cores": 1, "ram": 512},
}


@pytest.mark.parametrize("earlier", [False, True], ids=["in the same change", "taken before"])
def test_a_snapshot_may_outlive_its_server(
    earlier: bool,
    whole: Deployment,
    taken: Deployment,
    config: dict[str, object],
    tmp_path: Path,
) -> None:
    deployed = after(BEFORE | GOES, taken if earlier else whole, config, tmp_path)
    assert request(deployed.named(IMAGE))["user"] == "web"
    assert "server-web1" not in deployed.names()
    again = after(BEFORE | GOES, deployed, config, tmp_path)
    assert IMAGE in again.names()


def test_a_restore_is_a_command_of_its_own_that_nothing_does_again(
    taken: Deployment,
    config: dict[str, object],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    said: list[str] = []
    monkeypatch.setattr(pulumi.log, "warn", said.append)
    deployed = after(RESTORE, taken, config, tmp_path)
    command = deployed.named(REBUILD)
    assert command.inputs["create"].endswith(" restore'")
    assert (command.inputs["update"], "delete" in command.inputs) == ("true", False)
    assert command.ignore_changes == ("stdin", "connection")
    assert {"server-web1-server", IMAGE} <= deployed.before(REBUILD)
    assert deployed.named("restore-web1/before").inputs == {
        **{"server": "web1", "snapshot": "before", "taken": "2026-01-02T03:04:05Z"},
        "project": "web",
    }
    (warning,) = (text for text in said if "goes back" in text)
    assert warning.startswith("server web1 goes back to snapshot before of 2026-01-02T03:04:05Z: ")
    said.clear()
    after(RESTORE, deployed, config, tmp_path)
    assert not [text for text in said if "goes back" in text], "the second run says nothing"


def test_a_server_starts_from_a_snapshot(
    whole: Deployment, config: dict[str, object], tmp_path: Path
) -> None:
    deployed = after(BEFORE | MADE_FROM, whole, config, tmp_path)
    server = deployed.named("server-web2-server")
    assert server.inputs["imageId"] == f"image of {IMAGE}"
    assert server.replacement_trigger == [{"snapshot": "before"}]
    assert "imageId" in server.ignore_changes
    assert deployed.named("server-web2").inputs["image"] == "snapshot before"


MOVED: Change = {
    "servers[0].project": "db",
    "servers[0].flavor": "small",
    "servers[0].network": "data",
    "servers[0].address": GONE,
}
SERVER_GOES: Change = {"servers[0]": {**SERVER, "name": "web9"}}

# A promise, the change, whether the snapshot was taken before, and the refusal.
REFUSED: tuple[tuple[str, Change, bool, str], ...] = (
    (
        "no such server",
        {"snapshots": [{"name": "x", "server": "web9"}]},
        False,
        "iaas:snapshots[x].server: web9 is no server; did you mean web1?",
    ),
    (
        "another server for a snapshot",
        {"snapshots": [{"name": "before", "server": "db1"}]},
        True,
        "before].server: web1 -> db1: it was taken of web1 and stays that; take",
    ),
    (
        "another name for its server",
        {"snapshots": [{"name": "before", "server": "web9"}]} | SERVER_GOES,
        True,
        "snapshots[before].server: web1 -> web9: it was taken of web1 and stays that",
    ),
    (
        "a restore in the change that takes the snapshot",
        RESTORE,
        *(
            False,
            "iaas:servers[web1].restore: snapshot before is not taken yet; take it in an earl",
        ),
    ),
    (
        "a restore of a server that is now in another project",
        RESTORE | MOVED,
        True,
        "snapshot before belongs to project web, the server to db",
    ),
    (
        "a server from a snapshot of one that is new, too",
        {"servers[3]": {**SERVER, "name": "web3"}, "snapshots": [{"name": "x", "server": "web3"}]}
        | MADE_FROM
        | {"servers[2]": {**NEW, "fromSnapshot": "x"}},
        False,
        "servers[web2].fromSnapshot: snapshot x is of web3, which is not there yet; make",
    ),
    (
        "snapshots with tenants' stacks",
        BEFORE | {"tenantStacks": True, "servers": []},
        *(
            False,
            "iaas:snapshots[before]: it needs the controller, which a tenant's stack does not",
        ),
    ),
)


@pytest.mark.parametrize(
    ("change", "earlier", "why"), [pytest.param(*case, id=name) for name, *case in REFUSED]
)
def test_it_is_refused(
    change: Change,
    earlier: bool,
    why: str,
    whole: Deployment,
    taken: Deployment,
    config: dict[str, object],
    tmp_path: Path,
) -> None:
    places = sorted(change, key=lambda place: (len(place), place))
    ordered = {place: change[place] for place in places}
    with pytest.raises(pulumi.RunError) as caught:
        after(ordered, taken if earlier else whole, config, tmp_path)
    assert why in str(caught.value)


def test_a_snapshot_follows_its_project_to_another_name(
    taken: Deployment, config: dict[str, object], tmp_path: Path
) -> None:
    names: Change = {"projects[0].name": "shop", "servers[0].project": "shop"}
    deployed = after(BEFORE | names, taken, config, tmp_path)
    assert deployed.named("snapshot-before").inputs == {"server": "web1", "project": "shop"}
