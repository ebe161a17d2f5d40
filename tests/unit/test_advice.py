"""What advice promises: it is right or absent."""

import re
from pathlib import Path

import pytest

from components.settings import (
    NetworkSettings,
    ServerSettings,
    Settings,
    SettingsError,
    TenantSettings,
    load,
)
from components.settings.advice import LISTED, nearest, replacements
from components.settings.base import Base, key
from components.settings.messages import STACK
from components.settings.places import SECTIONS
from tests.changes.kinds import reached
from tests.unit.configs import Change, changed
from tests.unit.examples import as_pulumi, good_config

TCP, ICMP = "servers[0].ingress[1]", "servers[0].ingress[0]"
RANGE = "a range is an entry of `ports`, such as 8000-8100"
ALL = "every port is `ports`: [1-65535]"

# A change to the good config, and the one problem that it makes: all of its line.
SAID: tuple[tuple[Change, str], ...] = (
    # Keys
    ({f"{TCP}.portMin": 1}, f"{TCP}.portMin: is no known key; {RANGE}"),
    ({f"{TCP}.port_range_max": 1}, f"{TCP}.port_range_max: is no known key; {RANGE}"),
    ({f"{ICMP}.code": 0}, f"{ICMP}.code: is no known key; it is `icmpCode`"),
    (
        {f"{TCP}.remoteGroupId": "x"},
        f"{TCP}.remoteGroupId: is no known key; a group is `from`: {{group: NAME}}",
    ),
    (
        {"servers[0].securityGroup": "x"},
        "servers[0].securityGroup: is no known key; its groups are `securityGroups`, by name",
    ),
    (
        {"securityGroupRules": []},
        "securityGroupRules: is no known key; each of `securityGroups` and `servers` has its"
        " `ingress` and `egress`",
    ),
    (
        {"servers[0].admin_pass": "x"},
        "servers[0].admin_pass: is no known key; servers have no password; `publicKey` logs in",
    ),
    (
        {"servers[0].mac": "x"},
        "servers[0].mac: is no known key; Neutron chooses it; leave it out",
    ),
    (
        {"servers[0].networks": ["front"]},
        "servers[0].networks[0]: 'front' is no NIC; a list of them is [{network: front}]",
    ),
    (
        {"networks[0].physicalName": "x"},
        "networks[0].physicalName: is no known key; VLANs and the untagged network are on the"
        " one of `iaas:provider.physicalName`; leave it out",
    ),
    (
        {"networks[0].noGateway": True},
        "networks[0].noGateway: is no known key; leave `gateway` out where there is no router",
    ),
    ({"networks[0].vlan": 1}, "networks[0].vlan: is no known key; its VLAN is `segment`"),
    (
        {"ssh.password": "x"},
        "ssh.password: is no known key; nodes are reached by an ssh key, not by a password:"
        " `privateKeyFile`, or the ssh agent's",
    ),
    (
        {"controller.port": 22},
        "controller.port: is no known key; the port is the same on all nodes: `iaas:ssh.port`",
    ),
    (
        {"projects[0].quota.volumes": 1},
        "projects[0].quota.volumes: is no known key; there are no volumes; a server's disk is its"
        " flavor's; leave it out",
    ),
    ({"passwords": {}}, "passwords: is no known key; every password is derived from `secret`"),
    ({"networks[0].gatway": "x"}, "networks[0].gatway: is no known key; did you mean gateway?"),
    # Values
    (
        {"networks[0].gateway": "none"},
        "networks[0].gateway: 'none' is no value; leave gateway out where there is none",
    ),
    (
        {"networks[0].gateway": False},
        "networks[0].gateway: false is no value; leave gateway out where there is none",
    ),
    (
        {"projects[0].quota": "None"},
        "projects[0].quota: 'None' is no value; leave quota out where there is none",
    ),
    ({f"{ICMP}.port": -1}, f"{ICMP}.port: icmp has no ports; leave it out"),
    ({f"{ICMP}.port": "any"}, f"{ICMP}.port: icmp has no ports; leave it out"),
    ({f"{ICMP}.port": 8}, f"{ICMP}.port: icmp has no ports; leave it out"),
    (
        {f"{TCP}.port": -1},
        f"{TCP}.port: -1 is no port; {ALL}",
    ),
    (
        {f"{TCP}.port": "80-90"},
        f"{TCP}.port: '80-90' is no port; a range is `ports`: [80-90]",
    ),
    (
        {f"{TCP}.port": "8080:8090"},
        f"{TCP}.port: '8080:8090' is no port; a range is `ports`: [8080-8090]",
    ),
    (
        {f"{TCP}.port": [80, 443]},
        f"{TCP}.port: a list is not a whole number; several are `ports`",
    ),
    ({f"{TCP}.port": "80"}, f"{TCP}.port: '80' is not a whole number, without quotes"),
    (
        {f"{TCP}.protocol": "all"},
        f"{TCP}.protocol: 'all' is no protocol; every one is `any`",
    ),
    ({f"{TCP}.protocol": -1}, f"{TCP}.protocol: -1 is no protocol; every one is `any`"),
    (
        {f"{TCP}.protocol": ["tcp", "udp"]},
        f"{TCP}.protocol: a list is no protocol; one entry for each of them",
    ),
    (
        {f"{TCP}.cidr": "203.0.113.7"},
        f"{TCP}.cidr: '203.0.113.7' is not an IPv4 network, as it has no length;"
        " did you mean 203.0.113.7/32?",
    ),
    (
        {f"{TCP}.cidr": "0.0.0.0"},  # noqa: S104
        f"{TCP}.cidr: '0.0.0.0' is no network; everywhere is 0.0.0.0/0, and ::/0 for IPv6",
    ),
    (
        {f"{TCP}.cidr": ["10.0.0.0/8", "11.0.0.0/8"]},
        f"{TCP}.cidr: a list is no network; one entry for each",
    ),
    (
        {"networks[1].cidr": "fd00::/64"},
        "networks[1].cidr: 'fd00::/64' is not an IPv4 network such as 10.101.0.0/24",
    ),
    (
        {"networks[1].cidr": "10.150.0.0"},
        "networks[1].cidr: '10.150.0.0' is not an IPv4 network, as it has no length;"
        " did you mean 10.150.0.0/24?",
    ),
    ({"servers[0].flavor": ["tiny"]}, "servers[0].flavor: a list is not a text; give one value"),
    (
        {"networks[0].dns": "9.9.9.9"},
        "networks[0].dns: '9.9.9.9' is not a list; put it in brackets",
    ),
    (
        {"networks[0].dns": {"a": "9.9.9.9"}},
        "networks[0].dns: a mapping is not a list; begin each entry with `-`",
    ),
    (
        {"projects[0].description": True},
        "projects[0].description: true is not a text; put it in quotes",
    ),
)


