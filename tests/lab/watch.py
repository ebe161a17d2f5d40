#!/usr/bin/env python3
"""Runs on a node: prints each marked frame that passes a NIC of it, until stdin ends.

    watch.py MARK     MARK is how all marks begin, as hexadecimal digits

A line is: the rest of the mark (8 bytes), the NIC, `in` or `out` as the node sees it, the VLAN of
its tag ("-" for none), and the frame as it is without that tag.
"""

import select
import socket
import struct
import sys

# linux/if_packet.h, linux/if_ether.h
SOL_PACKET, PACKET_AUXDATA, PACKET_OUTGOING = 263, 8, 4
ETH_P_ALL = 0x0003
SO_RCVBUFFORCE = 33
AUXDATA = struct.Struct("=IIIHHHH")
TP_STATUS_VLAN_VALID = 1 << 4
MARK = bytes.fromhex(sys.argv[1])


def take(every: socket.socket) -> None:
    """Print the next frame, if it is a marked one."""
    frame, ancillary, _, (nic, _, kind, *_) = every.recvmsg(1 << 17, 64)
    at = frame.find(MARK)
    if at < 0:
        return
    vlan = "-"
    for level, what, value in ancillary:
        if (level, what) == (SOL_PACKET, PACKET_AUXDATA):
            status, *_, tag, _ = AUXDATA.unpack(value)
            if status & TP_STATUS_VLAN_VALID:
                vlan = str(tag & 0xFFF)
    name = frame[at + len(MARK) :][:8].hex()
    print(name, nic, "out" if kind == PACKET_OUTGOING else "in", vlan, frame.hex(), flush=True)


def main() -> None:
    """Watch all NICs of the node's own network namespace."""
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL)) as every:
        every.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 1 << 24)
        every.setsockopt(SOL_PACKET, PACKET_AUXDATA, 1)
        print("ready", flush=True)
        while every in (ready := select.select([every, sys.stdin], [], [])[0]) or not ready:
            take(every)


if __name__ == "__main__":
    main()
