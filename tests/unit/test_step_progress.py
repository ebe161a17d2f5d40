"""What a step says of how far it is."""

from pathlib import Path

import pytest

from tests.unit.test_scripts import bash

APT = "New packages: …\n2 upgraded, 8 newly installed, 0 to remove and 1 not upgraded.\n"


@pytest.mark.parametrize(
    ("apt", "unpacked", "installed", "told"),
    [
        (APT, 0, 0, "0 %: 0 packages unpacked, 0 set up\n"),
        (APT, 5, 0, "25 %: 5 packages unpacked, 0 set up\n"),
        (APT, 10, 5, "75 %: 10 packages unpacked, 5 set up\n"),
        (APT, 10, 12, "100 %: 10 packages unpacked, 12 set up\n"),
        ("dpkg: status half\n", 3, 1, "3 packages unpacked, 1 set up\n"),
    ],
)
def test_apt_tells_how_far_it_is(
    apt: str, unpacked: int, installed: int, told: str, tmp_path: Path
) -> None:
    lines = [f"2026-01-01 10:00:00 status unpacked p{i}:amd64 1" for i in range(unpacked)] * 2
    lines += [f"2026-01-01 10:00:00 status installed p{i}:amd64 1" for i in range(installed)]
    (tmp_path / "dpkg").write_text("".join(f"{line}\n" for line in lines))
    (tmp_path / "apt").write_text(apt)
    run = f"how_far {tmp_path}/apt {tmp_path}/dpkg"
    assert bash("lib/services.sh", "how_far", run=run) == told
