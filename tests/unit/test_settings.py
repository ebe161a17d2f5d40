"""What the settings promise as a whole: a good config is read, and all mistakes are named."""

import json
from importlib import import_module
from ipaddress import IPv4Address, IPv4Network
from pathlib import Path

import pulumi
import pytest
import yaml
from pydantic import ValidationError

from components.settings import (
    ImageSettings,
    NetworkSettings,
    NodeSettings,
    ProjectSettings,
    QuotaSettings,
    ServerSettings,
    Settings,
    SettingsError,
    TenantStackSettings,
    from_pulumi,
    load,
)
from tests.unit.configs import GONE, SERVER, Change, changed, problems
from tests.unit.examples import SECRET, as_pulumi, good_config, public_key, qcow2

ROOT = Path(__file__).parents[2]


def test_a_good_config_is_read(tmp_path: Path) -> None:
    settings = load(as_pulumi(good_config(tmp_path)))
    assert settings.region == "RegionOne"
    assert settings.controller.host == IPv4Address("192.168.100.10")
    assert settings.controller.host_key == public_key("controller")
    assert [node.name for node in settings.other_computes] == ["compute", "compute2"]
    assert [node.interface_name for node in settings.other_computes] == [None, "enp2s0"]
    assert settings.secret.get_secret_value() == SECRET
    assert settings.projects[0].quota == QuotaSettings(instances=2, cores=2, ram=512)
    assert settings.networks[0].cidr == IPv4Network("10.101.0.0/24")
    assert settings.networks[1].gateway is None
    assert settings.flavors[1].projects == ("db",)
    assert settings.servers[0].ingress[1].port == 22
    assert settings.servers[0].key == public_key("web1")
    assert settings.servers[1].key == public_key("db1")
    assert settings.images[0].digest == settings.images[0].sha256


def test_what_is_left_out_has_a_default(tmp_path: Path) -> None:
    good = good_config(tmp_path)
    least = {key: good[key] for key in ("controller", "secret")}
    settings = load(as_pulumi(least))
    assert (settings.region, settings.ssh.user, settings.ssh.port) == ("RegionOne", "root", 22)
    assert settings.ssh.private_key_file is None
    assert (settings.provider.minvlan, settings.provider.maxvlan) == (100, 201)
    assert settings.provider.physical_name == "provider"
    assert settings.provider.interface_name == "ens33"
    assert settings.servers == ()
    assert settings.allow_deletion.controller is False
    image = ImageSettings(name="guest", file=Path("guest"))
    assert (image.min_disk, image.min_ram, image.disk_format) == (0, 0, "qcow2")
    assert image.replace_servers is False
    assert ProjectSettings(name="web").description == ""


def test_each_promise_has_a_name_of_its_own() -> None:
    """In the tables of all these files together."""
    files = sorted(Path(__file__).parent.glob("test_settings_*.py"))
    modules = [import_module(f"tests.unit.{file.stem}") for file in files]
    for table in ("CASES", "ALLOWED"):
        promises = [case[0] for module in modules for case in getattr(module, table, ())]
        assert promises
        assert len(set(promises)) == len(promises)


def test_all_is_said_at_once_and_in_order(tmp_path: Path) -> None:
    change: Change = {
        "foo": 1,
        "servers[1].network": "nowhere",
        "servers[0].project": 7,
        "networks[1].segment": 250,
        "networks[0].gateway": "10.99.0.1",
        "networks[0].pool.start": "10.99.0.2",
        "networks[0].dns": "x",
        "projects[2]": {"name": "db"},
        "controller.host": "here",
        "controller.user": "root",
        "ssh.port": "22",
        "region": "Region One",
        "secret": GONE,
    }
    lines = problems(as_pulumi(changed(good_config(tmp_path), change, tmp_path)))
    assert [line.split(": ")[0] for line in lines] == [
        "region",
        "ssh.port",
        "controller.host",
        "controller.user",
        "secret",
        "projects[2].name",
        "networks[0].gateway",
        "networks[0].pool.start",
        "networks[0].dns",
        "networks[1].segment",
        "servers[0].project",
        "servers[1].network",
        "foo",
    ]


@pytest.mark.parametrize(
    ("change", "count"), [({"foo": 1}, "a problem"), ({"foo": 1, "ssh.port": 0}, "2 problems")]
)
def test_the_first_line_counts_the_problems(change: Change, count: str, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=f"^The settings have {count}; nothing was changed:\n"):
        load(as_pulumi(changed(good_config(tmp_path), change, tmp_path)))


