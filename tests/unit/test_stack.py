"""A tenant's stack: one tenant's servers, in a cloud that another stack makes."""

from collections.abc import Iterator, Mapping
from pathlib import Path

import pulumi
import pytest
import yaml

from components.passwords import Passwords
from components.settings import SettingsError, TenantStackSettings, from_pulumi
from tests.unit.configs import GONE, Change, changed
from tests.unit.examples import SECRET, as_pulumi, good_config
from tests.unit.mocks import ROOT, Deployment, Secret, deploy, fresh, main

PASSWORDS = Passwords(SECRET)
PASSWORD = PASSWORDS.plain("project db")
OWN = {"cloud": "prod", "tenant": "db", "password": PASSWORD}
ENCRYPTED = {"secure": "v1:abc"}


@pytest.fixture(autouse=True)
def _in_the_project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The cloud's file is in the project's folder; no config is left behind."""
    monkeypatch.chdir(tmp_path)
    yield
    pulumi.runtime.set_all_config({}, [])


def cloud_file(change: Change | None = None) -> dict[str, object]:
    """Write Pulumi.prod.yaml, the good config with the servers in stacks of their own."""
    config = changed(good_config(Path.cwd()) | {"tenantStacks": True}, change or {}, Path.cwd())
    content = {f"iaas:{key}": value for key, value in config.items()}
    content["iaas:secret"] = ENCRYPTED
    Path("Pulumi.prod.yaml").write_text(yaml.safe_dump({"config": content}))
    return config


def problems(own: Mapping[str, object], encrypted: str = "password") -> str:
    """Return what is said of a tenant's config."""
    pulumi.runtime.set_all_config(as_pulumi(own), [f"iaas:{key}" for key in encrypted.split()])
    with pytest.raises(SettingsError) as caught:
        from_pulumi()
    return str(caught.value)


@pytest.mark.parametrize(
    ("own", "change", "words"),
    [
        pytest.param(
            OWN | {"cloud": "prd"},
            {},
            "iaas:cloud: there is no Pulumi.prd.yaml; did you mean prod?",
            id="no such cloud",
        ),
        pytest.param(
            OWN | {"tenant": "dbs"},
            {},
            "iaas:tenant: 'dbs' is no project; did you mean db?",
            id="no such tenant",
        ),
        pytest.param(
            OWN | {"tenant": ""}, {}, "iaas:tenant: is missing: the project", id="no tenant"
        ),
        pytest.param(
            OWN | {"password": ""},
            {},
            "iaas:password: is missing: the password of the project's user: docs/tenants.md says",
            id="no password",
        ),
        pytest.param(
            OWN | {"password": SECRET},
            {},
            "iaas:password: is not a password of the cloud's: 40 hexadecimal digits",
            id="what is no password",
        ),
        pytest.param(
            OWN | {"region": "Region2"},
            {},
            "iaas:region: is not for a tenant's stack; it belongs into Pulumi.prod.yaml",
            id="a setting of the cloud's",
        ),
        pytest.param(
            OWN,
            {"tenantStacks": GONE},
            "iaas:cloud: Pulumi.prod.yaml must have iaas:tenantStacks: true",
            id="a cloud with its servers in its own stack",
        ),
        pytest.param(
            OWN,
            {"servers[0].userData": ENCRYPTED},
            "iaas:servers[0].userData: is encrypted in Pulumi.prod.yaml, so no tenant's stack can",
            id="a value encrypted for the cloud's stack",
        ),
        pytest.param(
            OWN,
            {"servers[0].flavor": "tny"},
            "Pulumi.prod.yaml: The settings have a problem; nothing was changed:\n  iaas:servers[0]"
            ".flavor: ",
            id="a mistake in the cloud's file",
        ),
    ],
)
def test_a_wrong_tenants_stack_is_refused(
    own: Mapping[str, object], change: Change, words: str
) -> None:
    cloud_file(change)
    assert words in problems(own)


def test_all_that_is_wrong_in_a_tenants_stack_is_said_at_once() -> None:
    cloud_file()
    said = problems({"cloud": "prod", "networks": [{"name": "x"}]})
    lines = said.split("\n")[1:]
    wrong = ["  iaas:networks", "  iaas:tenant", "  iaas:password"]
    assert [line.split(": ")[0] for line in lines] == wrong


