"""What the cloud's components promise: each from its settings alone, in whose name, with care."""

import asyncio
import hashlib
import json
import socket
from collections.abc import Callable, Coroutine, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import IPv4Address, IPv4Network
from pathlib import Path
from threading import Thread
from typing import Any, NamedTuple, cast
from urllib.error import HTTPError

import pulumi
import pytest

from components.cloud import Cloud, Flavor, Image, Project, ProviderNetwork, Server
from components.cloud.image import _download
from components.passwords import Passwords
from components.settings import (
    FlavorSettings,
    ImageSettings,
    IngressSettings,
    NetworkSettings,
    PoolSettings,
    ProjectSettings,
    QuotaSettings,
    ServerSettings,
)
from components.settings.fields import DiskFormat
from tests.unit.examples import SECRET, public_key, qcow2
from tests.unit.mocks import Deployment, Secret, deploy

PASSWORDS = Passwords(SECRET)
URL = "http://10.0.0.1:5000/v3"
CONTENT = qcow2()
DIGEST = hashlib.sha256(CONTENT).hexdigest()


def cloud(url: str = URL) -> Cloud:
    """Return a cloud that is there already."""
    return Cloud("there", url, "Region2", PASSWORDS, "role of members")


class Parts(NamedTuple):
    """What a server needs."""

    project: Project
    image: Image
    flavor: Flavor
    network: ProviderNetwork


IMAGE = ImageSettings(name="guest", url="http://127.0.0.1/guest", sha256=DIGEST)
NETWORK = NetworkSettings(name="front", segment=7, cidr=IPv4Network("10.7.0.0/24"), shared=True)
SERVER = ServerSettings(
    name="www",
    project="web",
    image="guest",
    flavor="tiny",
    network="front",
    address=IPv4Address("10.7.0.9"),
    public_key=public_key("www"),
    ingress=(
        IngressSettings(protocol="tcp", port=22, cidr=IPv4Network("10.0.0.0/8")),
        IngressSettings(protocol="icmp", cidr=IPv4Network("0.0.0.0/0")),
    ),
    user_data="#cloud-config\n",
)


PROJECT = ProjectSettings(name="web", description="What faces the users")
FLAVOR = FlavorSettings(name="tiny", vcpus=1, ram=256, disk=2, public=False, projects=("web",))


def parts(image: ImageSettings = IMAGE, url: str = URL) -> Parts:
    """Make what a server needs, by hand."""
    there = cloud(url)
    project = Project("p", PROJECT, there)
    return Parts(
        project,
        Image("i", image, there),
        Flavor("f", FLAVOR, there, {"web": project}),
        ProviderNetwork("n", NETWORK, "wire", there),
    )


def serve(settings: ServerSettings = SERVER, image: ImageSettings = IMAGE) -> Callable[[], object]:
    """Return a program of somebody else: a server in a cloud that is there."""
    return lambda: Server("s", settings, *parts(image))


@pytest.fixture(scope="module")
def served() -> Deployment:
    """What that program registers."""
    return deploy(serve())


def test_a_cloud_that_is_there_needs_no_node(served: Deployment) -> None:
    assert served.commands() == {}
    assert served.named("there-admin").after == set()
    assert served.outputs["there"] == {"authUrl": URL, "region": "Region2"}


@pytest.mark.parametrize(
    ("name", "user", "password"),
    [("there-admin", "admin", "ADMIN_PASS"), ("p-provider", "web", "project web")],
)
def test_a_provider_is_known_before_the_cloud_is_there(name: str, user: str, password: str) -> None:
    """And nothing in the environment of who runs it changes it."""
    assert deploy(serve(), preview=True).named(name).inputs == {
        "authUrl": URL,
        "region": "Region2",
        "userName": user,
        "tenantName": user,
        "password": Secret(PASSWORDS.plain(password)),
        "userDomainName": "Default",
        "projectDomainName": "Default",
        "endpointType": "public",
        "delayedAuth": "true",
        "insecure": "false",
    }


