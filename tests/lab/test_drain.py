"""A drained compute has no servers: those that ran moved without a restart, and encrypted."""

import json

from tests.lab.conftest import MakeStack, admin, changes, done, up
from tests.lab.servers import app1
from tests.lab.sightings import MARK, watching

BOOT = "cat /proc/sys/kernel/random/boot_id"
REMEMBER = (
    f"i=0; while [ $i -lt 5000 ]; do echo '{MARK.decode()}in app1!'; i=$((i+1)); done >/root/marks;"
    " sync; wc -l </root/marks"
)
"""What makes a server have the mark in its memory and on its disk, thousands of times."""


def servers() -> dict[str, dict[str, str]]:
    """Return what Nova says of each server, by name."""
    listed = json.loads(admin("openstack server list --all-projects --long -f json"))
    return {server["Name"]: server for server in listed}


def test_servers_leave_a_drained_compute_and_stay_what_they_were(stack: MakeStack) -> None:
    done(up())
    before = servers()
    host = before["app1"]["Host"]
    others = [name for name, one in before.items() if one["Host"] == host and name != "app1"]
    off = others[0] if others else None
    if off:
        admin(f"openstack server stop {before[off]['ID']}")
    booted = app1(BOOT)
    assert app1(REMEMBER) == "5000"

    def drained(config: dict[str, list[dict[str, object]]]) -> None:
        for compute in config["iaas:computes"]:
            compute["drain"] = compute["name"] == host

    settings = stack(drained)
    assert changes(settings) == {
        f"hosts-drain-{host}": "create",
        "controller-drain.py": "create",
        "controller-snapshots.py": "create",
    }
    with watching(host) as seen:
        said = done(up(settings)).stdout
        assert seen() == "", "what moves can't be read on the wire"
    assert "server app1 is on " in said
    assert "moved live" in said
    after = servers()
    assert [name for name, one in after.items() if one["Host"] == host] == []
    assert {name: one["ID"] for name, one in after.items()} == {
        name: one["ID"] for name, one in before.items()
    }
    assert app1(BOOT) == booted
    if off:
        assert after[off]["Status"] == "SHUTOFF"
        admin(f"openstack server start {after[off]['ID']}")
    assert changes(settings) == {}
    done(up())
    services = json.loads(admin("openstack compute service list --service nova-compute -f json"))
    assert {service["Status"] for service in services} == {"enabled"}
    assert changes() == {}
