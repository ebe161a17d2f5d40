"""What functions of the steps' scripts do, without a node: what they call is made up here."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_private_key,
)

from components import steps

NODES = "controller=10.0.0.1 c1=10.0.0.2 c10=10.0.0.11"
CLOUD = "5000, 6080, 8774, 8778, 9292, 9696"
QUIET = (
    'doing() { :; }; changed() { echo "changed: $*"; }; die() { echo "$*" >&2; exit 1; }\n'
    "comparing() { false; }; differs() { true; }\n"
)


def bash(script: str, *names: str, before: str = "", run: str) -> str:
    """What `run` prints, with these functions of a script and what stands before them."""
    text = steps.text(script)
    parts = ["set -eu -o pipefail", QUIET, before]
    for name in names:
        pattern = rf"^{name}\(\) \{{\n.*?^\}}$(?=\n\n|\n\Z)"
        found = re.search(pattern, text, re.MULTILINE | re.DOTALL)
        assert found, f"{script} has no {name}"
        parts.append(found[0])
    words = ["bash", "-c", "\n".join([*parts, run])]
    result = subprocess.run(words, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    return result.stdout


def node(name: str, nodes: str = NODES, ssh: str = "22", openings: str = "") -> str:
    """The settings of a node, and its role."""
    addresses = dict(word.split("=") for word in nodes.split())
    return (
        f"NODES='{nodes}' INTERFACE_IP={addresses[name]} SSH_PORT={ssh}\n"
        "INTERFACE_NAME=ens33\n"
        f"CLOUD_PORTS='{CLOUD_PORTS}' HOST_NAME=controller HOST_NAME_NODE='{name}'\n"
        f"OPENINGS='{openings}' API_NETWORKS='' PUBLIC_NAME=''\n"
        f"on_controller() {{ [[ {name} == controller ]]; }}\n"
    )


CLOUD_PORTS = CLOUD.replace(",", "")
SSHD = """
ss() { printf '%s\\n' \\
  'LISTEN 0 128 0.0.0.0:22 0.0.0.0:* users:(("sshd",pid=1,fd=6))' \\
  'LISTEN 0 128 [::]:2222 [::]:* users:(("sshd",pid=1,fd=7))' \\
  'LISTEN 0 128 127.0.0.1:6010 0.0.0.0:* users:(("sshd",pid=9,fd=7))' \\
  'LISTEN 0 128 0.0.0.0:3306 0.0.0.0:* users:(("mariadbd",pid=8,fd=7))'; }