# Those that the provider reads besides what it is given.
OTHER_LOGINS = (
    "OS_CLOUD OS_TOKEN OS_AUTH_TOKEN OS_CACERT OS_CERT OS_KEY"
    " OS_USER_ID OS_USER_DOMAIN_ID OS_DOMAIN_ID OS_DOMAIN_NAME"
    " OS_PROJECT_ID OS_TENANT_ID OS_PROJECT_DOMAIN_ID"
    " OS_APPLICATION_CREDENTIAL_ID OS_APPLICATION_CREDENTIAL_NAME OS_APPLICATION_CREDENTIAL_SECRET"
)


@pytest.mark.parametrize("name", OTHER_LOGINS.split())
def test_a_variable_that_would_change_the_login_is_refused(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, "1")
    with pytest.raises(pulumi.RunError, match=f"unset {name}: .* nothing was changed"):
        deploy(cloud)


def test_other_os_variables_change_nothing(
    monkeypatch: pytest.MonkeyPatch, served: Deployment
) -> None:
    names = ["AUTH_URL", "USERNAME", "PASSWORD", "TENANT_NAME", "PROJECT_NAME", "INSECURE"]
    names += ["PROJECT_DOMAIN_NAME", "USER_DOMAIN_NAME", "REGION_NAME", "ENDPOINT_TYPE"]
    for name in [*names, "DELAYED_AUTH"]:
        monkeypatch.setenv(f"OS_{name}", "1")
    again = deploy(serve())
    for name in served.names():
        assert again.named(name).inputs == served.named(name).inputs, name


def test_a_cloud_that_is_there_may_have_an_admins_password_of_its_own() -> None:
    deployed = deploy(lambda: Cloud("c", URL, "R", PASSWORDS, "role", admin_password="given"))  # noqa: S106
    assert deployed.named("c-admin").inputs["password"] == Secret("given")


UNLIMITED = dict.fromkeys(
    ("floatingip", "port", "router", "securityGroup", "securityGroupRule"), -1
)


@pytest.mark.parametrize(
    ("quota", "expected"),
    [
        (None, {"keyPairs": -1, "instances": 10, "cores": 20, "ram": 51200}),
        (
            QuotaSettings(instances=1, cores=2, ram=3),
            {"keyPairs": -1, "instances": 1, "cores": 2, "ram": 3},
        ),
    ],
    ids=["OpenStack's own", "given"],
)
def test_a_tenant_acts_when_its_user_may_within_its_quota(
    quota: QuotaSettings | None, expected: Mapping[str, int]
) -> None:
    """What limits it is its servers, not what each server brings along."""
    web = ProjectSettings(name="web", quota=quota)
    deployed = deploy(lambda: Project("p", web, cloud()).provider)
    assert deployed.named("p-provider").after == {"p-member", "p-quota", "p-network-quota"}
    project = {"projectId": "id of p-project"}
    assert deployed.named("p-quota").inputs == {**project, **expected}
    assert deployed.named("p-network-quota").inputs == {**project, **UNLIMITED}


def test_a_tenants_user_is_a_member_of_its_project_alone(served: Deployment) -> None:
    assert served.named("p-user").inputs == {
        "name": "web",
        "password": served.named("p-provider").inputs["password"],
        "defaultProjectId": "id of p-project",
    }
    assert served.named("p-member").inputs == {
        "projectId": "id of p-project",
        "userId": "id of p-user",
        "roleId": "role of members",
    }
    assert len(served.names("RoleAssignment")) == 1


@pytest.mark.parametrize(
    ("provider", "names"),
    [
        (
            "p-provider",
            ("s-group", "s-tcp-22-10.0.0.0-8", "s-icmp-0.0.0.0-0", "s-key", "s-server"),
        ),
        # Only the owner of a network may choose an address on it.
        ("there-admin", ("s-port", "n-network", "n-subnet", "i-image", "f-flavor")),
        ("there-admin", ("f/web-access", "p-project", "p-user", "p-member")),
    ],
)
def test_who_makes_what(provider: str, names: tuple[str, ...], served: Deployment) -> None:
    assert {served.named(name).provider for name in names} == {provider}


RULE = {"direction": "ingress", "ethertype": "IPv4", "securityGroupId": "id of s-group"}