@pytest.mark.parametrize(
    ("encrypted", "words"),
    [
        ("", "iaas:password: is stored in clear; set it with `pulumi config set --secret passw"),
        ("password tenant", "iaas:tenant: is encrypted, but names cannot be secret; store it in"),
    ],
)
def test_just_the_password_is_encrypted(encrypted: str, words: str) -> None:
    cloud_file()
    said = problems(OWN, encrypted)
    assert words in said
    assert PASSWORD not in said


def test_a_tenants_stack_may_have_what_pulumi_puts_into_each() -> None:
    """Pulumi gives a program the default of every key that a stack's file does not have."""
    schema = yaml.safe_load((ROOT / "Pulumi.yaml").read_text())["config"]
    defaults = {key.removeprefix("iaas:"): entry["default"] for key, entry in schema.items()}
    cloud_file()
    pulumi.runtime.set_all_config(as_pulumi(defaults | OWN), ["iaas:password"])
    settings, part = from_pulumi()
    assert [server.name for server in settings.servers] == ["db1"]
    assert part == TenantStackSettings.model_validate(OWN)


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"[", id="no YAML"),
        pytest.param(b"\xff", id="no text"),
        pytest.param(b"config: all", id="a text as config"),
        pytest.param(b"config:", id="nothing as config"),
        pytest.param(b"{}", id="no config"),
        pytest.param(None, id="a folder"),
    ],
)
def test_a_clouds_file_that_cannot_be_read_is_named(content: bytes | None) -> None:
    file = Path("Pulumi.prod.yaml")
    if content is None:
        file.mkdir()
    else:
        file.write_bytes(content)
    assert "Pulumi.prod.yaml can't be read: " in problems(OWN)


MADE: Mapping[str, Mapping[str, object]] = {
    "projects": {"web": "id-web", "db": "id-db"},
    "images": {"guest": "id-guest", "other": "id-other"},
    "networks": {"front": "id-front", "data": "id-data"},
    "subnets": {"front": "sub-front", "data": "sub-data"},
    "flavors": {"tiny": "id-tiny", "small": "id-small"},
    "logins": {"db": Passwords(PASSWORD).fingerprint()},
}
OUTPUTS: Mapping[str, object] = {"made": MADE, "ca": "PEM"}


def tenants(
    outputs: Mapping[str, object], preview: bool = False, change: Change | None = None
) -> Deployment:
    """Return what the stack of the tenant db registers beside a cloud with these outputs."""
    cloud_file(change)
    return deploy(main, OWN, preview, {"prod": outputs}, ["password"])


@pytest.mark.parametrize("preview", [False, True])
def test_a_tenants_stack_has_its_servers_and_nothing_else(preview: bool) -> None:
    deployed = tenants(OUTPUTS, preview)
    server = [f"server-db1{part}" for part in ("", "-group", "-key", "-port", "-server")]
    assert sorted(deployed.names()) == sorted(["project-db-provider", *server])
    port = deployed.named("server-db1-port").inputs
    assert (port["networkId"], port["tenantId"]) == ("id-data", "id-db")
    assert port["fixedIps"][0]["subnetId"] == "sub-data"
    own = deployed.named("server-db1-server")
    assert (own.inputs["imageId"], own.inputs["flavorId"]) == ("id-other", "id-small")


def test_a_tenants_stack_has_its_projects_groups_by_its_own_user() -> None:
    groups = [{"name": "ours", "project": "db"}, {"name": "theirs", "project": "web"}]
    change: Change = {"securityGroups": groups, "servers[1].securityGroups": ["ours"]}
    deployed = tenants(OUTPUTS, change=change)
    assert deployed.names("SecurityGroup") == ["group-ours"]
    assert deployed.named("group-ours-group").provider == "project-db-provider"
    ids = ["id of server-db1-group", "id of group-ours-group"]
    assert deployed.named("server-db1-port").inputs["securityGroupIds"] == ids


