"""A controller that runs servers, too: the word `controller` among the computes."""

from pathlib import Path

import pulumi
import pytest

from components.nodes import Compute, Controller, Hosts
from components.settings import load
from components.steps import BOTH, CONTROLLER, Step
from tests.unit.configs import (
    GONE,
    Allowed,
    Case,
    Change,
    changed,
    check_refused,
    check_taken,
    each,
)
from tests.unit.examples import as_pulumi, good_config
from tests.unit.mocks import Deployment, Secret, deploy, main
from tests.unit.test_nodes import COMPUTE_NODES, CONTROLLER_NODE, defaults
from tests.unit.test_scripts import bash
from tests.unit.test_sizes import Machine
from tests.unit.test_sizes import script as sized

ITSELF: Change = {"computes": ["controller"]}
MORE: Change = {"computes[2]": "controller"}
CHECK = "node/iaas-check.sh"
NOVA = "compute/iaas-install-nova-compute.sh"

REFUSED: tuple[Case, ...] = (
    ("twice", {"computes": ["controller"] * 2}, "computes[1]", "is there already; leave one out"),
    (
        "another word",
        {"computes": ["compute"]},
        "computes[0]",
        "'compute' is no compute; a machine is {name, host, hostKey}, and `controller` is the",
    ),
    ("the word alone", {"computes": "controller"}, "computes", "is not a list; put it in brackets"),
    ("a number", {"computes": [5]}, "computes[0]", "5 is not a mapping of keys to values"),
    (
        "a wrong machine has one problem",
        {**MORE, "computes[0].host": "here"},
        "computes[0].host",
        "'here' is not an IPv4 address",
    ),
    (
        "the same machine as an entry",
        {"computes[0].name": "controller"},
        "computes[0].name",
        "take another; if it is the same machine, the entry is the word `controller`",
    ),
    (
        "a wrong controller has one problem",
        {**ITSELF, "controller.name": "A B", "servers[0].host": "controller"},
        "controller.name",
        "'A B' is not a host name",
    ),
    (
        "a server on another compute",
        {**ITSELF, "servers[0].host": "compute"},
        "servers[0].host",
        "'compute' is not among the computes; there is controller",
    ),
)
TAKEN: tuple[Allowed, ...] = (
    ("alone", ITSELF),
    ("beside others", MORE),
    ("a server on it, by its name", {**ITSELF, "servers[0].host": "controller"}),
    ("all others are drained", {**MORE, "computes[0].drain": True, "computes[1].drain": True}),
    (
        "apart, on it and another one",
        {
            "computes": ["controller", {"name": "c", "host": "192.168.100.20"}],
            "computes[1].checkHostKey": False,
            "serverGroups": [{"name": "g", "project": "web", "policy": "anti-affinity"}],
            "servers[0].serverGroup": "g",
        },
    ),
)


@each(REFUSED)
def test_what_is_no_compute_is_refused(case: Case, tmp_path: Path) -> None:
    check_refused(case, tmp_path)


@each(TAKEN)
def test_the_controller_counts_as_a_compute(case: Allowed, tmp_path: Path) -> None:
    check_taken(case, tmp_path)


def test_the_other_computes_are_those_that_are_machines(tmp_path: Path) -> None:
    settings = load(as_pulumi(changed(good_config(tmp_path), MORE, tmp_path)))
    assert [compute.name for compute in settings.other_computes] == ["compute", "compute2"]
    assert settings.computes[2] == "controller"


@pytest.fixture(scope="module")
def deployed() -> Deployment:
    """A controller that runs servers, and another compute."""

    def program() -> None:
        controller = Controller(
            "one", CONTROLLER_NODE, ("controller", COMPUTE_NODES[0]), defaults()
        )
        Hosts("hosts", controller, [Compute("c1", COMPUTE_NODES[0], controller, defaults())])

    return deploy(program)


def openrc(deployed: Deployment, node: str) -> dict[str, str]:
    """Return the settings that a node gets."""
    lines = deployed.named(f"{node}-openrc.sh").inputs["stdin"].splitlines()
    pairs = (line.removeprefix("export ").partition("=") for line in lines)
    return {name: value.strip("'") for name, _, value in pairs}


def test_it_has_the_steps_of_a_compute_after_its_own(deployed: Deployment) -> None:
    for step in BOTH:
        after = deployed.before(f"one-{step.name}")
        assert {f"one-{name}" for name in (*step.waits_for, "pre-host", "tls", "mysql")} <= after
    assert [name for name in deployed.names() if name.startswith("one-pre-host")] == [
        "one-pre-host"
    ]
    assert "one-leave" not in deployed.names(), "it is not taken out"


