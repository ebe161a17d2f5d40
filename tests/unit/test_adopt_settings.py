"""Settings from what is in a cloud: what fits is written, what doesn't is left alone and named."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from components.settings import load, yaml_text
from tests.unit.configs import Change, changed
from tests.unit.examples import as_pulumi
from tests.unit.routed import routed_config
from tools.adopt import found
from tools.adopt.express import Entry
from tools.adopt.inventory import PLACES
from tools.adopt.yaml_file import added

ADMIN = {"id": "id of admin", "name": "admin", "domain_id": "default", "enabled": True}
SHOP = {**ADMIN, "id": "s", "name": "shop", "description": ""}
VLAN: dict[str, Any] = {
    **{"id": "n", "name": "lab", "project_id": "id of admin", "shared": True, "mtu": 1500},
    **{"router:external": False, "admin_state_up": True, "description": "", "tags": []},
    **{"provider:network_type": "vlan", "provider:physical_network": "provider"},
    "provider:segmentation_id": 180,
}
OWN = {
    **VLAN,
    **{"shared": False, "project_id": "s", "mtu": 1442, "provider:physical_network": None},
    **{"provider:network_type": "geneve", "provider:segmentation_id": 7},
}
SUBNET: dict[str, Any] = {
    **{"id": "sn", "name": "lab", "network_id": "n", "project_id": "id of admin", "ip_version": 4},
    **{"cidr": "10.180.0.0/24", "gateway_ip": None, "enable_dhcp": True, "dns_nameservers": []},
    **{"allocation_pools": [{"start": "10.180.0.1", "end": "10.180.0.254"}], "host_routes": []},
}
ROUTER = {
    **{"id": "r", "name": "way", "project_id": "s", "admin_state_up": True, "routes": []},
    "external_gateway_info": {"network_id": "x", "enable_snat": True},
}
GATE = {
    **{"device_id": "r", "device_owner": "network:router_interface"},
    "fixed_ips": [{"subnet_id": "sn", "ip_address": "10.180.0.1"}],
}
IMAGE = {
    **{"id": "i", "name": "deb", "owner": "id of admin", "visibility": "public", "tags": []},
    **{"status": "active", "container_format": "bare", "disk_format": "raw", "min_disk": 2},
    **{"min_ram": 0, "protected": False, "os_hidden": False},
}
FLAVOR = {
    **{"id": "f", "name": "big", "vcpus": 4, "ram": 4096, "disk": 20, "swap": ""},
    **{"os-flavor-access:is_public": True, "OS-FLV-EXT-DATA:ephemeral": 0, "rxtx_factor": 1.0},
}
SERVER = {
    **{"id": "0b1e5f2c-77d0-4b1e-9c3a-5a1d2f3e4b5c", "name": "mine", "tenant_id": "w"},
    **{"status": "SHUTOFF", "flavor": {"id": "t"}},
}
WEB = {**SHOP, "id": "w", "name": "web"}
QUOTA = {"instances": 10, "cores": 20, "ram": 51200}


class Answer:
    """What an API answers; the content of an image comes in parts."""

    def __init__(self, body: Any) -> None:  # noqa: ANN401  # any JSON
        self.json = lambda: body

    def iter_content(self, _size: int) -> list[bytes]:
        """Return the parts."""
        return [b"a disk", b" of zeros" + bytes(512)]


class Api:
    """The admin's view of a cloud with just these things, which are by path."""

    def __init__(self, answers: Mapping[str, Any]) -> None:
        self.answers = answers

    def get(self, path: str, *, stream: bool = False) -> Answer:
        """Answer."""
        return Answer(None if stream else self.answers[path])

    def get_project_id(self) -> str:
        """Return the project of the admin."""
        return str(ADMIN["id"])


