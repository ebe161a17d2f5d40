"""The steps of a node: which there are, what each reads, and what it waits for.

The scripts beside this file are installed on the nodes as they are: the steps in
/usr/local/bin under the manual's names, `step.sh`, `cloud.py` and `rabbit.py`, which they share,
in /usr/local/lib/iaas. Python adds no shell text of its own: a script gets its
settings from /etc/xiandian/openrc.sh and passwords.sh, written by `exports`.
"""

import hashlib
import shlex
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent
LIBRARY = {name: f"/usr/local/lib/iaas/{name}" for name in ("step.sh", "cloud.py", "rabbit.py")}
OPENRC = "/etc/xiandian/openrc.sh"
PASSWORDS = "/etc/xiandian/passwords.sh"


@dataclass(frozen=True)
class Step:
    """One script of a node.

    reads: the variables of openrc.sh and passwords.sh that it uses; a change of one of
    them, of the script or of the library runs it again, and nothing else does.
    waits_for: steps of the same node, of the controller as `controller:NAME`, or of all
    computes as `computes:NAME`.
    minutes: after these it is stopped and has failed.
    """

    name: str
    script: str
    reads: tuple[str, ...]
    waits_for: tuple[str, ...] = ()
    minutes: int = 10


# What several steps read: for the cloud's API, for the provider bridge, about the nodes.
_CLOUD = ("HOST_IP", "REGION")
_PROVIDER = ("INTERFACE_IP", "INTERFACE_NAME", "Physical_NAME")
_NODES = (
    "HOST_IP",
    "HOST_NAME",
    "HOST_IP_NODE",
    "HOST_NAME_NODE",
    "NODES",
    "INTERFACE_IP",
    "SSH_PORT",
)

CHECK = Step(
    "check",
    "iaas-check.sh",
    ("HOST_IP", "INTERFACE_IP", "INTERFACE_NAME"),
    minutes=3,
)

CONTROLLER: tuple[Step, ...] = (
    Step("pre-host", "iaas-pre-host.sh", _NODES, minutes=40),
    Step(
        "mysql",
        "iaas-install-mysql.sh",
        ("HOST_IP", "KEYSTONE_DBPASS", "GLANCE_DBPASS", "PLACEMENT_DBPASS", "NOVA_DBPASS",
         "NEUTRON_DBPASS", "NOVA_RABBIT_PASS", "NEUTRON_RABBIT_PASS"),
        ("pre-host",),
    ),
    Step(
        "keystone",
        "iaas-install-keystone.sh",
        (*_CLOUD, "DOMAIN_NAME", "ADMIN_PASS", "KEYSTONE_DBPASS", "GLANCE_PASS",
         "PLACEMENT_PASS", "NOVA_PASS", "NEUTRON_PASS"),
        ("mysql",),
    ),
    Step(
        "glance",
        "iaas-install-glance.sh",
        (*_CLOUD, "GLANCE_DBPASS", "GLANCE_PASS"),
        ("keystone",),
    ),
    Step(
        "placement",
        "iaas-install-placement.sh",
        (*_CLOUD, "PLACEMENT_DBPASS", "PLACEMENT_PASS"),
        ("keystone",),
    ),
    Step(
        "nova-controller",
        "iaas-install-nova-controller.sh",
        (*_CLOUD, "NOVA_DBPASS", "NOVA_PASS", "NOVA_RABBIT_PASS", "NEUTRON_PASS",
         "METADATA_SECRET"),
        ("keystone",),
    ),
    Step(
        "neutron-controller",
        "iaas-install-neutron-controller.sh",
        (*_CLOUD, *_PROVIDER, "HOST_NAME", "minvlan", "maxvlan", "NEUTRON_DBPASS", "NEUTRON_PASS",
         "NEUTRON_RABBIT_PASS", "NOVA_PASS"),
        ("keystone",),
    ),
)  # fmt: skip

COMPUTE: tuple[Step, ...] = (
    Step("pre-host", "iaas-pre-host.sh", _NODES, minutes=40),
    Step("mysql-client", "iaas-install-mysql-client.sh", (), ("pre-host",)),
    Step(
        "nova-compute",
        "iaas-install-nova-compute.sh",
        (
            *_CLOUD,
            "INTERFACE_IP",
            "HOST_NAME_NODE",
            "NOVA_PASS",
            "NOVA_RABBIT_PASS",
            "NOVA_SSH_KEY",
            "NEUTRON_PASS",
            "SSH_PORT",
        ),
        ("mysql-client", "controller:nova-controller", "controller:placement"),
    ),
    Step(
        "neutron-compute",
        "iaas-install-neutron-compute.sh",
        (*_CLOUD, *_PROVIDER, "HOST_NAME_NODE", "METADATA_SECRET", "NEUTRON_PASS"),
        ("mysql-client", "controller:neutron-controller"),
    ),
)

# Runs on the controller when all computes are done: servers wait for this one step.
DISCOVER = Step(
    "discover",
    "iaas-discover-hosts.sh",
    (*_CLOUD, "HOST_NAME_NODE", "NOVA_PASS"),
    ("computes:nova-compute", "computes:neutron-compute"),
)


@cache
def text(name: str) -> str:
    """The script or library file of this name."""
    return (FOLDER / name).read_text(encoding="utf-8")


def exports(values: Mapping[str, str]) -> str:
    """Lines of shell that export these values, each quoted."""
    return "".join(f"export {name}={shlex.quote(value)}\n" for name, value in values.items())


def fingerprint(parts: Iterable[str]) -> str:
    """Twelve digits that change when a part changes."""
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:12]


def installed(step: Step, openrc: Mapping[str, str], passwords: str) -> str:
    """The script as it goes to a node: with what it reads as its last lines.

    A preview compares this text, so it shows line by line why a step runs again.
    `passwords` stands for those that the step reads: a fingerprint, never themselves.
    """
    read = [f"#   {name}={openrc[name]}" for name in step.reads if name in openrc]
    if any(name not in openrc for name in step.reads):
        read.append(f"#   {Path(PASSWORDS).name} {passwords}")
    read.append(f"#   library {fingerprint(text(name) for name in LIBRARY)}")
    return "\n".join([text(step.script), "# Runs again when one of these changes:", *read, ""])