@pytest.mark.parametrize("step", BOTH, ids=lambda step: step.name)
def test_a_step_of_both_waits_for_the_controllers(step: Step) -> None:
    assert set(step.waits_for) <= {one.name for one in CONTROLLER}


def test_servers_wait_for_it(deployed: Deployment) -> None:
    """The component waits for the ends of the steps, and names none of them."""
    names = deployed.names()
    assert names.index("hosts-discover") > names.index("one-neutron-compute")
    assert "#   HOST_NAME_NODE=controller c1\n" in deployed.named("hosts-discover").inputs["stdin"]


def test_its_settings_are_of_one_machine(deployed: Deployment) -> None:
    given = openrc(deployed, "one")
    assert given["NODES"] == "controller=10.0.0.1 c1=10.0.0.2"
    assert given["HOST_IP_NODE"] == "10.0.0.2", "its clock serves others"
    assert given["HOST_TUNNEL_IP"] == "", "no other end of the tunnels is asked"
    assert [openrc(deployed, node)["RUNS_SERVERS"] for node in ("one", "c1")] == ["true", "true"]
    passwords = deployed.named("one-passwords.sh").inputs["stdin"]
    assert isinstance(passwords, Secret)
    assert "NOVA_SSH_KEY=" in passwords.value


def test_it_may_begin_to_run_servers_but_not_end(
    whole: Deployment, config: dict[str, object], files: Path
) -> None:
    begun = deploy(main, changed(config, MORE, files), state=whole.exported())
    assert "controller-nova-compute" in begun.names()
    for change in ({}, {"computes[1]": GONE}):
        deploy(main, changed(config, {**MORE, **change}, files), state=begun.exported())
    with pytest.raises(pulumi.RunError, match=r"computes: `controller` is taken out, but the con"):
        deploy(main, config, state=begun.exported())


ROLES = {
    "controller": "INTERFACE_IP=10.0.0.1 HOST_IP=10.0.0.1 RUNS_SERVERS=false",
    "compute": "INTERFACE_IP=10.0.0.2 HOST_IP=10.0.0.1 RUNS_SERVERS=true",
    "both": "INTERFACE_IP=10.0.0.1 HOST_IP=10.0.0.1 RUNS_SERVERS=true",
}


def test_it_gets_the_packages_of_both() -> None:
    got = {
        role: set(bash("lib/before.sh", "packages", before=before, run="packages").split())
        for role, before in ROLES.items()
    }
    assert got["both"] == got["controller"] | got["compute"]
    assert "keystone" not in got["compute"]
    assert "nova-compute" not in got["controller"]


@pytest.mark.parametrize(
    ("role", "least"), [("controller", "3 5"), ("compute", "1 3"), ("both", "6 8")]
)
def test_it_needs_more_than_either(role: str, least: str) -> None:
    assert bash(CHECK, "needs", before=ROLES[role], run="needs").strip() == least


RESERVED = "[DEFAULT]\nreserved_host_memory_mb = 5000\nreserved_host_disk_mb = 20\n"


@pytest.mark.parametrize(
    ("active", "more"), [(True, "restart nova-compute.service\n"), (False, "")]
)
def test_servers_leave_room_for_its_services(active: bool, more: str) -> None:
    """It is the controller's step that knows how large these are."""
    before = "services_memory() { echo 5000; }; df() { echo 1K-blocks; echo 102400; }\n"
    before += (
        'merge() { [[ $1 == */nova-compute.conf ]]; cat; }; outdated() { echo "restart $1"; }\n'
    )
    before += f"systemctl() {{ {str(active).lower()}; }}"
    said = bash(
        "controller/iaas-install-nova-controller.sh", "reserve", before=before, run="reserve"
    )
    assert said == RESERVED + more


@pytest.mark.parametrize(
    ("here", "sources", "follows"),
    [(True, "", True), (False, "^,*,10.0.0.1,2,6", True), (False, "^,?,10.0.0.1,0,6", False)],
)
def test_the_controllers_own_clock_is_the_clouds(here: bool, sources: str, follows: bool) -> None:
    before = f"HOST_IP=10.0.0.1; on_controller() {{ {str(here).lower()}; }}\n"
    before += f"chronyc() {{ echo '{sources}'; }}"
    said = bash(NOVA, "clock_is_set", before=before, run="clock_is_set && echo yes || echo no")
    assert said == ("yes\n" if follows else "no\n")


@pytest.mark.parametrize(
    ("machine", "kept"),
    [((2, 4), 4366), ((4, 6), 4762), ((4, 8), 5758), ((16, 64), 15910)],
)
def test_memory_is_kept_for_services_of_that_size(machine: Machine, kept: int) -> None:
    """The least that such a controller may have is 6 GiB, so servers get some."""
    assert sized(machine, "services_memory") == f"{kept}\n"
