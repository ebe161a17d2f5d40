"""Disk images: the real format of a file, and why no server could start from it.

The rules are those of Glance 30 and Nova 31: oslo.utils' `format_inspector` on what is uploaded.
`disk_formats` checks the content of each format.
"""

import re
from pathlib import Path
from typing import NamedTuple

from .disk_formats import (
    CONVERT,
    FORMATS,
    SECTOR,
    UNKNOWN_TO_CLOUD,
    Content,
    ImageError,
    partitioned,
)


class Packed(NamedTuple):
    """A kind of archive or compression: its magic bytes, and the tool that unpacks it."""

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

REFUSED: tuple[tuple[str, int, bytes], ...] = (
    (f"is a qed image, {UNKNOWN_TO_CLOUD}", 0, b"QED\0"),
    # Nova asks whether its own and QEMU's name of the format agree, and QEMU's is vpc.
    (f"is a vhd, {UNKNOWN_TO_CLOUD}", 0, b"conectix"),
    (f"is a vhd, {UNKNOWN_TO_CLOUD}", -SECTOR, b"conectix"),
    (f"is a vmdk of an ESX server, {UNKNOWN_TO_CLOUD}", 0, b"COWD"),
    ("is encrypted by LUKS, and the cloud has no key; decrypt it first", 0, b"LUKS\xba\xbe"),
)
"""Message, offset (negative: from the end) and the bytes there."""

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
    ("", "is a text and no disk image; read it to see what was fetched"),
)
"""The start of a text (case is ignored), and the message."""

HEAD = 1024
"""Bytes to look at: no disk begins with that many characters of text."""


def _text(head: bytes) -> str | None:
    """Return the message for a text; None if it is none."""
    words = head.decode("utf-8", "replace").removeprefix("\ufeff")
    for begin, what in TEXTS:
        if re.match(begin, words, re.IGNORECASE) and (
            begin or not re.search(r"[^\t\n\f\r -~\x80-\U0010ffff]|�(?!$)", words)
        ):
            return what
    return None


def _refuse(content: Content) -> None:
    """Refuse what is no disk image of any format."""
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

    Raises ImageError if the cloud would refuse it, OSError if it cannot be read.
    """
    with path.open("rb") as file:
        content = Content(file, path.stat().st_size)
        _refuse(content)
        found = sorted({name for name, offset, magic in MAGIC if content.has(offset, magic)})
        if len(found) > 1:
            what = f"has the marks of {' and '.join(found)}, so that Nova takes it for neither"
            raise ImageError(f"{what}; {CONVERT}")
        if not found and partitioned(content.read(0, min(SECTOR, content.size))):
            found = ["raw"]
        if disk_format not in (found or ["raw"]):
            what = f"is not {disk_format}, but raw or no disk image at all"
            if found:
                what = f"is {found[0]}, not {disk_format}"
            raise ImageError(what, "diskFormat")
        return FORMATS[disk_format](content)


def packed_at(url: str) -> str | None:
    """Return the message for a url that ends like an archive; None for others."""
    path = re.split("[?#]", url)[0].lower()
    for packed in PACKED:
        if path.endswith(packed.endings):
            return f"ends as what is {packed.what}; {_unpack(packed)}"
    return None