def test_a_broken_field_hides_no_other_of_its_entry(tmp_path: Path) -> None:
    change: Change = {
        "controller": {},
        "networks[1]": {"segment": 250, "cidr": "10.101.0.0/25", "project": "x", "dns": 5},
        "servers[0].address": 5,
        "servers[0].image": "geust",
        "servers[0].publicKeyFile": "nothing",
        "servers[0].ingress[0].port": 1,
        "servers[0].ingress[1].port": "22",
        "servers[0].foo": 1,
        "servers[1].network": "front",
    }
    lines = problems(as_pulumi(changed(good_config(tmp_path), change, tmp_path)))
    assert [line.split(": ")[0] for line in lines] == [
        "controller.name",
        "controller.host",
        "controller.hostKey",
        "networks[1].name",
        "networks[1].segment",
        "networks[1].cidr",
        "networks[1].dns",
        "networks[1].project",
        "servers[0].image",
        "servers[0].address",
        "servers[0].publicKeyFile",
        "servers[0].ingress[1].port",
        "servers[0].foo",
    ]


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"images[0].name": "a\nb"}, "images[0].name"),
        ({"images[0].name": GONE}, "images[0].name"),
        ({"images[0].minRam": "x"}, "images[0].minRam"),
        ({"images": "x"}, "images"),
        ({"flavors": {}}, "flavors"),
        ({"provider.minvlan": "x", "networks[0].segment": 4000}, "provider.minvlan"),
        ({"computes": "x"}, "computes"),
        ({"networks[0].cidr": "x"}, "networks[0].cidr"),
    ],
)
def test_what_depends_on_a_mistake_is_no_mistake(
    change: Change, place: str, tmp_path: Path
) -> None:
    lines = problems(as_pulumi(changed(good_config(tmp_path), change, tmp_path)))
    missing = [line for line in lines if not line.startswith("servers")]
    assert [line.split(": ")[0] for line in missing] == [place]
    assert missing == lines


def test_other_namespaces_are_not_ours(tmp_path: Path) -> None:
    assert load(as_pulumi(good_config(tmp_path)) | {"openstack:region": "x", "region": "y"})


def test_pulumi_prints_it_without_a_traceback() -> None:
    assert issubclass(SettingsError, pulumi.RunError)


def test_the_running_programs_config_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both as the engine gives it and as mocks do, with unknown keys and what is encrypted."""
    config = as_pulumi(good_config(tmp_path))
    pulumi.runtime.set_all_config({}, [])
    monkeypatch.setenv("PULUMI_CONFIG", json.dumps(config))
    monkeypatch.setenv("PULUMI_CONFIG_SECRET_KEYS", '["iaas:secret"]')
    assert from_pulumi() == (load(config), None)
    monkeypatch.setenv("PULUMI_CONFIG_SECRET_KEYS", "[]")
    with pytest.raises(SettingsError, match="iaas:secret: is stored in clear"):
        from_pulumi()
    monkeypatch.delenv("PULUMI_CONFIG")
    monkeypatch.delenv("PULUMI_CONFIG_SECRET_KEYS")
    try:
        pulumi.runtime.set_all_config(config, ["iaas:secret"])
        assert from_pulumi() == (load(config), None)
        pulumi.runtime.set_all_config(config | {"iaas:foo": "1"}, ["iaas:secret"])
        with pytest.raises(SettingsError, match="iaas:foo: is no known key"):
            from_pulumi()
    finally:
        pulumi.runtime.set_all_config({}, [])


def test_the_schema_has_each_key_with_a_default() -> None:
    """Pulumi would demand a key without one before the program can say all that is missing."""
    schema = yaml.safe_load((ROOT / "Pulumi.yaml").read_text())["config"]
    fields = {field.alias: field for field in Settings.model_fields.values()}
    of_a_tenants_stack = list(TenantStackSettings.model_fields)
    keys = [key.removeprefix("iaas:") for key in schema]
    assert keys == [*fields, *of_a_tenants_stack]
    assert all(entry["description"] and "default" in entry for entry in schema.values())
    assert schema["region"]["default"] == fields["region"].default


def test_the_dev_stack_needs_only_what_a_machine_has(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = (ROOT / "Pulumi.dev.yaml").read_text()
    config = {k.removeprefix("iaas:"): v for k, v in yaml.safe_load(text)["config"].items()}
    monkeypatch.chdir(tmp_path)
    lines = problems(as_pulumi(config))
    assert [line.split(": ")[0] for line in lines] == [
        "controller.hostKey",
        "computes[0].hostKey",
        "computes[1].hostKey",
        "secret",
        "images[0].file",
        *(f"servers[{i}].publicKeyFile" for i in range(5)),
    ]
    (tmp_path / ".lab/ssh").mkdir(parents=True)
    (tmp_path / ".lab/guest.qcow2").write_bytes(qcow2())
    for name in ("web1", "web2", "db1", "app1", "vault1"):
        (tmp_path / f".lab/ssh/{name}.pub").write_text(public_key(name) + "\n")
    nodes = ("controller", "computes[0]", "computes[1]")
    own = {f"{node}.hostKey": public_key(node) for node in nodes}
    settings = load(as_pulumi(changed(config, {**own, "secret": SECRET}, tmp_path)))
    assert [(server.name, server.project) for server in settings.servers] == [
        ("web1", "web"),
        ("web2", "web"),
        ("db1", "db"),
        ("app1", "web"),
        ("vault1", "db"),
    ]
    assert [network.segment for network in settings.networks] == [101, 150, None, None]


def test_a_users_own_program_meets_the_same_rules() -> None:
    node = NodeSettings(
        name="node", host=IPv4Address("10.0.0.1"), check_host_key=False, interface_name="eth1"
    )
    assert node.interface_name == "eth1"
    with pytest.raises(ValidationError, match="hostKey: is missing"):
        NodeSettings(name="node", host=IPv4Address("10.0.0.1"))
    with pytest.raises(ValidationError, match="give exactly one of `shared: true` and `project`"):
        NetworkSettings(name="n", segment=1, cidr=IPv4Network("10.0.0.0/24"))
    with pytest.raises(ValidationError) as caught:
        ServerSettings.model_validate(SERVER | {"publicKey": "hunter2"})
    assert "hunter2" not in str(caught.value), "it may be a secret"
    with pytest.raises(ValidationError, match="frozen"):
        node.name = "other"  # type: ignore[misc]
