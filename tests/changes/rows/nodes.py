"""Changes of the nodes, and of what they share."""

from tests.changes.base import host_key, reordered
from tests.changes.facts import Holds, Left, On
from tests.changes.kinds import LIST, OPTIONAL, Kind
from tests.changes.row import Row
from tests.unit.configs import GONE, Change
from tests.unit.examples import OTHER_SECRET

G, C, T = OPTIONAL
MORE, LESS, REORDERED = LIST

CONNECTED = ("the connection has changed",)
ONE_NIC = "the lab's nodes have one provider NIC"
ONE_KEY = "the lab's nodes have one host key"
ML2 = "grep ^network_vlan_ranges /etc/neutron/plugins/ml2/ml2_conf.ini"


def own(key: str, place: str, node: str) -> tuple[Row, ...]:
    """Return the rows of what a node has of its own, by the node's key, place and name."""
    unchecked: Change = {f"{place}.hostKey": GONE, f"{place}.checkHostKey": False}
    checked: Change = {f"{place}.hostKey": host_key(node), f"{place}.checkHostKey": GONE}
    named: Change = {f"{place}.interfaceName": "ens33"}
    nic = f"{key}.interfaceName"
    return (
        Row(
            f"{key}.hostKey",
            T,
            unchecked,
            says=CONNECTED,
            also=((f"{key}.checkHostKey", G),),
            apart=True,
        ),
        Row(
            f"{key}.hostKey",
            G,
            checked,
            says=CONNECTED,
            also=((f"{key}.checkHostKey", T),),
            before=unchecked,
            apart=True,
        ),
        Row(
            f"{key}.hostKey",
            C,
            {f"{place}.hostKey": host_key("compute")},
            says=CONNECTED,
            unseen=ONE_KEY,
        ),
        Row(nic, G, named, what="the same"),
        Row(
            nic,
            C,
            {f"{place}.interfaceName": "ens34"},
            says=(f"{node}: ", "INTERFACE_NAME ens33 -> ens34"),
            before=named,
            unseen=ONE_NIC,
        ),
        Row(nic, T, {f"{place}.interfaceName": GONE}, before=named),
    )


