"""What a change does to snapshots, to servers that were brought back, and to stacks of before."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.engine import checkpoint
from tests.engine.conftest import Stack, fill, made
from tests.engine.shown import each, operations, updated
from tests.unit.configs import GONE, SERVER, Change, changed
from tests.unit.examples import good_config, qcow2

ROOM: Change = {"projects[0].quota": {"instances": 4, "cores": 4, "ram": 2048}}
SNAPSHOTS: Change = {
    **ROOM,
    "snapshots": [
        {"name": "before", "server": "web1"},
        {"name": "later", "server": "web1"},
        {"name": "data", "server": "db1"},
    ],
}
BACK, LATER = "restore-web1/before", "restore-web1/later"
FROM: dict[str, object] = {
    **{k: v for k, v in SERVER.items() if k != "image"},
    "fromSnapshot": "before",
}
WEB2 = "server-web2 server-web2-group server-web2-key server-web2-port server-web2-server"


def content(folder: Path) -> str:
    """Make an image of another content."""
    path = folder / "another.qcow2"
    path.write_bytes(qcow2(size=64 * 2**20))
    return str(path)


NEW_CONTENT: Change = {"images[0].sha256": GONE, "images[0].file": content}

# A promise, a change of the settings, and all that is done because of it.
CHANGES: tuple[tuple[str, Change, Mapping[str, str]], ...] = (
    ("nothing is done for the same settings", {}, {}),
    (
        "a server is brought back",
        {"servers[0].restore": "before"},
        each("create", f"{BACK} {BACK}-rebuild"),
    ),
    (
        "a snapshot less is deleted",
        {"snapshots[2]": GONE},
        each("delete", "snapshot-data snapshot-data-image"),
    ),
    (
        "a removed server leaves its snapshot",
        {"servers[1]": GONE},
        each(
            "delete",
            "server-db1 server-db1-group server-db1-key server-db1-port server-db1-server"
            " project-db-provider",
        ),
    ),
    (
        "another connection takes no snapshot again",
        {"ssh.user": "admin"},
        {},
    ),
    (
        "another image replaces the server and not its snapshots",
        {"servers[0].image": "other"},
        {**each("replace", "server-web1-server"), **updated("server-web1")},
    ),
    (
        "a server starts from a snapshot",
        {"servers[2]": FROM},
        each("create", WEB2),
    ),
)


def config(files: Path, *changes: Change) -> dict[str, object]:
    """Return the good config with snapshots, and these changes."""
    found = changed(good_config(files), SNAPSHOTS, files)
    for change in changes:
        found = changed(found, change, files)
    return found


def shown(stack: Stack, config: dict[str, object]) -> dict[str, str]:
    """Return what a preview does."""
    stack.configure(config)
    return operations(json.loads(stack.pulumi("preview", "--json")))


def export(stack: Stack) -> dict[str, Any]:
    """Return the state."""
    found: dict[str, Any] = json.loads(stack.pulumi("stack", "export"))
    return found


@pytest.fixture(scope="module")
def taken(tmp_path_factory: pytest.TempPathFactory, files: Path) -> Stack:
    """A stack whose state has snapshots."""
    stack = made(tmp_path_factory.mktemp("taken"), config(files))
    fill(stack)
    return stack


@pytest.mark.parametrize(
    ("change", "expected"), [pytest.param(c, done, id=name) for name, c, done in CHANGES]
)
def test_a_change_does_just_this(
    change: Change, expected: Mapping[str, str], taken: Stack, files: Path
) -> None:
    found = shown(taken, config(files, change))
    if "ssh.user" in change:  # every command is another one
        images = {f"snapshot-{name}-image" for name in ("before", "later", "data")}
        assert {op for name, op in found.items() if name in images} == {"update"}
        assert set(found.values()) == {"update"}
        return
    assert found == expected


@pytest.fixture
def restored(taken: Stack, files: Path) -> Iterator[Stack]:
    """A stack whose server was brought back, and refreshed: Nova says the snapshot's image."""
    before = export(taken)
    taken.configure(config(files, {"servers[0].restore": "before"}))
    # As `up` leaves it: of two new resources, with what the preview says of them.
    plan = taken.folder / "plan.json"
    said = taken.pulumi("preview", "--json", f"--save-plan={plan}", "--show-secrets=true")
    planned = json.loads(plan.read_text())["resourcePlans"]
    state = export(taken)
    state["deployment"]["resources"] += [
        checkpoint.resource(step["urn"], step["newState"], planned[step["urn"]])
        for step in json.loads(said)["steps"]
        if step["op"] == "create"
    ]
    for resource in state["deployment"]["resources"]:
        if resource["urn"].endswith("::server-web1-server"):
            resource["inputs"]["imageId"] = "image of snapshot-before-image"
            resource["outputs"] |= {
                "imageId": "image of snapshot-before-image",
                "imageName": "before",
            }
    taken.pulumi("stack", "import", text=json.dumps(state))
    yield taken
    taken.pulumi("stack", "import", text=json.dumps(before))


# A promise, changes after the restore, and all that is done because of them.
THEN: tuple[tuple[str, Change, Mapping[str, str]], ...] = (
    ("nothing is done for the same settings", {"servers[0].restore": "before"}, {}),
    (
        "a restore that is taken out changes nothing of the server",
        {},
        each("delete", f"{BACK} {BACK}-rebuild"),
    ),
    (
        "another restore brings it back once more",
        {"servers[0].restore": "later"},
        {
            **each("create", f"{LATER} {LATER}-rebuild"),
            **each("delete", f"{BACK} {BACK}-rebuild"),
        },
    ),
    (
        "the word alone replaces nothing",
        {"servers[0].restore": "before", "images[0].replaceServers": GONE},
        {},
    ),
    (
        "a new content of its image replaces it",
        {"servers[0].restore": "before", **NEW_CONTENT},
        each("replace", "image-guest-image server-web1-server"),
    ),
    (
        "a new content of its image keeps it where the settings don't say so",
        {"servers[0].restore": "before", "images[0].replaceServers": GONE, **NEW_CONTENT},
        each("replace", "image-guest-image"),
    ),
)


@pytest.mark.parametrize(
    ("change", "expected"), [pytest.param(c, done, id=name) for name, c, done in THEN]
)
def test_after_a_restore_and_a_refresh(
    change: Change, expected: Mapping[str, str], restored: Stack, files: Path
) -> None:
    assert shown(restored, config(files, change)) == expected


def test_a_restore_by_hand_and_a_refresh_are_no_change(taken: Stack, files: Path) -> None:
    """As the nightly report sees it, too: the engine knows more than the program may read."""
    before = export(taken)
    state = export(taken)
    (server,) = (
        r for r in state["deployment"]["resources"] if r["urn"].endswith("::server-web1-server")
    )
    assert server["replacementTrigger"] == ["guest"], "as of a stack of before"
    server["inputs"]["imageId"] = "by hand"
    server["outputs"] |= {"imageId": "by hand", "imageName": "by hand"}
    taken.pulumi("stack", "import", text=json.dumps(state))
    try:
        assert shown(taken, config(files)) == {}
    finally:
        taken.pulumi("stack", "import", text=json.dumps(before))
