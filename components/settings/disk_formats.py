"""The formats of disk images: the size of the disk, and what is wrong with a file.

The rules are those of Nova 31 and `qemu-img`, which needs all that an image's tables refer to.
"""

import re
import struct
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import BinaryIO

from .messages import show

SECTOR = 512
CONVERT = "`qemu-img convert -O qcow2` it"
UNKNOWN_TO_CLOUD = f"which the cloud does not take; {CONVERT}"

VMDK_KINDS = ("streamOptimized", "monolithicSparse")
"""Nova's `vmdk_allowed_types`: each is one file that names no other (CVE-2022-47951)."""

BAT = uuid.UUID("2dc27766-f623-4200-9d64-115e9bfd4a08").bytes_le
"""A vhdx's region that says where its blocks are."""


class ImageError(ValueError):
    """Why no server can start from an image, and the wrong setting: file or diskFormat."""

    def __init__(self, message: str, key: str = "file") -> None:
        super().__init__(message)
        self.key = key


@dataclass(frozen=True)
class Content:
    """A file that is never read beyond its end."""

    file: BinaryIO
    size: int

    def has(self, offset: int, magic: bytes) -> bool:
        """Return whether these bytes are there; a negative offset is from the end."""
        start = offset if offset >= 0 else self.size + offset
        return 0 <= start <= self.size - len(magic) and self.read(start, len(magic)) == magic

    def reach(self, end: int) -> None:
        """Refuse a file that ends before what it refers to."""
        if end > self.size:
            what = f"is cut short: it has {self.size} bytes and refers to {end} or more"
            raise ImageError(f"{what}; fetch or copy it again")

    def read(self, offset: int, length: int) -> bytes:
        """Read so many bytes from there (ImageError if the file ends before)."""
        self.reach(offset + length)
        self.file.seek(offset)
        return self.file.read(length)

    def numbers(self, form: str, offset: int) -> tuple[int, ...]:
        """Read numbers, as `struct` writes their form."""
        return struct.unpack(form, self.read(offset, struct.calcsize(form)))


def _raw(content: Content) -> int:
    """Check the partition table as Nova does where it sees one."""
    boot = content.read(0, min(SECTOR, content.size))
    if partitioned(boot):
        entries = [boot[at : at + 16] for at in range(446, 510, 16)]
        used = [i for i, entry in enumerate(entries) if entry[4]]
        gpt = [entry for entry in entries if entry[4] == 0xEE]  # noqa: PLR2004
        alone = used == [0] and entries[0][1:4] == b"\0\2\0" and entries[0][8:12] == b"\1\0\0\0"
        if not used or (gpt and not alone) or any(entry[0] not in (0, 0x80) for entry in entries):
            kind = "hybrid or damaged" if used else "empty"
            raise ImageError(f"has a partition table that Nova refuses ({kind}); {CONVERT}")
    return content.size


def partitioned(boot: bytes) -> bool:
    """Return whether the first sector has a partition table; a FAT boot sector looks alike."""
    return boot[510:] == b"\x55\xaa" and not (boot[0x10] == 2 and boot[0x15] == 0xF8)  # noqa: PLR2004


