"""A cloud takes a name and a certificate of a team's, shows them to users, and gives them back.

The machine that runs Pulumi finds the name by a file of its own in place of /etc/hosts.
"""

import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.changes.base import settings_of
from tests.changes.lab import servers_of, watched
from tests.lab.conftest import (
    ADDRESSES,
    COMPUTES,
    LAB,
    STACK,
    MakeStack,
    Result,
    admin,
    changes,
    done,
    on,
)
from tests.lab.servers import lab
from tests.unit.public_certificates import CHAIN, KEY, NAME, TOP, written

Up = Callable[[Path], Result]
CONTROLLER = ADDRESSES["controller"]
CONSOLES = 6080
VERSIONS = {
    "-tls1_3": "New, TLSv1.3",
    "-tls1_2": "New, TLSv1.2",
    "-tls1_1 -cipher DEFAULT@SECLEVEL=0": "Cipher is (NONE)",
}


@pytest.fixture
def up(tmp_path: Path) -> Up:
    """A function that runs `pulumi up` where the name leads to the controller."""
    hosts = tmp_path / "hosts"
    hosts.write_text(f"{Path('/etc/hosts').read_text(encoding='utf-8')}\n{CONTROLLER} {NAME}\n")
    inside = 'mount --bind "$0" /etc/hosts && exec "$@"'
    own = ["unshare", "--mount", "--propagation", "private", "sh", "-c", inside, str(hosts)]
    words = [str(LAB / "pulumi"), "up", "--yes", "--skip-preview", "--non-interactive"]

    def run(stack: Path) -> Result:
        command = [*own, "env", f"LAB_STACK={stack}", *words]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    return run


def greeted(host: str, port: int, options: str = "") -> str:
    """Return what openssl, which trusts the team's root alone, says of a port, from a compute."""
    trust = f"-verify_hostname {NAME} -CAfile $ca -no-CApath -no-CAstore"
    asked = f"openssl s_client -connect {host}:{port} {trust} {options} </dev/null 2>&1 || true"
    return on(COMPUTES[0], f"ca=$(mktemp); echo '{TOP}' >$ca\n{asked}\nrm $ca")


def endpoints(interface: str) -> dict[str, set[int]]:
    """Return the hosts of an interface of the catalogue, with their ports."""
    found: dict[str, set[int]] = {}
    for url in admin(f"openstack endpoint list --interface {interface} -f value -c URL").split():
        parts = urlsplit(url)
        assert parts.scheme == "https"
        found.setdefault(parts.hostname or "", set()).add(parts.port or 0)
    return found


def users_see_the_teams_certificate() -> None:
    """At each public endpoint and the consoles; nodes go on with their own."""
    internal, public = endpoints("internal"), endpoints("public")
    assert internal.keys() == {CONTROLLER} and public == {NAME: internal[CONTROLLER]}
    assert f"OS_AUTH_URL=https://{NAME}:5000/v3" in on(
        "controller", "cat /etc/keystone/admin-openrc.sh"
    )
    for port in (*public[NAME], CONSOLES):
        said = greeted(NAME, port)
        assert "Verify return code: 0 (ok)" in said, port
        shown = said.partition("Certificate chain")[2].partition("Server certificate")[0]
        assert all(f"{number} s:CN={of}" in shown for number, of in ((0, NAME), (1, "middle"))), (
            port
        )
        for options, answer in VERSIONS.items():
            assert answer in greeted(NAME, port, options), (port, options)
        by_address = greeted(CONTROLLER, port)
        assert "O=iaas, CN=controller" in by_address
        assert "Verify return code: 0 (ok)" not in by_address


def test_a_cloud_takes_a_teams_name_and_certificate_and_gives_them_back(
    stack: MakeStack, up: Up, tmp_path: Path
) -> None:
    files = {"certificateFile": CHAIN, "keyFile": written(KEY)}
    for name, text in files.items():
        (tmp_path / name).write_text(text)

    def named(config: dict[str, Any]) -> None:
        config["iaas:tls"] = {"publicName": NAME, **{n: str(tmp_path / n) for n in files}}
        # So that the provider asks the cloud by its new name.
        config["iaas:projects"][0]["description"] = f"Users of {NAME}"

    settings = stack(named)
    # Asked before, as the lab's machine does not know the name.
    servers = servers_of(lab(), settings_of(STACK)).values()
    with watched(servers) as silent:
        try:
            done(up(settings))
            assert changes(settings) == {}
            users_see_the_teams_certificate()
            assert NAME in admin("openstack project show web -f value -c description")
        finally:
            back = up(STACK)
    done(back)
    assert silent == set()
    assert changes() == {}
    assert endpoints("public") == endpoints("internal")
    left = on("controller", "ls /etc/xiandian/tls; cat /etc/hosts /etc/haproxy/iaas/*.cfg")
    assert NAME not in left and "public" not in left
