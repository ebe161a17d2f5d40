"""The lab takes no network that this machine has already."""

import subprocess
from pathlib import Path

import pytest

LIBRARY = Path(__file__).resolve().parents[2] / "lab" / "lib.sh"
OURS = "192.168.100.0/24 dev br-mgmt proto kernel scope link src 192.168.100.1"
DEFAULT = "default via 192.0.2.1 dev eth0"
# The routes that `ip route show` lists below the nodes' network, and those above it.
ROUTES = {
    "nothing but a way out": ("", DEFAULT, True),
    "the lab itself is up": (OURS, f"{DEFAULT}\n{OURS}", True),
    "a network card has it": (OURS.replace("br-mgmt", "eth1"), "", False),
    "a part of it is elsewhere": ("192.168.100.64/26 via 192.0.2.9 dev eth0", DEFAULT, False),
    "it is a part of another one": ("", "192.168.0.0/16 dev br-mgmt2 scope link", False),
}


@pytest.mark.parametrize(("below", "above", "free"), ROUTES.values(), ids=ROUTES)
def test_a_network_that_this_machine_has_is_refused(below: str, above: str, free: bool) -> None:
    script = f"""
    . {LIBRARY}
    ip() {{
      case $* in
        *root*) echo '{below}' ;;
        *match*) echo '{above}' ;;
      esac
    }}
    require_free_network
    """
    words = ["bash", "-c", script]
    result = subprocess.run(words, capture_output=True, text=True, check=False)
    assert (result.returncode == 0) == free, result.stderr
    if not free:
        assert "192.168.100.1/24" in result.stderr
        assert (below or above) in result.stderr
