"""A compute that comes to a cloud that runs disturbs nothing else."""

from typing import Any

from tests.lab.conftest import COMPUTES, MakeStack, admin, changes, done, on, up
from tests.lab.servers import app1, servers
from tools.status.units import NEEDED

LATE = COMPUTES[-1]
WATCHED = {
    # chrony reads anew whom it lets in.
    "controller": [unit for unit in NEEDED["controller"] if unit != "chrony"],
    **{name: [*NEEDED["compute"]] for name in COMPUTES[:-1]},
}


def begun() -> dict[str, str]:
    """When each service of the other nodes was started, and each of their servers."""
    asked = "for unit in {}; do systemctl show -P ActiveEnterTimestampMonotonic $unit; done"
    found = {node: on(node, asked.format(" ".join(units))) for node, units in WATCHED.items()}
    boot = "cat /proc/sys/kernel/random/boot_id"
    return {**found, "app1": app1(boot)} | {
        name: one.shell(boot) for name, one in servers().items() if name != "app1"
    }


def test_adding_a_compute_restarts_no_service_and_no_server(stack: MakeStack) -> None:
    def drained(config: dict[str, Any]) -> None:
        config["iaas:computes"][-1]["drain"] = True

    def without(config: dict[str, Any]) -> None:
        config["iaas:computes"].pop()

    done(up(stack(drained)))
    done(up(stack(without)))
    assert LATE not in on("controller", "cat /etc/hosts").split()
    before = begun()
    done(up())
    assert begun() == before
    assert LATE in on(COMPUTES[0], "cat /etc/hosts").split()
    listed = admin(
        "openstack compute service list --service nova-compute -f value -c Host -c Status -c State"
    )
    assert f"{LATE} enabled up" in listed.splitlines()
    assert changes() == {}
