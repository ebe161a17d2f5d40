"""Who may use which of RabbitMQ's virtual hosts: each account its own."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from components import steps

AMQP = """
import os
from amqp.exceptions import AccessRefused, NotAllowed

class Connection:
    def __init__(self, host, name, password, virtual_host="/", connect_timeout=None, ssl=None):
        self.account, self.where = (name, password), virtual_host

    def __enter__(self):
        if self.account[1] != "right":
            raise AccessRefused
        if f"{self.account[0]}:{self.where}" not in os.environ["RIGHTS"].split():
            raise NotAllowed
        return self

    def __exit__(self, *_):
        pass
"""
"""A broker whose accounts have the password `right`, and the RIGHTS of the environment."""


@pytest.fixture
def library(tmp_path: Path) -> str:
    """The folder of the client's stand-in."""
    (tmp_path / "amqp").mkdir()
    (tmp_path / "amqp" / "__init__.py").write_text(AMQP)
    raised = ("AccessRefused", "NotAllowed", "NotFound")
    text = "".join(f"class {name}(Exception): pass\n" for name in raised)
    (tmp_path / "amqp" / "exceptions.py").write_text(text)
    return str(tmp_path)


def rabbit(library: str, rights: str, *words: str) -> subprocess.CompletedProcess[str]:
    """What rabbit.py says."""
    passwords = {f"{name}_RABBIT_PASS": "right" for name in ("NOVA", "NEUTRON")}
    return subprocess.run(
        [sys.executable, "-c", steps.text("lib/rabbit.py"), *words],
        env={**os.environ, **passwords, "PYTHONPATH": library, "RIGHTS": rights},
        capture_output=True,
        text=True,
        check=False,
    )


def test_each_account_has_rights_in_its_own_virtual_host(library: str) -> None:
    said = json.loads(rabbit(library, "", "definitions", "nova", "neutron").stdout)
    assert {right["user"]: right["vhost"] for right in said["permissions"]} == {
        "nova": "/",
        "neutron": "neutron",
    }
    assert {host["name"] for host in said["vhosts"]} == {"/", "neutron"}
    neutron = steps.text("controller/iaas-install-neutron-controller.sh")
    assert 'queue_url neutron "$NEUTRON_RABBIT_PASS" neutron)\n' in neutron


@pytest.mark.parametrize(
    ("rights", "strangers", "wrong"),
    [
        ("nova:/ neutron:neutron", "", ""),
        ("nova:/ neutron:neutron neutron:/", "neutron /", ""),
        ("nova:/ nova:neutron neutron:neutron", "nova neutron", ""),
        ("nova:/ neutron:/", "neutron /", "neutron, who must"),
    ],
    ids=["apart", "of an older version", "by hand", "before its restart"],
)
def test_who_uses_anothers_virtual_host_is_found(
    rights: str, strangers: str, wrong: str, library: str
) -> None:
    said = rabbit(library, rights, "strangers", "10.0.0.1", "nova", "neutron")
    assert (said.stdout.strip(), said.returncode) == (strangers, 0)
    said = rabbit(library, rights, "accounts", "10.0.0.1", "nova", "neutron")
    assert (said.stderr.strip(), said.returncode) == (wrong, 1 if wrong else 0)
