"""The lab's servers, as tests log in to them and ask them."""

import shlex
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.changes.lab import Lab
from tests.lab.conftest import ADDRESSES, CONFIG, LAB, STORE, done
from tests.lab.sightings import Frames, lines, sending
from tests.logins import logged_in

GATEWAY = "10.101.0.1"  # of the VLAN, where the lab's end of the wire is
FLOATING = "10.101.0.50"
SSH = (
    *("BatchMode=yes", "IdentitiesOnly=yes", "IdentityAgent=none", "LogLevel=ERROR"),
    *("StrictHostKeyChecking=no", "UserKnownHostsFile=/dev/null", "ConnectTimeout=30"),
)


@dataclass(frozen=True)
class Server:
    """A server, and the port of its first NIC."""

    name: str
    id: str
    host: str
    project: str
    network: str
    port: str
    mac: str
    address: str
    key: Path

    @property
    def tap(self) -> str:
        """The NIC of its host that is the other end of its own."""
        return f"tap{self.port[:11]}"

    def shell(self, command: str, stdin: str = "") -> str:
        """What a command prints in it, asked from the metadata service's end of its network."""
        relay = f"exec 3<>/dev/tcp/{self.address}/22; cat <&3 & exec cat >&3"
        inside = shlex.join(["ip", "netns", "exec", f"ovnmeta-{self.network}", "bash", "-c", relay])
        proxy = shlex.join([str(LAB / "ssh"), self.host, inside])
        options = [part for option in (*SSH, f"ProxyCommand={proxy}") for part in ("-o", option)]
        login = ["-F", "/dev/null", "-i", str(self.key), *options, f"root@{self.name}"]
        return done(logged_in(["ssh", *login, command], stdin)).stdout.strip()

    def send(self, frames: Frames) -> None:
        """Send frames as they are by its first NIC."""
        self.shell(sending("eth0"), lines(frames))


def lab(project: str = "admin") -> Lab:
    """The cloud to its admin, in a project."""
    return Lab(ADDRESSES["controller"], CONFIG.get("iaas:region", "RegionOne"), project)


def servers(keys: Mapping[str, str] | None = None) -> dict[str, Server]:
    """All servers, by name; `keys` names keys that are not the servers' own."""
    ports = {
        one["device_id"]: one
        for one in reversed(lab().get("network", "/v2.0/ports")["ports"])
        if one["device_owner"].startswith("compute:")
    }
    shown = lab().get("compute", "/servers/detail?all_tenants=1")["servers"]
    return {
        one["name"]: Server(
            name=one["name"],
            id=one["id"],
            host=one["OS-EXT-SRV-ATTR:host"],
            project=one["tenant_id"],
            network=ports[one["id"]]["network_id"],
            port=ports[one["id"]]["id"],
            mac=ports[one["id"]]["mac_address"],
            address=ports[one["id"]]["fixed_ips"][0]["ip_address"],
            key=STORE / "ssh" / (keys or {}).get(one["name"], one["name"]),
        )
        for one in shown
        if one["id"] in ports
    }


def app1(command: str) -> str:
    """What a command prints in app1, by its floating address."""
    options = ("--vlan", "101", "--source", f"{GATEWAY}/24", str(STORE / "ssh" / "app1"))
    words = [str(LAB / "wire"), "ssh", *options, f"root@{FLOATING}", command]
    return done(logged_in(words)).stdout.strip()


def vault1(command: str) -> str:
    """What a command prints in vault1, which nothing outside reaches."""
    return servers()["vault1"].shell(command)


def host(server: str) -> str:
    """The compute of a server."""
    return servers()[server].host


def reached(addresses: Iterable[str]) -> str:
    """A command that prints those of these addresses that answer a ping."""
    return f"for a in {' '.join(addresses)}; do ping -c 1 -W 2 $a >/dev/null && echo $a; done; true"


def open_ports(addresses: Iterable[str], ports: Iterable[int]) -> str:
    """A command that prints those of these ports of these addresses that take a connection."""
    ask = "(nc -w 2 $a $p </dev/null >/dev/null 2>&1 && echo $a $p) &"
    each = f"for p in {' '.join(map(str, ports))}; do {ask} done"
    return f"for a in {' '.join(addresses)}; do {each}; done; wait"