@pytest.mark.parametrize(
    ("name", "inputs"),
    [
        ("p-project", {"name": "web", "description": "What faces the users"}),
        (
            "f-flavor",
            {"name": "tiny", "vcpus": 1, "ram": 256, "disk": 2, "isPublic": False},
        ),
        ("f/web-access", {"flavorId": "id of f-flavor", "tenantId": "id of p-project"}),
        (
            "n-network",
            {
                "name": "front",
                "shared": True,
                "external": False,
                "adminStateUp": True,
                "segments": [
                    {"networkType": "vlan", "physicalNetwork": "wire", "segmentationId": 7}
                ],
            },
        ),
        ("s-group", {"name": "www", "description": "What may reach www"}),
        (
            "s-tcp-22-10.0.0.0-8",
            RULE
            | {"protocol": "tcp", "remoteIpPrefix": "10.0.0.0/8"}
            | {"portRangeMin": 22, "portRangeMax": 22},
        ),
        ("s-icmp-0.0.0.0-0", RULE | {"protocol": "icmp", "remoteIpPrefix": "0.0.0.0/0"}),
        ("s-key", {"name": "www", "publicKey": public_key("www")}),
    ],
)
def test_openstack_is_asked_for_what_the_settings_say(
    name: str, inputs: Mapping[str, object], served: Deployment
) -> None:
    assert served.named(name).inputs == inputs


@pytest.mark.parametrize(
    ("name", "outputs"),
    [
        ("p", {"id": "id of p-project", "name": "web"}),
        ("f", {"id": "id of f-flavor"}),
        ("n", {"id": "id of n-network", "subnetId": "id of n-subnet", "segment": 7}),
    ],
)
def test_a_component_says_what_it_made(
    name: str, outputs: Mapping[str, object], served: Deployment
) -> None:
    assert served.outputs[name] == outputs


def test_a_components_options_hold_for_all_of_it() -> None:
    def program() -> None:
        keep = pulumi.ResourceOptions(protect=True)
        there = Cloud("there", URL, "Region2", PASSWORDS, "role", opts=keep)
        project = Project("p", PROJECT, there, keep)
        image = Image("i", IMAGE, there, keep)
        flavor = Flavor("f", FLAVOR, there, {"web": project}, keep)
        network = ProviderNetwork("n", NETWORK, "wire", there, opts=keep)
        Server("s", SERVER, project, image, flavor, network, opts=keep)

    deployed = deploy(program)
    assert len(deployed) > 20
    assert [resource.name for resource in deployed if not resource.protect] == []


def test_everything_is_a_child_of_its_component(served: Deployment) -> None:
    for resource in served:
        if resource.parent:
            assert resource.name.startswith(resource.parent)
        else:
            assert resource.type.startswith("iaas:cloud:")


def test_a_servers_port_belongs_to_its_project(served: Deployment) -> None:
    port = served.named("s-port")
    assert port.inputs == {
        "name": "www",
        "networkId": "id of n-network",
        "tenantId": "id of p-project",
        "adminStateUp": True,
        "fixedIps": [{"subnetId": "id of n-subnet", "ipAddress": "10.7.0.9"}],
        "securityGroupIds": ["id of s-group"],
    }
    assert port.delete_before_replace is True, "no two ports hold one address"


def test_a_server_is_what_its_settings_say(served: Deployment) -> None:
    assert served.named("s-server").inputs == {
        "name": "www",
        "imageId": "id of i-image",
        "flavorId": "id of f-flavor",
        "keyPair": "www",
        "networks": [{"port": "id of s-port"}],
        "userData": Secret("#cloud-config\n"),
    }


def test_user_data_of_a_file_is_what_is_in_it(tmp_path: Path) -> None:
    path = tmp_path / "data"
    path.write_text("#cloud-config\n")
    settings = SERVER.model_copy(update={"user_data": None, "user_data_file": path})
    assert deploy(serve(settings)).named("s-server").inputs["userData"] == Secret("#cloud-config\n")


def test_a_preview_shows_what_a_server_is_of_by_name() -> None:
    assert deploy(serve(), preview=True).named("s").inputs == {
        "flavor": "tiny",
        "image": "guest",
        "network": "front",
        "segment": 7,
    }


