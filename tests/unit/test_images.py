"""What no server would start from is refused, and what the cloud takes is not."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from components.settings.disk_formats import ImageError
from components.settings.disk_images import inspect, packed_at
from tests.unit.configs import file
from tests.unit.disks import (
    CLUSTER,
    LINE,
    PAGE,
    boot,
    iso,
    patched,
    stream,
    tar,
    vdi,
    vhdx,
    vmdk,
    written,
)
from tests.unit.examples import MIB, qcow2

POINTER = b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n"

# A promise, the file, what it is said to be, the setting that is wrong, and words of the message.
REFUSED: tuple[tuple[str, bytes, str, str, str], ...] = (
    *(
        (f"{name} as {disk_format}", content, disk_format, "file", words)
        for disk_format in ("qcow2", "raw")
        for name, content, words in (
            ("gzip", b"\x1f\x8b\x08" + bytes(9), "is compressed by gzip; unpack it (`gunzip`)"),
            ("xz", b"\xfd7zXZ\0" + bytes(9), "is compressed by xz; unpack it (`unxz`)"),
            ("bzip2", b"BZh9" + bytes(9), "is compressed by bzip2"),
            ("zstd", b"\x28\xb5\x2f\xfd" + bytes(9), "is compressed by zstd"),
            ("lz4", b"\x04\x22\x4d\x18" + bytes(9), "is compressed by lz4"),
            ("zip", b"PK\x03\x04" + bytes(9), "is a zip archive; unpack it (`unzip`)"),
            ("7z", b"7z\xbc\xaf\x27\x1c" + bytes(9), "is a 7z archive"),
            ("rar", b"Rar!\x1a\x07\x01\0", "is a rar archive"),
            ("tar", tar(), "is a tar archive"),
            ("ova", tar("guest.ovf"), "(an OVA is one, too); unpack it (`tar xf`)"),
            ("page", PAGE, "is a web page and no disk image"),
            ("page in capitals", b"<HTML><BODY>404", "is a web page"),
            ("page in another encoding", b"<html>" + "找不到".encode("gbk"), "is a web page"),
            ("empty", b"", "is empty; fetch or copy it again"),
            (
                "pointer",
                POINTER,
                "is a Git LFS pointer and not the image itself; run `git lfs pu",
            ),
            ("text", b'{"error": "not found"}\n' * 99, "is a text and no disk image"),
            ("text cut in a letter", "é".encode() * 999, "is a text and no disk image"),
            ("qed", b"QED\0" + bytes(99), "is a qed image, which the cloud does not take"),
            ("dynamic vhd", b"conectix" + bytes(999), "is a vhd, which the cloud does not take"),
            ("fixed vhd", bytes(1024) + b"conectix" + bytes(504), "is a vhd"),
            ("ESX vmdk", b"COWD" + bytes(99), "is a vmdk of an ESX server"),
            ("LUKS", b"LUKS\xba\xbe\0\1" + bytes(999), "is encrypted by LUKS"),
            ("descriptor", b"# Disk DescriptorFile\nversion=1\n", "is a vmdk's descriptor alone"),
        )
    ),
    ("raw is iso", iso(), "raw", "diskFormat", "is iso, not raw"),
    ("raw is vmdk", vmdk(), "raw", "diskFormat", "is vmdk, not raw"),
    ("a disk of partitions", boot((0x80, 0x83)), "qcow2", "diskFormat", "is raw, not qcow2"),
    ("bytes", bytes(99), "vdi", "diskFormat", "is not vdi, but raw or no disk image at all"),
    (
        "two formats",
        patched(iso(), 0x40, vdi()[0x40:0x44]),
        "iso",
        "file",
        "has the marks of iso and vdi, so that Nova takes it for neither; `qemu-img convert",
    ),
    ("no partition", boot(), "raw", "file", "has a partition table that Nova refuses (empty)"),
    ("a flag that is none", boot((0x81, 0x83)), "raw", "file", "(hybrid or damaged); `qemu-img"),
    ("a hybrid table", boot((0, 0xEE), (0, 0x83)), "raw", "file", "(hybrid or damaged)"),
    ("a GPT elsewhere", boot((0, 0xEE), start=2), "raw", "file", "(hybrid or damaged)"),
    ("an old qcow", qcow2(version=1), "qcow2", "file", "is a qcow2 of version 1"),
    ("a backing file", qcow2(backing=104), "qcow2", "file", "has a backing file"),
    ("a data file", qcow2(features=4), "qcow2", "file", "has its data in another file"),
    ("AES", qcow2(crypt=1), "qcow2", "file", "is encrypted, and the cloud has no key"),
    ("LUKS in qcow2", qcow2(crypt=2), "qcow2", "file", "is encrypted"),
    ("extended L2 tables", qcow2(features=16), "qcow2", "file", "has features that the cloud"),
    ("a header that is half", qcow2()[:40], "qcow2", "file", "is cut short: it has 40 bytes and"),
    ("no refcounts", qcow2()[:CLUSTER], "qcow2", "file", "is cut short"),
    ("half an L1 table", qcow2()[: 3 * CLUSTER + 9], "qcow2", "file", "is cut short"),
    ("no L2 table", written()[: 4 * CLUSTER], "qcow2", "file", "is cut short"),
    ("half an L2 table", written()[: 5 * CLUSTER - 1], "qcow2", "file", "is cut short"),
    (
        "no data",
        written()[: 5 * CLUSTER],
        "qcow2",
        "file",
        "is cut short: it has 20480 bytes and refers to 20481 or more; fetch or copy it again",
    ),
    ("no compressed data", written(1 << 62 | 9 * CLUSTER), "qcow2", "file", "is cut short"),
    ("clusters of no size", patched(qcow2(), 20, bytes(4)), "qcow2", "file", "is damaged"),
    ("clusters too large", patched(qcow2(), 20, b"\0\0\0\x3f"), "qcow2", "file", "is damaged"),
    ("an L1 table too small", patched(qcow2(), 36, bytes(4)), "qcow2", "file", "is damaged"),
    (
        "vmdk of another kind",
        vmdk("monolithicFlat"),
        "vmdk",
        "file",
        "of the kind 'monolithicFlat'; the cloud takes streamOptimized and monolithicSparse; `qemu",
    ),
    ("vmdk of no kind", vmdk('"'), "vmdk", "file", "is a vmdk of the kind ''"),
    ("vmdk of a part", patched(vmdk(), 512, bytes(512)), "vmdk", "file", "that names no kind"),
    ("vmdk of another", vmdk(line=f'{LINE}\nparentFileNameHint="a"'), "vmdk", "file", "needs anot"),
    ("vmdk elsewhere", vmdk(line='RW 1 FLAT "/etc/passwd"'), "vmdk", "file", "needs another file"),
    ("vmdk without data", vmdk()[:3584], "vmdk", "file", "is cut short"),
    ("vmdk without a table", vmdk()[:1600], "vmdk", "file", "is cut short"),
    ("vmdk without a size", patched(vmdk(), 20, bytes(8)), "vmdk", "file", "is damaged"),
    ("vmdk's header alone", vmdk()[:40], "vmdk", "file", "is cut short"),
    ("a stream without end", stream()[:-1], "vmdk", "file", "is cut short: its end is missing"),
    ("half a stream", stream()[:4096], "vmdk", "file", "is cut short: its end is missing"),
    ("vdi without data", vdi()[:1024], "vdi", "file", "is cut short"),
    ("vdi's header alone", vdi()[:99], "vdi", "file", "is cut short"),
    ("vdi of another", vdi(b"\1" * 16), "vdi", "file", "needs another file"),
    ("vhdx without data", vhdx()[:MIB], "vhdx", "file", "is cut short"),
    ("vhdx's name alone", vhdx()[:99], "vhdx", "file", "is cut short"),
    ("vhdx of nothing", b"vhdxfile".ljust(MIB, b"\0"), "vhdx", "file", "is damaged"),
    ("iso without its end", iso()[:-1], "iso", "file", "is cut short"),
)

# A promise, the file, what it is, and the size of the disk in it.
TAKEN: tuple[tuple[str, bytes, str, int], ...] = (
    ("an empty qcow2", qcow2(), "qcow2", 96 * MIB),
    ("a qcow2 without disk", qcow2(0), "qcow2", 0),
    ("an older qcow2", qcow2(version=2), "qcow2", 96 * MIB),
    ("a qcow2 that was not closed", qcow2(features=0b0011), "qcow2", 96 * MIB),
    ("a qcow2 with data, its last cluster not whole", written(), "qcow2", 96 * MIB),
    ("compressed data", written(1 << 62 | 3 << 58 | 5 * CLUSTER), "qcow2", 96 * MIB),
    ("zeroes that have a place", written(9 * CLUSTER | 1), "qcow2", 96 * MIB),
    ("raw zeroes", bytes(99), "raw", 99),
    ("raw with an MBR", boot((0x80, 0x83), (0, 0x82)), "raw", 1024),
    ("raw with a GPT", boot((0, 0xEE)), "raw", 1024),
    (
        "raw FAT",
        patched(patched(boot(), 0x10, b"\2"), 0x15, b"\xf8"),
        "raw",
        1024,
    ),
    ("raw that begins with a word", b"a file system".ljust(2048, b"\0"), "raw", 2048),
    ("a vmdk", vmdk(), "vmdk", 128 * 512),
    ("a vmdk in other letters", vmdk("MONOLITHICSPARSE"), "vmdk", 128 * 512),
    ("a vmdk's stream", stream(), "vmdk", 128 * 512),
    ("a vdi", vdi(), "vdi", 2 * MIB),
    ("a vhdx", vhdx(), "vhdx", 0),
    ("an iso", iso(), "iso", 18 * 2048),
    ("an iso to start from", patched(iso(), 0, boot((0x80, 0))[:512]), "iso", 18 * 2048),
    ("a UDF", bytes(0x8001) + b"NSR02" + bytes(2048), "iso", 0x8001 + 5 + 2048),
)


@pytest.mark.parametrize(
    ("content", "disk_format", "key", "words"),
    [row[1:] for row in REFUSED],
    ids=[row[0] for row in REFUSED],
)
def test_what_no_server_starts_from_is_refused(
    content: bytes, disk_format: str, key: str, words: str, tmp_path: Path
) -> None:
    path = Path(file(content)(tmp_path))
    with pytest.raises(ImageError) as error:
        inspect(path, disk_format)
    assert words in str(error.value)
    assert error.value.key == key


@pytest.mark.parametrize(
    ("content", "disk_format", "size"), [row[1:] for row in TAKEN], ids=[row[0] for row in TAKEN]
)
def test_what_the_cloud_takes_is_no_mistake(
    content: bytes, disk_format: str, size: int, tmp_path: Path
) -> None:
    assert inspect(Path(file(content)(tmp_path)), disk_format) == size


def test_each_promise_has_a_name_of_its_own() -> None:
    for names in ([row[0] for row in REFUSED], [row[0] for row in TAKEN]):
        assert len(set(names)) == len(names)


@pytest.mark.parametrize("address", ["guest", "guest.qcow2?from=guest.gz", "guest.xz/disk.img"])
def test_what_is_packed_is_told_by_the_paths_end(address: str) -> None:
    assert packed_at(f"https://example.org/{address}") is None


# What qemu-img makes: the format, and options.
MADE: tuple[tuple[str, str], ...] = (
    ("qcow2", ""),
    ("qcow2", "-c"),
    ("qcow2", "-o compat=0.10"),
    ("qcow2", "-o cluster_size=512,refcount_bits=1"),
    ("qcow2", "-c -o cluster_size=512,refcount_bits=1"),
    ("qcow2", "-o cluster_size=2M,refcount_bits=64"),
    ("qcow2", "-c -o compression_type=zstd"),
    ("qcow2", "-o preallocation=metadata"),
    ("qcow2", "-o preallocation=full"),
    ("vmdk", ""),
    ("vmdk", "-o subformat=streamOptimized"),
    ("vdi", ""),
    ("vdi", "-o static=on"),
    ("vhdx", ""),
    ("vhdx", "-o subformat=fixed"),
)


@pytest.fixture(scope="module")
def disk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a raw disk of 8 MiB and three sectors, with data here and there."""
    path = tmp_path_factory.mktemp("disk") / "raw"
    with path.open("wb") as raw:
        raw.truncate(8 * MIB + 1536)
        for at in (0, 2 * MIB, 5 * MIB + 4096, 7 * MIB):
            raw.seek(at)
            raw.write(b"\1" + os.urandom(256 * 1024))
    return path


@pytest.mark.skipif(shutil.which("qemu-img") is None, reason="qemu-img is not installed")
@pytest.mark.parametrize(("made", "options"), MADE)
def test_what_qemu_makes_is_taken_and_half_of_it_is_not(
    made: str, options: str, disk: Path, tmp_path: Path
) -> None:
    image = tmp_path / "image"
    command = ["qemu-img", "convert", "-q", "-f", "raw", "-O", made, *options.split()]
    subprocess.run([*command, str(disk), str(image)], check=True)
    assert inspect(image, made) == (0 if made == "vhdx" else disk.stat().st_size)
    with image.open("r+b") as content:
        content.truncate(image.stat().st_size // 2)
    with pytest.raises(ImageError, match="is cut short"):
        inspect(image, made)
