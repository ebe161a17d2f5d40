"""Of the three console proxies that come with Nova's package, one runs."""

import pytest

from tests.unit.test_scripts import bash
from tests.unit.test_step_compare import COMPARING

SYSTEMD = """
systemctl() {{
  if [[ $1 == is-active ]]; then [[ ' {running} ' == *" ${{3%.service}} "* ]]; else echo "$*"; fi
}}
changed() {{ :; }}
"""
STOPPED = "stop nova-serialproxy.service\n"


@pytest.mark.parametrize(
    ("running", "before", "says"),
    [
        ("nova-novncproxy nova-serialproxy", "", STOPPED),
        (
            "nova-serialproxy nova-spicehtml5proxy",
            "",
            f"{STOPPED}stop nova-spicehtml5proxy.service\n",
        ),
        ("nova-novncproxy", "", ""),
        (
            "nova-spicehtml5proxy",
            COMPARING,
            "nova-spicehtml5proxy.service runs, and nobody needs it\n",
        ),
    ],
)
def test_a_proxy_that_nobody_needs_is_stopped(running: str, before: str, says: str) -> None:
    said = bash(
        "controller/iaas-install-nova-controller.sh",
        "stop_other_proxies",
        before=SYSTEMD.format(running=running) + before,
        run="stop_other_proxies",
    )
    assert said == says
