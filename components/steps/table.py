"""The table of steps: which there are, what each reads, and what it waits for."""

from dataclasses import dataclass, replace
from pathlib import PurePosixPath


@dataclass(frozen=True)
class Step:
    """One script of a node.

    source: its file, from this folder.
    reads: the variables of openrc.sh and passwords.sh that it uses; a change of one of
    them, of the script or of a library file that it sources runs it again; nothing else does.
    waits_for: steps of the same node, of the controller as `controller:NAME`, or of all nodes that
    run servers as `computes:NAME`, which may have failed then.
    minutes: after these it is stopped and counts as failed.
    """

    name: str
    source: str
    reads: tuple[str, ...]
    waits_for: tuple[str, ...] = ()
    minutes: int = 10

    @property
    def script(self) -> str:
        """The name of its script on a node."""
        return PurePosixPath(self.source).name


# What several steps read: for the cloud's API, for the proxy before it, for the provider bridge,
# about the nodes.
_CLOUD = ("HOST_IP", "REGION", "TLS")
_PROXY = (*_CLOUD, "PUBLIC_CERTIFICATE")
_PROVIDER = ("INTERFACE_IP", "INTERFACE_NAME", "Physical_NAME", "TUNNEL_IP", "TUNNEL_VLAN")
_NODES = (
    "HOST_IP",
    "HOST_NAME",
    "HOST_IP_NODE",
    "HOST_NAME_NODE",
    "NODES",
    "API_NETWORKS",
    "OPENINGS",
    "PUBLIC_NAME",
    "INTERFACE_IP",
    "INTERFACE_NAME",
    "RUNS_SERVERS",
    "SSH_PORT",
)

CHECK = Step(
    "check",
    "node/iaas-check.sh",
    ("HOST_IP", "API_NETWORKS", "INTERFACE_IP", "INTERFACE_NAME", "MTU", "RUNS_SERVERS"),
    minutes=3,
)

CLEAN = Step(
    "clean",
    "node/iaas-clean.sh",
    ("HOST_IP", "INTERFACE_IP", "INTERFACE_NAME", "RUNS_SERVERS"),
    minutes=30,
)

CONTROLLER: tuple[Step, ...] = (
    Step("pre-host", "node/iaas-pre-host.sh", _NODES, minutes=40),
    Step("tls", "node/iaas-install-tls.sh", ("TLS",), ("pre-host",)),
    Step(
        "mysql",
        "controller/iaas-install-mysql.sh",
        ("HOST_IP", "TLS", "SIZES", "KEYSTONE_DBPASS", "GLANCE_DBPASS", "PLACEMENT_DBPASS",
         "NOVA_DBPASS", "NEUTRON_DBPASS", "NOVA_RABBIT_PASS", "NEUTRON_RABBIT_PASS"),
        ("tls",),
    ),
    Step(
        "keystone",
        "controller/iaas-install-keystone.sh",
        (*_PROXY, "PUBLIC_NAME", "SIZES", "API_LOGINS", "API_AUDIT", "DOMAIN_NAME", "ADMIN_PASS",
         "KEYSTONE_DBPASS", "GLANCE_PASS", "PLACEMENT_PASS", "NOVA_PASS", "NEUTRON_PASS"),
        ("mysql",),
    ),
    Step(
        "databases",
        "controller/iaas-install-databases.sh",
        ("GLANCE_DBPASS", "PLACEMENT_DBPASS", "NOVA_DBPASS", "NEUTRON_DBPASS"),
        ("mysql",),
    ),
    Step(
        "glance",
        "controller/iaas-install-glance.sh",
        (*_PROXY, "SIZES", "GLANCE_DBPASS", "GLANCE_PASS", "MEMCACHE_SECRET"),
        ("keystone", "databases"),
    ),
    Step(
        "placement",
        "controller/iaas-install-placement.sh",
        (*_PROXY, "SIZES", "PLACEMENT_DBPASS", "PLACEMENT_PASS", "MEMCACHE_SECRET"),
        ("keystone", "databases"),
    ),
    Step(
        "nova-controller",
        "controller/iaas-install-nova-controller.sh",
        (*_PROXY, "SIZES", "API_AUDIT", "RUNS_SERVERS", "NOVA_DBPASS", "NOVA_PASS",
         "NOVA_RABBIT_PASS", "NEUTRON_PASS", "METADATA_SECRET", "MEMCACHE_SECRET"),
        ("placement",),  # Nova's conductor and scheduler end if they cannot reach it as they start
    ),
    Step(
        "neutron-controller",
        "controller/iaas-install-neutron-controller.sh",
        (*_PROXY, *_PROVIDER, "SIZES", "HOST_NAME", "MTU", "SELF_SERVICE", "minvlan", "maxvlan",
         "NEUTRON_DBPASS", "NEUTRON_PASS", "NEUTRON_RABBIT_PASS", "NOVA_PASS",
         "MEMCACHE_SECRET"),
        ("keystone", "databases"),
    ),
    Step(
        "backup",
        "controller/iaas-install-backup.sh",
        ("BACKUP_EVERY", "BACKUP_KEEP", "BACKUP_FOLDER", "BACKUP_HOST", "BACKUP_HOST_KEY",
         "BACKUP_USER", "BACKUP_PORT", "BACKUP_RECIPIENT", "BACKUP_SEAL", "BACKUP_SSH_KEY"),
        ("pre-host",),
    ),
)  # fmt: skip