def answers(things: Mapping[str, Any], more: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a cloud with these things answers."""
    listed = {"projects": [ADMIN], **things}
    found = {path: {items: listed.get(name, [])} for name, (_, path, items) in PLACES.items()}
    return {**found, **more}


def written(
    things: Mapping[str, Any],
    folder: Path,
    change: Change | None = None,
    **more: Any,  # noqa: ANN401  # any JSON
) -> tuple[found.Written, str]:
    """Return what is written of a cloud into the file of the good config, and that file."""
    config = changed(routed_config(folder), change or {}, folder)
    given = {f"iaas:{key}": value for key, value in config.items()}
    entries = {
        key: {"value": text, "secret": key == "iaas:secret"}
        for key, text in as_pulumi(config).items()
    }
    given["iaas:secret"] = {"secure": "v1:x"}
    file = folder / "Pulumi.prod.yaml"
    file.write_text(yaml.safe_dump({"config": given}, sort_keys=False))
    api = Api(answers(things, more))
    done = found.write(entries, "iaas", file, lambda *_: api, lambda _: None)  # type: ignore[arg-type]
    return done, file.read_text()


def own(**more: object) -> dict[str, Any]:
    """Return a network of project web's own, with its subnet."""
    return {
        "projects": [ADMIN, {**SHOP, "id": "s", "name": "web"}],
        "networks": [{**OWN, "id": "n", **more}],
        "subnets": [{**SUBNET, "project_id": "s", "gateway_ip": "10.180.0.1"}],
    }


WRITTEN: dict[str, tuple[dict[str, Any], dict[str, Any], str, dict[str, Any]]] = {
    "a project with OpenStack's own quota": (
        {"projects": [ADMIN, SHOP]},
        {"/os-quota-sets/s": {"quota_set": QUOTA}},
        "projects",
        {"name": "shop"},
    ),
    "a project with a quota and a description": (
        {"projects": [ADMIN, {**SHOP, "description": "Sells"}]},
        {"/os-quota-sets/s": {"quota_set": {**QUOTA, "cores": 4}}},
        "projects",
        {"name": "shop", "description": "Sells", "quota": {**QUOTA, "cores": 4}},
    ),
    "a VLAN": (
        {"networks": [VLAN], "subnets": [SUBNET]},
        {},
        "networks",
        {"name": "lab", "segment": 180, "cidr": "10.180.0.0/24", "shared": True},
    ),
    "a VLAN with all that it can have": (
        {
            "networks": [{**VLAN, "mtu": 1400, "router:external": True}],
            "subnets": [
                {
                    **{**SUBNET, "gateway_ip": "10.180.0.1", "dns_nameservers": ["9.9.9.9"]},
                    "allocation_pools": [{"start": "10.180.0.50", "end": "10.180.0.60"}],
                    "host_routes": [{"destination": "10.9.0.0/24", "nexthop": "10.180.0.2"}],
                }
            ],
        },
        {},
        "networks",
        {
            **{"name": "lab", "segment": 180, "cidr": "10.180.0.0/24", "gateway": "10.180.0.1"},
            **{"pool": {"start": "10.180.0.50", "end": "10.180.0.60"}, "dns": ["9.9.9.9"]},
            **{"routes": [{"to": "10.9.0.0/24", "via": "10.180.0.2"}], "mtu": 1400},
            **{"shared": True, "external": True},
        },
    ),
    "an image, whose content is in a file": (
        {"images": [IMAGE]},
        {},
        "images",
        {"name": "deb", "diskFormat": "raw", "minDisk": 2},
    ),
    "a server, of a flavor of the settings": (
        {
            "projects": [ADMIN, WEB],
            "servers": [SERVER],
            "flavors": [{**FLAVOR, "id": "t", "name": "tiny"}],
        },
        {},
        "adoptedServers",
        {"id": SERVER["id"], "name": "mine", "project": "web", "flavor": "tiny"},
    ),
    "a server, of a flavor that is gone": (
        {"projects": [ADMIN, WEB], "servers": [{**SERVER, "status": "ACTIVE"}]},
        {},
        "adoptedServers",
        {"id": SERVER["id"], "name": "mine", "project": "web"},
    ),
    "a flavor": (
        {"flavors": [FLAVOR]},
        {"/flavors/f/os-extra_specs": {"extra_specs": {}}},
        "flavors",
        {"name": "big", "vcpus": 4, "ram": 4096, "disk": 20},
    ),
    "a flavor of a project": (
        {
            "projects": [ADMIN, {**SHOP, "name": "web"}],
            "flavors": [{**FLAVOR, "os-flavor-access:is_public": False}],
        },
        {
            "/flavors/f/os-extra_specs": {"extra_specs": {}},
            "/flavors/f/os-flavor-access": {
                "flavor_access": [{"flavor_id": "f", "tenant_id": "s"}]
            },
        },
        "flavors",
        {
            **{"name": "big", "vcpus": 4, "ram": 4096, "disk": 20, "public": False},
            "projects": ["web"],
        },
    ),
}


@pytest.mark.parametrize(("things", "more", "section", "entry"), WRITTEN.values(), ids=WRITTEN)
def test_what_fits_is_written_and_read_by_the_loader(
    things: dict[str, Any],
    more: dict[str, Any],
    section: str,
    entry: dict[str, Any],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    done, file = written(things, tmp_path, **more)
    assert (done.alone, [one.section for one in done.entries]) == ([], [section])
    content: Any = yaml_text.load(file.encode())
    last = content["config"][f"iaas:{section}"][-1]
    if section == "images":
        kept = Path(last.pop("file"))
        assert kept.read_bytes() == b"a disk of zeros" + bytes(512)
        assert last.pop("sha256") == kept.name
    assert last == entry


def test_an_own_network_and_its_router_are_written_in_one_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    things = own() | {"routers": [ROUTER], "ports": [GATE]}
    things["subnets"][0]["allocation_pools"] = [{"start": "10.180.0.2", "end": "10.180.0.254"}]
    things["networks"].append({**VLAN, "id": "x", "name": "front"})
    done, _ = written(things, tmp_path)
    assert done.alone == []
    assert [one.values for one in done.entries] == [
        {"name": "lab", "cidr": "10.180.0.0/24", "gateway": "10.180.0.1", "project": "web"},
        {"name": "way", "project": "web", "external": "front", "networks": ["lab"]},
    ]


ALONE: dict[str, tuple[dict[str, Any], str]] = {
    "a network of another wire": (
        {"networks": [{**VLAN, "provider:physical_network": "other"}], "subnets": [SUBNET]},
        "network lab: it is on other, and the settings' network is provider",
    ),
    "a network of another type": (
        {"networks": [{**VLAN, "provider:network_type": "vxlan"}], "subnets": [SUBNET]},
        "network lab: its type is vxlan",
    ),
    "a network that nobody may use": (
        {"networks": [{**VLAN, "shared": False}], "subnets": [SUBNET]},
        "network lab: it is for no project: neither shared nor a project's",
    ),
    "a network without a subnet": (
        {"networks": [VLAN]},
        "network lab: it has no subnets, and one of IPv4 is written",
    ),
    "a subnet of another name": (
        {"networks": [VLAN], "subnets": [{**SUBNET, "name": "sub"}]},
        "network lab: its subnet is called sub, and a subnet has its network's name:"
        " `openstack subnet set --name lab sn`",
    ),
    "a VLAN outside of the settings' range": (
        {"networks": [{**VLAN, "provider:segmentation_id": 900}], "subnets": [SUBNET]},
        "segment",
    ),
    "an image of a project": (
        {"images": [{**IMAGE, "visibility": "private"}]},
        "image deb: it is private, and not public",
    ),
    "a snapshot": ({"images": [{**IMAGE, "iaas_snapshot": "deb"}]}, ""),
    "a server that failed": (
        {"projects": [ADMIN, WEB], "servers": [{**SERVER, "status": "ERROR"}]},
        "server mine of project web: its status is ERROR",
    ),
    "a server of a project that is not in the settings": (
        {"projects": [ADMIN], "servers": [{**SERVER, "tenant_id": "id of admin"}]},
        "'admin' is not among the projects",
    ),
    "a server of the settings": (
        {"projects": [ADMIN, WEB], "servers": [{**SERVER, "name": "web1"}]},
        "",
    ),
}


@pytest.mark.parametrize(("things", "why"), ALONE.values(), ids=ALONE)
def test_what_does_not_fit_is_named_and_nothing_is_written(
    things: dict[str, Any], why: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    before = written({}, tmp_path)[1]
    done, after = written(things, tmp_path)
    assert (done.entries, done.file, after) == ([], None, before)
    assert why in "\n".join(f"{what}: {reason}" for what, reason in done.alone)
    assert len(done.alone) == (1 if why else 0)


def test_of_several_of_one_name_none_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    more = {"id": "m", "provider:segmentation_id": 181}
    other = {**SUBNET, "network_id": "m", "cidr": "10.181.0.0/24", "allocation_pools": []}
    things = {"networks": [VLAN, {**VLAN, **more}], "subnets": [SUBNET, other]}
    done, _ = written(things, tmp_path)
    assert [str(one.what) for one in done.alone] == ["network lab", "network lab"]
    assert done.entries == []


def test_servers_of_one_name_are_known_by_their_ids(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    other = {**SERVER, "id": "1b1e5f2c-77d0-4b1e-9c3a-5a1d2f3e4b5c"}
    things = {"projects": [ADMIN, WEB], "servers": [SERVER, other]}
    done, _ = written(things, tmp_path, {"projects[0].quota": {**QUOTA, "cores": 20}})
    assert [one.values["id"] for one in done.entries] == [SERVER["id"], other["id"]]
    before = [one.values for one in done.entries]
    again, _ = written(things, tmp_path, {"adoptedServers": before, "projects[0].quota": QUOTA})
    assert again.entries == []


FILE = """\
# of the team
config:
  iaas:networks: # VLANs
    # the first
    - name: front
      cidr: 10.101.0.0/24 # of the site
    # no more of them

  iaas:region: RegionOne
# the end
"""


def test_a_file_keeps_its_comments_and_order() -> None:
    lists: dict[str, Any] = {
        "iaas:networks": [{"name": "1e3", "dns": ["9.9.9.9"]}],
        "iaas:flavors": [{"name": "a"}],
    }
    assert (
        added(FILE, lists)
        == """\
# of the team
config:
  iaas:networks: # VLANs
    # the first
    - name: front
      cidr: 10.101.0.0/24 # of the site
    - name: "1e3"
      dns:
        - 9.9.9.9
    # no more of them

  iaas:region: RegionOne
  iaas:flavors:
    - name: a
# the end
"""
    )


@pytest.mark.parametrize("there", ["[]", "[{name: a}]", "", "{}"])
def test_a_list_in_brackets_is_left_to_a_person(
    there: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    file = tmp_path / "Pulumi.prod.yaml"
    file.write_text(f"config:\n  iaas:flavors: {there}\n")
    entry = Entry("flavors", {"name": "b", "vcpus": 1})
    assert found.into(file, "iaas", [entry]) == Path("adopted.yaml")
    assert file.read_text() == f"config:\n  iaas:flavors: {there}\n"
    pasted: Any = yaml_text.load(Path("adopted.yaml").read_bytes())
    assert pasted == {"config": {"iaas:flavors": [{"name": "b", "vcpus": 1}]}}


def test_what_was_written_is_what_is_loaded(files: Path) -> None:
    texts = as_pulumi(routed_config(files))
    entry = Entry("flavors", {"name": "b", "vcpus": 1, "ram": 1, "disk": 1})
    more = found.with_entries(texts, "iaas", [entry])
    assert json.loads(more["iaas:flavors"])[:-1] == json.loads(texts["iaas:flavors"])
    assert load(more).flavors[-1].name == "b"
