"""Projects of others, with the wheel in an environment of their own."""

import subprocess
import sys
import sysconfig
from pathlib import Path

from tests.engine.conftest import ROOT, Stack
from tests.unit.examples import SECRET


def environment_with(wheel: Path, folder: Path) -> None:
    """Make a virtual environment with the wheel and what it requires."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder], check=True)
    (packages,) = folder.glob("lib/python*/site-packages")
    # Of these it has no copy, as to install them takes a minute.
    (packages / "required.pth").write_text(sysconfig.get_path("purelib"))
    python = folder / "bin/python"
    words = ("install", "--quiet", "--disable-pip-version-check", "--no-deps", "--no-index")
    subprocess.run([sys.executable, "-m", "pip", "--python", python, *words, wheel], check=True)


class Other(Stack):
    """A stack of a project with an environment of its own."""

    @property
    def environment(self) -> dict[str, str]:
        """As `. .venv/bin/activate` makes it; the engine of closed networks needs that."""
        given = super().environment
        folders = (self.folder / "project/.venv/bin", ROOT / ".venv/bin", given["PATH"])
        return given | {"PATH": ":".join(map(str, folders))}

    def begin(self) -> None:
        """Make it, with nothing in its state, when its project is there."""
        (self.folder / "state").mkdir()
        self.pulumi("stack", "init")
        self.pulumi("config", "set", "--secret", "secret", text=SECRET)
