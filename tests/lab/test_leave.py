"""A compute that is taken out is gone everywhere, once no server is on it, and can come back."""

import json
import time

from tests.lab.conftest import ADDRESSES, COMPUTES, NODES, MakeStack, admin, changes, done, on, up
from tests.lab.servers import app1

Config = dict[str, list[dict[str, object]]]
BOOT = "cat /proc/sys/kernel/random/boot_id"
LATER = 75
"""Seconds in which nova-compute and the agents of a node report again, if they still can."""


def listed(command: str) -> list[dict[str, str]]:
    """Return what the admin's client lists."""
    found: list[dict[str, str]] = json.loads(admin(f"openstack {command} -f json"))
    return found


def servers_on(compute: str) -> list[str]:
    """Return the names of the servers on a compute."""
    found = listed("server list --all-projects --long")
    return sorted(server["Name"] for server in found if server["Host"] == compute)


def who_knows(compute: str) -> list[str]:
    """Return what the cloud, and the other nodes, still know of a compute."""
    address, found = ADDRESSES[compute], []
    asked: dict[str, str] = {
        "Nova's service": "openstack compute service list --service nova-compute -f value -c Host",
        "Nova's hypervisor": "openstack hypervisor list -f value -c 'Hypervisor Hostname'",
        "Nova's host mapping": "mariadb -N -e 'SELECT host FROM nova_api.host_mappings'",
        "Placement's provider": "mariadb -N -e 'SELECT name FROM placement.resource_providers'",
        "Neutron's agents": "openstack network agent list -f value -c Host",
        "OVN's chassis": "ovn-sbctl --bare --columns=hostname list Chassis",
    }
    for what, command in asked.items():
        if compute in admin(command).split():
            found.append(what)
    # It has no host name of its own, and the name of its chassis.
    private, chassis = (
        len(on("controller", f"ovn-sbctl --bare --columns=name list {table}").split())
        for table in ("Chassis", "Chassis_Private")
    )
    if private != chassis:
        found.append("OVN's private chassis")
    if "Chassis" in " ".join(agent["Host"] or "" for agent in listed("network agent list")):
        found.append("an agent of a chassis that is gone")
    for node in NODES:
        if node == compute:
            continue
        for what, command in {
            "/etc/hosts": "cat /etc/hosts",
            "the firewall": "nft list table inet iaas",
            "the clock": "cat /etc/chrony/conf.d/iaas.conf",
            "openrc.sh": "cat /etc/xiandian/openrc.sh",
        }.items():
            said = on(node, command).replace(",", " ").replace("'", " ").replace("=", " ").split()
            if compute in said or address in said:
                found.append(f"{what} of {node}")
        known = "/var/lib/nova/.ssh/known_hosts"
        if on(node, f"test ! -e {known} || ssh-keygen -F {address} -f {known} || true").strip():
            found.append(f"nova's host keys on {node}")
    return found


def state_of_the_others(compute: str) -> dict[str, str]:
    """Return what a refused run must not have changed."""
    files = "/etc/xiandian/*.sh /etc/xiandian/tls/* /usr/local/bin/iaas-* /etc/hosts"
    look = f"sha256sum {files}; nft list ruleset"
    return {node: on(node, look) for node in NODES if node != compute}


def test_a_compute_leaves_only_when_it_is_empty_and_then_everywhere(stack: MakeStack) -> None:
    done(up())
    (compute,) = [
        server["Host"]
        for server in listed("server list --all-projects --long")
        if server["Name"] == "app1"
    ]
    there, booted = servers_on(compute), app1(BOOT)

    def without(config: Config) -> None:
        config["iaas:computes"] = [n for n in config["iaas:computes"] if n["name"] != compute]

    def drained(config: Config) -> None:
        for node in config["iaas:computes"]:
            node["drain"] = node["name"] == compute

    # With servers: refused before anything is changed.
    settings, before = stack(without), state_of_the_others(compute)
    refused = up(settings)
    assert refused.returncode
    said = refused.stdout + refused.stderr
    assert f"{compute} is taken out, but Nova has servers on it: {', '.join(there)}" in said
    assert "nothing was changed" in said
    assert state_of_the_others(compute) == before
    assert changes() == {}

    # Without: it goes, and all servers stay what they were.
    done(up(stack(drained)))
    assert servers_on(compute) == []
    enabled = on(compute, "systemctl is-active nova-compute libvirtd")
    left = done(up(stack(without)))
    assert f"{compute} is no longer in the cloud" in left.stdout + left.stderr
    assert who_knows(compute) == []
    assert changes(stack(without)) == {}
    assert app1(BOOT) == booted
    assert on(compute, "systemctl is-active nova-compute libvirtd") == enabled, "it is left alone"
    time.sleep(LATER)
    assert who_knows(compute) == [], "what still runs there does not come back"

    # It comes back by its settings.
    done(up())
    assert changes() == {}
    services = listed("compute service list --service nova-compute")
    assert {s["Host"]: (s["Status"], s["State"]) for s in services} == dict.fromkeys(
        COMPUTES, ("enabled", "up")
    )
    assert app1(BOOT) == booted