@pytest.mark.parametrize(("change", "line"), SAID, ids=[line for _, line in SAID])
def test_what_helps_is_said(change: Change, line: str, tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as caught:
        load(as_pulumi(changed(good_config(tmp_path), change, tmp_path)))
    assert str(caught.value).split("\n")[1:] == [f"  iaas:{line}"]


def test_no_gateway_may_be_written_as_nothing(tmp_path: Path) -> None:
    config = changed(good_config(tmp_path), {"networks[0].gateway": None}, tmp_path)
    assert load(as_pulumi(config)).networks[0].gateway is None


@pytest.mark.parametrize(
    ("word", "known"),
    [
        ("egress", "ingress"),
        ("egres", "ingress"),
        ("outgress", "ingress"),
        ("noGateway", "gateway"),
        ("unshared", "shared"),
        ("exproject", "project"),
        ("mindisk", "maxdisk"),
        ("disabled", "abled"),
        ("mac", "image"),
        ("code", "cidr"),
        ("passwords", "flavors"),
        ("password", "port"),
        ("port", "host"),
        ("metadata", "userData"),
        ("adminPass", "ingress"),
        ("portSecurity", "project"),
        ("physicalName", "name"),
    ],
)
def test_no_word_of_another_meaning_is_offered(word: str, known: str) -> None:
    assert nearest(word, [known]) == f"there is {known}"


@pytest.mark.parametrize(
    ("word", "known"),
    [("sercet", "secret"), ("wbe", "web"), ("min_disk", "minDisk"), ("minVlan", "minvlan")],
)
def test_a_word_with_a_slip_is_known(word: str, known: str) -> None:
    assert nearest(word, ["other", known]) == f"did you mean {known}?"


def test_long_lists_are_cut_short() -> None:
    names = [f"server-{i}" for i in range(LISTED + 3)]
    assert nearest("x", names) == f"there is {', '.join(names[:LISTED])} and 3 more"
    assert nearest("x", []) == "there is none"


def keys(model: type[Base]) -> set[str]:
    """Return what the config calls a model's fields."""
    return {key(name) for name in model.model_fields}


def test_help_is_for_keys_that_are_none_and_names_keys_that_are() -> None:
    models = reached(Settings) | {TenantSettings}
    assert {model for model in Base.__subclasses__() if model.instead} <= models
    for model in models:
        own = {key.casefold() for key in keys(model)}
        listed = [key for line in model.instead for key in line.split()]
        assert own.isdisjoint(key.casefold() for key in listed), model
        assert len(listed) == len(replacements(model))
        for sentence in model.instead.values():
            for word in re.findall(r"`([^`]+)`", sentence):
                if word.startswith(STACK):
                    section, _, key = word.removeprefix(STACK).partition(".")
                    assert section in keys(Settings)
                    assert not key or key in keys(SECTIONS[section])
                else:
                    inner: list[type[Base]] = (
                        [ServerSettings, NetworkSettings] if model is Settings else []
                    )
                    there = set[str]().union(*(keys(one) for one in [model, *inner]))
                    assert word.split(":")[0] in there, sentence