def test_a_server_comes_after_all_that_it_needs(served: Deployment) -> None:
    needed = {"s-tcp-22-10.0.0.0-8", "s-icmp-0.0.0.0-0", "s-key", "s-port", "i-image", "f-flavor"}
    assert needed | {"f/web-access", "p-provider"} <= served.before("s-server")


def test_a_server_waits_for_all_of_the_hosts_given() -> None:
    def program() -> None:
        needed = parts()
        host = Flavor(
            "host", FlavorSettings(name="h", vcpus=1, ram=1, disk=1), needed.project.cloud, {}
        )
        Server("s", SERVER, *needed, hosts=[host])

    assert "host-flavor" in deploy(program).named("s-server").after


def test_a_failed_server_is_told_why_and_releases_its_port(served: Deployment) -> None:
    server = served.named("s-server")
    assert server.delete_before_replace is True, "two servers cannot hold one port"
    assert server.hooks == {"on_error": ("s-fault",)}


@pytest.mark.parametrize(
    ("replace", "ignored", "replacing"),
    [(False, ("imageId",), ()), (True, (), ("imageId",))],
    ids=["kept", "replaced"],
)
def test_a_new_content_replaces_servers_only_where_it_says_so(
    replace: bool, ignored: tuple[str, ...], replacing: tuple[str, ...]
) -> None:
    image = IMAGE.model_copy(update={"replace_servers": replace})
    server = deploy(serve(image=image)).named("s-server")
    assert server.ignore_changes == ignored
    assert server.replace_on_changes == replacing
    assert server.replacement_trigger == ["guest"], "the word alone is no reason"


@pytest.mark.parametrize("name", ["s-group", "s-key"])
def test_what_belongs_to_a_project_is_replaced_in_another(name: str, served: Deployment) -> None:
    assert served.named(name).replacement_trigger == "id of p-project"


@pytest.mark.parametrize(
    ("name", "deleted_first"),
    [
        ("n-network", True),
        ("s-tcp-22-10.0.0.0-8", True),
        ("s-icmp-0.0.0.0-0", True),
        ("i-image", False),
    ],
)
def test_what_cannot_be_there_twice_is_deleted_first(
    name: str, deleted_first: bool, served: Deployment
) -> None:
    assert served.named(name).delete_before_replace is deleted_first


def test_another_segment_is_another_network(served: Deployment) -> None:
    network = served.named("n-network")
    assert network.replace_on_changes == ("segments",)


def test_a_network_that_becomes_one_for_all_is_another_one() -> None:
    """Neutron would leave it to its old owner."""
    own = NETWORK.model_copy(update={"shared": False, "project": "web"})

    def program() -> None:
        there = cloud()
        ProviderNetwork("n", NETWORK, "wire", there)
        ProviderNetwork("m", own, "wire", there, Project("p", ProjectSettings(name="web"), there))

    deployed = deploy(program)
    triggers = [deployed.named(f"{name}-network").replacement_trigger for name in "nm"]
    assert triggers == ["shared", "owned"]


def pools(*ends: tuple[str, str]) -> dict[str, object]:
    """Return what Neutron is asked to give out."""
    return {"allocationPools": [{"start": start, "end": end} for start, end in ends]}


ALL = pools(("10.7.0.1", "10.7.0.254"))


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        pytest.param({}, {"noGateway": True, **ALL}, id="alone on its VLAN"),
        pytest.param(
            {"gateway": IPv4Address("10.7.0.1")},
            {"gatewayIp": "10.7.0.1", **pools(("10.7.0.2", "10.7.0.254"))},
            id="with a router",
        ),
        pytest.param(
            {"gateway": IPv4Address("10.7.0.9")},
            {
                "gatewayIp": "10.7.0.9",
                **pools(("10.7.0.1", "10.7.0.8"), ("10.7.0.10", "10.7.0.254")),
            },
            id="with a router inside it",
        ),
        pytest.param(
            {"pool": PoolSettings(start=IPv4Address("10.7.0.5"), end=IPv4Address("10.7.0.6"))},
            {"noGateway": True, **pools(("10.7.0.5", "10.7.0.6"))},
            id="with a pool",
        ),
        pytest.param(
            {"dns": (IPv4Address("9.9.9.9"),)},
            {"noGateway": True, **ALL, "dnsNameservers": ["9.9.9.9"]},
            id="with DNS",
        ),
    ],
)
def test_a_network_has_one_subnet(more: dict[str, Any], expected: Mapping[str, object]) -> None:
    settings = NETWORK.model_copy(update=more)
    deployed = deploy(lambda: ProviderNetwork("n", settings, "wire", cloud()))
    assert deployed.named("n-subnet").inputs == {
        "name": "front",
        "networkId": "id of n-network",
        "cidr": "10.7.0.0/24",
        "ipVersion": 4,
        "enableDhcp": True,
        "dnsNameservers": [],
        **expected,
    }