ROWS: tuple[Row, ...] = (
    Row("region", C, {"region": "RegionTwo"}, refused="region"),
    # How nodes are reached.
    Row(
        "ssh.user",
        C,
        {"ssh": {"user": "debian"}},
        says=CONNECTED,
        unseen="the lab's nodes have no user but root",
    ),
    Row(
        "ssh.port",
        C,
        {"ssh": {"port": 2222}},
        says=("SSH_PORT 22 -> 2222",),
        unseen="the lab's nodes listen on port 22 alone",
    ),
    Row(
        "ssh.privateKeyFile",
        G,
        {"ssh": {"privateKeyFile": ".lab/ssh/id_ed25519"}},
        says=CONNECTED,
        apart=True,
    ),
    Row(
        "ssh.privateKeyFile",
        C,
        {"ssh.privateKeyFile": ".lab/ssh/../ssh/id_ed25519"},
        before={"ssh": {"privateKeyFile": ".lab/ssh/id_ed25519"}},
    ),
    Row(
        "ssh.privateKeyFile",
        T,
        {"ssh": {}},
        says=CONNECTED,
        before={"ssh": {"privateKeyFile": ".lab/ssh/id_ed25519"}},
        apart=True,
    ),
    # The controller.
    Row("controller.name", Kind.RENAMED, {"controller.name": "head"}, refused="controller"),
    Row("controller.host", C, {"controller.host": "192.168.100.11"}, refused="controller"),
    *own("controller", "controller", "controller"),
    # Computes.
    Row(
        "computes",
        MORE,
        {"computes[2]": {"name": "compute3", "host": "192.168.100.40", "checkHostKey": False}},
        says=("compute3: + new node 192.168.100.40", "HOST_NAME_NODE + compute3"),
        unseen="the lab has two computes",
    ),
    Row(
        "computes",
        LESS,
        {"computes[1]": GONE},
        says=(
            "compute2: leaves the cloud, if no server is on it",
            "HOST_NAME_NODE - compute2",
            "drain.py is deleted",
            "snapshots.py is deleted",
        ),
        unsaid=("takes servers again",),
        then=(Left("compute2"),),
        before={"computes[1].drain": True},
        apart=True,
    ),
    Row(
        "computes",
        LESS,
        {"computes[1]": GONE},
        what="not drained",
        says=("compute2: leaves the cloud, if no server is on it",),
        unseen="tests/lab/test_leave.py does it: `up` refuses what its preview shows",
    ),
    Row(
        "computes",
        MORE,
        {"computes[2]": "controller"},
        what="the controller itself",
        says=(
            "controller: + neutron-compute",
            "controller: + nova-compute",
            "RUNS_SERVERS false -> true",
            "HOST_NAME_NODE + controller",
        ),
        unseen="nothing takes it back",
    ),
    Row(
        "computes",
        LESS,
        {"computes[2]": GONE},
        what="the controller itself",
        before={"computes[2]": "controller"},
        refused="`controller` is taken out",
        unseen="nothing takes it back",
    ),
    Row("computes", REORDERED, {"computes": reordered("computes")}),
    Row(
        "computes[].name",
        Kind.RENAMED,
        {"computes[1].name": "compute9"},
        refused="compute2",
    ),
    Row(
        "computes[].name",
        Kind.SWAPPED,
        {"computes[0].name": "compute2", "computes[1].name": "compute"},
        refused="compute2",
    ),
    Row(
        "computes[].host",
        C,
        {"computes[1].host": "192.168.100.29"},
        refused="compute2",
    ),
    Row(
        "computes[].host",
        Kind.SWAPPED,
        {"computes[0].host": "192.168.100.30", "computes[1].host": "192.168.100.20"},
        refused="compute2",
    ),
    *own("computes[]", "computes[1]", "compute2"),
    Row(
        "computes[].drain",
        G,
        {"computes[1].drain": True},
        says=("compute2 is drained", "controller: + drain.py", "controller: + snapshots.py"),
        then=(Holds("compute2", takes=False), Holds("compute", takes=True)),
        apart=True,
    ),
    Row(
        "computes[].drain",
        T,
        {"computes[1].drain": GONE},
        says=("compute2: takes servers again", "drain.py is deleted", "snapshots.py is deleted"),
        then=(Holds("compute2", takes=True),),
        before={"computes[1].drain": True},
        apart=True,
    ),
    Row(
        "onRemoval",
        C,
        {"onRemoval": "clean"},
        says=(
            "controller: when it leaves, what is installed on it goes",
            "compute2: when it leaves, what is installed on it goes",
        ),
        then=(On("compute2", "ls /usr/local/bin", "iaas-pre-host.sh"),),
    ),
    # The provider network.
    Row("provider.physicalName", C, {"provider.physicalName": "wire"}, refused="network"),
    Row(
        "provider.minvlan",
        C,
        {"provider.minvlan": 101},
        says=("minvlan 100 -> 101",),
        then=(On("controller", ML2, ":101:"),),
    ),
    Row(
        "provider.maxvlan",
        C,
        {"provider.maxvlan": 300},
        says=("maxvlan 201 -> 300",),
        then=(On("controller", ML2, ":300"),),
        danger=True,
    ),
    Row(
        "provider.interfaceName",
        C,
        {"provider.interfaceName": "ens34"},
        says=("controller: ", "compute2: ", "INTERFACE_NAME ens33 -> ens34"),
        unseen=ONE_NIC,
    ),
    Row(
        "secret",
        C,
        {"secret": OTHER_SECRET},
        says=("the passwords have changed",),
        unseen="tests/lab/test_lab.py does it: the lab's secret is in no stack's file",
    ),
)
