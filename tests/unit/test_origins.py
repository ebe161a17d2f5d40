"""When another image replaces a server: for new content, and never for what Nova says of it."""

from pathlib import Path
from typing import Any

import pytest

from tests.unit.configs import GONE, Change, changed
from tests.unit.examples import qcow2
from tests.unit.mocks import Deployment, deploy, main
from tests.unit.test_stack import OUTPUTS, OWN, cloud_file


def content(folder: Path) -> str:
    """Return an image of another content."""
    path = folder / "another.qcow2"
    path.write_bytes(qcow2(size=64 * 2**20))
    return str(path)


SNAPSHOT = "the image of a snapshot"
ANOTHER: Change = {"images[0].sha256": GONE, "images[0].file": content}
FOLLOWS: Change = {"images[0].replaceServers": True}
IGNORES: Change = {"images[0].replaceServers": GONE}


def server(state: dict[str, Any], name: str = "web1") -> dict[str, Any]:
    """Return a server in a state."""
    (found,) = [
        r for r in state["deployment"]["resources"] if r["urn"].endswith(f"server-{name}-server")
    ]
    assert isinstance(found, dict)
    return found


def origin(deployed: Deployment, name: str = "web1") -> list[object]:
    """Return what replaces a server when it changes; nothing else of its image does."""
    there = deployed.named(f"server-{name}-server")
    assert "imageId" in there.ignore_changes
    assert there.replace_on_changes == ()
    found = there.replacement_trigger
    assert isinstance(found, list)
    return found


# A promise, the change, the origin in the state, and whether it is replaced.
CASES: tuple[tuple[str, Change, list[str], bool], ...] = (
    ("nothing", {}, ["guest"], False),
    ("nothing, after a content", {}, ["guest", "1" * 64], False),
    ("the word alone", FOLLOWS, ["guest"], False),
    ("the word taken out", IGNORES, ["guest", "1" * 64], False),
    ("new content", FOLLOWS | ANOTHER, ["guest"], True),
    ("new content once more", FOLLOWS | ANOTHER, ["guest", "1" * 64], True),
    ("new content without the word", IGNORES | ANOTHER, ["guest"], False),
    ("another image", {"servers[0].image": "other"}, ["guest"], True),
)


@pytest.mark.parametrize("restored", [False, True], ids=["", "restored"])
@pytest.mark.parametrize(
    ("change", "there", "replaced"), [pytest.param(*case, id=name) for name, *case in CASES]
)
def test_a_server_is_replaced_for_new_content_alone(
    change: Change,
    there: list[str],
    replaced: bool,
    restored: bool,
    whole: Deployment,
    config: dict[str, object],
    tmp_path: Path,
) -> None:
    state = whole.exported()
    web1 = server(state)
    web1["replacementTrigger"] = there
    if restored:  # as a refresh writes it
        web1["inputs"] = {**web1["inputs"], "imageId": SNAPSHOT}
        web1["outputs"] = {**web1["outputs"], "imageId": SNAPSHOT, "imageName": "before"}
    found = origin(deploy(main, changed(config, change, tmp_path), state=state))
    assert (found != there) == replaced


def test_the_origin_of_new_content_stays_when_it_is_applied(
    whole: Deployment, config: dict[str, object], tmp_path: Path
) -> None:
    config = changed(config, FOLLOWS | ANOTHER, tmp_path)
    applied = deploy(main, config, state=whole.exported())
    assert origin(deploy(main, config, state=applied.exported())) == origin(applied)


# A promise, the origin and the image in a tenant's state, that image's name, and the origin then.
TENANTS: tuple[tuple[str, list[str], str, str, list[str]], ...] = (
    ("nothing", ["other", "id-other"], "id-other", "", ["other", "id-other"]),
    ("new content", ["other", "id-old"], "id-old", "", ["other", "id-other"]),
    ("restored", ["other", "id-other"], SNAPSHOT, "before", ["other", "id-other"]),
    ("restored, new content", ["other", "id-old"], SNAPSHOT, "before", ["other", "id-other"]),
    ("of before", ["other"], "id-other", "other", ["other"]),
    ("of before, new content", ["other"], "id-old", "other", ["other", "id-other"]),
    ("of before, restored", ["other"], SNAPSHOT, "before", ["other"]),
)


@pytest.mark.parametrize(
    ("there", "image", "name", "expected"),
    [pytest.param(*c, id=promise) for promise, *c in TENANTS],
)
def test_in_a_tenants_stack_another_image_of_the_clouds_replaces_a_server(
    there: list[str],
    image: str,
    name: str,
    expected: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    cloud_file({"images[1].replaceServers": True})
    state = deploy(main, OWN, stacks={"prod": OUTPUTS}, encrypted=["password"]).exported()
    db1 = server(state, "db1")
    assert db1["replacementTrigger"] == ["other", "id-other"]
    db1["replacementTrigger"] = there
    db1["inputs"] = {**db1["inputs"], "imageId": image}
    db1["outputs"] = {**db1["outputs"], "imageName": name}
    found = deploy(main, OWN, stacks={"prod": OUTPUTS}, encrypted=["password"], state=state)
    assert origin(found, "db1") == expected
