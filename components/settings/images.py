"""Disk images that servers start from."""

import contextlib
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import ClassVar

from pydantic import Field

from . import disk_images, files
from .base import Base, Instead, Rule
from .disk_formats import ImageError
from .draft import Draft
from .fields import DiskFormat, File, Name, Sha256, Size, Url
from .messages import Place, Problem, show


class ImageSettings(Base):
    """A disk image that servers start from."""

    name: Name = Field(description="the image's name; all projects may use it")
    file: File | None = Field(None, description="the file of its content; either this or url")
    url: Url | None = Field(
        None, description="where its content is fetched from, instead of file; needs sha256"
    )
    sha256: Sha256 | None = Field(None, description="SHA-256 of its content; none: the file's")
    disk_format: DiskFormat = Field("qcow2", description="how its content is stored")
    min_disk: Size = Field(0, description="least disk of a server (GiB)")
    min_ram: Size = Field(0, description="least memory of a server (MiB)")
    replace_servers: bool = Field(
        False, description="true: its servers are replaced when its content changes"
    )

    def broken_rules(self) -> Iterator[Rule]:
        """Require one source and a known content."""
        if (self.file is None) == (self.url is None):
            yield Rule("file", "give exactly one of file and url")
        if self.url is not None and self.sha256 is None:
            yield Rule("sha256", "is missing; an image from a url needs it (`sha256sum FILE`)")

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the content, as given or else read from the file once (OSError)."""
        return self.sha256 or files.sha256(self.file or Path())

    @cached_property
    def disk_size(self) -> int:
        """Size of the disk in the file (bytes); 0: unknown, or the file is wrong."""
        with contextlib.suppress(OSError, ImageError):
            return disk_images.inspect(self.file, self.disk_format) if self.file else 0
        return 0

    instead: ClassVar[Instead] = {
        "path localFile localFilePath source": "its content is at `file`, a path, or at `url`",
        "imageSourceUrl sourceUrl": "it is `url`",
        "checksum hash md5 sha512": "it is `sha256`",
        "containerFormat": "it is always bare; leave it out",
        "visibility public shared": "all projects may use each image; leave it out",
        "properties metadata tags": "there are none of your own; leave it out",
    }


def image_file(_: Draft, place: Place, image: ImageSettings) -> Iterator[Problem]:
    """Find an image's file that is missing, or that no server could start from."""
    if image.file is None:
        return
    name = show(str(image.file))
    if what := files.cannot_read(image.file):
        yield Problem((*place, "file"), what)
        return
    try:
        disk_images.inspect(image.file, image.disk_format)
    except ImageError as wrong:
        yield Problem((*place, wrong.key), f"{name} {wrong}")
        if wrong.key == "file":
            return
    if image.sha256 and (content := files.sha256(image.file)) != image.sha256:
        yield Problem((*place, "sha256"), f"is not that of {name}, whose SHA-256 is {content}")


def image_url(_: Draft, place: Place, image: ImageSettings) -> Iterator[Problem]:
    """Find a url of an archive, which must be unpacked first."""
    if image.url is not None and (what := disk_images.packed_at(image.url)):
        yield Problem((*place, "url"), what)