def test_a_network_is_for_all_or_for_its_project() -> None:
    own = NETWORK.model_copy(update={"shared": False, "project": "web"})

    def program() -> None:
        there = cloud()
        project = Project("p", ProjectSettings(name="web"), there)
        ProviderNetwork("n", own, "wire", there, project)
        ProviderNetwork("m", NETWORK, "wire", there)

    deployed = deploy(program)
    for name in ("n-network", "n-subnet"):
        assert deployed.named(name).inputs["tenantId"] == "id of p-project"
    assert deployed.named("n-network").inputs["shared"] is False
    for name in ("m-network", "m-subnet"):
        assert "tenantId" not in deployed.named(name).inputs
    assert deployed.named("m-network").inputs["shared"] is True


def test_an_image_is_known_by_its_content(tmp_path: Path) -> None:
    file = tmp_path / "guest.qcow2"
    file.write_bytes(CONTENT)
    image = deploy(lambda: Image("i", ImageSettings(name="guest", file=file), cloud()))
    registered = image.named("i-image")
    assert registered.inputs == {
        "name": "guest",
        "localFilePath": str(file),
        "containerFormat": "bare",
        "diskFormat": "qcow2",
        "minDiskGb": 0,
        "minRamMb": 0,
        "visibility": "public",
    }
    assert registered.replacement_trigger == DIGEST, "its path says nothing of it"
    assert registered.hooks == {}
    assert image.outputs["i"] == {"id": "id of i-image", "sha256": DIGEST}


def test_an_image_by_url_is_fetched_when_it_is_uploaded(served: Deployment) -> None:
    image = served.named("i-image")
    assert image.inputs["localFilePath"] == f".images/{DIGEST}"
    assert image.hooks == {"before_create": ("i-download",)}


@pytest.mark.parametrize(
    ("given", "asked", "expected"),
    [(SERVER.address, {"ipAddress": "10.7.0.9"}, "10.7.0.9"), (None, {}, "10.9.9.9")],
    ids=["own", "Neutron"],
)
def test_a_server_says_where_it_is(
    given: IPv4Address | None, asked: Mapping[str, str], expected: str
) -> None:
    deployed = deploy(serve(SERVER.model_copy(update={"address": given})))
    fixed = {"subnetId": "id of n-subnet", **asked}
    assert deployed.named("s-port").inputs["fixedIps"] == [fixed]
    assert deployed.outputs["s"] == {
        "id": "id of s-server",
        "project": "web",
        "network": "front",
        "segment": 7,
        "address": expected,
    }


class Seen(NamedTuple):
    """A request that a fake service got."""

    path: str
    body: Any
    token: str | None


