"""Sends marked frames and says where each was seen, on all NICs of all nodes."""

import hashlib
import shlex
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from ipaddress import IPv4Interface
from pathlib import Path
from typing import NamedTuple

from tests.lab.conftest import LAB, NODES, done, run
from tests.lab.frames import UDP

MARK = b"marked: "
"""How each mark begins; eight bytes follow, which are the frame's own."""
WATCH = Path(__file__).with_name("watch.py").read_text(encoding="utf-8")
GENEVE = 6081
SETTLE = 2
"""Seconds in which a frame that was sent has passed each NIC that it will."""
SEND = (
    # AF_PACKET, SOCK_RAW, taking in nothing; SIOCGIFINDEX; a sockaddr_ll; time for the NIC to send.
    "socket(S, 17, 3, 0) or die $!;"
    ' $nic = pack("a16 x16", $ARGV[0]); ioctl(S, 0x8933, $nic) or die $!;'
    ' $to = pack("S n i S C C a8", 17, 0, unpack("x16 i", $nic), 0, 0, 0, "");'
    " while (<STDIN>) { chomp; send(S, pack('H*', $_), 0, $to) or die $! }"
    " select(undef, undef, undef, 0.5)"
)
"""Perl, which takes a NIC's name and, from stdin, frames as lines of hexadecimal digits."""

Frames = Mapping[str, bytes]
Send = Callable[[Frames], None]


class Sighting(NamedTuple):
    """A frame passed a NIC of a node."""

    node: str
    nic: str
    way: str
    """`out` of the node by this NIC, or `in`; a server's tap is a NIC of its node."""
    vlan: int | None
    """That of its outermost tag."""
    tunnel: int | None
    """The network's number (VNI) if it passed inside of a tunnel's packet."""


Seen = Mapping[str, set[Sighting]]
"""Where each frame was seen, by its name."""


def mark(name: str) -> bytes:
    """What a frame has in it by which it is known again."""
    return MARK + own(name)


def own(name: str) -> bytes:
    """The part of a mark that no other frame has."""
    return hashlib.sha256(name.encode()).digest()[:8]


def sending(nic: str) -> str:
    """The command that sends frames of its stdin by a NIC."""
    return shlex.join(["perl", "-e", SEND, nic])


def lines(frames: Frames) -> str:
    """These frames as that command takes them."""
    return "".join(f"{frame.hex()}\n" for frame in frames.values())


def wire(vlan: int, source: str) -> Send:
    """What sends frames on a VLAN of the provider wire."""
    options = ("--vlan", str(vlan), "--source", str(IPv4Interface(source)))

    def send(frames: Frames) -> None:
        done(run("wire", "run", *options, "perl", "-e", SEND, "wire0", stdin=lines(frames)))

    return send


@contextmanager
def watching(node: str) -> Iterator[Callable[[], str]]:
    """Watch a node; the function ends that and returns what was seen."""
    command = shlex.join(["python3", "-c", WATCH, MARK.hex()])
    words = [str(LAB / "ssh"), node, command]
    with subprocess.Popen(
        words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as watcher:
        assert watcher.stdout
        assert watcher.stdout.readline() == "ready\n", node
        yield lambda: watcher.communicate()[0]


def sighting(node: str, nic: str, way: str, aside: str, frame: bytes) -> Sighting:
    """What a line of the watcher says; the kernel may have put the outermost tag aside."""
    vlan, content = (None if aside == "-" else int(aside)), frame[12:]
    while content[:2] == b"\x81\0":
        vlan = int.from_bytes(content[2:4]) & 0xFFF if vlan is None else vlan
        content = content[4:]
    ip = content[2:]
    of_tunnel = content[:2] == b"\x08\0" and ip[9] == UDP and int.from_bytes(ip[22:24]) == GENEVE
    return Sighting(node, nic, way, vlan, int.from_bytes(ip[32:35]) if of_tunnel else None)


def sightings(send: Send, frames: Frames) -> Seen:
    """Send these frames, by their names, and return where each was seen."""
    seen: dict[str, set[Sighting]] = {name: set() for name in frames}
    names = {own(name).hex(): name for name in frames}
    with ExitStack() as stack:
        ends = {node: stack.enter_context(watching(node)) for node in NODES}
        send(frames)
        time.sleep(SETTLE)
        for node, end in ends.items():
            for line in end().splitlines():
                what, nic, way, vlan, data = line.split()
                if what in names:
                    at = sighting(node, nic, way, vlan, bytes.fromhex(data))
                    seen[names[what]].add(at)
    return seen
