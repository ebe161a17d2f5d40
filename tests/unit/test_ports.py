"""What the table of open ports promises, and the scan that the lab compares with it."""

import re
import socket
import subprocess
import sys

from components import steps
from tests.lab.checklist import PAGE
from tests.lab.ports import OPEN, SCAN, To, expected, manual, unexpected


def ports_of(name: str) -> set[int]:
    """Return the ports that the firewall's script names."""
    found = re.search(rf'^{name}="(.*)"$', steps.text("node/iaas-pre-host.sh"), re.MULTILINE)
    assert found
    return {int(port) for port in found[1].split()}


def test_the_page_has_the_table_as_it_is() -> None:
    assert manual() in PAGE.read_text(encoding="utf-8")


def test_the_table_has_the_firewalls_ports() -> None:
    assert {one.port for one in OPEN if one.to is To.ALL} == ports_of("CLOUD_PORTS")


def test_what_differs_from_the_table_is_told() -> None:
    assert unexpected("controller", expected("controller", outside=True), outside=True) == {}
    wanted = expected("compute", outside=False)
    assert unexpected("compute", wanted | {5900, 5901}, outside=False) == {}
    assert unexpected("compute", {5900, 80}, outside=True) == {
        "open, and should not be": {5900, 80},
        "closed": {22},
    }
    assert 5671 in expected("controller", outside=False) - expected("controller", outside=True)


def test_a_scan_finds_just_the_ports_that_take_a_connection() -> None:
    with socket.create_server(("127.0.0.1", 0)) as one, socket.socket() as deaf:
        port = one.getsockname()[1]
        deaf.bind(("127.0.0.1", 0))
        around = (max(port - 2000, 1), min(port + 2000, 65535))
        said = subprocess.run(
            [sys.executable, str(SCAN), *map(str, around), "127.0.0.1"],
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        lines = said.splitlines()
        assert f"127.0.0.1 {port}" in lines
        assert f"127.0.0.1 {deaf.getsockname()[1]}" not in lines
