"""Disk images: what a file really is, and why no server would start from it.

The rules are those of Glance 30 and Nova 31: oslo.utils' `format_inspector` on what is uploaded,
then `qemu-img`, which needs all that an image's tables refer to.
"""

import re
import struct
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, NamedTuple

from components.settings.files import show

SECTOR = 512
CONVERT = "`qemu-img convert -O qcow2` it"


class Packed(NamedTuple):
    """What an image may be packed by: where its magic bytes are, and what undoes it."""

    what: str
    offset: int
    magic: bytes
    tool: str
    endings: tuple[str, ...]


PACKED: tuple[Packed, ...] = (
    Packed("compressed by gzip", 0, b"\x1f\x8b", "gunzip", (".gz", ".tgz")),
    Packed("compressed by xz", 0, b"\xfd7zXZ\0", "unxz", (".xz", ".txz")),
    Packed("compressed by bzip2", 0, b"BZh", "bunzip2", (".bz2", ".tbz2")),
    Packed("compressed by zstd", 0, b"\x28\xb5\x2f\xfd", "unzstd", (".zst", ".tzst")),
    Packed("compressed by lz4", 0, b"\x04\x22\x4d\x18", "unlz4", (".lz4",)),
    Packed("a zip archive", 0, b"PK\x03\x04", "unzip", (".zip",)),
    Packed("a 7z archive", 0, b"7z\xbc\xaf\x27\x1c", "7z x", (".7z",)),
    Packed("a rar archive", 0, b"Rar!\x1a\x07", "unrar x", (".rar",)),
    Packed("a tar archive (an OVA is one, too)", 257, b"ustar", "tar xf", (".tar", ".ova")),
)

MAGIC: tuple[tuple[str, int, bytes], ...] = (
    ("qcow2", 0, b"QFI\xfb"),
    ("vmdk", 0, b"KDMV"),
    ("vdi", 0x40, b"\x7f\x10\xda\xbe"),
    ("vhdx", 0, b"vhdxfile"),
    ("iso", 0x8001, b"CD001"),
    ("iso", 0x8001, b"NSR02"),
    ("iso", 0x8001, b"NSR03"),
)
"""Format, offset and the bytes there. Raw has none of them."""

UNKNOWN_TO_CLOUD = f"which the cloud does not take; {CONVERT}"

REFUSED: tuple[tuple[str, int, bytes], ...] = (
    (f"is a qed image, {UNKNOWN_TO_CLOUD}", 0, b"QED\0"),
    # Nova asks whether its own and QEMU's name of the format agree, and QEMU's is vpc.
    (f"is a vhd, {UNKNOWN_TO_CLOUD}", 0, b"conectix"),
    (f"is a vhd, {UNKNOWN_TO_CLOUD}", -SECTOR, b"conectix"),
    (f"is a vmdk of an ESX server, {UNKNOWN_TO_CLOUD}", 0, b"COWD"),
    ("is encrypted by LUKS, and the cloud has no key; decrypt it first", 0, b"LUKS\xba\xbe"),
)
"""What to say, offset (negative: from the end) and the bytes there."""

TEXTS: tuple[tuple[str, str], ...] = (
    (
        r"\s*<(!doctype|!--|html|head|body)",
        "is a web page and no disk image; fetch the image itself",
    ),
    (
        "version https://git-lfs.github.com/",
        "is a Git LFS pointer and not the image itself; run `git lfs pull`",
    ),
    (
        "# disk descriptorfile",
        f"is a vmdk's descriptor alone, its data is in another file; {CONVERT}",
    ),
    ("", "is a text and no disk image; look what it says"),
)
"""What a text begins with (upper and lower case are the same), and what to say then."""

HEAD = 1024
"""Bytes that tell a text: no disk begins with that many characters."""

VMDK_KINDS = ("streamOptimized", "monolithicSparse")
"""Nova's `vmdk_allowed_types`: each is one file that names no other (CVE-2022-47951)."""

BAT = uuid.UUID("2dc27766-f623-4200-9d64-115e9bfd4a08").bytes_le
"""A vhdx's region that says where its blocks are."""


class ImageError(ValueError):
    """Why no server starts from it, and the setting that says otherwise: file or diskFormat."""

    def __init__(self, message: str, key: str = "file") -> None:
        super().__init__(message)
        self.key = key


@dataclass(frozen=True)
class _Content:
    """A file that is never read behind its end."""

    file: BinaryIO
    size: int

    def has(self, offset: int, magic: bytes) -> bool:
        """Say whether these bytes are there; a negative offset is from the end."""
        start = offset if offset >= 0 else self.size + offset
        return 0 <= start <= self.size - len(magic) and self.read(start, len(magic)) == magic

    def reach(self, end: int) -> None:
        """Refuse a file that ends before what it refers to."""
        if end > self.size:
            what = f"is cut short: it has {self.size} bytes and refers to {end} or more"
            raise ImageError(f"{what}; fetch or copy it again")

    def read(self, offset: int, length: int) -> bytes:
        self.reach(offset + length)
        self.file.seek(offset)
        return self.file.read(length)

    def numbers(self, form: str, offset: int) -> tuple[int, ...]:
        """Read numbers, as `struct` writes their form."""
        return struct.unpack(form, self.read(offset, struct.calcsize(form)))


