"""What the whole program promises: all of the settings, nothing else, and no secret in clear."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from pulumi.output import Unknown

from components.backup_key import identity
from components.certificates import Authority
from components.passwords import Passwords
from components.state import COMMAND
from tests.unit.configs import NETWORK, SERVER, Change, changed
from tests.unit.examples import SECRET, private_key
from tests.unit.mocks import ROOT, Deployment, Secret, deploy, main

FILES = (
    "check openrc.sh passwords.sh ca.crt node.crt node.key"
    " step.sh services.sh before.sh cloud.sh cloud.py bridge.sh rabbitmq.sh rabbit.py sshkey.sh"
    " nova_service.sh nova_service.py clean "
)
COMPUTE = FILES + "qemu.sh pre-host tls mysql-client nova-compute neutron-compute leave"
CONTROLLER = FILES + (
    "migrate.sh manage.py sizes.sh proxy.sh mariadb.sh memcached.sh leave.py"
    " consoles.sh novncproxy.py backup.sh backup.py backup_check.py backup_parts.py"
    " backup_places.py backup_restore.py backup_streams.py"
    " pre-host tls mysql keystone databases glance placement nova-controller neutron-controller"
    " backup member-role"
)

# Each component and what it makes, by the ends of their names.
TREE: Mapping[str, str] = {
    "controller": CONTROLLER,
    "compute": COMPUTE,
    "compute2": COMPUTE,
    "hosts": "discover",
    "cloud": "admin",
    "project-web": "project quota network-quota user member provider",
    "project-db": "project quota network-quota user member provider",
    "image-guest": "image",
    "image-other": "image",
    "network-front": "network subnet",
    "network-data": "network subnet",
    "flavor-tiny": "flavor",
    "flavor-small": "flavor",
    "server-web1": "group icmp-0.0.0.0-0 tcp-22-10.0.0.0-8 key port server",
    "server-db1": "group key port server",
}
ACCESS = "flavor-small/db-access"


def test_all_of_the_settings_is_registered_and_nothing_else(whole: Deployment) -> None:
    expected = {
        (f"{parent}-{end}", parent) for parent, ends in TREE.items() for end in ends.split()
    }
    expected |= {(name, "") for name in TREE} | {(ACCESS, "flavor-small")}
    assert {(r.name, r.parent) for r in whole} == expected
    assert len(whole) == len(expected), "each once"
    on_nodes = {r.type for r in whole if r.parent in ("controller", "compute", "compute2", "hosts")}
    assert on_nodes == {COMMAND}


TYPES = {
    "controller": "iaas:nodes:Controller",
    "compute": "iaas:nodes:Compute",
    "compute2": "iaas:nodes:Compute",
    "hosts": "iaas:nodes:Hosts",
    "cloud": "iaas:cloud:Cloud",
    "project-web": "iaas:cloud:Project",
    "image-guest": "iaas:cloud:Image",
    "network-front": "iaas:cloud:ProviderNetwork",
    "flavor-tiny": "iaas:cloud:Flavor",
    "server-web1": "iaas:cloud:Server",
}


@pytest.mark.parametrize(("name", "kind"), TYPES.items())
def test_a_component_keeps_its_type(name: str, kind: str, whole: Deployment) -> None:
    """It is in the URN of all that is in it: with another one Pulumi would replace all of it."""
    assert whole.named(name).type == kind


def test_every_component_registers_its_outputs(whole: Deployment) -> None:
    """To Pulumi one that says nothing is never done."""
    assert {r.name for r in whole if r.type.startswith("iaas:")} <= whole.outputs.keys()


def test_a_preview_registers_the_same(whole: Deployment, config: dict[str, object]) -> None:
    """No code waits for a cloud's answer, and known inputs are known at once."""

    def options(deployment: Deployment) -> set[tuple[object, ...]]:
        return {
            (
                *(r.urn, r.parent, r.provider, r.after, r.delete_before_replace),
                *(r.replace_on_changes, r.ignore_changes),
                str(r.hooks),
            )
            for r in deployment
        }

    preview = deploy(main, config, preview=True)
    assert options(preview) == options(whole)
    for resource in preview:
        real = whole.named(resource.name).inputs
        assert set(resource.inputs) == set(real), resource.name
        known = {key: v for key, v in resource.inputs.items() if not has(Unknown, v)}
        assert known == {key: real[key] for key in known}, resource.name
        if resource.type in ("command:remote:Command", "pulumi:providers:openstack"):
            assert known.keys() == real.keys(), resource.name


