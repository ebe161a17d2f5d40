"""Disk images in each format, as small as its readers allow."""

import struct
import uuid

from tests.unit.examples import MIB, qcow2

CLUSTER = 4096
PAGE = "\n<!DOCTYPE html>\n<title>找不到 404</title>\n".encode()
"""No image, but what a mirror answers for one that is not there."""
LINE = 'RW 128 SPARSE "guest.vmdk"'


def patched(content: bytes, at: int, new: bytes) -> bytes:
    """Return the content with other bytes at one place."""
    return content[:at] + new + content[at + len(new) :]


def written(entry: int = 1 << 63 | 5 * CLUSTER) -> bytes:
    """Return a qcow2 with an L2 table and its one entry, by default the cluster behind it."""
    table = struct.pack(">Q", entry).ljust(CLUSTER, b"\0")
    return patched(qcow2(), 3 * CLUSTER, struct.pack(">Q", 1 << 63 | 4 * CLUSTER)) + table + b"data"


def vmdk(kind: str = "monolithicSparse", line: str = LINE, grains: int = 2) -> bytes:
    """Return a vmdk of one grain: header, descriptor, directory, table, data."""
    form = "<4sIIQQQQIQQQ"
    header = struct.pack(form, b"KDMV", 1, 3, 128, 128, 1, 1, 512, 0, grains, 7)
    descriptor = f'# Disk DescriptorFile\nversion=1\ncreateType="{kind}"\n{line}\n'.encode()
    parts = (header, descriptor, struct.pack("<I", 3), struct.pack("<I", 7).ljust(2048, b"\0"))
    return b"".join(part.ljust(512, b"\0") for part in parts) + b"data"


def stream() -> bytes:
    """Return a streamOptimized vmdk: its tables are told by a footer."""
    content = vmdk("streamOptimized", grains=2**64 - 1).ljust(8192, b"\0")
    footer = struct.pack("<QII", 1, 0, 3).ljust(512, b"\0")
    return content + footer + content[:512] + bytes(512)


def vdi(parent: bytes = b"") -> bytes:
    """Return a vdi of two blocks, of which one is there."""
    content = patched(bytes(1024), 0x40, b"\x7f\x10\xda\xbe")
    content = patched(content, 0x158, struct.pack("<I", 1024))
    content = patched(content, 0x170, struct.pack("<QIIII", 2 * MIB, MIB, 0, 2, 1))
    return patched(content, 0x1A8, parent) + b"data"


def vhdx() -> bytes:
    """Return a vhdx with one region, the table of blocks, which has a block at 1 MiB."""
    region = uuid.UUID("2dc27766-f623-4200-9d64-115e9bfd4a08").bytes_le
    table = struct.pack("<4sIII", b"regi", 0, 1, 0) + region + struct.pack("<QII", 0x40000, 64, 1)
    content = patched(b"vhdxfile".ljust(MIB, b"\0"), 0x30000, table)
    return patched(content, 0x40000, struct.pack("<QQ", 0, 1 << 20 | 6)) + b"data"


def iso(blocks: int = 18) -> bytes:
    """Return an ISO image of that many blocks of 2 KiB."""
    volume = b"\1CD001".ljust(80, b"\0") + struct.pack("<I", blocks).ljust(48, b"\0")
    return (bytes(0x8000) + volume + struct.pack("<H", 2048)).ljust(blocks * 2048, b"\0")


def boot(*partitions: tuple[int, int], start: int = 1) -> bytes:
    """Return a raw image with a partition table: of each its flag and type."""
    entries = b"".join(
        struct.pack("<B3sB3sII", flag, b"\0\2\0", kind, b"\xff" * 3, start, 9)
        for flag, kind in partitions
    )
    return bytes(446) + entries.ljust(64, b"\0") + b"\x55\xaa" + bytes(512)


def tar(name: str = "guest.raw") -> bytes:
    return name.encode().ljust(257, b"\0") + b"ustar\00000" + bytes(999)