@contextmanager
def service(answers: Mapping[str, object]) -> Iterator[tuple[str, list[Seen]]]:
    """Serve these answers on 127.0.0.1, bytes as they are and all else as JSON; BASE is the URL."""
    seen: list[Seen] = []

    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            length = int(self.headers.get("Content-Length", 0))
            body = json.loads(self.rfile.read(length)) if length else None
            seen.append(Seen(self.path, body, self.headers.get("X-Auth-Token")))
            found = answers.get(self.path)
            self.send_response(404 if found is None else 201 if body else 200)
            self.send_header("X-Subject-Token", "a token")
            content = found if isinstance(found, bytes) else json.dumps(found).encode()
            content = content.replace(b"BASE", base.encode())
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = answer  # noqa: N815

        def log_message(self, format: str, *args: object) -> None:
            """Print nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    base = f"http://127.0.0.1:{server.server_port}"
    Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    try:
        yield base, seen
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture
def errors(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, pulumi.Resource]]:
    """What is said to whoever runs Pulumi, and of which resource."""
    said: list[tuple[str, pulumi.Resource]] = []
    monkeypatch.setattr(pulumi.log, "error", lambda *args: said.append(args))
    return said


def fault_of(url: str, monkeypatch: pytest.MonkeyPatch) -> tuple[Server, pulumi.ErrorHook]:
    """Return a server in the cloud at this URL, and the hook for when it fails."""
    servers: list[Server] = []
    hooks: list[pulumi.ErrorHook] = []

    class Hook(pulumi.ErrorHook):
        def __init__(self, name: str, func: Callable[[pulumi.ErrorHookArgs], bool]) -> None:
            super().__init__(name, func)
            hooks.append(self)

    monkeypatch.setattr(pulumi, "ErrorHook", Hook)
    deploy(lambda: servers.append(Server("s", SERVER, *parts(url=url))))
    return servers[0], hooks[0]


def ask(hook: pulumi.ErrorHook) -> bool:
    """Run the hook of a server that failed; say whether Pulumi shall try again."""
    asked = hook.callback(cast(pulumi.ErrorHookArgs, None))  # it asks Nova, not Pulumi
    return asyncio.get_event_loop().run_until_complete(cast(Coroutine[None, None, bool], asked))


LIST = "/nova/servers?name=%5Ewww%24&status=ERROR"
TOKEN: dict[str, object] = {
    "/v3/auth/tokens": {
        "token": {
            "expires_at": "2999-01-01T00:00:00Z",
            "catalog": [
                {
                    "type": "compute",
                    "endpoints": [
                        {"interface": interface, "region": region, "url": f"BASE/{path}"}
                        for interface, region, path in (
                            ("internal", "Region2", "inside"),
                            ("public", "Region1", "elsewhere"),
                            ("public", "Region2", "nova"),
                        )
                    ],
                }
            ],
        }
    }
}


@pytest.mark.parametrize(
    ("answers", "said"),
    [
        pytest.param(
            {
                **TOKEN,
                LIST: {"servers": [{"id": "5"}]},
                "/nova/servers/5": {"server": {"fault": {"message": "No valid host was found."}}},
            },
            ["server www: No valid host was found."],
            id="Nova's reason",
        ),
        pytest.param(
            {
                **TOKEN,
                LIST: {"servers": [{"id": "5"}]},
                "/nova/servers/5": {"server": {"status": "ERROR"}},
            },
            ["server www: it is in ERROR, and Nova gives no reason"],
            id="none is given",
        ),
        pytest.param({**TOKEN, LIST: {"servers": []}}, [], id="no server is in ERROR"),
        pytest.param(
            TOKEN, ["server www: Nova does not say why it failed: "], id="Nova does not answer"
        ),
        pytest.param(
            {}, ["server www: Nova does not say why it failed: "], id="Keystone does not answer"
        ),
    ],
)
def test_a_failed_server_says_why(
    answers: Mapping[str, object],
    said: list[str],
    errors: list[tuple[str, pulumi.Resource]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with service(answers) as (base, seen):
        server, hook = fault_of(f"{base}/v3", monkeypatch)
        again = ask(hook)
    assert again is False, "the same would happen again"
    assert len(errors) == len(said)
    for (error, resource), start in zip(errors, said, strict=True):
        assert error == start or (start.endswith(": ") and error.startswith(start))
        assert resource is server
    auth, domain = seen[0].body["auth"], {"name": "Default"}
    assert auth["scope"] == {"project": {"name": "web", "domain": domain}}
    assert auth["identity"]["password"]["user"] == {
        "name": "web",
        "domain": domain,
        "password": PASSWORDS.plain("project web"),
    }
    assert all(request.token == "a token" for request in seen[1:])  # noqa: S105


def fetch(url: str, path: Path, digest: str = DIGEST, disk_format: DiskFormat = "qcow2") -> None:
    """Run the hook of an image by url."""
    image = ImageSettings(name="guest", url=url, sha256=digest, disk_format=disk_format)
    hooks: list[pulumi.ResourceHook] = []
    deploy(lambda: hooks.append(_download("i", image, path)))
    hooks[0].callback(pulumi.ResourceHookArgs("urn", "", "i-image", "type"))


def test_an_image_is_fetched_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And who waits for it is told."""
    said: list[str] = []
    monkeypatch.setattr(pulumi.log, "info", said.append)
    path = tmp_path / "images" / DIGEST
    with service({"/guest": CONTENT}) as (base, seen):
        fetch(f"{base}/guest", path)
        assert path.read_bytes() == CONTENT
        fetch(f"{base}/guest", path)
        assert [request.path for request in seen] == ["/guest"]
        assert list(path.parent.iterdir()) == [path]
        assert said == [f"fetching {base}/guest"]
        fetch(f"{base}/guest", path.with_name("other"))
    assert path.with_name("other").read_bytes() == CONTENT


