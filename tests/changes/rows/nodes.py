"""Changes of the nodes, of what they share, and of the words that allow or demand something."""

from tests.changes.base import digest, host_key, reordered, text_file
from tests.changes.facts import Gone, Is, On, Quota
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

LATE = "project: {quota: {instances: 1, cores: 1, ram: 256}}\n"
TENANTS: Change = {"tenants": text_file("tenants/guests.yaml", LATE)}


def allowed(**words: object) -> Change:
    """Return what allows deletions."""
    return {"allowDeletion": words}


def rules(**words: object) -> Change:
    """Return a team's rules."""
    return {"rules": words}


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


LIMITS = {"vcpus": 4, "ram": 4096, "disk": 8}
LIMIT = "rules.maxPublicFlavor"
FEW_OPEN: Change = {f"servers[{i}].ingress[0].cidr": "10.0.0.0/8" for i in range(3)}
SUMS: Change = {f"images[{i}].sha256": digest for i in range(2)}
RULES = rules(
    openPorts=[22, 80],
    maxPublicFlavor=LIMITS,
    protectedNetworks=["front", "data"],
)
STRICT = FEW_OPEN | SUMS | rules(openIcmp=False, imageChecksums=True, projectQuota=True)

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
    Row("computes", LESS, {"computes[1]": GONE}, refused="compute2"),
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
    # Tenants as files, and their stacks.
    Row(
        "tenants",
        G,
        TENANTS,
        says=("project guests: + new",),
        then=(Is("project", "guests"), Quota("guests", 1, 1, 256)),
    ),
    Row("tenants", C, {"tenants": text_file("others/guests.yaml", LATE)}, before=TENANTS),
    Row(
        "tenants",
        T,
        {"tenants": GONE},
        says=("project guests is deleted",),
        then=(Gone("project", "guests"), Gone("user", "guests")),
        before=TENANTS,
    ),
    Row(
        "tenantStacks",
        G,
        {"tenantStacks": True},
        refused="tenantStacks",
    ),
    Row(
        "tenantStacks",
        T,
        {"tenantStacks": GONE},
        before={"tenantStacks": True, "servers": []},
        unseen="a cloud with servers has no way to it",
    ),
    # A team's rules.
    Row(
        "rules.openPorts",
        G,
        rules(openPorts=[22], maxPublicFlavor=LIMITS, projectQuota=True),
        also=(
            *((f"{LIMIT}.vcpus", G), (f"{LIMIT}.ram", G), (f"{LIMIT}.disk", G)),
            ("rules.projectQuota", G),
        ),
    ),
    Row(
        "rules.openPorts",
        G,
        rules(openPorts=[80]),
        what="without a port in use",
        refused="opens tcp 22 to everywhere",
    ),
    Row(
        "rules.openPorts",
        T,
        {"rules.openPorts": GONE, LIMIT: {}},
        also=(*((f"{LIMIT}.vcpus", T), (f"{LIMIT}.ram", T), (f"{LIMIT}.disk", T)),),
        before=RULES,
    ),
    Row("rules.openPorts", MORE, {"rules.openPorts[2]": 443}, before=RULES),
    Row(
        "rules.openPorts",
        LESS,
        {"rules.openPorts": [80]},
        refused="opens tcp 22 to everywhere",
        before=RULES,
    ),
    Row("rules.openPorts", REORDERED, {"rules.openPorts": [80, 22]}, before=RULES),
    Row("rules.openIcmp", G, rules(openIcmp=False), refused="opens icmp to everywhere"),
    Row("rules.openIcmp", T, {"rules.openIcmp": True}, before=STRICT),
    Row(f"{LIMIT}.vcpus", C, {f"{LIMIT}.vcpus": 2}, before=RULES),
    Row(
        f"{LIMIT}.ram",
        C,
        {f"{LIMIT}.ram": 256},
        refused="is above rules.maxPublicFlavor.ram",
        before=RULES,
    ),
    Row(
        f"{LIMIT}.disk",
        C,
        {f"{LIMIT}.disk": 0},
        refused="is above rules.maxPublicFlavor.disk",
        before=RULES,
    ),
    Row("rules.imageChecksums", G, rules(imageChecksums=True), refused="rules.imageChecksums asks"),
    Row(
        "rules.imageChecksums",
        T,
        {"rules.imageChecksums": False, "rules.projectQuota": False},
        also=(("rules.projectQuota", T),),
        before=STRICT,
    ),
    Row(
        "rules.protectedNetworks",
        MORE,
        rules(protectedNetworks=["front"]),
        says=("network front: ", "protection none -> true"),
    ),
    Row(
        "rules.protectedNetworks",
        LESS,
        {"rules.protectedNetworks": ["front"]},
        says=("network data: ", "protection true -> none"),
        before=RULES,
    ),
    Row(
        "rules.protectedNetworks",
        REORDERED,
        {"rules.protectedNetworks": ["data", "front"]},
        before=RULES,
    ),
    # What a change may delete: by themselves these words do nothing.
    Row(
        "allowDeletion.controller",
        G,
        allowed(controller=True, networks=["front"], images=["guest"], computes=["compute2"]),
        also=(
            ("allowDeletion.networks", MORE),
            ("allowDeletion.images", MORE),
            ("allowDeletion.computes", MORE),
        ),
    ),
    Row(
        "allowDeletion.networks",
        REORDERED,
        allowed(
            networks=["data", "front"],
            images=["other", "guest"],
            computes=["compute2", "compute"],
        ),
        also=(("allowDeletion.images", REORDERED), ("allowDeletion.computes", REORDERED)),
        before=allowed(
            networks=["front", "data"],
            images=["guest", "other"],
            computes=["compute", "compute2"],
        ),
    ),
    Row(
        "allowDeletion.controller",
        T,
        {"allowDeletion": {}},
        also=(
            ("allowDeletion.networks", LESS),
            ("allowDeletion.images", LESS),
            ("allowDeletion.computes", LESS),
        ),
        before=allowed(
            controller=True, networks=["front"], images=["guest"], computes=["compute2"]
        ),
    ),
)