def _raw(content: _Content) -> int:
    """Check the partition table as Nova does where it sees one."""
    boot = content.read(0, min(SECTOR, content.size))
    if _partitioned(boot):
        entries = [boot[at : at + 16] for at in range(446, 510, 16)]
        used = [i for i, entry in enumerate(entries) if entry[4]]
        gpt = [entry for entry in entries if entry[4] == 0xEE]  # noqa: PLR2004
        alone = used == [0] and entries[0][1:4] == b"\0\2\0" and entries[0][8:12] == b"\1\0\0\0"
        if not used or (gpt and not alone) or any(entry[0] not in (0, 0x80) for entry in entries):
            kind = "hybrid or damaged" if used else "empty"
            raise ImageError(f"has a partition table that Nova refuses ({kind}); {CONVERT}")
    return content.size


def _partitioned(boot: bytes) -> bool:
    """Say whether the first sector has a partition table; a FAT file system's only looks so."""
    return boot[510:] == b"\x55\xaa" and not (boot[0x10] == 2 and boot[0x15] == 0xF8)  # noqa: PLR2004


def _qcow2(content: _Content) -> int:
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


def _vmdk(content: _Content) -> int:
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


def _vdi(content: _Content) -> int:
    """Count the blocks; qemu's block/vdi.c has the form."""
    if any(content.read(0x1A8, 32)):
        raise ImageError(f"needs another file, which the cloud doesn't have; {CONVERT}")
    (data,) = content.numbers("<I", 0x158)
    size, block, _, _, used = content.numbers("<QIIII", 0x170)
    content.reach(data + max(0, used - 1) * block + (1 if used else 0))
    return size


def _vhdx(content: _Content) -> int:
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


def _iso(content: _Content) -> int:
    """Compare the size with that of the volume."""
    if content.has(0x8000, b"\1CD001"):
        blocks, block = content.numbers("<I44xH", 0x8050)
        content.reach(blocks * block)
    return content.size


FORMATS: dict[str, Callable[[_Content], int]] = {
    "raw": _raw,
    "qcow2": _qcow2,
    "vmdk": _vmdk,
    "vdi": _vdi,
    "vhdx": _vhdx,
    "iso": _iso,
}
"""What checks an image of a format and returns the disk's size (bytes; 0: not known)."""


def _text(head: bytes) -> str | None:
    """Say what a text is, if it is one."""
    words = head.decode("utf-8", "replace").removeprefix("\ufeff")
    for begin, what in TEXTS:
        if re.match(begin, words, re.IGNORECASE) and (
            begin or not re.search(r"[^\t\n\f\r -~\x80-\U0010ffff]|�(?!$)", words)
        ):
            return what
    return None


def _refuse(content: _Content) -> None:
    """Refuse what is no disk image at all, whatever it is said to be."""
    if not content.size:
        raise ImageError("is empty; fetch or copy it again")
    for packed in PACKED:
        if content.has(packed.offset, packed.magic):
            raise ImageError(f"is {packed.what}; {_unpack(packed)}")
    for what, offset, magic in REFUSED:
        if content.has(offset, magic):
            raise ImageError(what)
    if text := _text(content.read(0, min(HEAD, content.size))):
        raise ImageError(text)


def _unpack(packed: Packed) -> str:
    return f"unpack it (`{packed.tool}`) and give the image that is in it"


def inspect(path: Path, disk_format: str) -> int:
    """Return the size of the disk in an image (bytes; 0: not known).

    ImageError says why the cloud would refuse it (OSError).
    """
    with path.open("rb") as file:
        content = _Content(file, path.stat().st_size)
        _refuse(content)
        found = sorted({name for name, offset, magic in MAGIC if content.has(offset, magic)})
        if len(found) > 1:
            what = f"has the marks of {' and '.join(found)}, so that Nova takes it for neither"
            raise ImageError(f"{what}; {CONVERT}")
        if not found and _partitioned(content.read(0, min(SECTOR, content.size))):
            found = ["raw"]
        if disk_format not in (found or ["raw"]):
            what = f"is not {disk_format}, but raw or no disk image at all"
            if found:
                what = f"is {found[0]}, not {disk_format}"
            raise ImageError(what, "diskFormat")
        return FORMATS[disk_format](content)


def packed_at(url: str) -> str | None:
    """Say what an address ends in, if that is no image's ending."""
    path = re.split("[?#]", url)[0].lower()
    for packed in PACKED:
        if path.endswith(packed.endings):
            return f"ends as what is {packed.what}; {_unpack(packed)}"
    return None