def has(kind: type, value: object) -> bool:
    """Whether there is a value of this type in a value."""
    inside = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return isinstance(value, kind) or any(has(kind, item) for item in inside)


def test_the_stack_says_where_everything_is(whole: Deployment, config: dict[str, object]) -> None:
    web1 = {"project": "web", "network": "front", "segment": 101, "address": "10.101.0.11"}
    db1 = {"project": "db", "network": "data", "segment": 150, "address": "10.9.9.9"}
    url, ca = "https://192.168.100.10:5000/v3", Authority(Passwords(SECRET)).trusted()
    expected: dict[str, object] = {"authUrl": url, "region": "RegionOne", "ca": ca}
    assert whole.outputs[""] == {**expected, "servers": {"web1": web1, "db1": db1}}
    preview = deploy(main, config, preview=True).outputs[""]
    assert preview["servers"]["web1"] == web1
    assert isinstance(preview["servers"]["db1"].pop("address"), Unknown), "it is Neutron's choice"
    assert preview == {
        **expected,
        "servers": {"web1": web1, "db1": {k: v for k, v in db1.items() if k != "address"}},
    }


CROWD: Change = {
    "computes[2]": {"name": "compute-c", "host": "192.168.100.22", "checkHostKey": False},
    "projects[2]": {"name": "web-db"},
    "projects[3]": {"name": "b/c"},
    "projects[4]": {"name": "c"},
    "flavors[2]": {
        **{"name": "small-web", "vcpus": 1, "ram": 384, "disk": 1, "public": False},
        "projects": ["db"],
    },
    "flavors[1].projects": ["web-db", "db"],
    "flavors[3]": {
        **{"name": "a", "vcpus": 1, "ram": 384, "disk": 1, "public": False},
        "projects": ["b/c"],
    },
    "flavors[4]": {
        **{"name": "a/b", "vcpus": 1, "ram": 384, "disk": 1, "public": False},
        "projects": ["c"],
    },
    "networks[2]": NETWORK,
    "servers[2]": SERVER | {"name": "web1-server", "project": "web-db"},
}


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({}, id="the example"),
        pytest.param(CROWD, id="three of each, with names that begin alike"),
    ],
)
def test_no_two_resources_have_the_same_urn(
    change: Change, config: dict[str, object], files: Path
) -> None:
    urns = [r.urn for r in deploy(main, changed(config, change, files))]
    assert sorted(urns) == sorted(set(urns))


def clear(value: object) -> Iterator[str]:
    """Yield the texts in a value that are not secret."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from (key, *clear(item))
    elif isinstance(value, list | tuple):
        for item in value:
            yield from clear(item)


def test_no_secret_is_registered_in_clear(whole: Deployment) -> None:
    secrets: dict[str, str] = {"the secret": SECRET, "the key": private_key().splitlines()[1]}
    for node in ("controller", "compute", "compute2"):
        hidden = whole.named(f"{node}-passwords.sh").inputs["stdin"]
        assert isinstance(hidden, Secret)
        secrets |= dict(re.findall(r"export (\w+)=(\w+)", hidden.value))
    secrets |= {name: Passwords(SECRET).plain(f"project {name}") for name in ("web", "db")}
    secrets["the key of backups"] = identity(Passwords(SECRET))
    assert len(secrets) == len(set(secrets.values())) == 22
    for resource in whole:
        shown = [resource.inputs, resource.replacement_trigger, resource.name]
        for text in clear([*shown, whole.outputs.get(resource.name)]):
            assert not [name for name, secret in secrets.items() if secret in text], resource.name
    assert not has(Secret, whole.outputs[""]), "an output is there to be read"


def test_every_type_is_in_the_plugin_for_closed_networks(whole: Deployment) -> None:
    source = (ROOT / "engine/pulumi-resource-openstack/main.go").read_text()
    table = re.findall(r'^\t"openstack_\w+": +\{"(\w+)", "(\w+)"\},$', source, re.MULTILINE)
    known = {f"openstack:{module}/{name[0].lower()}{name[1:]}:{name}" for module, name in table}
    used = {r.type for r in whole if r.type.startswith("openstack:")}
    assert len(used) > 10
    assert used <= known


def test_a_network_that_the_rules_protect_is_kept(
    whole: Deployment, config: dict[str, object], files: Path
) -> None:
    rules: Change = {"rules": {"protectedNetworks": ["front"]}}
    kept = {r.name for r in deploy(main, changed(config, rules, files)) if r.protect}
    assert kept == {"network-front", "network-front-network", "network-front-subnet"}
    assert not [r.name for r in whole if r.protect], "nothing is by default"
