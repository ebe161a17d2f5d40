"""What `pulumi preview` does to each resource when a setting changes: this, and nothing else."""

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.engine.conftest import Stack
from tests.engine.shown import each, operations, updated
from tests.unit.configs import GONE, Change, changed
from tests.unit.examples import public_key, qcow2
from tests.unit.test_program import COMPUTE, CONTROLLER

ALLOW: Change = {"allowDeletion": {"networks": ["front"]}}


def new_content(folder: Path) -> object:
    """Give the image's file another content; no digest stands in the config."""
    (folder / "guest.qcow2").write_bytes(qcow2() + b"more")
    return GONE


def commands(node: str, names: str) -> str:
    """Return the names of a node's commands."""
    return " ".join(f"{node}-{name}" for name in names.split())


OPENRC = "controller-openrc.sh compute-openrc.sh compute2-openrc.sh "
# The answer of this one stays known, so that a preview is whole.
EVERY_COMMAND_OF_THE_CONTROLLER = commands("controller", CONTROLLER.replace("member-role", ""))
EVERY_COMMAND = " ".join(
    [
        EVERY_COMMAND_OF_THE_CONTROLLER,
        "hosts-discover",
        *(commands(node, COMPUTE) for node in ("compute", "compute2")),
    ]
)

# A promise, a change of the settings, and all that is done because of it.
CHANGES: tuple[tuple[str, Change, Mapping[str, str]], ...] = (
    (
        "another range of VLANs sets up Neutron alone",
        {"provider.minvlan": 99},
        updated(OPENRC + "controller-neutron-controller"),
    ),
    (
        "another provider NIC sets up the networks of the nodes that have no own",
        {"provider.interfaceName": "eth1"},
        updated(
            commands("controller", "check openrc.sh pre-host neutron-controller ")
            + commands(" compute", "check openrc.sh pre-host neutron-compute")
        ),
    ),
    (
        "another provider NIC of one node sets up that one alone",
        {"computes[1].interfaceName": "eth1"},
        updated(commands("compute2", "check openrc.sh pre-host neutron-compute")),
    ),
    (
        "another provider network is set up everywhere, and its networks are others",
        {
            "provider.physicalName": "wire",
            "allowDeletion": {"networks": ["front", "data"]},
        },
        {
            **updated(OPENRC + "controller-neutron-controller"),
            **updated("compute-neutron-compute compute2-neutron-compute"),
            **each("replace", "network-front-network network-front-subnet"),
            **each("replace", "network-data-network network-data-subnet"),
            **each("replace", "server-web1-port server-web1-server"),
            **each("replace", "server-db1-port server-db1-server"),
        },
    ),
    (
        "another way to the nodes runs all of their commands again",
        {"ssh.port": 2222, "ssh.user": "debian"},
        updated(EVERY_COMMAND),
    ),
    (
        "another host key of the controller runs its commands again, and no other node's",
        {"controller.hostKey": public_key("new")},
        updated(EVERY_COMMAND_OF_THE_CONTROLLER + " hosts-discover compute-leave compute2-leave"),
    ),
    (
        "a compute that is added runs its own steps, and elsewhere is let in",
        {"computes[2]": {"name": "compute3", "host": "192.168.100.40", "checkHostKey": False}},
        {
            **updated(OPENRC + "controller-pre-host compute-pre-host compute2-pre-host"),
            **updated("hosts-discover"),
            **each("create", "compute3 " + commands("compute3", COMPUTE)),
        },
    ),
    (
        "a compute that is taken out is let in no more",
        {"computes[1]": GONE},
        {
            **updated(OPENRC + "controller-pre-host compute-pre-host hosts-discover"),
            **each("delete", "compute2 " + commands("compute2", COMPUTE)),
        },
    ),
    (
        "whether nodes that leave are cleaned is asked of no node",
        {"onRemoval": "clean"},
        updated("controller-clean compute-clean compute2-clean"),
    ),
    (
        "what an image asks of a flavor is changed in place",
        {"images[0].minRam": 64},
        updated("image-guest-image"),
    ),
    (
        "another address is the port's alone",
        {"servers[0].address": "10.101.0.12"},
        updated("server-web1-port"),
    ),
    (
        "new contents replace images, and the servers of the one that says so",
        {"images[0].sha256": new_content, "images[1].sha256": "1" * 64},
        {
            "image-guest-image": "replace",
            "server-web1-server": "replace",
            "image-other-image": "replace",
        },
    ),
    (
        "another VLAN replaces the network and what is on it",
        {"networks[0].segment": 102, **ALLOW},
        {
            "server-web1": "update",
            "network-front-network": "replace",
            "network-front-subnet": "replace",
            "server-web1-port": "replace",
            "server-web1-server": "replace",
        },
    ),
    (
        "another key replaces the server that would not know it",
        {"servers[1].publicKey": public_key("new")},
        {"server-db1-key": "replace", "server-db1-server": "replace"},
    ),
    (
        "user data that only a first start reads replaces the server",
        {"servers[0].userData": "#cloud-config\nhostname: other\n"},
        {"server-web1-server": "replace"},
    ),
    (
        "a rule that opens something else touches no server",
        {"servers[0].ingress[1].port": 80},
        {"server-web1-tcp-22-10.0.0.0-8": "delete", "server-web1-tcp-80-10.0.0.0-8": "create"},
    ),
)


@pytest.mark.parametrize(
    ("change", "expected"),
    [pytest.param(change, expected, id=promise) for promise, change, expected in CHANGES],
)
def test_a_change_does_exactly_this(
    change: Change,
    expected: Mapping[str, str],
    whole: Stack,
    config: dict[str, object],
    files: Path,
) -> None:
    whole.configure(changed(config, change, files))
    assert operations(json.loads(whole.pulumi("preview", "--json"))) == expected
