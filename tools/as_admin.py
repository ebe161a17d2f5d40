"""Runs a program of the steps' library on the controller, as the cloud's admin.

Its files are sent with the request: the controller has them only where the settings use them.
"""

import shlex
from collections.abc import Callable

from components import steps
from components.settings import NodeSettings

from .ssh import Answer, Ssh

PACKAGE = "iaas"
SECONDS = 4200
"""Ten minutes more than such a program gives itself."""
SCRIPT = """\
set -eu -o pipefail
folder=$(mktemp -d /run/iaas.XXXXXX)
trap 'rm -r "$folder"' EXIT
mkdir "$folder/{package}"
{files}
. /etc/keystone/admin-openrc.sh
cd "$folder"
python3 -B -m {package}.{module} {words} </dev/null
"""


def script(file: str, words: str, *needs: str) -> str:
    """Return what the controller runs: a library file with these words; it imports `needs`."""
    written = "\n".join(
        f"printf '%s' {shlex.quote(steps.text(f'lib/{name}'))} >\"$folder/{PACKAGE}/{name}\""
        for name in (file, *needs)
    )
    module = file.removesuffix(".py")
    return SCRIPT.format(package=PACKAGE, files=written, module=module, words=words)


def run(
    way: Ssh,
    controller: NodeSettings,
    file: str,
    words: str,
    hear: Callable[[str], object],
    *needs: str,
) -> Answer:
    """Run a library file on the controller, and hand on what it says."""
    text = script(file, words, *needs)
    return way.follow(controller, "bash -s", text.encode(), SECONDS, hear)
