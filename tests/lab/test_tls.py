"""What goes over the wire of the lab's cloud is encrypted, and each side knows the other."""

import shlex
from pathlib import Path

import pytest

from tests.lab.conftest import ADDRESSES, COMPUTES, admin, on
from tests.lab.servers import servers

CONTROLLER = ADDRESSES["controller"]
PORTS = {
    "keystone": 5000,
    "nova": 8774,
    "metadata": 8775,
    "placement": 8778,
    "glance": 9292,
    "neutron": 9696,
    "consoles": 6080,
    "RabbitMQ": 5671,
    "OVN": 6642,
}
"""What of the controller speaks TLS."""
OTHERS = [name for name in PORTS if name != "OVN"]
"""All but the database that asks its clients for a certificate."""
OURS = f"-CAfile /etc/xiandian/tls/ca.crt -verify_ip {CONTROLLER}"
KNOWN = "-cert /etc/xiandian/tls/node.crt -key /etc/xiandian/tls/node.key"
WEAK = ("-tls1_1 -cipher DEFAULT@SECLEVEL=0", "-tls1_2 -cipher ECDHE-ECDSA-AES128-SHA")


def greeted(name: str, options: str) -> str:
    """Return what openssl says of a service that it greets, from a compute."""
    return on(
        COMPUTES[0],
        f"openssl s_client -connect {CONTROLLER}:{PORTS[name]} {KNOWN} {options} </dev/null 2>&1"
        " || true",
    )


@pytest.mark.parametrize("name", PORTS)
def test_a_service_shows_a_certificate_of_the_stacks_authority(name: str) -> None:
    said = greeted(name, OURS)
    assert "Verify return code: 0 (ok)" in said
    assert "New, TLSv1.3" in said and "O=iaas, CN=controller" in said


@pytest.mark.parametrize("name", PORTS)
def test_who_does_not_know_the_authority_does_not_trust_a_service(name: str) -> None:
    said = greeted(name, "-no-CAfile -no-CApath -no-CAstore")
    assert "Verify return code: " in said
    assert "Verify return code: 0 (ok)" not in said


@pytest.mark.parametrize("name", OTHERS)
def test_a_service_speaks_no_earlier_version_and_no_weak_cipher(name: str) -> None:
    for options in WEAK:
        assert "Cipher is (NONE)" in greeted(name, options), options


def test_ovns_database_takes_nobody_without_a_certificate_of_a_node() -> None:
    """It has the networks of all projects."""
    asked = f"ovn-sbctl --timeout=5 --db=ssl:{CONTROLLER}:6642 -C /etc/xiandian/tls/ca.crt"
    node = "-p /etc/xiandian/tls/node.key -c /etc/xiandian/tls/node.crt"
    made = (
        "cd $(mktemp -d) && openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes"
        " -keyout key -out crt -subj /CN=x 2>/dev/null"
    )
    assert "Chassis" in on(COMPUTES[0], f"{asked} {node} show")
    stranger = on(COMPUTES[0], f"{made} && {asked} -p key -c crt show 2>&1 || echo refused")
    assert "Chassis" not in stranger and "refused" in stranger


@pytest.mark.parametrize("name", OTHERS)
def test_a_service_does_not_answer_in_clear(name: str) -> None:
    asked = (
        f"exec 3<>/dev/tcp/{CONTROLLER}/{PORTS[name]}; printf 'GET / HTTP/1.0\\r\\n\\r\\n' >&3;"
        " timeout 5 head -c 12 <&3 | tr -d '\\0' || true"
    )
    assert not on(COMPUTES[0], asked).startswith("HTTP/1.1 2")


def test_a_server_does_not_move_in_clear() -> None:
    """That one moves encrypted, and that nothing of it can be read: test_drain.py."""
    host = servers()["app1"].host
    other = next(name for name in COMPUTES if name != host)
    asked = (
        "uri=$(crudini --get /etc/nova/nova.conf libvirt live_migration_uri);"
        " server=$(virsh -q -c qemu:///system list --name | head -n 1);"
        ' virsh -q -c qemu:///system migrate --live --p2p "$server"'
        f' "${{uri/\\%s/{ADDRESSES[other]}}}" 2>&1 || echo refused'
    )
    said = on(host, asked)
    assert "allows migration only with VIR_MIGRATE_TLS flag" in said and "refused" in said
    assert servers()["app1"].host == host


VNC = Path(__file__).with_name("vnc.py").read_text(encoding="utf-8")
NOVAS = ("/etc/xiandian/tls/node.crt", "/etc/nova/node.key")


def console(*words: str) -> str:
    """Return what the controller hears of a console."""
    return on("controller", shlex.join(["python3", "-c", VNC, *words])).strip()


def test_qemu_shows_a_console_to_nobody_but_a_node() -> None:
    one = servers()["app1"]
    named = f"openstack server show {one.id} -f value -c OS-EXT-SRV-ATTR:instance_name"
    shown = on(one.host, f"virsh -q -c qemu:///system vncdisplay {admin(named).strip()}").strip()
    port = str(5900 + int(shown.rpartition(":")[2]))
    asked = ("qemu", ADDRESSES[one.host], port)
    assert console(*asked, *NOVAS) == "[19] [260] TLSv1.3 TLS_CHACHA20_POLY1305_SHA256 0"
    assert console(*asked).startswith("refused: ")


def test_a_console_comes_by_the_proxy() -> None:
    shown = admin(f"openstack console url show --novnc {servers()['app1'].id} -f value -c url")
    assert console("proxy", shown.strip()) == "[1] 0"
    log = "tail -n 50 /var/log/nova/nova-novncproxy.log"
    assert "VeNCrypt security handshake accepted" in on("controller", log)


@pytest.mark.parametrize("node", ADDRESSES)
def test_a_nodes_key_is_its_own(node: str) -> None:
    """Read by root and by services that need it, and the same as no other node's."""
    line = "stat -c '%U %a' /etc/xiandian/tls/node.key; sha256sum </etc/xiandian/tls/node.key"
    said = {name: on(name, line).splitlines() for name in ADDRESSES}
    assert said[node][0] == "root 600"
    assert [key for _, key in said.values()].count(said[node][1]) == 1


@pytest.mark.parametrize("node", ADDRESSES)
def test_nothing_of_the_cloud_asks_in_clear(node: str) -> None:
    """Each URL in the services' files is of this node alone, or encrypted."""
    where = "--include='*.conf' --include='*.ini' /etc/{keystone,glance,placement,nova,neutron}"
    asked = f"grep -rhE '^[^#]*http://[^ ]+' {where} 2>/dev/null"
    line = f"{asked} | grep -vE '//(127\\.0\\.0\\.1|localhost)[:/]' || true"
    assert on(node, line) == ""
