"""The services that a node of the cloud needs, and what does not work without each."""

from .seen import Kind, Reading, Service

BASE = {
    "chrony": "its clock drifts, and Nova takes it for dead",
    "iaas-firewall": "its ports are open to everybody",
    "iaas-provider-nic": "its servers do not reach their VLANs",
    "openvswitch-switch": "its servers have no network",
    "ovs-vswitchd": "its servers have no network",
    "ovsdb-server": "its servers have no network",
    "ovn-controller": "changes of networks do not reach it",
}
CONTROLLER = {
    "haproxy": "no API answers",
    "mariadb": "no service answers",
    "rabbitmq-server": "nothing in the cloud can be changed",
    "memcached": "the APIs are slow",
    "keystone": "nobody can log in",
    "glance-api": "no server can be made",
    "placement-api": "no server can be made",
    "nova-api": "servers can't be changed or listed",
    "nova-api-metadata": "new servers get neither key nor user data",
    "nova-conductor": "servers can't be changed",
    "nova-scheduler": "no server can be made",
    "nova-novncproxy": "consoles do not open",
    "neutron-api": "no server can be made, no network changed",
    "iaas-dashboard": "nobody gets into the cloud by a browser",
    "neutron-rpc-server": "the agents get no answers",
    "neutron-ovn-maintenance-worker": "differences between Neutron and OVN stay",
    "neutron-periodic-workers": "agents are not watched",
    "ovn-northd": "changes of networks do not reach the nodes",
    "ovn-ovsdb-server-nb": "no network can be changed",
    "ovn-ovsdb-server-sb": "changes of networks do not reach the nodes",
}
COMPUTE = {
    "libvirtd": "its servers can't be started or stopped",
    "virtlogd": "its servers can't be started",
    "nova-compute": "its servers can't be started, stopped or changed",
    "neutron-ovn-metadata-agent": "its new servers get neither key nor user data",
}
NEEDED: dict[Kind, dict[str, str]] = {
    "controller": {**BASE, **CONTROLLER},
    "compute": {**BASE, **COMPUTE},
    "controller and compute": {**BASE, **CONTROLLER, **COMPUTE},
}
"""By kind of node: each service, and what is so without it."""

SOMETIMES = {"iaas-dashboard": "dashboard"}
"""Services that only some settings bring, each with the step that does, by the name of its log."""


def needed(kind: Kind, reading: Reading) -> dict[str, str]:
    """Return the services that a node needs: of those of some settings, what a step has brought."""
    run = reading.steps or {}
    return {
        unit: without
        for unit, without in NEEDED[kind].items()
        if unit not in SOMETIMES or SOMETIMES[unit] in run
    }


UPDATED = "drained by make update"
"""Why Nova has a compute disabled that an update has drained."""

API: dict[Service, str] = {
    "keystone": "keystone",
    "nova": "nova-api",
    "neutron": "neutron-api",
    "placement": "placement-api",
    "glance": "glance-api",
}
"""The unit on the controller of each service's API."""

LOGS = {
    unit: f"/var/log/{unit.partition('-')[0]}/{unit}.log"
    for unit in (*CONTROLLER, *COMPUTE)
    if unit.startswith(("keystone", "glance-", "placement-", "nova-", "neutron-"))
}
"""OpenStack's services say most in logs of their own, and little in the journal."""

QUEUES = {
    "conductor": "nova-conductor",
    "scheduler": "nova-scheduler",
    "q-plugin": "neutron-rpc-server",
}
"""Queues that somebody must always listen on, and the controller's service that does; of a compute
it is `compute.NAME`."""
PASSING = ("_fanout_", "reply_")
"""In names of queues that RabbitMQ removes by itself some time after their owner is gone."""