_NOVA_COMPUTE = Step(
    "nova-compute",
    "compute/iaas-install-nova-compute.sh",
    (*_CLOUD, "INTERFACE_IP", "NODE_NAME", "PUBLIC_NAME", "NOVA_PASS", "NOVA_RABBIT_PASS",
     "NOVA_SSH_KEY", "NEUTRON_PASS", "SSH_PORT"),
)  # fmt: skip
_NEUTRON_COMPUTE = Step(
    "neutron-compute",
    "compute/iaas-install-neutron-compute.sh",
    (*_CLOUD, *_PROVIDER, "NODE_NAME", "HOST_TUNNEL_IP", "METADATA_SECRET", "MTU", "NEUTRON_PASS"),
)

# On the controller, where the settings have a dashboard.
DASHBOARD = Step(
    "dashboard",
    "controller/iaas-install-dashboard.sh",
    (
        "HOST_IP",
        "HOST_NAME",
        "TLS",
        "PUBLIC_CERTIFICATE",
        "PUBLIC_NAME",
        "SIZES",
        "DOMAIN_NAME",
        "DASHBOARD_SECRET",
    ),
    ("glance", "nova-controller", "neutron-controller"),
    minutes=30,
)

COMPUTE: tuple[Step, ...] = (
    Step("pre-host", "node/iaas-pre-host.sh", _NODES, minutes=40),
    Step("tls", "node/iaas-install-tls.sh", ("TLS",), ("pre-host",)),
    Step("mysql-client", "compute/iaas-install-mysql-client.sh", (), ("pre-host",)),
    replace(_NOVA_COMPUTE, waits_for=("mysql-client", "tls", "controller:nova-controller")),
    replace(_NEUTRON_COMPUTE, waits_for=("mysql-client", "tls", "controller:neutron-controller")),
)

# A controller that runs servers, too, has these after its own.
BOTH: tuple[Step, ...] = (
    replace(_NOVA_COMPUTE, waits_for=("nova-controller",)),
    replace(_NEUTRON_COMPUTE, waits_for=("neutron-controller",)),
)

# Runs on the controller when all computes have ended, well or not: servers wait for this one step.
DISCOVER = Step(
    "discover",
    "controller/iaas-discover-hosts.sh",
    (*_CLOUD, "HOST_NAME_NODE", "NOVA_PASS"),
    ("computes:nova-compute", "computes:neutron-compute"),
)
