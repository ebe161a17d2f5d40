"""What is written from the settings' models: it is not old, and editors underline what is wrong.

The few words of JSON schema that they use are read here, so that no validator is needed.
"""

import json
import re
from collections.abc import Callable, Iterator
from ipaddress import IPv4Address
from pathlib import Path
from typing import Annotated, Any

import pytest
import yaml
from pydantic import BaseModel, Field

from components.settings import ProviderSettings, Settings, TenantStackSettings, generate
from components.settings.generate import describe, project, schemas
from tests.unit.configs import GONE, Change, changed
from tests.unit.examples import good_config
from tests.unit.tenants import OPS

ROOT = Path(__file__).parents[2]
STACK, TENANT = json.loads(json.dumps([schemas.stack("iaas"), schemas.tenant()]))
ENCRYPTED = {"secure": "v1:abc:def"}

TYPES: dict[str, type | tuple[type, ...]] = {
    "array": list,
    "boolean": bool,
    "integer": int,
    "null": type(None),
    "object": dict,
    "string": str,
}
SAID_ONLY = {"$defs", "$schema", "default", "description", "errorMessage", "patternErrorMessage"}


def is_ipv4(text: str) -> bool:
    """Whether it is an address."""
    try:
        return bool(IPv4Address(text))
    except ValueError:
        return False


HOLDS: dict[str, Callable[[Any, Any], bool]] = {
    "const": lambda value, only: value == only,
    "enum": lambda value, words: value in words,
    "format": lambda value, form: form != "ipv4" or is_ipv4(value),
    "maximum": lambda value, limit: value <= limit,
    "minimum": lambda value, limit: value >= limit,
    "pattern": lambda value, pattern: bool(re.search(pattern, value)),
    "type": lambda value, name: (
        isinstance(value, TYPES[name]) and not (name == "integer" and isinstance(value, bool))
    ),
}
"""A keyword, and whether a value of the right type obeys it."""


def wrong(root: dict[str, Any], value: Any, part: Any = None, place: str = "") -> Iterator[str]:  # noqa: ANN401
    """Yield the places where a value is not as the schema says; one with unknown words fails."""
    rules = dict(root if part is None else part)
    if reference := rules.pop("$ref", None):
        yield from wrong(root, value, root["$defs"][reference.removeprefix("#/$defs/")], place)
    if choices := rules.pop("anyOf", None):
        found = [list(wrong(root, value, choice, place)) for choice in choices]
        if all(found):
            yield from max(found, key=lambda places: max(map(len, places)))
    kind = rules.pop("type", None)
    if kind and not HOLDS["type"](value, kind):
        yield place
        return
    items = rules.pop("items", {})
    for i, item in enumerate(value if kind == "array" else ()):
        yield from wrong(root, item, items, f"{place}[{i}]")
    known, patterns = rules.pop("properties", {}), rules.pop("patternProperties", {})
    others = rules.pop("additionalProperties", True)
    missing = [key for key in rules.pop("required", ()) if key not in value]
    for key, item in value.items() if kind == "object" else ():
        inner = f"{place}.{key}".removeprefix(".")
        if key in known:
            yield from wrong(root, item, known[key], inner)
        elif not others and not any(re.search(pattern, key) for pattern in patterns):
            yield inner
    yield from (f"{place}.{key}".removeprefix(".") for key in missing)
    for word in rules.keys() - SAID_ONLY:
        if not HOLDS[word](value, rules[word]):
            yield place


def in_stack(config: dict[str, object]) -> list[str]:
    """Return what is underlined in a stack's file with this config."""
    return [
        place.removeprefix("config.iaas:")
        for place in wrong(STACK, {"config": {f"iaas:{key}": v for key, v in config.items()}})
    ]


def test_what_is_written_from_the_models_is_not_old() -> None:
    old = generate.old()
    assert not old, f"{', '.join(old)} is not as components/settings says: run `make settings`"
    committed = {f"schemas/{path.name}" for path in (ROOT / "schemas").iterdir()}
    assert committed == set(schemas.texts("iaas")), "a schema that nothing writes: delete it"


def test_the_manual_has_a_row_for_each_setting() -> None:
    manual = (ROOT / "docs/settings.md").read_text()
    for model in (Settings, TenantStackSettings):
        keys = [*describe.keys(model)]
        for section in describe.sections(model):
            assert f"\n## `{section.path}`" in manual or f", `{section.path}`" in manual
            assert section.type.model is not None
            keys += describe.keys(section.type.model, section.path)
        for key in keys:
            row = rf"^\| `{re.escape(key.name)}` \| [^|]+ \| [^|]+ \| {re.escape(key.meaning)}[; |]"
            assert re.search(row, manual, re.MULTILINE), key.path


def test_a_setting_of_a_type_without_a_name_is_refused() -> None:
    class New(BaseModel):
        size: Annotated[int, Field(ge=1)] = Field(alias="size", description="how large")

    with pytest.raises(TypeError, match=r"images\.size: its type has no Kind; give it one in"):
        list(describe.keys(New, "images"))


def test_comments_and_the_head_of_pulumi_yaml_stay(tmp_path: Path) -> None:
    text = (ROOT / "Pulumi.yaml").read_text()
    for old, new in (
        ("\n  networks:\n", "\n  # Of the site.\n  networks:\n"),
        ("runtime:\n", "# Pinned.\nruntime:\n"),
    ):
        assert old in text
        text = text.replace(old, new)
    (tmp_path / "Pulumi.yaml").write_text(text)
    assert project.text(tmp_path) == text


