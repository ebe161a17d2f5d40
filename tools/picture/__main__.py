"""Draws the cloud of a stack's settings: `python -m tools.picture`, or `make picture`.

It writes picture.svg, by Graphviz, and picture.mmd, which forges draw. STACK names the stack. It
reads Pulumi.STACK.yaml and tenants' files, and asks nobody. Exit status 1: there is nothing to
draw, and why.
"""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from components.settings import yaml_text

from . import dot, mermaid
from .boxes import whole
from .fold import fitting
from .settings import NoPicture, cloud, find, read

SVG, TEXT = Path("picture.svg"), Path("picture.mmd")


def main() -> int:
    """Write both files; return the exit status."""
    try:
        project: Any = yaml_text.load(Path("Pulumi.yaml").read_bytes())
        file = find(os.environ.get("STACK", ""))
        drawn = fitting(whole(cloud(read(file, project["name"]))))
        TEXT.write_text(mermaid.write(drawn), encoding="utf-8")
        text = dot.write(drawn).encode()
        with SVG.open("wb") as svg:
            subprocess.run(["dot", "-Tsvg"], input=text, stdout=svg, check=True)
    except (NoPicture, OSError, subprocess.CalledProcessError) as error:
        print(error, file=sys.stderr)
        return 1
    print(f"{file} is drawn in {SVG} and {TEXT}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