sshd() { printf 'port 2222\\nport 2300\\nusedns no\\n'; }
systemctl() { return 3; }
"""


@pytest.mark.parametrize(
    ("name", "nodes", "ports", "members"),
    [
        (
            "controller",
            NODES,
            f"22, 2222, 2300, {CLOUD}",
            "ip saddr { 10.0.0.2, 10.0.0.11 } accept",
        ),
        ("c10", NODES, "22, 2222, 2300", "ip saddr { 10.0.0.1, 10.0.0.2 } accept"),
        ("controller", "controller=10.0.0.1", f"22, 2222, 2300, {CLOUD}", ""),
    ],
    ids=["controller", "compute", "no compute"],
)
def test_a_firewall_lets_in_ssh_the_other_nodes_and_on_the_controller_the_apis(
    name: str, nodes: str, ports: str, members: str
) -> None:
    text = bash(
        "node/iaas-pre-host.sh",
        *("others", "ssh_ports", "listed", "openings", "apis", "firewall"),
        before=node(name, nodes) + SSHD,
        run="firewall",
    )
    lines = [line for line in map(str.strip, text.splitlines()) if line]
    at = lines.index(f"tcp dport {{ {ports} }} accept")
    assert not members or lines[at + 1] == members
    assert text.count("ip saddr") == bool(members)


def test_a_firewall_lets_in_what_the_settings_open_besides() -> None:
    openings = "tcp/9100,9200-9210/10.7.0.0_24 udp/514/fd07::_64"
    text = bash(
        "node/iaas-pre-host.sh", "openings", before=node("c1", openings=openings), run="openings"
    )
    assert text.splitlines() == [
        "    ip saddr 10.7.0.0/24 tcp dport { 9100, 9200-9210 } accept",
        "    ip6 saddr fd07::/64 udp dport { 514 } accept",
    ]


def test_the_port_of_the_settings_is_open_before_sshd_listens_on_it() -> None:
    ports = bash(
        "node/iaas-pre-host.sh", "ssh_ports", before=node("c1", ssh="99") + SSHD, run="ssh_ports"
    )
    assert set(ports.split()) == {"99", "22", "2222", "2300"}


OURS = "# nodes of the cloud\n10.0.0.1 controller\n10.0.0.11 c10\n10.0.0.2 c1\n# end of nodes\n"


@pytest.mark.parametrize(
    ("found", "left"),
    [
        ("127.0.0.1 localhost\n127.0.1.1\tc1\n", "127.0.0.1 localhost\n"),
        ("127.0.1.1 c1.example.org c1\n", "127.0.1.1 c1.example.org\n"),
        ("10.0.0.2\tc1.example.org\tc1 # installer\n", "10.0.0.2 c1.example.org # installer\n"),
        ("127.0.0.1 localhost c1\n", "127.0.0.1 localhost\n"),
        ("10.9.9.9 controller\n", ""),
        (
            "# 127.0.1.1 c1\n\n10.0.0.99\tother  c11 # c1\n",
            "# 127.0.1.1 c1\n\n10.0.0.99\tother  c11 # c1\n",
        ),
        (f"1.2.3.4 x\n{OURS.replace('c10', 'old')}5.6.7.8 y\n", "1.2.3.4 x\n5.6.7.8 y\n"),
        (OURS, ""),
    ],
)
def test_a_nodes_name_leads_to_its_address_alone(found: str, left: str, tmp_path: Path) -> None:
    hosts = tmp_path / "hosts"
    hosts.write_text(found, encoding="utf-8")
    stubs = "hostname() { echo c1; }\nput() { [[ $1 == /etc/hosts ]] || exec >/dev/null; cat; }\n"
    reading = f'awk() {{ command awk "${{@//\\/etc\\/hosts/{hosts}}}"; }}\n'
    said = bash(
        "node/iaas-pre-host.sh",
        *("others", "hosts", "set_names"),
        before=node("c1") + stubs + reading,
        run="set_names",
    )
    assert said == left + OURS


def test_a_node_finds_the_controller_by_the_name_that_users_know() -> None:
    named = node("c1") + "PUBLIC_NAME=cloud.example.org HOST_IP=10.0.0.1\n"
    said = bash("node/iaas-pre-host.sh", "others", "hosts", before=named, run="hosts")
    assert said.splitlines()[-1] == "10.0.0.1 cloud.example.org"


# A database whose tables are files of a folder, and a package at version $VERSION.
MARIADB = """
STATE=$PWD/state; mkdir -p state
mariadb() { case $* in
  *DROP*) rm -rf tables; mkdir tables; echo emptied ;;
  *"LIKE '%'"*) ls tables | wc -l ;;
  *alembic*) ls tables | grep -cx alembic_version || true ;;
esac; }
dpkg-query() { echo "$VERSION"; }
first() { [[ ! -e tables/half ]] || { echo "Table 'half' already exists"; exit 1; }
  touch tables/half; [[ $1 == whole ]] || exit 0; touch tables/alembic_version; echo migrated; }
