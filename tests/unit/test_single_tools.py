"""What a developer calls, where the controller runs servers, too."""

from dataclasses import replace
from typing import Any

import pytest

from components import steps
from tests.unit.readings import cloud, names, node, reading, server, stack
from tools.evacuate import compute
from tools.restore_controller import lost
from tools.stack import NoStack, Stack, read
from tools.status.cloud_tables import services
from tools.status.in_cloud import absent
from tools.status.node_tables import computes
from tools.status.node_tables import steps as step_table
from tools.status.nodes import kinds
from tools.status.on_nodes import deaf, expected, reboot
from tools.status.seen import CloudSeen, Kind, Seen, Server
from tools.status.units import NEEDED
from tools.update.nodes import steps_of
from tools.update.plan import no_room

BOTH: Kind = "controller and compute"
KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAILRbFMHvGkjnPHpackXyEOaMixuhUN344ef+ToNOnOhJ"
MACHINE = {"name": "cloud", "host": "10.0.0.1", "hostKey": KEY}
OTHER = {**MACHINE, "name": "c1", "host": "10.0.0.2"}


def single(**more: Any) -> Seen:  # noqa: ANN401  # parts of a reading
    """Return a cloud of one node, which runs two servers."""
    queues = reading("controller", "controller", ("controller",))["queues"]
    given = reading("controller", BOTH, **{"queues": queues, **more})
    of = cloud(1, servers=0)
    here = [{**one, "host": "controller"} for one in of["services"]]
    agents = [{**one, "host": "controller"} for one in of["agents"][1:]]
    answers = {
        "services": here,
        "agents": agents,
        "hypervisors": [{"name": "controller", "up": True}],
        "room": [{**of["room"][0], "compute": "controller"}],
        "servers": [server(n, "controller") for n in (1, 2)],
    }
    answered = CloudSeen.model_validate({**of, **answers})
    return Seen(stack="", time=0, nodes=(node(given, "controller", BOTH),), cloud=answered)


def stack_of(listed: list[object]) -> Stack:
    """Return the stack of a controller with these computes."""
    config = {
        "iaas:secret": {"value": "0f1e2d3c4b5a69788796a5b4c3d2e1f0"},
        "iaas:controller": {"objectValue": MACHINE},
        "iaas:computes": {"objectValue": listed},
    }
    return read(config, "iaas")


@pytest.mark.parametrize(
    ("listed", "others", "runs_servers"),
    [([], 0, False), (["controller"], 0, True), ([OTHER, "controller"], 1, True)],
)
def test_the_stack_knows_whether_its_controller_runs_servers(
    listed: list[object], others: int, runs_servers: bool
) -> None:
    found = stack_of(listed)
    assert len(found.computes) == others
    assert found.runs_servers is runs_servers
    assert [one.name for one in found.all_computes][:1] == (["cloud"] if runs_servers else [])
    assert kinds(found)[0][1] == (BOTH if runs_servers else "controller")
    assert [kind for _, kind in kinds(found)[1:]] == ["compute"] * others


def test_such_a_node_needs_what_both_need_and_has_the_steps_of_both() -> None:
    assert NEEDED[BOTH].keys() == NEEDED["controller"].keys() | NEEDED["compute"].keys()
    assert [step.name for step in steps_of(BOTH, stack_of(["controller"]))] == [
        *(step.name for step in (*steps.CONTROLLER, *steps.BOTH)),
        "discover",
    ]
    assert expected(BOTH).keys() >= {"mysql", "nova-compute", "neutron-compute"}
    assert "mysql-client" not in expected(BOTH)


def test_a_single_machine_that_is_well_has_no_finding() -> None:
    found = single()
    assert found.controller.name == "controller"
    assert [*deaf(found)] == [*absent(found)] == []
    (row,) = computes(found, {}).rows
    assert row[:3] == ("controller", "ok", "2 ACTIVE")
    assert services(found).rows[0][0] == f"what a {BOTH} needs"
    assert f"{BOTH}: nova-compute" in [row[0] for row in step_table(found).rows]


def test_its_compute_is_watched() -> None:
    queues = reading("controller", "controller", names(0))["queues"]
    (hit,) = deaf(single(queues=queues))
    assert hit.words["unit"] == "nova-compute"
    (hit,) = reboot(single(reboot=["a new kernel"]))
    assert hit.words["stop"] == "the APIs are away and its servers off"


def test_it_cannot_be_drained_or_evacuated() -> None:
    assert no_room(single(), "controller") == "no other compute takes servers"
    with pytest.raises(NoStack, match="controller is the controller: while it is dead, nothing"):
        compute(replace(stack(1), runs_servers=True), "controller")


def test_a_restored_one_has_lost_its_servers_disks() -> None:
    servers = [Server.model_validate(server(n, "controller")) for n in (1,)]
    (said,) = lost([], servers, "controller")
    assert "'openstack server rebuild id-1' there makes it anew" in said
