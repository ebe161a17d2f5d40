"""Where servers are placed: what is registered for it, and what a change may not ask."""

from pathlib import Path

import pulumi
import pytest

from tests.unit.configs import GONE, SERVER, Change, changed
from tests.unit.examples import OTHER_SECRET, good_config, public_key
from tests.unit.mocks import Deployment, deploy, fresh, judged, main

PAIR: dict[str, object] = {"name": "pair", "project": "web", "policy": "anti-affinity"}
OWN: dict[str, object] = {"name": "own", "project": "db", "policy": "soft-affinity"}
NEW: dict[str, object] = {"address": "10.101.0.13", "serverGroup": "pair"}
GROUPED: Change = {
    "projects[0].quota": {"instances": 4, "cores": 4, "ram": 2048},
    "serverGroups": [PAIR, OWN],
    "servers[0].serverGroup": "pair",
    "servers[2]": SERVER | {"address": "10.101.0.12", "serverGroup": "pair", "host": "compute2"},
}
"""web1 and web2 are in pair, and web2 is on compute2."""
POLICY = "but Nova changes no group, and web1, web2 would be made anew for another one, without"


@pytest.fixture(scope="module")
def grouped(files: Path) -> Deployment:
    """What is there: two servers that are placed apart."""
    return fresh(config_of(files, {}))


def config_of(files: Path, change: Change) -> dict[str, object]:
    """Return the config with the groups, changed."""
    return changed(changed(good_config(files), GROUPED, files), change, files)


def test_a_group_is_its_projects_and_keeps_its_name(grouped: Deployment) -> None:
    pair = grouped.named("servergroup-pair-servergroup")
    assert pair.inputs == {
        "name": "pair",
        "policies": "anti-affinity",
        "rules": {"maxServerPerHost": 1},
    }
    assert pair.provider == "project-web-provider"
    assert pair.ignore_changes == ("name",), "Nova has no other one for it"
    own = grouped.named("servergroup-own-servergroup")
    assert own.inputs == {"name": "own", "policies": "soft-affinity"}


def test_a_server_says_where_it_is_placed(grouped: Deployment) -> None:
    inputs = grouped.named("server-web2-server").inputs
    assert inputs["schedulerHints"] == [{"group": "id of servergroup-pair-servergroup"}]
    assert inputs["hypervisorHostname"] == "compute2"
    assert "hypervisorHostname" in grouped.named("server-web2-server").ignore_changes, "it may move"
    alone = grouped.named("server-db1-server")
    assert not {"schedulerHints", "hypervisorHostname", "metadata", "tags"} & alone.inputs.keys()
    assert "hypervisorHostname" not in alone.ignore_changes


def test_servers_of_a_strict_group_are_made_one_after_another(
    grouped: Deployment, files: Path
) -> None:
    assert "server-web1-server" in grouped.named("server-web2-server").after
    assert "server-web2-server" not in grouped.named("server-web1-server").after
    soft = fresh(config_of(files, {"serverGroups[0].policy": "soft-anti-affinity"}))
    assert "server-web1-server" not in soft.named("server-web2-server").after


def test_only_who_has_a_server_with_a_host_may_choose_one(grouped: Deployment, files: Path) -> None:
    """Nova asks for that role; the login comes after it, as a token has the roles of its time."""
    assert [name for name in grouped.names() if "placer" in name] == [
        "controller-placer-role",
        "project-web-placer",
    ]
    assert "project-web-placer" in grouped.named("project-web-provider").after
    none = fresh(config_of(files, {"servers[2].host": GONE}))
    assert not [name for name in none.names() if "placer" in name]


def test_labels_are_the_servers_own(files: Path) -> None:
    labels: Change = {"servers[0].metadata": {"role": "web"}, "servers[0].tags": ["http", "blue"]}
    inputs = fresh(config_of(files, labels)).named("server-web1-server").inputs
    assert inputs["metadata"] == {"role": "web"}
    assert inputs["tags"] == ["blue", "http"], "in an order that settings do not change"


@pytest.mark.parametrize(
    ("given", "dhcp", "drive", "kept"),
    [
        (GONE, True, None, True),
        (GONE, False, True, True),
        (True, True, True, False),
        (True, False, True, False),
        (False, True, None, False),
    ],
)
def test_a_drive_that_no_setting_names_stays(
    given: object, dhcp: bool, drive: bool | None, kept: bool, files: Path
) -> None:
    more: Change = {} if given is GONE else {"servers[0].configDrive": given}
    config = config_of(files, {"networks[0].dhcp": dhcp} | more)
    server = fresh(config).named("server-web1-server")
    assert server.inputs.get("configDrive") is drive
    assert ("configDrive" in server.ignore_changes) == kept


