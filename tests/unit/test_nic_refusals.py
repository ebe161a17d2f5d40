"""What a change may ask of NICs that are there, and what it warns of."""

from pathlib import Path

import pulumi
import pytest

from tests.unit.configs import GONE, Change, changed
from tests.unit.mocks import Deployment, deploy, fresh, judged, main
from tests.unit.several_nics import ALONE, FRONT, INSIDE, config_of_two

NIC = "servers[0].networks[1]"
FREE = "which is deleted or changed last"

REFUSED: tuple[tuple[str, Change, str], ...] = (
    (
        "the first NIC with the address of a later one",
        {"servers[0].networks": [INSIDE]},
        "servers[web1].networks[inside].address: 10.10.0.21 still belongs to another NIC of this"
        f" server, {FREE}",
    ),
    (
        "a server with the address of another one's NIC",
        {f"{NIC}.address": GONE, "servers[2].address": "10.10.0.21"},
        f"servers[app1].address: 10.10.0.21 still belongs to server web1, {FREE}",
    ),
    (
        "a NIC with the address that a floating one has",
        {"servers[0].networks[0].address": "10.101.0.50", "servers[2].floatingIp": GONE},
        "servers[web1].networks[front].address: 10.101.0.50 still belongs to the floating address",
    ),
    (
        "the cidr of a NIC's network",
        {"networks[2].cidr": "10.10.0.0/23"},
        "networks[inside].cidr: 10.10.0.0/24 -> 10.10.0.0/23, but the addresses of app1, app2,",
    ),
    (
        "other addresses of a tenant's stack on a network of all",
        {"tenantStacks": True, "servers[0].networks[0].allowedAddresses": ["10.101.0.50"]},
        "servers[web1].networks[front].allowedAddresses: a tenant's stack makes this NIC",
    ),
    (
        "no filter of a tenant's stack on a network of all",
        {"tenantStacks": True, "servers[0].networks[0].portSecurity": False},
        "servers[web1].networks[front].portSecurity: a tenant's stack makes this NIC",
    ),
)


@pytest.fixture(scope="module")
def two(files: Path) -> Deployment:
    """What is there: a server on front and inside."""
    return fresh(config_of_two(files))


@pytest.mark.parametrize(
    ("change", "words"), [pytest.param(c, words, id=name) for name, c, words in REFUSED]
)
def test_what_the_cloud_would_refuse_halfway_is_refused_before(
    change: Change, words: str, two: Deployment, files: Path
) -> None:
    state = {} if "tenantStacks" in change else two.exported()
    with pytest.raises(pulumi.RunError) as caught:
        deploy(main, changed(config_of_two(files), change, files), state=state)
    _, *lines = str(caught.value).splitlines()
    assert [line for line in lines if line.startswith(f"  iaas:{words}")], lines
    assert len(lines) == 1


@pytest.mark.parametrize(
    "change",
    [
        {},
        {"servers[0].networks": [FRONT]},
        {"servers[0].networks[2]": ALONE},
        {f"{NIC}.address": "10.10.0.22"},
        {"servers[0].networks": [{"network": "inside"}, FRONT | {"address": "10.101.0.12"}]},
    ],
    ids=["nothing", "one less", "one more", "another address", "another order and addresses"],
)
def test_an_ordinary_change_is_not_refused(change: Change, two: Deployment, files: Path) -> None:
    deploy(judged, changed(config_of_two(files), change, files), state=two.exported())


def test_a_network_of_a_later_nic_is_kept(two: Deployment) -> None:
    assert two.named("network-inside-network").hooks == {"before_delete": ("keep-network",)}


def test_a_group_with_another_name_is_known_by_the_nics_that_have_it(files: Path) -> None:
    before = fresh(changed(config_of_two(files), {f"{NIC}.securityGroups": ["near"]}, files))
    change: Change = {"securityGroups[0].name": "nigh", f"{NIC}.securityGroups": ["nigh"]}
    deployed = deploy(main, changed(config_of_two(files), change, files), state=before.exported())
    assert deployed.named("group-nigh").aliases == {"group-near"}


@pytest.mark.parametrize(
    ("change", "there", "warned"),
    [
        ({}, False, True),
        ({}, True, False),
        ({"networks[0].gateway": GONE}, False, False),
        ({NIC: ALONE}, False, False),
        ({"servers[0].networks[2]": ALONE}, True, True),
    ],
    ids=["new", "there", "one gateway", "a network without one", "one more NIC"],
)
def test_more_than_one_default_route_is_warned_of_once(
    change: Change,
    there: bool,
    warned: bool,
    two: Deployment,
    files: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    said: list[str] = []
    monkeypatch.setattr(pulumi.log, "warn", lambda text, *_: said.append(text))
    state = two.exported() if there else {}
    deploy(judged, changed(config_of_two(files), change, files), state=state)
    found = [text for text in said if text.startswith("server web1 gets a default route")]
    assert [("front, inside" in text) for text in found] == [True] * warned
