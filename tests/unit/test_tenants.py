"""What tenants' files promise: they say the same as the stack's config, and no more than theirs."""

from pathlib import Path

import pytest

from components.settings import Settings, load
from tests.unit.configs import GONE, Change
from tests.unit.examples import as_pulumi, good_config
from tests.unit.mocks import Registration, deploy, main
from tests.unit.tenants import OPS, SHORT, Files, config_of, moved

pytestmark = pytest.mark.usefixtures("in_the_folder")


def by_name(settings: Settings) -> dict[str, dict[object, object]]:
    """Return what there is without its order."""
    sections = ("projects", "networks", "servers", "images", "flavors")
    return {key: {e.name: e for e in getattr(settings, key)} for key in sections}


@pytest.mark.parametrize("names", [("web.yaml", "db.yaml"), ("b.yaml", "a.yaml"), ("1.yaml", "2")])
def test_a_file_says_the_same_as_the_stack(names: tuple[str, str], tmp_path: Path) -> None:
    """In whatever order; one of the tenants may stay in the stack."""
    given = {
        tenant: file
        for tenant, file in zip(("web", "db"), names, strict=True)
        if file.endswith(".yaml")
    }
    config, files = moved(good_config(tmp_path), given)
    change: Change = {key: config[key] for key in ("projects", "networks", "servers")}
    settings = load(config_of(tmp_path, files, change))
    assert by_name(settings) == by_name(load(as_pulumi(good_config(tmp_path))))


def test_the_order_of_files_changes_nothing_that_is_registered(tmp_path: Path) -> None:
    def registered(names: Files) -> dict[str, Registration]:
        for old in (tmp_path / "tenants").glob("*"):
            old.unlink()
        config, files = moved(good_config(tmp_path), names)
        config_of(tmp_path, files)
        made = deploy(main, {**config, "tenants": "tenants"})
        return {resource.urn: resource for resource in made}

    inputs = registered({"web": "a.yaml", "db": "b.yaml"})
    assert inputs == registered({"web": "b.yaml", "db": "a.yaml"})
    assert inputs == registered({})


def test_the_file_names_the_project(tmp_path: Path) -> None:
    files = {"ops.yaml": OPS, "b.yaml": "project: {name: Ops & more}", "empty.yaml": "{}"}
    settings = load(config_of(tmp_path, files))
    names = [project.name for project in settings.projects]
    assert names == ["web", "db", "Ops & more", "empty", "ops"]
    assert [n.project for n in settings.networks if n.name == "watch"] == ["ops"]
    assert [s.project for s in settings.servers if s.name == "ops1"] == ["ops"]


def test_all_tenants_may_be_in_files(tmp_path: Path) -> None:
    none: Change = {"projects": GONE, "networks": GONE, "servers": GONE, "flavors[1]": GONE}
    settings = load(config_of(tmp_path, {"ops.yaml": OPS}, none))
    assert [project.name for project in settings.projects] == ["ops"]
    assert [network.name for network in settings.networks] == ["watch"]
    assert [server.name for server in settings.servers] == ["ops1"]


def test_each_stack_has_its_own_folder(tmp_path: Path) -> None:
    config = config_of(tmp_path, {"ops.yaml": OPS})
    (tmp_path / "prod").mkdir()
    (tmp_path / "prod/shop.yaml").write_text("{}")
    assert load(config | {"iaas:tenants": "prod"}).projects[-1].name == "shop"
    for none in ({"iaas:tenants": ""}, {}):  # as Pulumi gives its schema's default
        config.pop("iaas:tenants")
        assert [project.name for project in load(config | none).projects] == ["web", "db"]
        config["iaas:tenants"] = ""


def test_what_is_no_tenants_file_is_left_alone(tmp_path: Path) -> None:
    files = {"README.md": "# us", ".web.yaml.swp": "x", ".#web.yaml": "x", "OWNERS": "x"}
    assert len(load(config_of(tmp_path, files)).projects) == 2


def test_servers_may_share_their_keys(tmp_path: Path) -> None:
    """YAML's own way, and no key given twice."""
    text = f"servers:\n  - &first {SHORT}\n  - {{<<: *first, name: ops2}}\n"
    settings = load(config_of(tmp_path, {"ops.yaml": text}))
    assert [server.name for server in settings.servers[-2:]] == ["ops1", "ops2"]