def test_a_project_of_another_name_has_the_secret_under_its_own(tmp_path: Path) -> None:
    text = (ROOT / "Pulumi.yaml").read_text()
    (tmp_path / "Pulumi.yaml").write_text(text.replace("name: iaas\n", "name: site\n", 1))
    assert "\n  site:secret:\n" in project.text(tmp_path)
    assert "iaas:" not in project.text(tmp_path)


def test_editors_find_the_schema_of_the_dev_stack() -> None:
    first = (ROOT / "Pulumi.dev.yaml").read_text().split("\n")[0]
    path = first.removeprefix("# yaml-language-server: $schema=")
    assert (ROOT / path).samefile(ROOT / "schemas/stack.json")


def test_the_dev_stack_is_not_underlined() -> None:
    content = yaml.safe_load((ROOT / "Pulumi.dev.yaml").read_text())
    assert list(wrong(STACK, content)) == []
    content["config"] |= {"iaas:secret": ENCRYPTED, "pulumi:disable-default-providers": ["*"]}
    content |= {"encryptionsalt": "v1:a", "secretsprovider": "passphrase", "encryptedkey": "b"}
    assert list(wrong(STACK, content | {"environment": ["prod"]})) == []


def test_every_key_is_described(tmp_path: Path) -> None:
    config = good_config(tmp_path) | {"secret": ENCRYPTED, "tenants": "tenants"}
    assert in_stack(config) == []
    keys = STACK["properties"]["config"]["properties"]
    assert list(keys) == [f"iaas:{field.alias}" for field in Settings.model_fields.values()]
    for part in (keys, *(d["properties"] for d in STACK["$defs"].values())):
        assert [key for key, value in part.items() if not value.get("description")] == []
    provider = STACK["$defs"]["ProviderSettings"]["properties"]
    assert provider["maxvlan"]["default"] == ProviderSettings().maxvlan


# A promise, a change to the good config, and what is underlined.
WRONG: tuple[tuple[str, Change, list[str]], ...] = (
    ("a secret in clear", {"secret": "0f1e2d3c4b5a69788796a5b4c3d2e1f0"}, ["secret"]),
    ("no controller", {"controller": GONE}, ["controller"]),
    ("an unknown key", {"sercet": "x"}, ["sercet"]),
    ("an unknown key inside", {"ssh.prt": 22}, ["ssh.prt"]),
    ("a key in snake case", {"images[0].min_disk": 1}, ["images[0].min_disk"]),
    ("a missing key", {"flavors[0].ram": GONE}, ["flavors[0].ram"]),
    ("a number as text", {"ssh.port": "22"}, ["ssh.port"]),
    ("a truth as number", {"flavors[0].vcpus": True}, ["flavors[0].vcpus"]),
    ("a mapping as list", {"servers": {}}, ["servers"]),
    ("a VLAN that is none", {"networks[0].segment": 4095}, ["networks[0].segment"]),
    ("a port that is none", {"servers[0].ingress[1].port": 0}, ["servers[0].ingress[1].port"]),
    ("a network without length", {"networks[1].cidr": "10.0.0.0"}, ["networks[1].cidr"]),
    ("an address that is none", {"controller.host": "node1"}, ["controller.host"]),
    ("a word that is not among some", {"images[0].diskFormat": "q"}, ["images[0].diskFormat"]),
    ("a name that is no host's", {"servers[1].name": "db_1"}, ["servers[1].name"]),
    ("a key encrypted for no reason", {"servers[0].name": ENCRYPTED}, ["servers[0].name"]),
    (
        "two at once",
        {"region": "a b", "projects[0].quota.ram": 0},
        ["region", "projects[0].quota.ram"],
    ),
)


@pytest.mark.parametrize(
    ("change", "places"), [row[1:] for row in WRONG], ids=[row[0] for row in WRONG]
)
def test_what_is_wrong_is_underlined(change: Change, places: list[str], tmp_path: Path) -> None:
    config = good_config(tmp_path) | {"secret": ENCRYPTED}
    assert in_stack(changed(config, change, tmp_path)) == places


def test_encrypted_user_data_is_not_underlined(tmp_path: Path) -> None:
    config = good_config(tmp_path) | {"secret": ENCRYPTED}
    assert in_stack(changed(config, {"servers[0].userData": ENCRYPTED}, tmp_path)) == []


@pytest.mark.parametrize(
    ("old", "new", "places"),
    [
        ("", "", []),
        ("project:\n", "project:\n  name: Ops & more\n", []),
        (OPS, "{}", []),
        (OPS, "[]", [""]),
        (OPS, "flavors: []", ["flavors"]),
        (OPS, "server: []", ["server"]),
        ("/24}", "/24, shared: true}", ["networks[0].shared"]),
        ("/24}", "/24, project: web}", ["networks[0].project"]),
        ("- name: ops1", "- name: ops1\n    project: web", ["servers[0].project"]),
        ("    flavor: tiny\n", "", ["servers[0].flavor"]),
        ("cores: 1", "cores: one", ["project.quota.cores"]),
    ],
)
def test_a_tenants_file_is_underlined_too(old: str, new: str, places: list[str]) -> None:
    content = yaml.safe_load(OPS.replace(old, new, 1))
    assert list(wrong(TENANT, content)) == places
