"""The table of faults. docs/runbook.md says for each what to do, in the words of its error."""

import hashlib

from tests.faults.fault import HERE, Fault

SHARE = 16
"""One fault in so many is tried for a commit."""

OPENED: dict[str, object] = {
    "nodeOpenings": [{"ports": [9100], "cidr": "192.0.2.0/24", "nodes": ["compute2"]}]
}
"""Runs pre-host on compute2 alone."""
PROJECT: dict[str, object] = {
    "projects[2]": {"name": "more", "quota": {"instances": 2, "cores": 2, "ram": 1024}}
}
NETWORK: dict[str, object] = {
    "networks[4]": {"name": "spare", "segment": 160, "cidr": "10.160.0.0/24", "shared": True}
}
_WEB3 = {
    "name": "web3",
    "project": "web",
    "image": "guest",
    "flavor": "tiny",
    "network": "front",
    "publicKeyFile": ".lab/ssh/web1.pub",
}
SERVER: dict[str, object] = {"servers[5]": _WEB3}
TAKEN = "10.101.0.60"
AT_TAKEN: dict[str, object] = {"servers[5]": {**_WEB3, "address": TAKEN}}
ON_COMPUTE2: dict[str, object] = {"servers[5]": {**_WEB3, "host": "compute2"}}
IMAGE: dict[str, object] = {
    "images[1]": {"name": "other", "file": ".lab/guest.qcow2", "diskFormat": "qcow2"}
}

# A package is missing, so pre-host needs the mirror.
_MISSING = "dpkg --remove --force-depends python3-pymysql && apt-get clean"
_SOURCES = "/etc/apt/sources.list.d"
_MIRROR = f"""
{_MISSING}
cp -a {_SOURCES} /root/sources
rm -r /var/lib/apt/lists/*
sed -i -E 's|^URIs: .*|URIs: MIRROR|' {_SOURCES}/*.sources
"""
_OWN_MIRROR = f"rm -r {_SOURCES} && mv /root/sources {_SOURCES}"


def _mirror(url: str) -> str:
    """The script that gives a node another mirror."""
    return _MIRROR.replace("MIRROR", url)


def _answering(status: int, text: str) -> str:
    """The script of a mirror on the node itself, which answers everything with this."""
    return f"""
cat >/run/mirror.py <<'EOF'
from http.server import BaseHTTPRequestHandler, HTTPServer


class Mirror(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response({status})
        self.end_headers()
        self.wfile.write(b{text!r})


HTTPServer(("127.0.0.1", 8099), Mirror).serve_forever()
EOF
systemd-run --quiet --unit fault-mirror --collect python3 /run/mirror.py
{_mirror("http://127.0.0.1:8099/debian")}
"""


# A container has the clock of its machine, so the services of the node are told another time.
_SERVICES = "ovn-controller nova-compute neutron-ovn-metadata-agent"
_DROP_INS = " ".join(f"/run/systemd/system/{unit}.service.d" for unit in _SERVICES.split())
_LATE = f"""
apt-get -q -y install libfaketime
library=$(echo /usr/lib/*/faketime/libfaketime.so.1)
for folder in {_DROP_INS}; do
  mkdir -p $folder
  printf '[Service]\\nEnvironment=LD_PRELOAD=%s FAKETIME=-10m\\n' $library >$folder/fault.conf
done
systemctl daemon-reload
systemctl restart {_SERVICES}
grep -q libfaketime /proc/$(systemctl show -P MainPID nova-compute)/maps
"""


# Who is asked last is believed, so it tells its neighbours again and again.
_ALSO_COMPUTE2 = """
getent hosts compute2 | sed 's| .*|/24|' >/run/fault
ip address add $(cat /run/fault) dev eth0
cat >/run/fault.py <<'EOF'
import socket, time

address = socket.inet_aton(open("/run/fault").read().split("/")[0])
mac = bytes.fromhex(open("/sys/class/net/eth0/address").read().replace(":", ""))
wire = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
wire.bind(("eth0", 0))
says = bytes.fromhex("0806000108000604" "0001") + mac + address + bytes(6) + address
while True:
    wire.send(b"\\xff" * 6 + mac + says)
    time.sleep(0.1)
EOF
systemd-run --quiet --unit fault-address --collect python3 /run/fault.py
sleep 2
"""


def _for_a_while(begin: str, end: str) -> str:
    """The script of a fault that ends by itself after 20 seconds."""
    return f"systemd-run --quiet --collect bash -c 'sleep 20; {end}'\n{begin}"


def _full(folder: str) -> str:
    """The script that leaves no room in a folder: what was in it is there again after umount."""
    return f"""
mount -t tmpfs -o size=64k fault {folder}
head -c 65536 /dev/zero >{folder}/full || true
"""


