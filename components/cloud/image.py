"""A disk image that servers start from."""

import hashlib
import shutil
import urllib.request
from pathlib import Path

import pulumi
import pulumi_openstack as openstack

from ..settings import ImageSettings
from ..settings.disk_formats import ImageError
from ..settings.disk_images import inspect
from .access import Cloud

# Images fetched by url, each named by its digest, in the folder that Pulumi runs in.
DOWNLOADS = Path(".images")


class Image(pulumi.ComponentResource):
    """An image that all projects may use.

    New content is a new image: Glance's images never change. Servers stay on the disk that
    they have, unless the settings say `replaceServers`. `guard` is asked before one is deleted.
    """

    def __init__(
        self,
        name: str,
        settings: ImageSettings,
        cloud: Cloud,
        opts: pulumi.ResourceOptions | None = None,
        guard: pulumi.ResourceHook | None = None,
    ) -> None:
        super().__init__("iaas:cloud:Image", name, None, opts)
        self.settings = settings
        hooks = pulumi.ResourceHookBinding()
        if guard is not None:
            hooks.before_delete = [guard]
        path = settings.file
        if path is None:
            path = DOWNLOADS / settings.digest
            hooks.before_create = [_download(name, settings, path)]
        image = openstack.images.Image(
            f"{name}-image",
            name=settings.name,
            local_file_path=str(path),
            container_format="bare",
            disk_format=settings.disk_format,
            min_disk_gb=settings.min_disk,
            min_ram_mb=settings.min_ram,
            visibility="public",
            opts=pulumi.ResourceOptions(
                parent=self,
                provider=cloud.admin,
                hooks=hooks,
                # The path says nothing of the content. The old image goes when the new one
                # is there: servers can be made at any time.
                replacement_trigger=settings.digest,
                delete_before_replace=False,
                ignore_changes=["localFilePath"],
            ),
        )
        self.id = image.id
        self.register_outputs({"id": self.id, "sha256": settings.digest})


def _download(name: str, settings: ImageSettings, path: Path) -> pulumi.ResourceHook:
    """A hook that fetches the image before it is uploaded, and checks it."""
    source = f"the url of image {settings.name}" if settings.hides("url") else settings.url
    whose = f"image {settings.name}: {source}"

    def fetch(_: pulumi.ResourceHookArgs) -> None:
        if not path.exists():
            download()
        if wrong := refusal(path):
            path.unlink()
            raise ValueError(f"{whose} {wrong}")

    def refusal(content: Path) -> str | None:
        try:
            inspect(content, settings.disk_format)
        except ImageError as wrong:
            return str(wrong)
        return None

    def download() -> None:
        pulumi.log.info(f"fetching {source}")
        path.parent.mkdir(exist_ok=True)
        part = path.with_suffix(".part")
        with (
            urllib.request.urlopen(str(settings.url), timeout=60) as answer,
            part.open("wb") as content,
        ):
            shutil.copyfileobj(answer, content)
        with part.open("rb") as content:
            digest = hashlib.file_digest(content, "sha256").hexdigest()
        if digest == settings.digest:
            part.rename(path)
            return
        wrong = refusal(part)
        part.unlink()
        raise ValueError(
            f"{whose} has the sha256 {digest}, the settings say {settings.digest}"
            + (f"; it {wrong}" if wrong else "")
        )

    return pulumi.ResourceHook(f"{name}-download", fetch)
