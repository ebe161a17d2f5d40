"""What a compute's step does so that QEMU encrypts what it sends, and how it is undone."""

import subprocess
from ipaddress import IPv4Address
from pathlib import Path

import pytest

from components import steps
from components.certificates import Authority
from components.passwords import Passwords
from tests.unit.examples import SECRET
from tests.unit.roots import shell

LIBRARY = steps.text("lib/qemu.sh")
FUNCTIONS = ("encrypt_qemu", "libvirt_settings", "only_chacha", "forget_qemus", "reload_consoles")
PACKAGES = '# Of the package.\n#migrate_tls_force = 0\n\nmax_processes = 4096\nuser = "somebody"\n'
NAMES = ("ca-cert", "client-cert", "client-key", "server-cert", "server-key")
AUTHORITY = Authority(Passwords(SECRET))
NODE = AUTHORITY.sign("c", ["c"], [IPv4Address("10.0.0.1")], 2026)
PUT = 'put() { mkdir -p "${1%/*}"; cat >"$1.new"; mv "$1.new" "$1"; }\n'
"""As the real one, it changes the file once all of its text is there: that may be of the file."""
RELOADS = """
systemctl() { [[ $* == daemon-reload ]]; }
virsh() { echo "virsh $*" >&2; [[ $* != *list* ]] || printf 'instance-1\\n\\n'; }
"""
COMPARING = 'comparing() { true; }; differs() { echo "$*"; return 1; }; put() { cat >/dev/null; }\n'


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A compute with libvirt's settings and the node's certificate."""
    for folder in ("etc/libvirt", "etc/xiandian/tls", "var/lib/iaas"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "etc/libvirt/qemu.conf").write_text(PACKAGES)
    own = tmp_path / "etc/xiandian/tls"
    (own / "ca.crt").write_text(AUTHORITY.trusted())
    (own / "node.crt").write_text(NODE.text)
    (own / "node.key").write_text(NODE.key)
    return tmp_path


def on(root: Path, run: str, tls: str = "2028-02-01/ad9da719", more: str = "") -> str:
    """Return what functions of the library print on a node's files."""
    head = [
        line
        for line in LIBRARY.splitlines()
        if line.startswith(("QEMU_", "LIBVIRT_", "CIPHERS", "GNUTLS_"))
    ]
    own = "\n".join(head).replace("/etc/", f"{root}/etc/")
    before = f"{own}\nTLS_FILES={root}/etc/xiandian/tls TLS={tls}\n{PUT}{RELOADS}{more}"
    return shell(LIBRARY, *FUNCTIONS, before=before, run=run, root=root)


def test_qemu_finds_the_nodes_certificate_by_its_own_names(root: Path) -> None:
    on(root, "encrypt_qemu")
    found = root / "etc/pki/qemu"
    texts = {name: (found / f"{name}.pem").read_text() for name in NAMES}
    ca, client, client_key, server, server_key = texts.values()
    assert ca == AUTHORITY.trusted()
    assert client == server == NODE.text
    assert client_key == server_key == NODE.key
    assert on(root, "encrypt_qemu") == "", "a second run changes nothing"


def test_both_ends_of_a_move_take_the_certificate_for_what_it_is(root: Path) -> None:
    on(root, "encrypt_qemu")
    found = root / "etc/pki/qemu"
    for purpose in ("sslserver", "sslclient"):
        asked = ["openssl", "verify", "-purpose", purpose, "-CAfile", str(found / "ca-cert.pem")]
        subprocess.run([*asked, str(found / "server-cert.pem")], check=True, capture_output=True)


def test_libvirt_takes_nothing_less_whatever_its_file_says_below(root: Path) -> None:
    """Of two lines with one key it takes the first."""
    file = root / "etc/libvirt/qemu.conf"
    file.write_text(PACKAGES + "migrate_tls_force = 0\nvnc_tls = 0\n")
    on(root, "encrypt_qemu")
    lines = [line for line in file.read_text().splitlines() if " = " in line and line[0] != "#"]
    said = dict(reversed([line.split(" = ") for line in lines]))
    assert said == {
        "migrate_tls_x509_cert_dir": f'"{root}/etc/pki/qemu"',
        "migrate_tls_x509_verify": "1",
        "migrate_tls_force": "1",
        "vnc_tls": "1",
        "vnc_tls_x509_cert_dir": f'"{root}/etc/pki/qemu"',
        "vnc_tls_x509_verify": "1",
        "max_processes": "4096",
        "user": '"somebody"',
    }


def test_without_tls_all_is_as_before(root: Path) -> None:
    on(root, "encrypt_qemu; reload_consoles")
    on(root, "encrypt_qemu", tls="")
    assert (root / "etc/libvirt/qemu.conf").read_text() == PACKAGES
    assert (root / "etc/pki/qemu/node.key").exists(), "libvirt may still read it"
    assert on(root, "forget_qemus") == "", "with TLS it stays"
    on(root, "forget_qemus", tls="")
    left = {path.name for path in (root / "etc").iterdir()}
    assert left == {"libvirt", "systemd", "xiandian"}
    assert [path.name for path in (root / "etc/libvirt").iterdir()] == ["qemu.conf"]
    assert list((root / "var/lib/iaas").iterdir()) == []
    assert not [path for path in (root / "etc/systemd").rglob("*") if path.is_file()]
    assert on(root, "encrypt_qemu; forget_qemus; reload_consoles", tls="") == ""


def test_a_file_of_somebody_else_stays(root: Path) -> None:
    (root / "etc/gnutls").mkdir()
    (root / "etc/gnutls/config").write_text("# theirs\n")
    on(root, "encrypt_qemu")
    (root / "etc/pki/qemu/dh-params.pem").write_text("theirs")
    on(root, "forget_qemus", tls="")
    assert [path.name for path in (root / "etc/pki/qemu").iterdir()] == ["dh-params.pem"]
    assert (root / "etc/gnutls/config").read_text() == "# theirs\n"


def test_servers_that_run_read_another_certificate_once(root: Path) -> None:
    on(root, "encrypt_qemu")
    said = on(root, "reload_consoles 2>&1")
    assert "virsh -q -c qemu:///system domdisplay-reload instance-1\n" in said
    assert on(root, "reload_consoles 2>&1") == ""
    on(root, "sleep 0.02; encrypt_qemu")
    assert "domdisplay-reload instance-1" in on(root, "reload_consoles 2>&1")


def test_a_comparison_says_what_differs_and_changes_nothing(root: Path) -> None:
    said = on(root, "encrypt_qemu; reload_consoles", more=COMPARING)
    assert said.count(" is no link to ") == len(NAMES)
    assert "/etc/gnutls/config is not there\n" in said
    assert not (root / "etc/pki").exists()
    on(root, "encrypt_qemu")
    assert on(root, "encrypt_qemu", more=COMPARING) == ""
    said = on(root, "forget_qemus", tls="", more=COMPARING)
    assert said == f"{root}/etc/pki/qemu is there, and QEMU speaks no TLS\n"
    assert (root / "etc/pki/qemu/node.key").exists()
