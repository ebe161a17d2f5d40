"""Components for any language: they make what the settings make, and say what they take."""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

import pytest
import yaml
from pulumi.provider.experimental.component import ComponentProvider

from components.any_language import Nodes
from components.arguments import NodesArgs
from components.settings import SettingsError
from components.settings.generate.arguments import KEYS
from tests.unit.examples import SECRET, good_config
from tests.unit.mocks import Deployment, Secret, deploy
from tests.unit.test_package import VERSION

ROOT = Path(__file__).parents[2]
SCHEMA = ROOT / "plugin/schema.json"


def arguments(config: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the part of a config that makes nodes."""
    return {key: config[key] for key in KEYS if key in config}


def made(given: Mapping[str, Any], encrypted: bool = True) -> Deployment:
    """Return what a component of these arguments registers."""
    args = cast(NodesArgs, given)
    secret = ["secret"] if encrypted else []
    return deploy(lambda: Nodes("site", args), {"secret": SECRET}, encrypted=secret, project="shop")


@pytest.fixture(scope="module")
def site(files: Path) -> Deployment:
    """What a component with the nodes of the good config registers."""
    return made(as_engines_say_it(arguments(good_config(files))))


def as_engines_say_it(value: Any) -> Any:  # noqa: ANN401
    """Return a value with each number as an engine gives it."""
    if isinstance(value, dict):
        return {key: as_engines_say_it(item) for key, item in value.items()}
    if isinstance(value, list):
        return [as_engines_say_it(item) for item in value]
    return float(value) if isinstance(value, int) and not isinstance(value, bool) else value


def test_the_nodes_are_those_of_the_settings(whole: Deployment, site: Deployment) -> None:
    assert {name: r.inputs for name, r in site.commands().items()} == {
        name: r.inputs for name, r in whole.commands().items()
    }
    assert site.named("controller").parent == "site"


def test_it_puts_out_what_a_login_needs(site: Deployment) -> None:
    out = site.outputs["site"]
    assert out["authUrl"] == "https://192.168.100.10:5000/v3"
    assert isinstance(out["adminPassword"], Secret)
    assert out.keys() == {"authUrl", "ca", "region", "adminPassword", "memberRoleId"}


@pytest.mark.parametrize(
    ("change", "encrypted", "said"),
    [
        ({"provider": {"minvlan": 300}}, True, "site:provider.minvlan: 300 is above maxvlan 201"),
        ({"computes": [{"host": "10.0.0.1"}]}, True, "site:computes[0].name: is missing"),
        ({}, False, "site:secret: is stored in clear"),
    ],
)
def test_wrong_arguments_are_refused_before_anything_is_registered(
    change: Mapping[str, Any], encrypted: bool, said: str, config: dict[str, object]
) -> None:
    with pytest.raises(SettingsError) as caught:
        made({**arguments(config), **change}, encrypted)
    assert said in str(caught.value)


def test_the_schema_is_that_of_the_components() -> None:
    schema = json.loads(ComponentProvider([Nodes], "iaas", version=VERSION).schema or "")
    text = json.dumps(schema, indent=2, ensure_ascii=False) + "\n"
    if os.environ.get("GOLDEN") == "update":
        SCHEMA.write_text(text)
    assert SCHEMA.read_text() == text, "run this with GOLDEN=update, and read the diff"


def test_the_plugin_requires_the_version_that_it_is_of() -> None:
    assert (ROOT / "plugin/requirements.txt").read_text() == f"iaas=={VERSION}\n"
    assert f"iaas-{VERSION}-py3-none-any.whl" in (ROOT / "examples/yaml/README.md").read_text()


def test_the_program_in_yaml_is_as_the_schema_says() -> None:
    schema = json.loads(SCHEMA.read_text())
    component = schema["resources"]["iaas:index:Nodes"]
    text = (ROOT / "examples/yaml/Pulumi.yaml").read_text()
    given = yaml.safe_load(text)["resources"]["nodes"]["properties"]
    assert component["requiredInputs"] == ["controller"]
    assert "controller" in given and given.keys() <= component["inputProperties"].keys()
    used = {part.split("}")[0] for part in text.split("${nodes.")[1:]}
    assert used and used <= component["properties"].keys()
    assert made(given).named("compute-nova-compute")
