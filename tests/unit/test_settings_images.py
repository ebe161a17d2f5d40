"""What the settings promise of images: a file or a URL, in the format that they say."""

import hashlib
import struct
from pathlib import Path

import pytest

from components.settings import ImageSettings
from tests.unit.configs import (
    GONE,
    Allowed,
    Case,
    changed,
    check_refused,
    check_taken,
    each,
    file,
    problems,
    sparse,
)
from tests.unit.disks import PAGE, iso, patched, vdi
from tests.unit.examples import MIB, as_pulumi, good_config, qcow2

SHA = hashlib.sha256(qcow2()).hexdigest()

CASES: tuple[Case, ...] = (
    ("image from nowhere", {"images[1].url": GONE}, "images[1].file", "exactly one of file and u"),
    (
        "image from two places",
        {"images[1].file": file(qcow2()), "images[1].sha256": SHA},
        "images[1].file",
        "exactly one",
    ),
    ("url without sha256", {"images[1].sha256": GONE}, "images[1].sha256", "sha256sum"),
    ("sha256 no sha256", {"images[1].sha256": "0" * 63}, "images[1].sha256", "64 hexadecimal"),
    ("sha256 of another file", {"images[0].sha256": "0" * 64}, "images[0].sha256", "whose SHA-256"),
    ("url no url", {"images[1].url": "ftp://x/y"}, "images[1].url", "http:// or https://"),
    ("url with a password", {"images[1].url": "http://u:p@x/y"}, "images[1].url", "without a user"),
    (
        "unknown format",
        {"images[1].diskFormat": "qcow3"},
        "images[1].diskFormat",
        "'qcow3' is not 'qcow2', 'raw'",
    ),
    ("no image file", {"images[0].file": "nothing.qcow2"}, "images[0].file", "is not there, in /"),
    ("image a folder", {"images[0].file": str}, "images[0].file", "is not a regular file"),
    (
        "image a path no one has",
        {"images[0].file": "x" * 300},
        "images[0].file",
        "this text cannot be read: File",
    ),
    ("image with a NUL", {"images[0].file": "a\0b"}, "images[0].file", "is not a file's path"),
    ("image of two lines", {"images[0].file": "a\nb"}, "images[0].file", "is not a file's path"),
    ("image no path", {"images[0].file": ""}, "images[0].file", "'' is no value; leave file out"),
    (
        "qcow2 is raw",
        {"images[0].file": sparse, "images[0].sha256": None},
        "images[0].diskFormat",
        "'sparse' is not qcow2, but raw or no disk image at all",
    ),
    ("raw is qcow2", {"images[0].diskFormat": "raw"}, "images[0].diskFormat", "is qcow2, not raw"),
    (
        "vmdk is iso",
        {"images[0].diskFormat": "vmdk", "images[0].sha256": None, "images[0].file": file(iso())},
        "images[0].diskFormat",
        "is iso, not vmdk",
    ),
    (
        "qcow2 cut off",
        {"images[0].file": file(qcow2()[:40]), "images[0].sha256": None},
        "images[0].file",
        "'file' is cut short",
    ),
    (
        "qcow2 on another",
        {"images[0].file": file(qcow2(backing=104)), "images[0].sha256": None},
        "images[0].file",
        "has a backing file",
    ),
)

ALLOWED: tuple[Allowed, ...] = (
    ("a checksum in capitals", {"images[0].sha256": SHA.upper()}),
    ("an address with a port", {"images[1].url": "http://mirror:8080/guest"}),
)


@each(CASES)
def test_a_mistake_is_named_at_its_place(case: Case, here: Path) -> None:
    check_refused(case, here)


@each(ALLOWED)
def test_what_is_just_within_a_limit_is_taken(case: Allowed, tmp_path: Path) -> None:
    check_taken(case, tmp_path)


def test_a_digest_is_that_of_the_files_content(tmp_path: Path) -> None:
    image = ImageSettings(name="a", file=Path(file("abc")(tmp_path)))
    assert image.digest.startswith("ba7816bf8f01cfea")
    (tmp_path / "file").unlink()
    assert image.digest.startswith("ba7816bf8f01cfea"), "it is read once"


@pytest.mark.parametrize("disk_format", ["qcow2", "raw"])
def test_what_is_no_image_is_said_at_its_place_and_once(disk_format: str, here: Path) -> None:
    """Its checksum says nothing more."""
    change: dict[str, object] = {
        "images[0].file": file(PAGE, "guest.img"),
        "images[0].diskFormat": disk_format,
    }
    (line,) = problems(as_pulumi(changed(good_config(here), change, here)))
    words = "is a web page and no disk image; fetch the image itself"
    assert line == f"images[0].file: 'guest.img' {words}"


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("guest.qcow2.xz", "images[1].url: ends as what is compressed by xz; unpack it (`unxz`)"),
        ("guest.OVA?token=1#a", "images[1].url: ends as what is a tar archive"),
        ("guest.raw.gz#", "images[1].url: ends as what is compressed by gzip"),
    ],
)
def test_what_is_packed_is_not_even_fetched(address: str, words: str, tmp_path: Path) -> None:
    change: dict[str, object] = {"images[1].url": f"https://example.org/{address}"}
    (line,) = problems(as_pulumi(changed(good_config(tmp_path), change, tmp_path)))
    assert line.startswith(words)


def test_a_flavor_must_hold_the_disk_in_any_image(tmp_path: Path) -> None:
    image = patched(vdi(), 0x170, struct.pack("<Q", 1025 * MIB))
    change: dict[str, object] = {
        "images[0]": {
            "name": "guest",
            "file": file(image)(tmp_path),
            "diskFormat": "vdi",
            "sha256": hashlib.sha256(image).hexdigest(),
        }
    }
    (line,) = problems(as_pulumi(changed(good_config(tmp_path), change, tmp_path)))
    assert line.startswith("servers[0].flavor: ")
    assert "needs 0 MiB and 2 GiB" in line