def test_an_image_of_another_content_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "images" / DIGEST
    other = hashlib.sha256(b"\0other").hexdigest()
    with service({"/guest": b"\0other"}) as (base, _):
        url = f"{base}/guest"
        with pytest.raises(ValueError, match=f"image guest: {url} has the sha256 {other}") as error:
            fetch(url, path)
    assert f"the settings say {DIGEST}" in str(error.value)
    assert list(path.parent.iterdir()) == [], "nothing of it is left"


@pytest.mark.parametrize(
    ("content", "disk_format", "words"),
    [
        pytest.param(b"<html>not found</html>", "qcow2", "is a web page and no disk", id="a page"),
        pytest.param(b"\x1f\x8b\x08" + bytes(99), "raw", "is compressed by gzip", id="packed"),
        pytest.param(CONTENT[:9999], "qcow2", "is cut short: it has 9999 bytes", id="cut short"),
        pytest.param(CONTENT, "raw", "is qcow2, not raw", id="another format"),
    ],
)
def test_what_no_server_starts_from_is_not_uploaded(
    content: bytes, disk_format: DiskFormat, words: str, tmp_path: Path
) -> None:
    """Even if the settings say that it is this; one kept from before is looked at, too."""
    digest = hashlib.sha256(content).hexdigest()
    path = tmp_path / "images" / digest
    for kept in (False, True):
        with service({"/guest": content}) as (base, seen):
            if kept:
                path.write_bytes(content)
            with pytest.raises(ValueError, match=f"^image guest: {base}/guest {words}"):
                fetch(f"{base}/guest", path, digest, disk_format)
        assert len(seen) == (0 if kept else 1)
        assert list(path.parent.iterdir()) == [], "nothing of it is left"


def test_an_image_of_another_content_says_what_it_is(tmp_path: Path) -> None:
    words = f"say {DIGEST}; it is a web page and no disk image"
    page = {"/guest": b"<html>please log in</html>"}
    with service(page) as (base, _), pytest.raises(ValueError, match=words):
        fetch(f"{base}/guest", tmp_path / "images" / DIGEST)


def test_an_image_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "images" / DIGEST
    with service({}) as (base, _), pytest.raises(HTTPError, match="404"):
        fetch(f"{base}/guest", path)
    assert not path.exists()


def test_no_service_is_waited_for_without_end(
    tmp_path: Path, errors: list[tuple[str, pulumi.Resource]], monkeypatch: pytest.MonkeyPatch
) -> None:
    limits: list[float | None] = []
    with service({**TOKEN, LIST: {"servers": []}, "/guest": CONTENT}) as (base, _):
        _, hook = fault_of(f"{base}/v3", monkeypatch)
        monkeypatch.setattr(socket.socket, "settimeout", lambda _, limit: limits.append(limit))
        for call in (lambda: ask(hook), lambda: fetch(f"{base}/guest", tmp_path / "image")):
            limits.clear()
            call()
            assert limits
            assert all(limit is not None and 0 < limit <= 60 for limit in limits)
    assert errors == []