PACKAGES = (
    Fault(
        "the package mirror is gone",
        "compute2",
        _mirror("http://127.0.0.1:9/debian"),
        OPENED,
        ("compute2-pre-host",),
        r"while: getting the packages' lists.*127\.0\.0\.1:9",
        _OWN_MIRROR,
    ),
    Fault(
        "the package mirror answers 500",
        "compute2",
        _answering(500, "no"),
        OPENED,
        ("compute2-pre-host",),
        r"while: getting the packages' lists.*500",
        f"{_OWN_MIRROR}; systemctl stop fault-mirror",
    ),
    Fault(
        "the package mirror has a wrong Release file",
        "compute2",
        _answering(200, "Origin: nobody\n"),
        OPENED,
        ("compute2-pre-host",),
        r"while: getting the packages' lists.*(signed|Clearsigned|NOSPLIT)",
        f"{_OWN_MIRROR}; systemctl stop fault-mirror",
    ),
    Fault(
        "no name server answers",
        "compute2",
        "echo 'nameserver 127.0.0.1' >/run/resolv.conf"
        " && mount --bind /run/resolv.conf /etc/resolv.conf"
        f"\n{_mirror('http://mirror.test/debian')}",
        OPENED,
        ("compute2-pre-host",),
        r"while: getting the packages' lists.*resolv",
        f"{_OWN_MIRROR}; umount /etc/resolv.conf",
    ),
    Fault(
        "another apt runs",
        "compute2",
        f"{_MISSING}\nsystemd-run --quiet --collect flock /var/lib/apt/lists/lock sleep 20",
        OPENED,
        says="waiting for another run of apt to end",
    ),
    Fault(
        "dpkg was cut off",
        "compute2",
        "cd /tmp && apt-get -q -y download chrony && dpkg --unpack chrony*.deb && rm chrony*.deb"
        " && dpkg --remove --force-depends python3-pymysql",
        OPENED,
        says="installing 2 packages",
    ),
    Fault(
        "no room in /var",
        "compute2",
        f"{_MISSING}\n{_full('/var/cache/apt/archives')}",
        OPENED,
        ("compute2-pre-host",),
        r"while: installing packages.*(enough free space|[Nn]o space)",
        "umount /var/cache/apt/archives",
    ),
)  # fmt: skip
NODES = (
    Fault(
        "no room in /etc",
        "compute2",
        _full("/etc/nftables.d"),
        OPENED,
        ("compute2-pre-host",),
        r"No space left on device",
        "umount /etc/nftables.d",
    ),
    Fault(
        "no memory for a step",
        "compute2",
        f"{_MISSING}\nprlimit --as=48000000 --pid $(systemctl show -P MainPID ssh)",
        OPENED,
        ("compute2-pre-host",),
        r"pre-host failed.*while: getting the packages' lists.*bad_alloc",
        "systemctl restart ssh",
    ),
    Fault(
        "a service ends as it starts",
        "compute2",
        "systemctl stop chrony && mkdir -p /run/systemd/system/chrony.service.d"
        " && printf '[Service]\\nExecStart=\\nExecStart=/bin/false\\n'"
        " >/run/systemd/system/chrony.service.d/fault.conf && systemctl daemon-reload",
        OPENED,
        ("compute2-pre-host",),
        r"chrony\.service",
        "rm -r /run/systemd/system/chrony.service.d && systemctl daemon-reload",
    ),
    Fault(
        "the ssh connection breaks",
        "compute2",
        "systemd-run --quiet --collect pkill -KILL -f '^sshd-session: root'",
        OPENED,
        ("compute2-pre-host",),
        r"compute2",
        at=r"compute2-pre-host.* waiting for another run of apt",
        before=f"{_MISSING}\nsystemd-run --quiet --collect flock /var/lib/apt/lists/lock sleep 20",
    ),
    Fault(
        "the node restarts in a step",
        "compute2",
        "systemctl reboot --force --force",
        OPENED,
        ("compute2-pre-host",),
        r"compute2",
        at=r"compute2-pre-host.* waiting for another run of apt",
        before=f"{_MISSING}\nsystemd-run --quiet --collect flock /var/lib/apt/lists/lock sleep 20",
    ),
    Fault(
        "the management NIC is down for a while",
        "compute2",
        _for_a_while("ip link set eth0 down", "ip link set eth0 up"),
        OPENED,
        at=r"compute2-pre-host.* waiting for another run of apt",
        before=f"{_MISSING}\nsystemd-run --quiet --collect flock /var/lib/apt/lists/lock sleep 60",
    ),
    Fault(
        "the provider NIC is down for a while",
        "compute2",
        _for_a_while("ip link set ens33 down", "ip link set ens33 up"),
        ON_COMPUTE2,
        at=r"server-web3-server creating",
    ),
    Fault(
        "another machine has a node's address",
        "compute",
        _ALSO_COMPUTE2,
        OPENED,
        ("compute2-openrc.sh",),
        r"compute2.*ssh: host key mismatch",
        "systemctl stop fault-address && ip address del $(cat /run/fault) dev eth0",
    ),
    Fault(
        "the firewall was flushed",
        "compute2",
        "nft flush ruleset",
        OPENED,
        says="loaded the firewall",
    ),
)  # fmt: skip
SERVICES = (
    Fault(
        "MariaDB does not run",
        "controller",
        "systemctl stop mariadb",
        PROJECT,
        ("project-more-project",),
        r"https://\S+:5000/v3/auth/tokens.*502",
        "systemctl start mariadb",
    ),
    Fault(
        "RabbitMQ is killed while a server is made",
        "controller",
        "systemctl kill -s KILL rabbitmq-server",
        SERVER,
        at=r"server-web3-server creating",
    ),
    Fault(
        "MariaDB is killed while a network is made",
        "controller",
        "systemctl kill -s KILL mariadb",
        NETWORK,
        at=r"network-spare-network creating",
    ),
    Fault(
        "OVN's databases are killed while a network is made",
        "controller",
        "systemctl kill -s KILL ovn-ovsdb-server-nb ovn-ovsdb-server-sb ovn-northd",
        NETWORK,
        at=r"network-spare-network creating",
    ),
    Fault(
        "OVN's controller is killed while a server is made",
        "compute2",
        "systemctl kill -s KILL ovn-controller",
        ON_COMPUTE2,
        at=r"server-web3-server creating",
    ),
    Fault(
        "nova-compute is away for a while",
        "compute2",
        _for_a_while("systemctl stop nova-compute", "systemctl start nova-compute"),
        ON_COMPUTE2,
    ),
    Fault(
        "Placement does not run",
        "controller",
        "systemctl stop placement-api",
        SERVER,
        ("server-web3", "server-web3-server"),
        r"server web3: No valid host was found",
        "systemctl start placement-api",
    ),
    Fault(
        "a compute's clock is off by ten minutes",
        "compute2",
        _LATE,
        ON_COMPUTE2,
        end=f"rm -r {_DROP_INS} && systemctl daemon-reload && systemctl restart {_SERVICES}"
        " && apt-get -q -y purge libfaketime",
    ),
    Fault(
        "an address is taken",
        "controller",
        ". /etc/keystone/admin-openrc.sh"
        f" && openstack port create -f value -c id --network front --fixed-ip ip-address={TAKEN}"
        " taken",
        AT_TAKEN,
        ("server-web3-port",),
        r"10\.101\.0\.60.*(already allocated|in use)",
        ". /etc/keystone/admin-openrc.sh && openstack port delete taken",
    ),
    Fault("memcached does not run", "controller", "systemctl stop memcached", PROJECT | SERVER,
          end="systemctl start memcached"),
    Fault(
        "Keystone does not run",
        "controller",
        "systemctl stop keystone",
        PROJECT,
        ("project-more-project",),
        r"https://\S+:5000/v3/auth/tokens.*503",
        "systemctl start keystone",
    ),
    Fault(
        "no room for images",
        "controller",
        _full("/var/lib/glance/images"),
        IMAGE,
        ("image-other-image",),
        r"413|space|storage",
        "umount /var/lib/glance/images",
    ),
)  # fmt: skip
PULUMI = (
    *(
        Fault(
            f"Pulumi is killed at {at}",
            HERE,
            "",
            PROJECT | NETWORK | SERVER | OPENED,
            at=at,
            kills=True,
        )
        for at in (
            "compute2-openrc.sh updating",
            "compute2-pre-host updating",
            "compute2-pre-host updated",
            "project-more-project creating",
            "project-more-project created",
            "network-spare-network creating",
            "network-spare-network created",
            "server-web3-server creating",
            "server-web3-port creating",
            "server-web3-server created",
        )
    ),
    Fault(
        "the passphrase is wrong",
        HERE,
        "mv .lab/passphrase .lab/passphrase.right && echo wrong >.lab/passphrase",
        OPENED,
        broken=True,
        says=r"incorrect passphrase",
        end="mv .lab/passphrase.right .lab/passphrase",
    ),
    Fault(
        "no room for the state",
        HERE,
        "mkdir .lab/full && mount -t tmpfs -o size=15m fault .lab/full"
        " && mkdir .lab/full/changed .lab/full/work"
        " && mount -t overlay -o lowerdir=.lab/state,upperdir=.lab/full/changed"
        ",workdir=.lab/full/work fault .lab/state",
        OPENED,
        broken=True,
        says=r"no room for the stack's state: .* MiB free, and a run needs",
        end="umount .lab/state .lab/full && rmdir .lab/full",
    ),
)
TABLE = (*PACKAGES, *NODES, *SERVICES, *PULUMI)


def chosen(commit: str) -> list[Fault]:
    """Return the share of the faults that a commit's id draws."""

    def drawn(fault: Fault) -> bool:
        number = hashlib.sha256(f"{commit} {fault.name}".encode()).digest()
        return int.from_bytes(number) % SHARE == 0

    return [fault for fault in TABLE if drawn(fault)]