def test_a_tenants_stack_logs_in_as_its_projects_user_and_nobody_else() -> None:
    deployed = tenants(OUTPUTS)
    (login,) = [r for r in deployed if r.type.startswith("pulumi:providers:")]
    assert (login.inputs["userName"], login.inputs["tenantName"]) == ("db", "db")
    assert login.inputs["password"] == Secret(PASSWORD)
    assert login.inputs["authUrl"] == "https://192.168.100.10:5000/v3"
    assert login.inputs["cacertFile"] == "PEM"
    made = [r for r in deployed if r.type.startswith("openstack:")]
    assert {r.provider for r in made} == {login.name}


def test_a_tenants_stack_asks_the_clouds_public_name_without_its_certificates_files() -> None:
    files = {"certificateFile": "gone.pem", "keyFile": "gone.key"}
    deployed = tenants(OUTPUTS, change={"tls": {"publicName": "cloud.example.org", **files}})
    (login,) = [r for r in deployed if r.type.startswith("pulumi:providers:")]
    assert login.inputs["authUrl"] == "https://cloud.example.org:5000/v3"


@pytest.mark.parametrize("other", ["ADMIN_PASS", "project web"])
def test_a_password_of_somebody_else_is_refused_in_words(other: str) -> None:
    cloud_file()
    own = OWN | {"password": PASSWORDS.plain(other)}
    with pytest.raises(pulumi.RunError, match="is not the current password of project db"):
        deploy(main, own, True, {"prod": OUTPUTS}, ["password"])


def test_a_tenants_server_is_the_one_that_the_clouds_own_stack_would_make(
    whole: Deployment, config: dict[str, object]
) -> None:
    """By all that the cloud's stack says in its outputs, and the password."""
    deployed = tenants(fresh(config | {"tenantStacks": True}).outputs[""])
    assert len(deployed) == 6
    for resource in deployed:
        assert resource.inputs == whole.named(resource.name).inputs, resource.name


def test_a_tenants_server_has_ipv6_as_the_clouds_own_stack_would_give_it(
    config: dict[str, object],
) -> None:
    ipv6 = {"cidr": "fd00:150::/64", "mode": "dhcpv6-stateful"}
    change: Change = {"networks[1].ipv6": ipv6, "servers[1].address6": "fd00:150::9"}
    whole = deploy(main, changed(config, change, Path.cwd()))
    made = deploy(main, changed(config | {"tenantStacks": True}, change, Path.cwd()))
    deployed = tenants(made.outputs[""], change=change)
    port = deployed.named("server-db1-port").inputs
    assert port["fixedIps"][1]["subnetId"] == "id of network-data-subnet6"
    assert port == whole.named("server-db1-port").inputs


def test_a_tenants_stack_does_not_warn_of_what_the_cloud_may_delete(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Its people cannot take it out of the cloud's file."""
    said: list[str] = []
    monkeypatch.setattr(pulumi.log, "warn", said.append)
    cloud_file({"allowDeletion": {"controller": True}})
    deploy(main, OWN, stacks={"prod": OUTPUTS}, encrypted=["password"])
    assert said == []


@pytest.mark.parametrize("missing", ["made", "projects", "subnets", "logins", "ca"])
def test_a_cloud_that_is_not_made_yet_is_named(missing: str) -> None:
    made = {name: value for name, value in MADE.items() if name != missing}
    outputs: dict[str, object] = {"made": made, "ca": "PEM"}
    outputs.pop(missing, None)
    with pytest.raises(pulumi.RunError, match=r"run `pulumi up --stack prod` first"):
        tenants(outputs)


def test_a_cloud_with_tenants_stacks_has_no_server_and_no_tenants_login(
    config: dict[str, object],
) -> None:
    """Each login of its own is a process of its own, in every run."""
    deployed = fresh(config | {"tenantStacks": True})
    assert not [n for n in deployed.names() if n.startswith("server-") or n.endswith("-provider")]
    outputs = deployed.outputs[""]
    assert set(outputs) == {"authUrl", "region", "ca", "made"}
    assert outputs["made"]["networks"]["front"] == "id of network-front-network"


def test_a_cloud_with_tenants_stacks_puts_out_no_password(config: dict[str, object]) -> None:
    """Who may read an output of a stack reads all of them."""
    outputs = str(fresh(config | {"tenantStacks": True}).outputs[""])
    assert "Secret(" not in outputs
    names = ("ADMIN_PASS", "project web", "project db")
    assert not [name for name in names if PASSWORDS.plain(name) in outputs]