def _qcow2(content: Content) -> int:
    """Follow the tables to the last cluster; qemu's docs/interop/qcow2.txt has the form."""
    version, backing, _, bits, size, crypt, l1_size, l1, refcounts, tables = content.numbers(
        ">4xIQIIQIIQQI", 0
    )
    if version not in (2, 3):
        raise ImageError(f"is a qcow2 of version {version}, {UNKNOWN_TO_CLOUD}")
    features = content.numbers(">Q", 72)[0] if version > 2 else 0  # noqa: PLR2004
    if backing:
        raise ImageError(f"has a backing file, which the cloud doesn't have; {CONVERT}")
    if features & 4:
        raise ImageError(f"has its data in another file, which the cloud doesn't have; {CONVERT}")
    if crypt:
        raise ImageError("is encrypted, and the cloud has no key; decrypt it by `qemu-img convert`")
    if features & ~0b1111:
        raise ImageError(f"has features that the cloud does not know (extended L2); {CONVERT}")
    cluster = 1 << bits
    entries = cluster // 8  # of a table of one cluster
    needed = -(-size // (cluster * entries)) if entries else 0
    if not 9 <= bits <= 21 or l1_size < needed or not refcounts:  # noqa: PLR2004
        raise ImageError("is damaged: its header contradicts itself; fetch or copy it again")
    # A cluster may be shorter at the file's end: what matters is where the last one starts.
    last = max(content.numbers(f">{tables * entries}Q", refcounts), default=0)
    compressed = (1 << (70 - bits)) - 1
    for table in content.numbers(f">{needed}Q", l1):
        if at := table & 0x00FF_FFFF_FFFF_FE00:
            for entry in content.numbers(f">{entries}Q", at):
                if entry >> 62 & 1:
                    last = max(last, entry & compressed)
                elif not entry & 1:
                    last = max(last, entry & 0x00FF_FFFF_FFFF_FE00)
    content.reach(last + 1)
    return size


def _vmdk(content: Content) -> int:
    """Check the descriptor as Nova does, then the grains, or the end of a stream."""
    _, _, sectors, grain, at, length, entries, _, grains, _ = content.numbers("<4xIIQQQQIQQQ", 0)
    descriptor = content.read(at * SECTOR, min(length, 2048) * SECTOR).split(b"\0")[0]
    words = descriptor.decode("ascii", "replace")
    found = re.search(r'createType="([^"\n]*)"', words, re.IGNORECASE)
    kind = found[1] if found else ""
    if kind.lower() not in [known.lower() for known in VMDK_KINDS]:
        what = f"is a vmdk of the kind {show(kind)}" if found else "is a vmdk that names no kind"
        takes = f"the cloud takes {' and '.join(VMDK_KINDS)}"
        raise ImageError(f"{what}; {takes}; {CONVERT}")
    if re.search("parentFileNameHint|^(RW|RDONLY|NOACCESS) .*/", words, re.IGNORECASE | re.M):
        raise ImageError(f"needs another file, which the cloud doesn't have; {CONVERT}")
    if grains == 2**64 - 1:  # a stream: its tables follow, and a footer and an end
        if not content.has(-2 * SECTOR, b"KDMV") or not content.has(-SECTOR, bytes(SECTOR)):
            raise ImageError("is cut short: its end is missing; fetch or copy it again")
        return sectors * SECTOR
    if not grain or not entries:
        raise ImageError("is damaged: its header contradicts itself; fetch or copy it again")
    tables = -(-sectors // (grain * entries))
    for table in content.numbers(f"<{tables}I", grains * SECTOR):
        if table:
            content.reach(max(content.numbers(f"<{entries}I", table * SECTOR)) * SECTOR + 1)
    return sectors * SECTOR


def _vdi(content: Content) -> int:
    """Count the blocks; qemu's block/vdi.c has the form."""
    if any(content.read(0x1A8, 32)):
        raise ImageError(f"needs another file, which the cloud doesn't have; {CONVERT}")
    (data,) = content.numbers("<I", 0x158)
    size, block, _, _, used = content.numbers("<QIIII", 0x170)
    content.reach(data + max(0, used - 1) * block + (1 if used else 0))
    return size


def _vhdx(content: Content) -> int:
    """Follow the regions to the last block; the disk's size is not read (0).

    Microsoft's MS-VHDX has the form.
    """
    magic, _, count = content.numbers("<III", 0x30000)
    if magic != int.from_bytes(b"regi", "little") or count > 2047:  # noqa: PLR2004
        raise ImageError("is damaged: it has no table of regions; fetch or copy it again")
    for i in range(count):
        entry = 0x30010 + 32 * i
        offset, length = content.numbers("<QI", entry + 16)
        content.reach(offset + length)
        if content.has(entry, BAT):
            for block in content.numbers(f"<{length // 8}Q", offset):
                if block & 7 in (6, 7):
                    content.reach((block >> 20 << 20) + 1)
    return 0


def _iso(content: Content) -> int:
    """Compare the size with that of the volume."""
    if content.has(0x8000, b"\1CD001"):
        blocks, block = content.numbers("<I44xH", 0x8050)
        content.reach(blocks * block)
    return content.size


FORMATS: dict[str, Callable[[Content], int]] = {
    "raw": _raw,
    "qcow2": _qcow2,
    "vmdk": _vmdk,
    "vdi": _vdi,
    "vhdx": _vhdx,
    "iso": _iso,
}
"""By format: checks an image and returns the size of its disk (bytes; 0: unknown)."""
