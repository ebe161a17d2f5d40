"""Keystone's keys rotate while it is asked: no request fails, and no token is lost."""

import sys

from tests.lab.conftest import NODES, admin, on, run

FOLDERS = "/etc/keystone/fernet-keys /etc/keystone/credential-keys"
ASKING = """
python3 - "$(openstack token issue -f value -c id)" "$OS_AUTH_URL/auth/tokens" <<'EOF'
import os, sys, urllib.request
token, url = sys.argv[1:]
asking = urllib.request.Request(url, headers={"X-Auth-Token": token, "X-Subject-Token": token})
asked = 0
while not os.path.exists("/run/rotated"):
    urllib.request.urlopen(asking, timeout=20).read()
    asked += 1
print(asked)
EOF
"""
"""Asks Keystone whether a token is valid, again and again; it fails with the first that fails."""


def keys() -> str:
    """Return the names and sums of all keys."""
    return on("controller", f"cd / && sha256sum {' '.join(f'{f}/*' for f in FOLDERS.split())}")


def test_keys_rotate_without_a_failed_request() -> None:
    before = keys()
    on("controller", "rm -f /run/rotated")
    # Two rotations: a week's, and one by hand.
    on(
        "controller",
        "systemd-run --quiet --collect --unit=iaas-test-rotation bash -c 'sleep 5;"
        " systemctl start iaas-keys && sleep 2 && systemctl start iaas-keys;"
        " sleep 2; touch /run/rotated'",
    )
    said = admin(ASKING)
    on("controller", "rm -f /run/rotated")
    assert int(said) > 0
    assert keys() != before
    assert on("controller", "systemctl show -P Result iaas-keys.service").strip() == "success"
    assert "iaas-keys.timer" in on("controller", "systemctl list-timers --no-legend")


def test_rotated_keys_are_no_drift() -> None:
    compared = run("agent", sys.executable, "-m", "tools.drift", "compare")
    assert compared.stdout.splitlines() == [f"{node}: nothing differs" for node in NODES]
