"""What stands for nodes: a folder with the keys and settings of an sshd for each."""

import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from bench.nodes.sshd import PORT

ANSWER = Path(__file__).with_name("answer")

# All else is as Debian has it, above all how many may log in at once (MaxStartups).
CONFIG = """\
ListenAddress {address}:{port}
HostKey {own}/host_key
AuthorizedKeysFile {folder}/authorized_keys
ForceCommand {folder}/answer {folder} {name}
PermitRootLogin yes
PasswordAuthentication no
StrictModes no
UsePAM no
PidFile none
LogLevel FATAL
"""

SECONDS: Mapping[str, float] = {
    "iaas-pre-host.sh": 100,
    "iaas-install-tls.sh": 1,
    "iaas-install-mysql.sh": 4,
    "iaas-install-keystone.sh": 14,
    "iaas-install-databases.sh": 12,
    "iaas-install-glance.sh": 6,
    "iaas-install-placement.sh": 5,
    "iaas-install-nova-controller.sh": 15,
    "iaas-install-neutron-controller.sh": 10,
    "iaas-install-backup.sh": 1,
    "iaas-install-mysql-client.sh": 1,
    "iaas-install-nova-compute.sh": 8,
    "iaas-install-neutron-compute.sh": 6,
    "iaas-discover-hosts.sh": 6,
}
"""What each script takes on a bare node, about; all else is done at once."""
AGAIN = 1.0
"""Seconds that each script takes where there is nothing to do but to change a setting."""


class StandIns:
    """A folder of nodes that are none.

    `serving` of `bench.nodes.sshd` makes them answer. It holds the private keys of what stands for
    the nodes and of who logs in.
    """

    def __init__(self, folder: Path, addresses: Mapping[str, str]) -> None:
        self.folder = folder
        self.host_keys: dict[str, str] = {}
        (folder / "seconds").mkdir(parents=True)
        login, public = key()
        (folder / "authorized_keys").write_text(public)
        self.login = folder / "login"
        """The private key that logs in to each."""
        self.login.touch(mode=0o600)
        self.login.write_text(login)
        # A ForceCommand is words of a shell: the checkout's path may have a blank.
        shutil.copy(ANSWER, folder / "answer")
        for name, address in addresses.items():
            own = folder / name
            own.mkdir()
            (own / "address").write_text(address)
            (own / "host_key").touch(mode=0o600)
            private, self.host_keys[name] = key()
            (own / "host_key").write_text(private)
            config = CONFIG.format(folder=folder, own=own, name=name, address=address, port=PORT)
            (own / "sshd_config").write_text(config)

    def take(self, seconds: Mapping[str, float], divisor: float = 1) -> None:
        """Let each script take so many seconds, divided."""
        for script, each in seconds.items():
            (self.folder / "seconds" / script).write_text(f"{each / divisor:.2f}\n")

    def fault(self, kind: str, name: str, script: str) -> None:
        """Let a script of a node fail (`fails`) or never end (`hangs`)."""
        (self.folder / name / kind).mkdir(exist_ok=True)
        (self.folder / name / kind / script).touch()

    def mend(self, name: str) -> None:
        """Let a node do all again."""
        for kind in ("fails", "hangs"):
            shutil.rmtree(self.folder / name / kind, ignore_errors=True)

    def log(self) -> list[str]:
        """Return what they noted since the last time."""
        log = self.folder / "log"
        lines = log.read_text().splitlines() if log.exists() else []
        log.unlink(missing_ok=True)
        return lines


def at_once(lines: Iterable[str]) -> tuple[int, int]:
    """Return how many nodes, and how many commands, were at work at once at most."""
    running: dict[str, int] = {}
    nodes = commands = 0
    for line in lines:
        what, _, name = line.partition(" ")
        running[name] = running.get(name, 0) + (1 if what == "+" else -1)
        nodes = max(nodes, sum(1 for number in running.values() if number))
        commands = max(commands, sum(running.values()))
    return nodes, commands


def key() -> tuple[str, str]:
    """Return a new ed25519 key: the private one as OpenSSH writes it, and the public one's line."""
    made = Ed25519PrivateKey.generate()
    private = made.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption()).decode()
    public = made.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode()
    return private, public
