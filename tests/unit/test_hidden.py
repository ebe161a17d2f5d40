"""What is encrypted in a stack's file is secret in all that is registered, or it is refused."""

from pathlib import Path
from typing import Any

import pulumi
import pytest
import yaml

from components.settings import SettingsError
from components.settings.hidden import places, refused
from components.settings.messages import Place, at
from tests.unit.configs import Change, changed
from tests.unit.examples import good_config
from tests.unit.mocks import Secret, deploy, main

SECURE = {"secure": "v1:abc"}
MARK = "marker-of-the-tests"


@pytest.fixture(autouse=True)
def _in_the_project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The stack's file is in the project's folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(pulumi, "get_stack", lambda: "test")
    monkeypatch.delenv("PULUMI_OPTION_CONFIG_FILE", raising=False)


def write(change: Change, file: str = "Pulumi.test.yaml") -> None:
    """Write the stack's file: the good config with a change."""
    config = changed(good_config(Path.cwd()), {"secret": SECURE, **change}, Path.cwd())
    content = {f"iaas:{key}": value for key, value in config.items()}
    Path(file).write_text(yaml.safe_dump({"config": content}))


# What is encrypted in the file, the keys that Pulumi lists, and the places that follow.
PLACES: tuple[tuple[Change, str, set[Place]], ...] = (
    ({}, "secret", {("secret",)}),
    ({"servers[0].userData": SECURE}, "servers", {("servers", 0, "userData")}),
    (
        {"servers[0].userData": SECURE, "servers[1].publicKey": SECURE},
        "secret servers",
        {("secret",), ("servers", 0, "userData"), ("servers", 1, "publicKey")},
    ),
    ({"servers": SECURE}, "servers", {("servers",)}),
    ({"projects[0].quota.ram": SECURE}, "projects", {("projects", 0, "quota", "ram")}),
    # Encrypted elsewhere: in an environment of Pulumi's, or in another file.
    ({}, "projects", {("projects",)}),
)


@pytest.mark.parametrize(("change", "keys", "expected"), PLACES)
def test_the_file_says_what_is_encrypted(change: Change, keys: str, expected: set[Place]) -> None:
    write(change)
    assert places([f"iaas:{key}" for key in keys.split()] + ["aws:secretKey"]) == expected


def test_another_file_is_named_by_pulumis_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    write({"servers[0].userData": SECURE}, "other.yaml")
    monkeypatch.setenv("PULUMI_OPTION_CONFIG_FILE", "other.yaml")
    assert places(["iaas:servers"]) == {("servers", 0, "userData")}


@pytest.mark.parametrize("content", [None, "[", "config: 1", "config: {iaas:servers: 1}"])
def test_a_file_that_says_nothing_hides_the_whole_key(content: str | None) -> None:
    if content is not None:
        Path("Pulumi.test.yaml").write_text(content)
    assert places(["iaas:servers"]) == {("servers",)}


CLEAR = "is encrypted, but names, addresses and sizes cannot be secret; store it in clear"
# A place, and how it is refused; "": it is taken.
REFUSED: tuple[tuple[Place, str], ...] = (
    (("secret",), ""),
    (("projects", 0, "description"), ""),
    (("images", 1, "url"), ""),
    (("servers", 0, "userData"), ""),
    (("servers", 0, "publicKey"), ""),
    (("region",), CLEAR),
    (("controller", "hostKey"), CLEAR),
    (("networks", 0, "cidr"), CLEAR),
    (
        ("servers", 0, "name"),
        f"{CLEAR}, and encrypt only these keys of an entry: publicKey and u",
    ),
    (("servers", 0), f"{CLEAR}, and encrypt only these keys of an entry: publicKey and userData"),
    (("servers", 0, "ingress", 0, "cidr"), f"{CLEAR}, and encrypt only these keys of an entry:"),
    (
        ("servers",),
        f"{CLEAR}, and encrypt only these keys of an entry: publicKey and userData (in Pul",
    ),
)


@pytest.mark.parametrize(("place", "words"), REFUSED, ids=[at(place) for place, _ in REFUSED])
def test_what_cannot_be_secret_is_refused(place: Place, words: str) -> None:
    found = [problem.message for problem in refused([place])]
    assert bool(found) == bool(words)
    assert all(message.startswith(words) for message in found)


def texts(value: Any) -> str:  # noqa: ANN401  # any input
    """Return all that is in clear in a value."""
    if isinstance(value, Secret):
        return "[secret]"
    if isinstance(value, dict):
        return " ".join(map(texts, value.values()))
    return " ".join(map(texts, value)) if isinstance(value, list) else str(value)


def test_what_is_encrypted_is_registered_as_a_secret(config: dict[str, object]) -> None:
    places = ("projects[0].description", "servers[0].userData", "servers[1].publicKey")
    write(dict.fromkeys((*places, "images[1].url"), SECURE))
    key = str(config["servers"][1]["publicKey"])  # type: ignore[index]
    given: Change = {
        "projects[0].description": MARK,
        "images[1].url": f"https://example.org/{MARK}",
        "servers[0].userData": f"#cloud-config\n# {MARK}\n",
        "servers[1].publicKey": f"{key} {MARK}",
    }
    keys = ("secret", "projects", "images", "servers")
    deployed = deploy(main, changed(config, given, Path()), encrypted=keys)
    assert [r.name for r in deployed if MARK in texts(r.inputs) + r.name] == []
    assert isinstance(deployed.named("project-web-project").inputs["description"], Secret)
    assert deployed.named("project-db-project").inputs.get("description", "") == ""
    assert isinstance(deployed.named("server-db1-key").inputs["publicKey"], Secret)
    assert isinstance(deployed.named("server-web1-key").inputs["publicKey"], str)
    assert MARK not in str(deployed.outputs)


def test_a_mistake_hides_what_is_encrypted_and_no_more(config: dict[str, object]) -> None:
    write({"projects[0].description": SECURE})
    given: Change = {"projects[0].description": MARK, "region": f"{MARK} !"}
    given |= {"servers[0].project": "wbe"}
    with pytest.raises(SettingsError) as caught:
        deploy(main, changed(config, given, Path()), encrypted=("secret", "projects"))
    said = str(caught.value)
    assert MARK not in said
    assert "iaas:servers[0].project: 'wbe' is not among the projects; did you mean web?" in said
