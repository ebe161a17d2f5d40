"""A compute that was reinstalled under its name comes back as itself, and names what it lost."""

import sys

from tests.changes.lab import MARK
from tests.lab.conftest import admin, changes, done, run, up
from tests.lab.servers import app1, host, servers

RECORDS = (
    "openstack compute service list --service nova-compute -f value -c ID -c Host"
    "; openstack resource provider list -f value -c uuid -c name"
    "; openstack network agent list --agent-type ovn-controller -f value -c Host | sort"
)
"""Who the computes are to Nova, Placement and Neutron."""


def test_a_reinstalled_compute_is_itself_and_names_the_servers_it_lost() -> None:
    done(up())
    assert app1(f"echo by-hand >{MARK}; sync; cat {MARK}") == "by-hand"
    node, before, records = host("app1"), servers(), admin(RECORDS)
    lost = sorted(name for name, one in before.items() if one.host == node)
    done(run("up", "--bare", node))
    repair = ("repair", "--yes", "--non-interactive", "--skip-preview")
    said = done(run("agent", sys.executable, "-m", "tools.drift", *repair)).stdout
    (named,) = {line for line in said.splitlines() if "has lost the disks of" in line}
    assert sorted(named.partition("disks of ")[2].partition(":")[0].split()) == lost
    assert admin(RECORDS) == records
    for name in lost:
        admin(f"openstack server rebuild --image guest --wait {before[name].id}")
    assert servers() == before
    assert app1(f"test -e {MARK} || echo lost") == "lost"
    assert changes() == {}
