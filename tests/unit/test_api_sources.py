"""Who reaches the APIs: the settings, the firewall, and who may not shut itself out."""

import os
import re
import subprocess
from pathlib import Path

import pytest

from components import steps
from tests.unit.configs import Allowed, Case, check_refused, check_taken, each
from tests.unit.test_scripts import CLOUD, SSHD, bash, node

CASES: tuple[Case, ...] = (
    (
        "everybody",
        {"api": {"allowFrom": ["0.0.0.0/0"]}},
        "api.allowFrom[0]",
        "0.0.0.0/0 is everybody; leave allowFrom out for that",
    ),
    (
        "a network within another",
        {"api": {"allowFrom": ["10.7.1.0/24", "10.7.0.0/16"]}},
        "api.allowFrom[0]",
        "10.7.1.0/24 is in 10.7.0.0/16 already; leave it out",
    ),
    (
        "a network twice",
        {"api": {"allowFrom": ["10.7.0.0/16", "10.7.0.0/16"]}},
        "api.allowFrom[1]",
        "10.7.0.0/16 is in 10.7.0.0/16 already; leave it out",
    ),
    ("host bits", {"api": {"allowFrom": ["10.7.0.1/16"]}}, "api.allowFrom[0]", "host bits"),
    ("an address", {"api": {"allowFrom": ["10.7.0.1"]}}, "api.allowFrom[0]", "IPv4 network"),
    ("no login", {"api": {"loginsPerMinute": 0}}, "api.loginsPerMinute", "1..2147483647"),
    ("another limit", {"api": {"rateLimit": 5}}, "api.rateLimit", "`loginsPerMinute`"),
    ("another key", {"api": {"cidrs": ["10.7.0.0/16"]}}, "api.cidrs", "`allowFrom`, a list"),
)
ALLOWED: tuple[Allowed, ...] = (
    ("none", {"api": {"allowFrom": []}}),
    ("a network and an address", {"api": {"allowFrom": ["10.7.0.0/16", "10.8.0.5/32"]}}),
)


@each(CASES)
def test_wrong_networks_are_refused(case: Case, tmp_path: Path) -> None:
    check_refused(case, tmp_path)


@each(ALLOWED)
def test_networks_are_taken(case: Allowed, tmp_path: Path) -> None:
    check_taken(case, tmp_path)


def rules(name: str, networks: str) -> str:
    """Return a node's rules, with the APIs open to these networks."""
    return bash(
        "node/iaas-pre-host.sh",
        *("others", "ssh_ports", "listed", "openings", "apis", "firewall"),
        before=node(name) + SSHD + f"API_NETWORKS='{networks}'\n",
        run="firewall",
    )


def test_the_apis_are_open_to_the_networks_of_the_settings_alone() -> None:
    text = rules("controller", "10.7.0.0/16 10.8.0.5/32")
    assert re.findall(r"^ *(.*) accept$", text[text.index("br-provider drop") :], re.MULTILINE) == [
        "tcp dport { 22, 2222, 2300 }",
        f"ip saddr 10.7.0.0/16 tcp dport {{ {CLOUD} }}",
        f"ip saddr 10.8.0.5/32 tcp dport {{ {CLOUD} }}",
        "ip saddr { 10.0.0.2, 10.0.0.11 }",
        "udp sport 67 udp dport 68",
    ]


def test_a_compute_has_no_apis() -> None:
    assert "5000" not in rules("c1", "")


@pytest.mark.parametrize(
    ("networks", "connection", "refused"),
    [
        ("", "10.1.1.1 1 10.0.0.1 22", False),
        ("10.7.0.0/16", "10.7.9.9 1 10.0.0.1 22", False),
        ("10.6.0.0/16 10.7.0.0/16", "10.7.9.9 1 10.0.0.1 22", False),
        ("10.6.0.0/16 10.7.0.0/16", "10.8.9.9 1 10.0.0.1 22", True),
        ("10.7.0.0/16", "fd00::1 1 fd00::2 22", True),
        ("10.7.0.0/16", "", False),
    ],
    ids=["open to all", "in it", "in one", "in none", "IPv6", "not by ssh"],
)
def test_who_runs_pulumi_does_not_shut_itself_out(
    networks: str, connection: str, refused: bool
) -> None:
    text = steps.text("node/iaas-check.sh")
    found = re.search(r"^check_apis\(\) \{\n.*?^\}$", text, re.MULTILINE | re.DOTALL)
    assert found
    script = f'set -eu -o pipefail\nwrong() {{ echo "$*"; }}\n{found[0]}\ncheck_apis'
    said = subprocess.run(
        ["bash", "-c", script],
        env={**os.environ, "API_NETWORKS": networks, "SSH_CONNECTION": connection},
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    address = connection.partition(" ")[0]
    assert said.startswith(f"would shut its APIs to {address}, ") if refused else said == ""
