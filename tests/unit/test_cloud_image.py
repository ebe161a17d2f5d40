"""What an image promises: known by its content, fetched once, and a disk that starts."""

import hashlib
from pathlib import Path
from urllib.error import HTTPError

import pulumi
import pytest

from components.cloud import Image
from components.cloud.image import _download
from components.settings import ImageSettings
from components.settings.fields import DiskFormat
from tests.unit.clouds import CONTENT, DIGEST, cloud
from tests.unit.mocks import Deployment, deploy
from tests.unit.services import service


def test_an_image_is_known_by_its_content(tmp_path: Path) -> None:
    file = tmp_path / "guest.qcow2"
    file.write_bytes(CONTENT)
    image = deploy(lambda: Image("i", ImageSettings(name="guest", file=file), cloud()))
    registered = image.named("i-image")
    assert registered.inputs == {
        "name": "guest",
        "localFilePath": str(file),
        "containerFormat": "bare",
        "diskFormat": "qcow2",
        "minDiskGb": 0,
        "minRamMb": 0,
        "visibility": "public",
    }
    assert registered.replacement_trigger == DIGEST, "its path says nothing of it"
    assert registered.hooks == {}
    assert image.outputs["i"] == {"id": "id of i-image", "sha256": DIGEST}


def test_an_image_by_url_is_fetched_when_it_is_uploaded(served: Deployment) -> None:
    image = served.named("i-image")
    assert image.inputs["localFilePath"] == f".images/{DIGEST}"
    assert image.hooks == {"before_create": ("i-download",)}


def fetch(url: str, path: Path, digest: str = DIGEST, disk_format: DiskFormat = "qcow2") -> None:
    """Run the hook of an image by url."""
    image = ImageSettings(name="guest", url=url, sha256=digest, disk_format=disk_format)
    hooks: list[pulumi.ResourceHook] = []
    deploy(lambda: hooks.append(_download("i", image, path)))
    hooks[0].callback(pulumi.ResourceHookArgs("urn", "", "i-image", "type"))


def test_an_image_is_fetched_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And who waits for it is told."""
    said: list[str] = []
    monkeypatch.setattr(pulumi.log, "info", said.append)
    path = tmp_path / "images" / DIGEST
    with service({"/guest": CONTENT}) as (base, seen):
        fetch(f"{base}/guest", path)
        assert path.read_bytes() == CONTENT
        fetch(f"{base}/guest", path)
        assert [request.path for request in seen] == ["/guest"]
        assert list(path.parent.iterdir()) == [path]
        assert said == [f"fetching {base}/guest"]
        fetch(f"{base}/guest", path.with_name("other"))
    assert path.with_name("other").read_bytes() == CONTENT


def test_an_image_of_another_content_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "images" / DIGEST
    other = hashlib.sha256(b"\0other").hexdigest()
    with service({"/guest": b"\0other"}) as (base, _):
        url = f"{base}/guest"
        with pytest.raises(ValueError, match=f"image guest: {url} has the sha256 {other}") as error:
            fetch(url, path)
    assert f"the settings say {DIGEST}" in str(error.value)
    assert list(path.parent.iterdir()) == [], "nothing of it is left"


@pytest.mark.parametrize(
    ("content", "disk_format", "words"),
    [
        pytest.param(b"<html>not found</html>", "qcow2", "is a web page and no disk", id="a page"),
        pytest.param(b"\x1f\x8b\x08" + bytes(99), "raw", "is compressed by gzip", id="packed"),
        pytest.param(CONTENT[:9999], "qcow2", "is cut short: it has 9999 bytes", id="cut short"),
        pytest.param(CONTENT, "raw", "is qcow2, not raw", id="another format"),
    ],
)
def test_what_no_server_starts_from_is_not_uploaded(
    content: bytes, disk_format: DiskFormat, words: str, tmp_path: Path
) -> None:
    """Even if the settings say that it is this; one kept from before is looked at, too."""
    digest = hashlib.sha256(content).hexdigest()
    path = tmp_path / "images" / digest
    for kept in (False, True):
        with service({"/guest": content}) as (base, seen):
            if kept:
                path.write_bytes(content)
            with pytest.raises(ValueError, match=f"^image guest: {base}/guest {words}"):
                fetch(f"{base}/guest", path, digest, disk_format)
        assert len(seen) == (0 if kept else 1)
        assert list(path.parent.iterdir()) == [], "nothing of it is left"


def test_an_image_of_another_content_says_what_it_is(tmp_path: Path) -> None:
    words = f"say {DIGEST}; it is a web page and no disk image"
    page = {"/guest": b"<html>please log in</html>"}
    with service(page) as (base, _), pytest.raises(ValueError, match=words):
        fetch(f"{base}/guest", tmp_path / "images" / DIGEST)


def test_an_image_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "images" / DIGEST
    with service({}) as (base, _), pytest.raises(HTTPError, match="404"):
        fetch(f"{base}/guest", path)
    assert not path.exists()
