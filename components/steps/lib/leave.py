#!/usr/bin/env python3
"""Takes a compute out of the cloud: Nova, Placement, Neutron and OVN know it no more.

    leave.py COMPUTE ADDRESS

OS_* variables are of the admin, as in admin-openrc.sh. It runs on the controller, whose firewall no
longer lets the compute in. The machine itself may be dead: it is not asked. Progress goes to
stderr. Exit status 1 with the reason on stderr if not; a later run goes on.

What still runs there would come back by its open connections: so these are closed.
"""

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from keystoneauth1 import exceptions
from keystoneauth1.adapter import Adapter

from .cloud import own_session

Json = dict[str, Any]
REASON = "taken out of the settings"
LOST = '("Chassis" register deleted)'
"""What Neutron says is the host of an agent whose chassis is gone."""
PORTS = (5671, 5672, 6642)
"""RabbitMQ, with and without TLS, and OVN's southbound database: what only nodes may reach."""
WAITS = 120
"""Seconds; Nova itself gives up after 60."""
TRIES, QUIET, PAUSE = 15, 3, 3.0
"""So often it looks for agents, so often in a row there must be none, and seconds between."""


class Refused(Exception):  # noqa: N818  # it is what a user reads
    """What cannot be done, in words."""


@dataclass(frozen=True)
class Cloud:
    """Its services to the admin."""

    nova: Adapter
    placement: Adapter
    neutron: Adapter

    def service(self, host: str) -> Json | None:
        """Return Nova's service of a compute; None if there is none."""
        query = {"binary": "nova-compute", "host": host}
        found: list[Json] = self.nova.get("/os-services", params=query).json()["services"]
        return found[0] if found else None

    def servers(self, host: str) -> list[str]:
        """Return the names of the servers on a compute."""
        query = {"all_tenants": "1", "host": host}
        return sorted(s["name"] for s in self.nova.get("/servers", params=query).json()["servers"])

    def agents(self, host: str) -> Iterator[str]:
        """Yield the ids of a compute's agents, and of those that have lost their chassis."""
        for agent in self.neutron.get("/v2.0/agents").json()["agents"]:
            if agent["host"] == host or (agent["host"] == LOST and not agent["alive"]):
                yield agent["id"]


def say(text: str) -> None:
    """Tell who waits."""
    print(text, file=sys.stderr, flush=True)


def leave(cloud: Cloud, host: str, address: str) -> None:
    """Take a compute out (Refused: there are servers on it, or it comes back)."""
    leave_nova(cloud, host, address)
    leave_neutron(cloud, host, address)
    say(f"{host} is no longer in the cloud")


def leave_nova(cloud: Cloud, host: str, address: str) -> None:
    """Delete its service; Nova deletes its host mapping and its resource provider with it."""
    service = cloud.service(host)
    if service:
        # So that no server comes while it goes. If it died a moment ago, Nova waits for it.
        disabled = {"status": "disabled", "disabled_reason": REASON}
        cloud.nova.put(f"/os-services/{service['id']}", json=disabled, timeout=WAITS)
        if servers := cloud.servers(host):
            raise Refused(
                f"servers are on {host}: {', '.join(servers)}; no new ones come to it. Add it to"
                " the settings again, with `drain: true`, and take it out when it is empty"
            )
    cut_off(address)
    if service:
        cloud.nova.delete(f"/os-services/{service['id']}")
        say(f"Nova: {host} is deleted")
    found = cloud.placement.get("/resource_providers", params={"name": host}).json()
    for provider in found["resource_providers"]:
        cloud.placement.delete(f"/resource_providers/{provider['uuid']}")
        say(f"Placement: {host} is deleted")


def cut_off(address: str) -> None:
    """Close what a machine has open to the queue and to OVN; new connections are not let in."""
    ports = " or ".join(f"sport = :{port}" for port in PORTS)
    words = ["ss", "--kill", "--no-header", "--tcp", "dst", address, "and", f"( {ports} )"]
    # A kernel that can't do it is seen by what comes back.
    subprocess.run(words, check=False, stdout=subprocess.DEVNULL)


def leave_neutron(cloud: Cloud, host: str, address: str) -> None:
    """Delete its agents; Neutron deletes their chassis in OVN with them."""
    quiet = 0
    for _ in range(TRIES):
        agents = list(cloud.agents(host))
        quiet = 0 if agents else quiet + 1
        if quiet == QUIET:
            return
        if agents:
            # One that is connected makes its chassis again at once, also by a connection that was
            # only about to be made as the others were closed.
            cut_off(address)
            for agent in agents:
                with suppress(exceptions.NotFound):
                    cloud.neutron.delete(f"/v2.0/agents/{agent}")
            say(f"Neutron: {len(agents)} agents of {host} are deleted")
        time.sleep(PAUSE)
    raise Refused(
        f"the OVN agent of {host} comes back each time; stop ovn-controller there, or the machine"
    )


def main() -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("compute")
    parser.add_argument("address")
    given = parser.parse_args()
    session = own_session()

    def service(kind: str, version: str | None = None) -> Adapter:
        return Adapter(
            session,
            service_type=kind,
            interface="public",
            region_name=os.environ["OS_REGION_NAME"],
            default_microversion=version,
        )

    # From 2.53 on Nova's services are known by ids that no other cell has.
    cloud = Cloud(service("compute", "2.53"), service("placement"), service("network"))
    try:
        leave(cloud, given.compute, given.address)
    except (Refused, exceptions.ClientException) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
