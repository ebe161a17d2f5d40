"""Servers that were made by hand: what the settings may say of them, and that none is ever made."""

from pathlib import Path
from typing import Any

import pulumi
import pytest

from components.cloud import ServerHooks
from components.cloud.adopted_server import MADE_WITH
from components.state import INSTANCE
from pull_requests.summary import summary
from tests.unit.clouds import parts
from tests.unit.configs import Allowed, Case, Change, changed, check_refused, check_taken, each
from tests.unit.examples import good_config
from tests.unit.mocks import Deployment, deploy, fresh
from tests.unit.previews import read, shown, step, urn

ID, OTHER = "0b1e5f2c-77d0-4b1e-9c3a-5a1d2f3e4b5c", "1b1e5f2c-77d0-4b1e-9c3a-5a1d2f3e4b5c"
PLACE = "adoptedServers[0]"
OWN: dict[str, Any] = {"id": ID, "name": "By Hand", "project": "web"}
KIND, NAME = "iaas:cloud:AdoptedServer", f"adopted-{ID}"


def adopted(**more: object) -> Change:
    """Have a server of project web that was made by hand."""
    quota = {"instances": 9, "cores": 9, "ram": 9000}
    return {"adoptedServers": [OWN | more], "projects[0].quota": quota}


CASES: tuple[Case, ...] = (
    ("no id", adopted(id="web9"), f"{PLACE}.id", "'web9' is not an id as `openstack server list`"),
    (
        "one server twice",
        adopted() | {"adoptedServers[1]": OWN},
        "adoptedServers[1].id",
        f"{ID} is the id of adoptedServers[0] too; take another",
    ),
    ("no such project", adopted(project="x"), f"{PLACE}.project", "'x' is not among the projects"),
    ("no such flavor", adopted(flavor="x"), f"{PLACE}.flavor", "'x' is not among the flavors"),
    (
        "what it was made with",
        adopted(image="guest"),
        f"{PLACE}.image",
        "is no known key; it stays as it was made; leave it out",
    ),
    (
        "what only servers of the settings have",
        adopted(restore="before"),
        f"{PLACE}.restore",
        "is no known key; it is for `iaas:servers` alone; leave it out",
    ),
    ("a tag twice", adopted(tags=["a", "a"]), f"{PLACE}.tags[1]", "'a' is there twice"),
    (
        "a quota that it is too much for",
        adopted() | {"projects[0].quota.instances": 1},
        "projects[0].quota.instances",
        "1 is too little; its servers need 2",
    ),
)
TAKEN: tuple[Allowed, ...] = (
    ("its size, metadata and tags", adopted(flavor="tiny", metadata={"a": "b"}, tags=["a"])),
    ("two of one name", adopted() | {"adoptedServers[1]": OWN | {"id": OTHER}}),
    ("the name of a server", adopted(name="web1")),
)


@each(CASES)
def test_what_cannot_be_is_refused(case: Case, tmp_path: Path) -> None:
    check_refused(case, tmp_path)


@each(TAKEN)
def test_what_can_be_is_taken(case: Allowed, tmp_path: Path) -> None:
    check_taken(case, tmp_path)


def registered(files: Path, **more: object) -> Deployment:
    """Return what the program registers with it."""
    return fresh(changed(good_config(files), adopted(**more), files))


def test_the_admin_changes_name_size_metadata_and_tags_alone(files: Path) -> None:
    given = {"flavor": "tiny", "metadata": {"a": "b"}, "tags": ["b", "a"]}
    server = registered(files, **given).named(f"{NAME}-server")
    assert server.inputs == {
        **{"name": "By Hand", "flavorId": "id of flavor-tiny-flavor"},
        **{"metadata": {"a": "b"}, "tags": ["a", "b"]},
    }
    assert server.provider == "cloud-admin"
    assert server.ignore_changes == MADE_WITH
    assert server.parent == NAME


def test_what_the_settings_do_not_say_stays(files: Path) -> None:
    server = registered(files).named(f"{NAME}-server")
    assert server.inputs == {"name": "By Hand"}
    assert server.ignore_changes == (*MADE_WITH, "flavorId")


@pytest.mark.parametrize("previewed", [True, False])
def test_it_is_never_made_and_a_preview_warns_of_that(
    previewed: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[pulumi.ResourceHookBinding] = []
    warned: list[str] = []

    def program() -> None:
        project, guard = parts().project, pulumi.ResourceHook("guard", lambda _: None)
        hooks = ServerHooks("adopted")
        made.append(hooks.of_adopted("x-server", "By Hand", project, project, guard))

    deploy(program)
    (never,) = made[0].before_create or []
    assert isinstance(never, pulumi.ResourceHook)
    monkeypatch.setattr(pulumi.runtime, "is_dry_run", lambda: previewed)
    monkeypatch.setattr(pulumi.log, "warn", lambda text, _: warned.append(text))
    args = pulumi.ResourceHookArgs("urn", "", "x-server", INSTANCE)
    what = "server By Hand of adoptedServers is not in the state, and is never made: `make adopt`"
    if previewed:
        never.callback(args)
        assert warned[0].startswith(what)
    else:
        with pytest.raises(ValueError, match=what):
            never.callback(args)


COMPONENT: dict[str, Any] = {"server": ID, "name": "By Hand", "project": "web", "flavor": "tiny"}
BIG = COMPONENT | {"flavor": "big"}
SAID: dict[str, tuple[str, dict[str, Any] | None, dict[str, Any] | None, str]] = {
    "another size": (
        *("update", COMPONENT, BIG),
        "project web: server By Hand is resized and down meanwhile, because flavor tiny -> big",
    ),
    "another name": (
        *("update", COMPONENT, COMPONENT | {"name": "web9"}),
        "project web: server web9: name By Hand -> web9",
    ),
    "gone from the settings": (
        *("delete", COMPONENT, None),
        "project web: server By Hand is deleted, its disk is lost (tiny)",
    ),
    "gone, whose size the settings do not say": (
        *("delete", OWN | {"server": ID}, None),
        "project web: server By Hand is deleted, its disk is lost",
    ),
    "not in the state": (
        *("create", None, COMPONENT),
        "project web: server By Hand is not in the state, and is never made: make adopt takes it"
        " in",
    ),
}


@pytest.mark.parametrize(("op", "before", "after", "line"), SAID.values(), ids=SAID)
def test_the_comment_calls_it_by_its_name(
    op: str, before: dict[str, Any] | None, after: dict[str, Any] | None, line: str
) -> None:
    def inputs(of: dict[str, Any] | None) -> dict[str, Any] | None:
        return None if of is None else {"name": of["name"], "flavorId": of.get("flavor")}

    steps = [
        step(op, KIND, NAME, before, after),
        step(
            *(op, INSTANCE, f"{NAME}-server", inputs(before), inputs(after)),
            parent=urn(KIND, NAME),
            provider=f"{urn('pulumi:providers:openstack', 'cloud-admin')}::id",
        ),
    ]
    found = summary(read(shown(*steps)))
    assert [*found.marked, *(one for lines in found.sections.values() for one in lines)] == [line]
