"""A dead compute's servers live elsewhere, as the same servers; it comes back without them."""

import json
import sys
import time
from collections.abc import Iterator

import pytest

from tests.changes.lab import MARK
from tests.lab.conftest import COMPUTES, PATIENCE, Result, admin, changes, done, on, run, up
from tests.lab.servers import app1, servers


def evacuate(*words: str) -> Result:
    """Run the tool on the lab."""
    return run("agent", "env", *words, sys.executable, "-m", "tools.evacuate")


def service(host: str) -> dict[str, object]:
    """What Nova says of a compute."""
    listed = json.loads(admin("openstack compute service list --service nova-compute -f json"))
    found: dict[str, object] = next(one for one in listed if one["Host"] == host)
    return found


def await_state(host: str, state: str) -> None:
    """Wait until Nova says so."""
    until = time.monotonic() + PATIENCE
    while service(host)["State"] != state:
        assert time.monotonic() < until, f"Nova does not say that {host} is {state}"
        time.sleep(3)


@pytest.fixture(scope="module")
def host() -> Iterator[str]:
    """The compute of app1, on whose disk something is written."""
    done(up())
    assert app1(f"echo by-hand >{MARK}; sync; cat {MARK}") == "by-hand"
    yield servers()["app1"].host
    done(run("up"))


def test_a_compute_that_lives_is_refused(host: str) -> None:
    refused = evacuate(f"NODE={host}", f"YES={host}")
    assert refused.returncode == 1
    assert f"{host} is not off: it answers to ssh" in refused.stderr


def test_servers_of_a_dead_compute_are_made_anew_elsewhere(host: str) -> None:
    before = servers()
    done(run("off", host))
    early = evacuate(f"NODE={host}", f"YES={host}")
    assert early.returncode == 1
    assert f"Nova still hears from {host}" in early.stdout
    await_state(host, "down")
    unsaid = evacuate(f"NODE={host}")
    assert unsaid.returncode == 1
    assert "give YES=NAME" in unsaid.stderr
    said = done(evacuate(f"NODE={host}", f"YES={host}")).stdout
    (other,) = set(COMPUTES) - {host}
    assert f"server app1 is on {other}, ACTIVE: starts anew from image guest" in said
    assert f"no server is on {host}" in said
    after = servers()
    assert {name: one.id for name, one in after.items()} == {
        name: one.id for name, one in before.items()
    }
    assert {one.host for one in after.values()} == {other}
    assert {name: one.address for name, one in after.items()} == {
        name: one.address for name, one in before.items()
    }
    assert app1(f"test -e {MARK} || echo lost") == "lost"
    assert changes() == {}


def test_a_compute_that_is_back_has_none_of_them_and_takes_servers_again(host: str) -> None:
    done(run("up"))
    said = done(evacuate(f"NODE={host}", "BACK=1")).stdout
    assert f"{host} takes servers again" in said
    assert on(host, "virsh -q list --all --name").split() == []
    one = service(host)
    assert (one["Status"], one["State"]) == ("enabled", "up")
    assert run("ssh", host, "/usr/local/bin/iaas-install-nova-compute.sh").returncode == 0
    assert changes() == {}