later() { echo migrated; [[ $1 == whole ]] || exit 0; }
"""


@pytest.mark.parametrize(
    ("history", "said"),
    [
        (["1 first whole"], "migrated"),
        (["1 first whole", "1 first whole"], ""),
        (["1 first cut", "1 first whole"], "emptied migrated"),
        (["1 first cut", "1 first cut", "2 first whole"], "emptied migrated"),
        (["1 first whole", "2 later whole"], "migrated"),
        (["1 first whole", "2 later cut", "2 later whole"], "migrated"),
        (["1 first whole", "- rm tables/*", "1 first whole"], "migrated"),
        (["1 first whole", "- rm tables/*", "1 first cut", "1 first whole"], "emptied migrated"),
        (["1 first whole", "- rm tables/alembic_version", "1 later whole"], "migrated"),
        (
            ["1 first whole", "- rm tables/alembic_version", "1 later cut", "1 later whole"],
            "migrated",
        ),
        (["- touch tables/of-somebody", "1 later cut", "1 later whole"], "migrated"),
    ],
    ids=lambda value: "; ".join(value) if isinstance(value, list) else None,
)
def test_only_a_first_migration_that_was_cut_off_starts_again(
    history: list[str], said: str, tmp_path: Path
) -> None:
    (tmp_path / "tables").mkdir()
    printed = ""
    for moment in history:
        version, command = moment.split(" ", 1)
        run = command if version == "-" else f"migrate it pkg it {command}"
        printed = bash(
            "lib/migrate.sh",
            *("once_for", "migrate", "tables"),
            before=f"cd {tmp_path}\nVERSION={version}\n{MARIADB}",
            run=run,
        )
    words = [line for line in printed.splitlines() if not line.startswith("changed")]
    assert words == said.split()


@pytest.mark.parametrize(
    ("shown", "routes", "uppers", "wrong"),
    [
        ("", "", [], ""),
        ("", "", ["ovs-system"], ""),
        ("2: ens33 inet6 2001:db8::5/64 scope global dynamic mngtmpaddr", "", [], ""),
        ("", "default via fe80::1 proto ra metric 1024 pref medium", [], ""),
        ("2: ens33 inet 10.9.0.5/24 scope global ens33", "", [], "it has the address 10.9.0.5/24;"),
        ("", "default via 10.9.0.1 proto static", [], "it has a default route;"),
        ("", "", ["ens33.7", "bond0"], "it has bond0 on top of it, ens33.7 on top of it;"),
    ],
    ids=["free", "ours", "ra's address", "ra's route", "address", "default route", "VLAN and bond"],
)
def test_a_provider_nic_that_is_used_is_refused(
    shown: str, routes: str, uppers: list[str], wrong: str, tmp_path: Path
) -> None:
    (tmp_path / "ens33").mkdir()
    for upper in uppers:
        (tmp_path / "ens33" / f"upper_{upper}").mkdir()
    stubs = f"""
INTERFACE_NAME=ens33 INTERFACE_IP=10.0.0.2
wrong() {{ echo "$*"; }}
ip() {{
  case $* in
    *' to 10.0.0.2') [[ $* == *ens33* ]] || echo 1: eth0 inet 10.0.0.2/24 ;;
    '-o -4 address show dev ens33') grep ' inet ' <<<'{shown}' || true ;;
    '-o -6 address show dev ens33 scope global') grep ' inet6 ' <<<'{shown}' || true ;;
    '-6 route'*) grep fe80 <<<'{routes}' || true ;;
    '-4 route'*) grep -v fe80 <<<'{routes}' || true ;;
  esac
}}
unset SSH_CONNECTION
"""
    text = steps.text("node/iaas-check.sh").replace("/sys/class/net", str(tmp_path))
    found = re.search(r"^check_addresses\(\) \{\n.*?^\}$", text, re.MULTILINE | re.DOTALL)
    assert found
    script = "\n".join(["set -eu -o pipefail", stubs, found[0], "check_addresses"])
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=True)
    assert (wrong in done.stdout) if wrong else not done.stdout


def test_computes_log_in_to_each_other_by_one_key_that_stays() -> None:
    """The same secret gives the same text, so a second run writes nothing; another one another."""

    def key(secret: str, part: str) -> str:
        before = f"PATH={Path(sys.executable).parent}:$PATH"
        return bash(
            "lib/sshkey.sh", "ssh_key", before=before, run=f"ssh_key {part} {secret}"
        ).strip()

    private = load_pem_private_key(key("one", "private").encode(), None)
    shown = private.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode()
    assert shown == key("one", "public")
    assert key("one", "private") == key("one", "private")
    assert key("two", "public") != shown


def test_another_compute_restarts_no_service_of_a_compute() -> None:
    """Its pre-host runs again for names and firewall, which no service reads at its start."""
    quiet = "systemd-detect-virt() { false; }; HOST_IP=10.0.0.1 HOST_IP_NODE=10.0.0.2\n"
    quiet += 'put() { echo "$1"; cat; }; outdated() { echo "restarts if newer: $*"; }\n'

    def clock(nodes: str) -> str:
        before = node("c1", nodes) + quiet
        return bash("node/iaas-pre-host.sh", "set_time", before=before, run="set_time")

    assert clock(NODES) == clock(f"{NODES} c11=10.0.0.12")
    script = steps.text("node/iaas-pre-host.sh")
    restarted = re.findall(r"^\s*outdated (\S+) (.*)$", script, re.MULTILINE)
    assert dict(restarted) == {
        "chrony.service": "/etc/chrony/conf.d/iaas.conf /etc/default/chrony",
        "iaas-firewall.service": "$unit",
    }
