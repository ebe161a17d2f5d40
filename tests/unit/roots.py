"""Functions of scripts that read and write a node's own files, on the files of a test."""

import re
import subprocess
from pathlib import Path

BEGIN = r"""
set -eEu -o pipefail
export LC_ALL=C.UTF-8
doing() { :; }; say() { echo "$*"; }; changed() { echo "changed: $*"; }
comparing() { false; }; differs() { true; }; as() { "${@:2}"; }
OUTDATED=()
"""


def shell(script: str, *functions: str, run: str, root: Path, before: str = "") -> str:
    """Return what `run` prints, with functions of a script and what stands before it.

    In the functions /etc, /usr and /var are folders of `root`.
    """
    found = []
    for name in functions:
        match = re.search(rf"^{name}\(\) \{{\n.*?^\}}$", script, re.MULTILINE | re.DOTALL)
        assert match, name
        found.append(re.sub(r"(?<![\w$}])/(etc|var|usr)/", rf"{root}/\1/", match[0]))
    begin = f"STATE={root}/var/lib/iaas"
    words = ["bash", "-c", "\n".join([BEGIN, begin, *found, before, run])]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
