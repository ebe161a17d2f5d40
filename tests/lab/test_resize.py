"""A server is resized on whichever compute Nova chooses."""

import json
from typing import Any

from tests.changes.lab import MARK
from tests.lab.conftest import MakeStack, admin, changes, done, up
from tests.lab.servers import servers


def test_a_server_that_is_resized_on_another_compute_keeps_its_disk(stack: MakeStack) -> None:
    done(up())
    before = servers()["db1"]
    before.shell(f"echo by-hand >{MARK}; sync")

    def smaller(config: dict[str, Any]) -> None:
        one = next(one for one in config["iaas:servers"] if one["name"] == "db1")
        assert one["flavor"] == "small"
        one["flavor"] = "tiny"

    admin(f"openstack compute service set --disable {before.host} nova-compute")
    try:
        done(up(stack(smaller)))
    finally:
        admin(f"openstack compute service set --enable {before.host} nova-compute")
    after = servers()["db1"]
    assert after.id == before.id
    assert after.host != before.host
    shown = json.loads(admin(f"openstack server show {after.id} -f json"))
    assert shown["status"] == "ACTIVE"
    assert after.shell(f"cat {MARK}") == "by-hand"
    assert changes(stack(smaller)) == {}
    done(up())
    assert changes() == {}
