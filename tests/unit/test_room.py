"""An `up` begins only where its state has room."""

import json
import shutil
from pathlib import Path
from types import SimpleNamespace

import pulumi
import pytest

from components.room import COPIES, LEAST, refuse_without_room


@pytest.fixture
def free(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """How many bytes are free, of which folder it was asked, and what was warned of."""
    disk = SimpleNamespace(free=0, asked=[], warned=[], preview=False)

    def usage(folder: Path) -> SimpleNamespace:
        disk.asked.append(folder)
        return disk

    monkeypatch.setattr(shutil, "disk_usage", usage)
    monkeypatch.setattr(pulumi.runtime, "is_dry_run", lambda: disk.preview)
    monkeypatch.setattr(pulumi.log, "warn", disk.warned.append)
    return disk


@pytest.mark.parametrize(
    ("size", "needed"), [(1000, LEAST), (LEAST, COPIES * LEAST)], ids=["small", "large"]
)
def test_an_up_without_room_is_refused(
    size: int, needed: int, free: SimpleNamespace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PULUMI_BACKEND_URL", f"file://{tmp_path}")
    free.free = needed
    refuse_without_room(size)
    free.free = needed - 1
    with pytest.raises(pulumi.RunError, match=rf"{tmp_path} has .* nothing was changed"):
        refuse_without_room(size)
    assert free.warned == []


def test_a_preview_without_room_says_so(
    free: SimpleNamespace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PULUMI_BACKEND_URL", f"file://{tmp_path}")
    free.preview = True
    refuse_without_room(0)
    assert len(free.warned) == 1


def test_the_folder_is_that_of_the_login_where_no_variable_names_one(
    free: SimpleNamespace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PULUMI_BACKEND_URL", raising=False)
    monkeypatch.delenv("PULUMI_CREDENTIALS_PATH", raising=False)
    monkeypatch.setenv("PULUMI_HOME", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "credentials.json").write_text(json.dumps({"current": "file://~"}))
    with pytest.raises(pulumi.RunError):
        refuse_without_room(0)
    assert free.asked == [tmp_path]


@pytest.mark.parametrize("url", ["https://api.pulumi.com", "s3://bucket", "file:///nowhere"])
def test_other_backends_are_not_asked(
    url: str, free: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PULUMI_BACKEND_URL", url)
    refuse_without_room(0)
    assert free.asked == []