REFUSED: tuple[tuple[str, Change, tuple[str, ...]], ...] = (
    (
        "a host of a server that is there",
        {"servers[0].host": "compute"},
        ("servers[web1].host: compute, but the server is there already, and `host` moves none;",),
    ),
    (
        "another host",
        {"servers[2].host": "compute"},
        ("servers[web2].host: compute, but the server is on compute2, and `host` moves none",),
    ),
    (
        "another policy",
        {"serverGroups[0].policy": "soft-anti-affinity"},
        (f"serverGroups[pair].policy: anti-affinity -> soft-anti-affinity, {POLICY}",),
    ),
    (
        "another number",
        {"serverGroups[0].maxPerHost": 2},
        (f"serverGroups[pair].maxPerHost: 1 -> 2, {POLICY}",),
    ),
    (
        "another name together with another policy",
        {
            "serverGroups[0]": PAIR | {"name": "two", "policy": "soft-affinity"},
            "servers[0].serverGroup": "two",
            "servers[2].serverGroup": "two",
        },
        (f"serverGroups[two].policy: anti-affinity -> soft-affinity, {POLICY}",),
    ),
    (
        "a server in the place of one that goes",
        {"servers[2]": SERVER | NEW | {"name": "web3"}},
        (
            "serverGroups[pair].policy: anti-affinity has at most 1 of its servers on a compute,"
            " which 2 computes cannot do for 3 servers: web1, web3, web2; of these web2 would leave"
            " last: remove what leaves in an earlier change",
        ),
    ),
    (
        "the same with one compute more, which takes no servers",
        {
            "servers[2]": SERVER | NEW | {"name": "web3"},
            "computes[2]": {
                "name": "compute3",
                "host": "192.168.100.23",
                "hostKey": public_key("compute3"),
                "drain": True,
            },
        },
        ("serverGroups[pair].policy: anti-affinity has at most 1 of its servers on a compute,",),
    ),
    (
        "a server in the place of one that leaves the group",
        {"servers[2].serverGroup": GONE, "servers[3]": SERVER | NEW | {"name": "web3"}},
        ("serverGroups[pair].policy: anti-affinity has at most 1 of its servers on a compute,",),
    ),
    (
        "another secret together with the last group of a project",
        {"secret": OTHER_SECRET, "serverGroups[1]": GONE, "servers[1]": GONE},
        (
            "secret: it changes together with the removal of db1, the last of project db",
            "secret: it changes together with the removal of own, the last of project db",
        ),
    ),
)


@pytest.mark.parametrize(
    ("change", "expected"), [pytest.param(c, words, id=name) for name, c, words in REFUSED]
)
def test_what_loses_a_disk_or_finds_no_compute_is_refused(
    change: Change, expected: tuple[str, ...], grouped: Deployment, files: Path
) -> None:
    with pytest.raises(pulumi.RunError) as caught:
        deploy(main, config_of(files, change), state=grouped.exported())
    _, *lines = str(caught.value).splitlines()
    assert len(lines) == len(expected), lines
    for line, words in zip(lines, expected, strict=True):
        assert line.startswith(f"  iaas:{words}")


def test_a_tenants_stack_places_no_server(files: Path) -> None:
    with pytest.raises(pulumi.RunError, match=r"servers\[web2\]\.host: a tenant's stack makes"):
        deploy(main, config_of(files, {"tenantStacks": True}))


@pytest.mark.parametrize(
    "change",
    [
        {},
        {"servers[2].host": GONE},
        {"serverGroups[1].policy": "affinity"},
        {"servers[2].project": "db", "servers[2].serverGroup": GONE, "servers[2].host": "compute"},
        {"servers[0].serverGroup": GONE, "servers[2].serverGroup": GONE, "serverGroups": [OWN]},
        {"serverGroups[0].policy": "affinity", "servers[0].serverGroup": GONE}
        | {"servers[2].serverGroup": GONE},
        {"servers[2]": SERVER | NEW | {"name": "web3"}}
        | {"computes[2]": {"name": "c3", "host": "192.168.100.22", "checkHostKey": False}},
    ],
    ids=[
        "nothing",
        "a host taken out",
        "another policy of an empty group",
        "another host in another project",
        "no group",
        "another policy when its servers leave",
        "a server in the place of one that goes, on one compute more",
    ],
)
def test_what_nova_does_is_not_refused(change: Change, grouped: Deployment, files: Path) -> None:
    deploy(judged, config_of(files, change), state=grouped.exported())


def test_a_server_that_was_never_built_may_be_placed_elsewhere(
    grouped: Deployment, files: Path
) -> None:
    state = grouped.exported()
    for resource in state["deployment"]["resources"]:
        if resource["urn"].endswith("::server-web2-server"):
            resource["initErrors"] = ["No valid host was found"]
    config = config_of(files, {"servers[2].host": "compute"})
    server = deploy(main, config, state=state).named("server-web2-server")
    assert server.inputs["hypervisorHostname"] == "compute"
    assert "#initerror" in server.replace_on_changes


@pytest.mark.parametrize(
    ("change", "old"),
    [
        ({"servers[0].serverGroup": "two", "servers[2].serverGroup": "two"}, "pair"),
        ({"servers[0].serverGroup": GONE, "servers[2].serverGroup": "two"}, "pair"),
        ({"servers[0].serverGroup": "two", "servers[2]": GONE}, "pair"),
        ({"servers[0].serverGroup": "own", "servers[2].serverGroup": "two"}, None),
        ({"servers[0].serverGroup": GONE, "servers[2].serverGroup": GONE}, None),
    ],
    ids=["all", "one leaves", "one goes", "one is in another", "nobody"],
)
def test_a_group_that_its_servers_stay_in_is_renamed_in_place(
    change: Change, old: str | None, grouped: Deployment, files: Path
) -> None:
    two: Change = {"serverGroups[0].name": "two", "serverGroups[1].project": "web"}
    there = deploy(main, config_of(files, two | change), state=grouped.exported())
    aliases = {f"servergroup-{old}"} if old else set()
    assert there.named("servergroup-two").aliases == aliases
